//! A world with a Claude Code that only looks like one: an installation of npm whose `node` is a shell.

use crate::support::program::{copy, write};
use crate::support::world::{Daemon, World};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Writes a session file as 2.1.332 does, keeps what it was given, and ends when it is told to.
const CLAUDE: &str = r##"
id= name= prompt= status=idle kind=interactive
whole=("$@")
while (($#)); do
    case $1 in
    --session-id | --resume) id=$2 && shift 2 ;;
    --name) name=$2 && shift 2 ;;
    --bg) kind=bg id=3678e3ce-aeed-435e-b78f-f60091ef230e && shift ;;
    --die)
        echo "error: unknown option '--die'" >&2
        # The terminal answers this question once it has taken in what was printed: tmux may lose what a
        # program prints right before it ends.
        [[ -t 0 ]] && stty -icanon -echo && printf '\033[6n' && IFS= read -rs -d R -t 20
        exit 1 ;;
    --hang) exec sleep 100000 ;;
    --ask) status='waiting","waitingFor":"permission prompt' && shift ;;
    --) shift && prompt=$* && break ;;
    *) shift ;;
    esac
done
if [[ $kind == bg && -z $VMUX_TEST_INNER ]]; then
    VMUX_TEST_INNER=1 setsid "$0" "${whole[@]}" </dev/null >/dev/null 2>&1 &
    echo "backgrounded · ${id%%-*} · $name"
    exit 0
fi
printf '%s\0' "${whole[@]}" >"$HOME/given.$name"
pwd >"$HOME/where.$name"
dir=$HOME/.claude
folder=$dir/projects/$(pwd -P | tr -c 'A-Za-z0-9\n' -)
mkdir -p "$dir/sessions" "$folder"
now=$(date +%s)000
if [[ -n $prompt ]]; then
    at=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
    head="\"sessionId\":\"$id\",\"cwd\":\"$(pwd -P)\",\"timestamp\":\"$at\",\"isSidechain\":false"
    printf '{"type":"user",%s,"uuid":"u1","message":{"role":"user","content":"go"}}\n' "$head" >>"$folder/$id.jsonl"
    printf '{"type":"assistant",%s,"uuid":"u2","message":{"role":"assistant","stop_reason":"end_turn","content":[{"type":"text","text":"Done."}]}}\n' "$head" >>"$folder/$id.jsonl"
fi
stat=$(</proc/$$/stat)
stat=(${stat##*) })
file=$dir/sessions/$$.json
printf '{"pid":%s,"sessionId":"%s","cwd":"%s","startedAt":%s,"procStart":"%s","version":"2.1.332","kind":"%s","entrypoint":"cli","name":"%s","nameSource":"user","status":"%s","statusUpdatedAt":%s}' \
    $$ "$id" "$(pwd -P)" "$now" "${stat[19]}" "$kind" "$name" "$status" "$now" >"$file.part"
mv "$file.part" "$file"
trap 'rm -f "$file"; kill $!; exit' TERM HUP
while :; do
    sleep 100000 &
    wait $!
done
"##;

/// Whether this is the test itself. Otherwise it was run again with processes of its own, for vmuxd sees
/// every session in `/proc`, and must not meet those of another test. `name` is that of the test.
pub fn is_alone(name: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Command::new("unshare");
    let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    if !is_root {
        command.args(["--user", "--map-current-user"]);
    }
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child", "--"]);
    // Its first process takes in orphans as init does.
    command.args(["bash", "-c", "\"$@\"; exit $?", "init"]).arg(std::env::current_exe().unwrap());
    let status = command.args(["--exact", name, "--nocapture"]).env(ALONE, "1").status().unwrap();
    assert!(status.success(), "{name} in its own processes");
    false
}

const ALONE: &str = "VMUX_TEST_ALONE";

/// The world; its tmux server ends with it.
pub struct StartWorld {
    pub world: World,
}

impl StartWorld {
    /// With a vmuxd that sees the real `/proc`.
    pub fn new() -> (StartWorld, Daemon) {
        let world = World::new();
        let package = world.path("lib/node_modules/@anthropic-ai/claude-code");
        fs::create_dir_all(&package).unwrap();
        fs::create_dir_all(world.path("bin")).unwrap();
        copy("/bin/bash", world.path("bin/node"));
        let node = world.path("bin/node");
        write(&package.join("cli.js"), &format!("#!{}\n{CLAUDE}", node.display()));
        let about = r#"{"name":"@anthropic-ai/claude-code","version":"2.1.332"}"#;
        fs::write(package.join("package.json"), about).unwrap();
        std::os::unix::fs::symlink(package.join("cli.js"), world.path("bin/claude")).unwrap();
        let world = StartWorld { world };
        world.git(&["init", "-q", "-b", "main"]);
        world.git(&["commit", "-q", "--allow-empty", "-m", "begin"]);
        let daemon = world.vmuxd();
        (world, daemon)
    }

    /// A vmuxd that is ready.
    pub fn vmuxd(&self) -> Daemon {
        Daemon::start(&self.world, self.command(env!("CARGO_BIN_EXE_vmuxd")))
    }

    /// The directory in which everything runs: a repository.
    pub fn project(&self) -> PathBuf {
        self.world.path("w")
    }

    /// A command of the user of this world.
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.world.command(program);
        let bin = self.world.path("bin");
        command
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()))
            .env("TMUX_TMPDIR", self.world.path("run"))
            .env("VMUX_NO_START", "1")
            .env("GIT_AUTHOR_NAME", "Dev")
            .env("GIT_AUTHOR_EMAIL", "dev@localhost")
            .env("GIT_COMMITTER_NAME", "Dev")
            .env("GIT_COMMITTER_EMAIL", "dev@localhost");
        command
    }

    /// `vmux` with these words.
    pub fn vmux(&self, words: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_vmux")).args(words).output().unwrap()
    }

    /// What git prints.
    pub fn git(&self, words: &[&str]) -> String {
        self.said("git", words)
    }

    /// What tmux prints; nothing if no server runs.
    pub fn tmux(&self, words: &[&str]) -> String {
        self.said("tmux", words)
    }

    fn said(&self, program: &str, words: &[&str]) -> String {
        let output = self.command(program).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// The session that is labelled so, as `vmux list --json` has it.
    pub fn session(&self, label: &str) -> Option<Value> {
        let list: Value = serde_json::from_slice(&self.vmux(&["list", "--json"]).stdout).unwrap();
        list.as_array().unwrap().iter().find(|it| it["label"] == label).cloned()
    }

    /// The arguments that the session of this name was given.
    pub fn given(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.world.home().join(format!("given.{name}"))).unwrap();
        text.trim_end_matches('\0').split('\0').map(str::to_owned).collect()
    }
}

impl Drop for StartWorld {
    fn drop(&mut self) {
        let _ = self.command("tmux").arg("kill-server").output();
        // Those that no tmux holds.
        let sessions = fs::read_dir(self.world.home().join(".claude/sessions"));
        for entry in sessions.into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap();
            let pid = name.strip_suffix(".json").and_then(|it| it.parse().ok());
            if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            }
        }
    }
}
