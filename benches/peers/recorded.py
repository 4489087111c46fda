"""A recorded instant of the corpus, moved to another directory, another process and another time."""

import datetime
import functools
import json
import pathlib
import re
import uuid

CORPUS = pathlib.Path(__file__).resolve().parents[2] / "testdata/claude/corpus/2.1.329"
HOOKS = pathlib.Path(__file__).with_name("hooks.json")

RECORDED_CWD = "/home/dev/proj"
PATH = re.compile(r"/home/dev/proj|/home/dev(?=/|$)")
TIMES = ("startedAt", "updatedAt", "statusUpdatedAt", "nameSince")
ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=msg_)[0-9a-f]{24}"
    r"|(?<=toolu_)[0-9a-f]{24}|(?<=req_)[0-9a-f]{8}"
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@functools.lru_cache(None)
def truth(folder):
    return json.loads((CORPUS / folder / "truth.json").read_text())


def instant(folder, label):
    return next(it for it in truth(folder)["instants"] if it["label"] == label)


@functools.lru_cache(None)
def all_hooks():
    return json.loads(HOOKS.read_text())


class Recording:
    """One session of one instant. `move` says where it is to stand from then on."""

    def __init__(self, folder, label, name):
        self.folder = folder
        self.key = f"{folder} {label} {name}"
        self.instant = instant(folder, label)
        self.session = self.instant["sessions"][name]
        self.session_id = self.session["session_id"]
        files = [it for it in self.instant["sessions_dir"].values() if it["pid"] == self.session["pid"]]
        self.file = files[0] if files else None
        self.salt = uuid.uuid4().hex

    @property
    def argv(self):
        return self.session["argv"]

    @property
    def in_tool(self):
        """Whether a shell of one of its tools runs."""
        return any(child["comm"] == "bash" for child in self.session["children"])

    def age(self):
        """Seconds from its start to the instant."""
        return (self.instant["now"] - self.started_at()) / 1000

    def started_at(self):
        return self.file["startedAt"] if self.file else self.session["started_at"]

    def move(self, home, cwd, started_at):
        self.home, self.cwd, self.shift = str(home), str(cwd), started_at - self.started_at()

    def new_id(self, old):
        """Every id becomes another one, the same each time."""
        made = uuid.uuid5(uuid.NAMESPACE_OID, self.salt + old)
        return str(made) if "-" in old else made.hex[: len(old)]

    def text(self, text):
        """With other ids, times and paths."""
        text = ID.sub(lambda it: self.new_id(it[0]), text)
        text = TIME.sub(lambda it: later(it[0], self.shift), text)
        return PATH.sub(lambda it: self.cwd if it[0] == RECORDED_CWD else self.home, text)

    def session_file(self, pid, start, domain, sdk=False):
        """What stands in sessions/<pid>.json. Sessions of an SDK never get a status."""
        content = json.loads(self.text(json.dumps(self.file)))
        content |= {"pid": pid, "procStart": str(start), "pidDomain": domain}
        content["messagingSocketPath"] = f"/tmp/cc-socks/{pid}.sock"
        content |= {key: content[key] + self.shift for key in TIMES if key in content}
        content.pop("tmux", None)
        if sdk:
            content["entrypoint"] = "sdk-ts"
            for key in ("status", "statusUpdatedAt", "updatedAt"):
                content.pop(key, None)
        return content

    def transcripts(self):
        """(path below the directory of Claude Code, text, age in seconds) of each of its files."""
        if not self.session_id:
            return
        alone = len(self.instant["sessions"]) == 1
        for path, (stored, age) in self.instant["files"].items():
            if alone or self.session_id in path:
                text = (CORPUS / self.folder / stored).read_text()
                if path.count("/") == 2 and path.endswith(".jsonl"):
                    text = with_attachments(text)
                yield self.moved_path(path), self.text(text), age / 1000

    def moved_path(self, path):
        _, _, rest = path.split("/", 2)
        return f"projects/{project(self.process_cwd())}/" + ID.sub(lambda it: self.new_id(it[0]), rest)

    def process_cwd(self):
        return self.text(self.session["cwd"])

    def hooks(self):
        """What its hooks were told until then, in order."""
        before = [path for path in self.instant["files"] if self.session_id not in path]
        home = pathlib.Path(self.home, ".claude")
        for payload in all_hooks()[self.key]:
            payload = dict(payload)
            old = payload.pop("of_the_session_before", False)
            session = pathlib.Path(before[0]).stem if old else self.session_id
            payload |= {"session_id": session, "cwd": self.session["cwd"]}
            payload = json.loads(self.text(json.dumps(payload)))
            path = f"projects/{project(payload['cwd'])}/{payload['session_id']}.jsonl"
            yield payload | {"transcript_path": str(home / path)}


def project(cwd):
    """The folder of a directory: everything but letters and digits is a dash."""
    return re.sub("[^A-Za-z0-9]", "-", cwd)


def later(text, milliseconds):
    then = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    then += datetime.timedelta(milliseconds=milliseconds)
    return then.strftime("%Y-%m-%dT%H:%M:%S.") + f"{then.microsecond // 1000:03}Z"


def with_attachments(text):
    """The corpus leaves out the lines no state depends on. The real file has some 100 KB of them
    before the first request; what reads whole files pays for them, so they are put back."""
    lines = text.splitlines(keepends=True)
    at = next((index for index, line in enumerate(lines) if line.startswith('{"type":"api-request"')), None)
    if at is None:
        return text
    record = json.loads(lines[at])
    head = {key: record[key] for key in ("sessionId", "timestamp", "version")}
    snapshot = {"type": "prompt_snapshot", "systemPrompt": "be helpful " * 5800}
    attachment = {"parentUuid": None, "isSidechain": False, "attachment": snapshot, "type": "attachment",
                  "uuid": "d3abe647-3991-4204-a3f8-bf1c3fcd7d5f"} | head
    shape = {"type": "api-request-shape", "shape": {"tools": "a tool of many " * 2800}} | head
    lines[at:at] = [json.dumps(it) + "\n" for it in (attachment, shape)]
    return "".join(lines)
