//! What scripts use: events, wait, show, why, config, hooks, completions, manual pages.

use crate::support::fake::{Fake, Running, program, said, session, vmux};
use crate::support::world::World;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

fn working() -> Value {
    json!([session(41, "working", "shop", 1)])
}

#[test]
fn events_are_lines_as_they_come() {
    let fake = Fake::agreeable(working());
    let mut events = Running::start(fake.vmux(&["events"]));
    let first: Value = serde_json::from_str(&events.line()).unwrap();
    assert_eq!(first, json!({"seq": 1, "event": "state", "sessions": working()}));
    let line = r#"{"seq":9,"event":"gone","pid":41,"start":1,"session_id":null,"new":true}"#;
    fake.send(&format!("{line}\n"));
    assert_eq!(events.line(), line);
    fake.hang_up();
    assert_eq!(events.end(), 3);
}

#[test]
fn events_end_with_their_reader() {
    let fake = Fake::agreeable(working());
    let mut child = fake.vmux(&["events"]).stdout(Stdio::piped()).spawn().unwrap();
    fake.wait_for_subscribers(1);
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn wait_returns_when_the_session_is_there() {
    let fake = Fake::agreeable(working());
    let mut wait = Running::start(fake.vmux(&["wait", "shop"]));
    fake.wait_for_subscribers(1);
    fake.tell(json!([session(41, "needs_input", "shop", 2)]));
    assert_eq!(wait.line(), "shop (pid 41): needs permission, Bash: git push");
    assert_eq!(wait.end(), 0);
    let mut wait = Running::start(fake.vmux(&["wait", "41", "--until", "gone"]));
    fake.wait_for_subscribers(2);
    fake.send("{\"seq\":3,\"event\":\"gone\",\"pid\":41,\"start\":1,\"session_id\":null}\n");
    assert_eq!(wait.line(), "shop (pid 41) has ended");
    assert_eq!(wait.end(), 0);
}

#[test]
fn wait_gives_up() {
    let fake = Fake::agreeable(working());
    let (out, err, code) = said(&fake.run(&["wait", "shop", "--timeout", "0s"]));
    assert_eq!((out.as_str(), code), ("", 1));
    assert_eq!(err, "error: time is up, shop: working\n");
    let (_, err, code) = said(&fake.run(&["wait", "nobody"]));
    assert!(err.starts_with("error: no session matches \"nobody\""), "{err}");
    assert_eq!(code, 1);
}

#[test]
fn a_session_in_full_and_why() {
    let fake = Fake::new(working(), |_| {
        let claim = json!({"source": "session_file", "state": "working", "confidence": "certain",
                           "says": "status is \"busy\"", "outcome": "won"});
        json!({"ok": true, "session": working()[0], "why": {"claims": [claim],
               "id_from": "session file", "transcript_from": "none yet"}})
    });
    let (out, _, code) = said(&fake.run(&["show", "shop"]));
    assert!(out.starts_with("◐ shop  working for"), "{out}");
    assert_eq!(code, 0);
    let shown: Value =
        serde_json::from_str(&said(&fake.run(&["show", "shop", "--json"])).0).unwrap();
    assert_eq!(shown, working()[0]);
    let (out, _, code) = said(&fake.run(&["why", "shop"]));
    assert!(out.contains("→ session file  working"), "{out}");
    assert_eq!(code, 0);
    let why: Value = serde_json::from_str(&said(&fake.run(&["why", "shop", "--json"])).0).unwrap();
    assert_eq!(why["why"]["claims"][0]["source"], "session_file");
}

#[test]
fn the_configuration_is_checked_line_by_line() {
    let world = tempfile::tempdir().unwrap();
    let check = || said(&vmux(world.path(), &["config", "check"]).output().unwrap());
    assert!(check().0.starts_with("There is no "));
    let named = vmux(world.path(), &["config", "check", "/nowhere.toml"]).output().unwrap();
    assert_eq!(said(&named), (String::new(), "error: there is no /nowhere.toml\n".to_owned(), 4));
    let file = world.path().join("vmux/config.toml");
    fs::create_dir(world.path().join("vmux")).unwrap();
    fs::write(&file, "interval = 5\ncolour = 1\n").unwrap();
    let (out, _, code) = check();
    assert!(out.contains("is right.\nwarning: line 2: colour"), "{out}");
    assert_eq!(code, 0);
    fs::write(&file, "interval = 5\nnone = 1\n[notify]\ndesktop = 1\n").unwrap();
    let (_, err, code) = check();
    assert!(
        err.contains("has errors\nhint: ") && err.contains("\n  line 4: notify.desktop"),
        "{err}"
    );
    assert!(err.contains("\n  warning: line 2: none: unknown key"), "{err}");
    assert_eq!(code, 1);
    fs::write(&file, "none = 1\n[status]\ntemplate = \"{longest.title\"\n").unwrap();
    let (_, err, code) = check();
    assert!(
        err.contains("\n  status.template: a \"}\" is missing after \"{longest.title\""),
        "{err}"
    );
    assert!(err.contains("\n  warning: line 1: none: unknown key"), "{err}");
    assert_eq!(code, 1);
    let example = said(&vmux(world.path(), &["config", "example"]).output().unwrap()).0;
    fs::write(&file, example).unwrap();
    assert_eq!(check().2, 0);
}

#[test]
fn the_configuration_has_a_template_and_a_launcher() {
    let fake = Fake::agreeable(working());
    fs::create_dir(fake.dir().join("vmux")).unwrap();
    let config = "[status]\ntemplate = \"<{working}>\"\n[switch]\nlauncher = [\"mine\", \"-x\"]\n";
    fs::write(fake.dir().join("vmux/config.toml"), config).unwrap();
    assert_eq!(said(&fake.run(&["status"])).0, "<1>\n");
    assert_eq!(said(&fake.run(&["status", "-f", "plain"])).0, "1 working\n");
    program(fake.dir(), "mine", "test \"$1\" = -x && cat");
    assert_eq!(said(&fake.run(&["switch"])).2, 0);
    assert_eq!(fake.asked().last().unwrap()["args"]["query"], "41:1");
}

fn hooks(dir: &Path, args: &[&str]) -> (String, String, i32) {
    said(&vmux(dir, &[&["hooks"], args].concat()).output().unwrap())
}

#[test]
fn hooks_are_merged_into_the_settings_and_taken_out_again() {
    let world = tempfile::tempdir().unwrap();
    let claude = world.path().join("home/.claude");
    let real = world.path().join("dotfiles.json");
    fs::create_dir_all(&claude).unwrap();
    let before = "{\n    \"zebra\": 1.50,\n    \"hooks\": {\n        \"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}]\n    },\n    \"a\": {}\n}\n";
    fs::write(&real, before).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, claude.join("settings.json")).unwrap();

    assert_eq!(hooks(world.path(), &["status"]).2, 1);
    assert_eq!(hooks(world.path(), &["install"]).2, 0);
    assert!(hooks(world.path(), &["status"]).0.contains("Stop, SessionStart, "));
    let text = fs::read_to_string(&real).unwrap();
    assert!(text.starts_with("{\n    \"zebra\": 1.5"), "{text}");
    assert!(text.contains(" hook\"") && !text.contains("PermissionRequest"), "{text}");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(claude.join("settings.json")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(world.path().join("dotfiles.json.before-vmux")).unwrap(), before);

    let (out, _, code) = hooks(world.path(), &["install"]);
    assert!(out.starts_with("Nothing to change"), "{out}");
    assert_eq!(code, 0);
    assert_eq!(fs::read_to_string(&real).unwrap(), text);

    assert_eq!(hooks(world.path(), &["remove"]).2, 0);
    assert_eq!(fs::read_to_string(&real).unwrap(), before);
    let names: Vec<_> =
        fs::read_dir(world.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    let leftover = |name: &std::ffi::OsString| {
        let name = name.to_string_lossy();
        name.contains("dotfiles") && name != "dotfiles.json"
    };
    assert!(!names.iter().any(leftover), "{names:?}");
}

#[test]
fn settings_keep_their_link_their_owner_and_their_other_names() {
    use std::os::unix::fs::{MetadataExt, chown};
    let world = tempfile::tempdir().unwrap();
    let claude = world.path().join("home/.claude");
    let settings = claude.join("settings.json");
    fs::create_dir_all(&claude).unwrap();

    // A link to a file that is not there yet, then to a directory that is not there.
    symlink("../dotfiles.json", &settings).unwrap();
    assert_eq!(hooks(world.path(), &["install"]).2, 0);
    assert!(fs::symlink_metadata(&settings).unwrap().is_symlink());
    let dotfiles = world.path().join("home/dotfiles.json");
    assert!(fs::read_to_string(&dotfiles).unwrap().contains(" hook\""));
    fs::remove_file(&settings).unwrap();
    symlink("../none/dotfiles.json", &settings).unwrap();
    let (_, err, code) = hooks(world.path(), &["install"]);
    assert!(err.contains("it is a link into ") && err.contains("/none: no such file"), "{err}");
    assert_eq!(code, 4);

    // Only root can give a file away.
    if rustix::process::geteuid().is_root() {
        chown(&dotfiles, Some(4711), Some(4712)).unwrap();
        fs::remove_file(&settings).unwrap();
        symlink("../dotfiles.json", &settings).unwrap();
        assert_eq!(hooks(world.path(), &["remove"]).2, 0);
        let meta = fs::metadata(&dotfiles).unwrap();
        assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o777), (4711, 4712, 0o600));
        assert_eq!(fs::read_to_string(&dotfiles).unwrap(), "{}\n");
    }
}

#[test]
fn settings_that_are_no_file_hold_nothing_up() {
    let world = tempfile::tempdir().unwrap();
    let path = world.path().join("s.json");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    for action in ["status", "install", "remove"] {
        let (_, err, code) = hooks(world.path(), &[action, "--settings", path.to_str().unwrap()]);
        assert!(err.contains("s.json: not a regular file"), "{err}");
        assert_eq!(code, 4);
    }
}

#[test]
fn settings_that_cannot_be_read_are_left_alone() {
    let world = tempfile::tempdir().unwrap();
    let file = world.path().join("s.json");
    let path = file.to_str().unwrap();
    for text in ["{\"a\": 1,}", "[]", "{\"hooks\": 1}", "{\"hooks\": {\"Stop\": {}}}"] {
        fs::write(&file, text).unwrap();
        let (_, err, code) = hooks(world.path(), &["install", "--settings", path]);
        assert!(err.contains("is left alone") && err.contains("\nhint: "), "{err}");
        assert_eq!((fs::read_to_string(&file).unwrap().as_str(), code), (text, 4));
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(hooks(world.path(), &["install", "--settings", path]).2, 0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_hook_tells_vmuxd_and_is_always_content() {
    let payload =
        r#"{"session_id":"abc","hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/"}"#;
    let call = |dir: &Path, payload: &str| {
        let mut command = vmux(dir, &["hook"]);
        command.env("CLAUDE_PID", "41").stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.env_remove("VMUX_NO_START").spawn().unwrap();
        child.stdin.take().unwrap().write_all(payload.as_bytes()).unwrap();
        said(&child.wait_with_output().unwrap())
    };
    let content = (String::new(), String::new(), 0);
    let fake = Fake::agreeable(working());
    assert_eq!(call(fake.dir(), payload), content);
    fake.wait_for(&json!({"action": "hook", "args":
        {"session_id": "abc", "event": "PreToolUse", "tool": "Bash", "pid": 41}}));
    for payload in ["", "{}", "garbage", "[]"] {
        assert_eq!(call(fake.dir(), payload), content);
    }
    let nobody = tempfile::tempdir().unwrap();
    assert_eq!(call(nobody.path(), payload), content);
}

#[test]
fn completions_and_manual_pages_are_made() {
    let world = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let (out, _, code) = said(&vmux(world.path(), &["completions", shell]).output().unwrap());
        let asks = format!("vmux complete {shell}");
        assert!(out.contains(&asks) && code == 0, "{shell}");
    }
    let pages = world.path().join("made/man");
    let output = vmux(world.path(), &["man", pages.to_str().unwrap()]).output().unwrap();
    assert_eq!(said(&output).2, 0);
    let mut names: Vec<_> = fs::read_dir(&pages)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.contains(&"vmux.1".to_owned()) && names.contains(&"vmux-switch.1".to_owned()));
    let is_hidden = |it: &String| it.contains("vmux-hook.") || it.contains("-complete.");
    assert!(!names.iter().any(is_hidden), "{names:?}");
    let page = fs::read_to_string(pages.join("vmux.1")).unwrap();
    assert!(page.contains("\n.SH EXIT STATUS\n.nf\n") && page.contains("vmuxd cannot be reached"));
    assert!(page.contains("\n.SS Start and end sessions\n.TP\n.BR vmux\\-new (1)\n"), "{page}");
    assert!(fs::read_to_string(pages.join("vmux-config.5")).unwrap().contains("[notify.push]"));
    for page in ["vmux-picker.1", "vmux-push.1"] {
        assert!(fs::read_to_string(pages.join(page)).unwrap().starts_with(".TH VMUX"), "{page}");
    }
    // The page of vmuxd is written by hand: it has every option and variable of the help.
    let page = fs::read_to_string(pages.join("vmuxd.1")).unwrap().replace('\\', "");
    let help = Command::new(env!("CARGO_BIN_EXE_vmuxd")).arg("--help").output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    let is_option = |word: &&str| word.starts_with("--");
    let is_variable = |word: &&str| word.contains('_') && *word == word.to_uppercase();
    let words = help.split_whitespace().filter(|it| is_option(it) || is_variable(it));
    let named: Vec<&str> = words.filter(|it| !it.starts_with('$')).collect();
    assert!(named.len() >= 7, "{named:?}");
    for word in named {
        assert!(page.contains(word), "vmuxd.1 lacks {word}");
    }
}

#[test]
fn ack_says_where_it_did_nothing() {
    let world = World::new();
    let process = world.claude(100).live();
    let daemon = world.open();
    let is = |fields: Value| {
        let now = chrono::Utc::now().timestamp_millis();
        let mut fields = fields;
        fields["statusUpdatedAt"] = now.into();
        world.session_file(&process, fields);
        daemon.session(100)
    };
    let ack = || said(&world.vmux().args(["ack", "100"]).output().unwrap());
    is(json!({"status": "waiting", "waitingFor": "permission prompt"}));
    let (out, err, code) = ack();
    assert!(out.starts_with("note: ") && out.contains(" waits for you still; "), "{out}");
    assert_eq!((err.as_str(), code), ("", 0));
    let mut listener = daemon.listen();
    is(json!({"status": "idle"}));
    listener.until(|sessions| sessions[0].unseen);
    assert_eq!(ack(), (String::new(), String::new(), 0));
    assert!(ack().0.contains("nothing to acknowledge"));
}
