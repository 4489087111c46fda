//! Completions in real shells: bash, zsh and fish, each on a terminal, with the sessions of a vmuxd.

use crate::support::desk::need;
use crate::support::fake::{Fake, said, session, vmux};
use crate::support::program;
use crate::support::world::{Backoff, until};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a label may hold: quotes, colons, what shells act on, other scripts.
const LABELS: [&str; 8] = [
    "api fix",
    "it's \"q\" $(touch pwned) `touch pwned`",
    "host:one two",
    "日本 語",
    "bang! #hash",
    "tilde~;semi|pipe&amp",
    "back\\slash *glob? [x] {a,b}",
    "--json",
];

fn house() -> Value {
    let labelled = (50..).zip(LABELS).map(|(pid, label)| session(pid, "idle", label, 1));
    let mut named = session(60, "idle", "", 1);
    (named["label"], named["name"]) = (Value::Null, json!("deploy now"));
    let mut far = session(61, "idle", "trainer", 1);
    far["host"] = json!("gpu");
    labelled.chain([named, far]).collect()
}

/// A shell on a terminal of script(1) that has vmux and its completions. Commands other than `complete`
/// only write down their arguments.
struct Shell<'a> {
    fake: &'a Fake,
    child: Child,
    ran: usize,
    /// What it wrote, for the message of a failure.
    written: Arc<Mutex<String>>,
}

impl Shell<'_> {
    fn start<'a>(fake: &'a Fake, shell: &str, setup: &str) -> Shell<'a> {
        need("script");
        let home = fake.dir().join("home");
        fs::create_dir_all(home.join("a dir")).unwrap();
        fs::create_dir_all(fake.dir().join("bin")).unwrap();
        // On a busy machine vmux may give up before it has the sessions: then it is asked again.
        let record = format!(
            "#!/bin/sh\n\
             if [ \"$1\" = complete ]; then\n\
               for again in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do\n\
                 out=$({} \"$@\")\n\
                 test \"$out\" = words || break\n\
               done\n\
               printf '%s\\n' \"$out\"\n\
               exit\n\
             fi\n\
             {{ printf '<%s>' \"$@\"; echo; }} >>'{}'\n",
            env!("CARGO_BIN_EXE_vmux"),
            fake.dir().join("ran").display()
        );
        program::write(&fake.dir().join("bin/vmux"), &record);
        for (name, of) in [("vmux.bash", "bash"), ("_vmux", "zsh"), ("vmux.fish", "fish")] {
            let (script, _, code) = said(&vmux(fake.dir(), &["completions", of]).output().unwrap());
            assert_eq!(code, 0);
            fs::write(home.join(name), script).unwrap();
        }
        let mut script = Command::new("script");
        script.args(["-qfec", &format!("stty rows 40 cols 200; exec {shell}"), "/dev/null"]);
        script.env_clear().env("TERM", "dumb").env("SHELL", "/bin/sh").env("LANG", "C.UTF-8");
        script.env("HOME", &home).env("VMUX_HOME", fake.dir().join("vmux"));
        script.env("VMUX_SOCKET", fake.dir().join("s"));
        script.env("PATH", format!("{}:/usr/bin:/bin", fake.dir().join("bin").display()));
        script.current_dir(&home);
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let written = Arc::new(Mutex::new(String::new()));
        let write_down = Arc::clone(&written);
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(length @ 1..) = stdout.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                write_down.lock().unwrap().push_str(&text);
            }
        });
        let mut shell = Shell { fake, child, ran: 0, written };
        shell.arguments(&format!("{setup}; vmux ready "));
        shell
    }

    /// The arguments with which vmux runs when these keys were typed, and then Enter.
    fn arguments(&mut self, keys: &str) -> String {
        self.child.stdin.as_mut().unwrap().write_all(format!("{keys}\n").as_bytes()).unwrap();
        let ran = || fs::read_to_string(self.fake.dir().join("ran")).unwrap_or_default();
        let is_there = || ran().lines().count() > self.ran && ran().ends_with('\n');
        let written = Arc::clone(&self.written);
        let _told = Told(keys, written);
        until(&format!("vmux to run after {keys:?}"), is_there);
        self.ran += 1;
        ran().lines().nth(self.ran - 1).unwrap().to_owned()
    }

    #[track_caller]
    fn completes(&mut self, keys: &str, expected: &[&str]) {
        let expected: String = expected.iter().map(|it| format!("<{it}>")).collect();
        // On a busy machine vmuxd may not answer in the time that a completion has: then there is none.
        let mut backoff = Backoff::from(Duration::from_millis(50));
        loop {
            let ran = self.arguments(keys);
            if ran == expected {
                return;
            }
            let wanted = format!("{keys:?} to complete to {expected}, not {ran}");
            std::thread::sleep(backoff.next(&wanted));
        }
    }
}

/// Shows what the shell wrote if the test fails.
struct Told<'a>(&'a str, Arc<Mutex<String>>);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("after {:?} the shell wrote {:?}", self.0, self.1.lock().unwrap());
        }
    }
}

impl Drop for Shell<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What holds in every shell.
fn anywhere(shell: &mut Shell) {
    shell.completes("vmux swi\tzz", &["switch", "zz"]);
    shell.completes("vmux switch ap\t", &["switch", "api fix"]);
    shell.completes("vmux switch it\t", &["switch", LABELS[1]]);
    shell.completes("vmux show ho\t", &["show", LABELS[2]]);
    shell.completes("vmux show 日\t", &["show", LABELS[3]]);
    shell.completes("vmux why ban\t", &["why", LABELS[4]]);
    shell.completes("vmux ack ti\t", &["ack", LABELS[5]]);
    shell.completes("vmux ack bac\t", &["ack", LABELS[6]]);
    // What is no label that could be typed is named by its process.
    shell.completes("vmux label 5\tx", &["label", "57", "x"]);
    shell.completes("vmux switch 'ap\t", &["switch", "api fix"]);
    shell.completes("vmux switch \"ap\t", &["switch", "api fix"]);
    shell.completes("vmux switch api\\ f\t", &["switch", "api fix"]);
    shell.completes("vmux switch api f\t", &["switch", "api", "fix"]);
    shell.completes("vmux status --format wa\t", &["status", "--format", "waybar"]);
    shell.completes("vmux list --state fin\t", &["list", "--state", "finished"]);
    shell.completes("vmux list --state idle,wor\t", &["list", "--state", "idle,working"]);
    shell.completes("vmux list --sor\tpid", &["list", "--sort", "pid"]);
    // Names, other hosts and launchers.
    shell.completes("vmux show dep\t", &["show", "deploy now"]);
    shell.completes("vmux switch tra\t", &["switch", "trainer"]);
    shell.completes("vmux list --host gp\t", &["list", "--host", "gpu"]);
    shell.completes("vmux switch --launcher fuz\t", &["switch", "--launcher", "fuzzel"]);
    // zsh takes the slash back.
    let directory = shell.arguments("vmux list --dir a\t");
    assert_eq!(directory.replace("/>", ">"), "<list><--dir><a dir>");
    assert!(!shell.fake.dir().join("home/pwned").exists());
    // Without vmuxd there is nothing, and none is started.
    shell.fake.leave();
    shell.completes("vmux switch ap\t", &["switch", "ap"]);
    shell.completes("vmux list --gro\trepo", &["list", "--group", "repo"]);
    assert!(!shell.fake.dir().join("vmux").exists());
}

#[test]
fn bash_completes() {
    need("bash");
    let fake = Fake::agreeable(house());
    let mut bash = Shell::start(
        &fake,
        "bash --norc --noprofile",
        "PS1='$ '; HISTFILE=; bind 'set enable-bracketed-paste off'; source ~/vmux.bash",
    );
    bash.completes("vmux switch host:o\t", &["switch", LABELS[2]]);
    bash.completes("vmux switch 'host:one t\t", &["switch", LABELS[2]]);
    bash.completes("vmux switch 'it\t", &["switch", LABELS[1]]);
    bash.completes("vmux switch \"it\t", &["switch", LABELS[1]]);
    bash.completes("vmux switch \"ban\t", &["switch", LABELS[4]]);
    bash.completes("vmux status --format=wa\t", &["status", "--format=waybar"]);
    bash.completes("A=1 vmux sho\tx", &["show", "x"]);
    anywhere(&mut bash);
}

#[test]
fn zsh_completes() {
    need("zsh");
    let fake = Fake::agreeable(house());
    let setup = "PS1='%% '; fpath+=(~); autoload -Uz compinit && compinit -u -d ~/dump";
    let mut zsh = Shell::start(&fake, "zsh -f", setup);
    zsh.completes("vmux switch host:o\t", &["switch", LABELS[2]]);
    anywhere(&mut zsh);
}

#[test]
fn fish_completes() {
    need("fish");
    let fake = Fake::agreeable(house());
    let mut fish = Shell::start(&fake, "fish --no-config", "source ~/vmux.fish");
    fish.completes("vmux switch host:o\t", &["switch", LABELS[2]]);
    anywhere(&mut fish);
}

#[test]
fn a_vmuxd_that_does_not_answer_holds_nobody_up() {
    let world = tempfile::tempdir().unwrap();
    let listener = std::os::unix::net::UnixListener::bind(world.path().join("s")).unwrap();
    let started = std::time::Instant::now();
    let output = vmux(world.path(), &["complete", "fish", "switch", "a"]).output().unwrap();
    assert_eq!(said(&output), ("words\n".to_owned(), String::new(), 0));
    // The limit is 25 ms; the machine may be busy.
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
    drop(listener);
}

fn extras(dir: &Path, args: &[&str]) -> (String, String, i32) {
    said(&vmux(dir, &[&["extras"], args].concat()).output().unwrap())
}

#[test]
fn extras_are_installed_and_taken_away_and_nothing_else_is_touched() {
    let world = tempfile::tempdir().unwrap();
    let data = world.path().join("home/.local/share");
    let bash = data.join("bash-completion/completions/vmux");
    let fish = data.join("fish/vendor_completions.d/vmux.fish");
    let unit = data.join("systemd/user/vmuxd.service");
    let manual = data.join("man/man1/vmux-list.1");
    assert_eq!(extras(world.path(), &["status"]).2, 1);
    assert_eq!(extras(world.path(), &["install", "--dry-run"]).2, 0);
    assert!(!data.exists());
    let (out, err, code) = extras(world.path(), &["install"]);
    assert_eq!((err.as_str(), code), ("", 0));
    assert!(out.contains("installed  ~/.local/share/systemd/user/vmuxd.service\n"), "{out}");
    assert!(out.contains(" manual pages in ~/.local/share/man\n"), "{out}");
    for file in [&bash, &fish, &unit, &manual] {
        assert!(file.is_file(), "{}", file.display());
    }
    assert_eq!(extras(world.path(), &["status"]).2, 0);
    let again = extras(world.path(), &["install", "--json"]).0;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert!(again.as_array().unwrap().iter().all(|it| it["result"] == "there already"));

    // One that the user changed, one of the user's own, and one of another version.
    let changed = fs::read_to_string(&unit).unwrap().replace("Restart=on-failure", "Restart=no");
    fs::write(&unit, &changed).unwrap();
    fs::write(&bash, "# mine\n").unwrap();
    fs::remove_file(&fish).unwrap();
    std::os::unix::fs::symlink("/dev/null", &fish).unwrap();
    let (out, _, code) = extras(world.path(), &["install"]);
    assert_eq!(code, 1);
    for line in [
        "left alone: it was changed  ~/.local/share/systemd/user/vmuxd.service\n",
        "left alone: it is not vmux's  ~/.local/share/bash-completion/completions/vmux\n",
        "left alone: it is not vmux's  ~/.local/share/fish/vendor_completions.d/vmux.fish\n",
    ] {
        assert!(out.contains(line), "{out}");
    }
    assert_eq!(extras(world.path(), &["remove"]).2, 1);
    assert_eq!(fs::read_to_string(&unit).unwrap(), changed);
    assert_eq!(fs::read_to_string(&bash).unwrap(), "# mine\n");
    assert!(fish.is_symlink() && !manual.exists());
    for file in [&bash, &fish, &unit] {
        fs::remove_file(file).unwrap();
    }
    let (out, _, code) = extras(world.path(), &["remove", "--json"]);
    assert_eq!((out.as_str(), code), ("[]\n", 0));
    assert_eq!(json!([]), serde_json::from_str::<Value>(&out).unwrap());
}
