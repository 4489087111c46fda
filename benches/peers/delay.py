"""From what Claude Code does when it begins to wait, to the moment a program shows it."""

import json
import random
import time
import uuid

from recorded import later

QUESTIONS = {"questions": [{"question": "Which one?", "header": "One", "multiSelect": False, "options": [
    {"label": "A", "description": "a"}, {"label": "B", "description": "b"}]}]}

# Longer than any program's interval.
LOST = 12


class Prompt:
    """A permission prompt comes up and is answered: the session file says so, and the hooks that
    are installed are told."""

    def __init__(self, world, session, settings=None):
        self.world, self.session, self.hooks = world, session, installed(settings)

    def ask(self):
        self.write(status="waiting", waitingFor="permission prompt")
        self.fire("PermissionRequest")

    def answer(self):
        self.write(status="busy", waitingFor=None)
        self.fire("PostToolUse")

    def write(self, **change):
        change |= dict.fromkeys(("updatedAt", "statusUpdatedAt"), int(time.time() * 1000))
        self.world.write_file(self.session, **change)

    def fire(self, event):
        payloads = [it for it in self.session.recording.hooks() if it["hook_event_name"] == "PermissionRequest"]
        self.world.fire(self.session, self.hooks, payloads[-1] | {"hook_event_name": event})


class Question:
    """A question is appended to a transcript, then its answer and the end of the turn, and the hooks
    that are installed are told. The session has no status, so its file says nothing."""

    def __init__(self, world, session, settings=None):
        self.world, self.session, self.hooks = world, session, installed(settings)
        self.session_id, self.cwd = session.session_id, session.recording.process_cwd()
        self.tool = "toolu_none"
        self.path = next(world.claude.glob(f"projects/*/{self.session_id}.jsonl"))

    def ask(self):
        self.tool = f"toolu_{uuid.uuid4().hex[:24]}"
        use = {"type": "tool_use", "id": self.tool, "name": "AskUserQuestion", "input": QUESTIONS}
        self.append(self.user("ask me"), self.assistant("tool_use", use), *self.modes())
        self.fire("PermissionRequest", tool_name="AskUserQuestion", tool_input=QUESTIONS)

    def answer(self):
        result = {"tool_use_id": self.tool, "type": "tool_result", "content": "A", "is_error": False}
        over = {"type": "system", "subtype": "turn_duration", "durationMs": 900, "isMeta": False}
        self.append(self.user([result]), self.assistant("end_turn", {"type": "text", "text": "Done."}), over, *self.modes())
        self.fire("Stop", stop_hook_active=False)

    def user(self, content):
        return {"type": "user", "message": {"role": "user", "content": content}, "promptSource": "typed"}

    def assistant(self, stop, *content):
        message = {"id": f"msg_{uuid.uuid4().hex[:24]}", "type": "message", "role": "assistant",
                   "model": "claude-opus-5-5", "content": content, "stop_reason": stop, "stop_sequence": None,
                   "usage": {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                             "output_tokens": 20}}
        return {"type": "assistant", "message": message}

    def modes(self):
        """What stands at the end of the real file then."""
        return [{"type": "mode", "mode": "normal"}, {"type": "permission-mode", "permissionMode": "default"}]

    def fire(self, event, **more):
        common = {"session_id": self.session_id, "cwd": self.cwd, "transcript_path": str(self.path)}
        self.world.fire(self.session, self.hooks, common | {"hook_event_name": event} | more)

    def append(self, *records):
        common = {"parentUuid": None, "isSidechain": False, "userType": "external", "entrypoint": "cli",
                  "cwd": self.cwd, "sessionId": self.session_id, "version": "2.1.329", "gitBranch": "HEAD"}
        milliseconds, lines = int(time.time() * 1000), []
        for count, record in enumerate(records):
            if "mode" in record["type"]:
                record |= {"sessionId": self.session_id}
            else:
                at = later("1970-01-01T00:00:00.000Z", milliseconds + count)
                record |= common | {"uuid": str(uuid.uuid4()), "timestamp": at}
            lines.append(json.dumps(record) + "\n")
        with self.path.open("a") as file:
            file.write("".join(lines))


def installed(settings):
    """The hooks of a settings file."""
    return json.loads(settings.read_text())["hooks"] if settings else {}


def edges(change, watcher, number, interval):
    """Seconds from `number` changes to their appearance; none for one that never appeared. After
    three of those the program is taken not to look there. `interval`: that of the program or more."""
    times = []
    while len(times) < number and times != [None] * 3:
        times.append(edge(change, watcher, interval))
    change.answer()
    watcher.drain(1)
    return times


def edge(change, watcher, interval):
    change.answer()
    if watcher.until(False, LOST) is None:
        return None
    # At any moment of a program's interval, and late enough to be an edge of its own.
    watcher.drain(random.uniform(0.25, interval))
    begin = time.monotonic()
    change.ask()
    seen = watcher.until(True, LOST)
    return seen and seen - begin


def summary(times):
    seen = sorted(it for it in times if it is not None)
    if not seen:
        return "never"
    at = lambda share: unit(seen[min(len(seen) - 1, int(len(seen) * share))])
    lost = f", {len(times) - len(seen)} lost" if len(seen) < len(times) else ""
    return f"{at(0.5)} / {at(0.99)}{lost}"


def unit(seconds):
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1e3:.2f} ms"
