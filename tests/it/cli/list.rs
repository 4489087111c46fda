//! `vmux list` with its options: which sessions, in which order, with which columns, and how many of
//! them on a terminal.

use crate::support::desk::need;
use crate::support::fake::{Fake, Running, said, session};
use crate::support::world::World;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Two that wait and one that works.
fn three() -> Value {
    json!([
        session(41, "working", "shop", 1),
        session(42, "needs_input", "api", 2),
        session(43, "needs_input", "web", 3)
    ])
}

#[track_caller]
fn rows(args: &[&str], expected: &str) {
    let fake = Fake::agreeable(three());
    let args = [&["list", "--format", "{title}"], args].concat();
    let (out, err, code) = said(&fake.run(&args));
    assert_eq!((err.as_str(), code), ("", 0), "{args:?}");
    assert_eq!(out.lines().collect::<Vec<_>>().join(" "), expected, "{args:?}");
}

#[test]
fn a_list_is_narrowed_and_sorted() {
    rows(&[], "api web shop");
    rows(&["sh"], "shop");
    rows(&["main"], "api web shop");
    rows(&["--waiting"], "api web");
    rows(&["--state", "needs_input"], "api web");
    rows(&["--state", "working,idle"], "shop");
    rows(&["--dir", "/src/web"], "web");
    rows(&["--dir", "/src/../src/api", "--dir", "/src/web/"], "api web");
    rows(&["/src"], "api web shop");
    rows(&["--host", "local"], "api web shop");
    rows(&["--sort", "session"], "api shop web");
    rows(&["--sort", "pid", "--reverse"], "web api shop");
    rows(&["--waiting", "--sort", "for"], "api web");
    rows(&["--state", "unknown"], "");
}

#[test]
fn a_path_begins_at_the_directory_or_at_home() {
    let fake = Fake::agreeable(three());
    let mut web = session(44, "idle", "x", 4);
    web["cwd"] = json!(fake.dir().join("home/src/web"));
    fs::create_dir_all(fake.dir().join("home/src/web/deep")).unwrap();
    std::os::unix::fs::symlink(fake.dir().join("home/src"), fake.dir().join("link")).unwrap();
    fake.tell(json!([web, session(41, "working", "shop", 1)]));
    let list = |args: &[&str], directory: &str| {
        let mut vmux = fake.vmux(&[&["list", "--format", "{pid}"], args].concat());
        said(&vmux.current_dir(fake.dir().join(directory)).output().unwrap()).0
    };
    assert_eq!(list(&["."], "home/src"), "44\n");
    assert_eq!(list(&["."], "home/src/web/deep"), "");
    assert_eq!(list(&[".."], "home/src/web/deep"), "44\n");
    assert_eq!(list(&["~/src/web"], "."), "44\n");
    assert_eq!(list(&["--dir", "link"], "."), "44\n");
}

#[test]
fn a_query_without_a_match_is_an_error_and_another_filter_is_not() {
    let fake = Fake::agreeable(three());
    let (out, err, code) = said(&fake.run(&["list", "shpo"]));
    assert_eq!((out.as_str(), code), ("", 1));
    assert!(err.starts_with("error: no session matches \"shpo\"\nhint: "), "{err}");
    assert!(err.contains("\n  shop  working  /src/shop  pid 41\n"), "{err}");
    let (out, _, code) = said(&fake.run(&["list", "shop", "--waiting"]));
    assert_eq!((out.as_str(), code), ("none of 3 sessions matches\n", 0));
    assert_eq!(said(&fake.run(&["list", "--state", "idle", "--json"])).0, "[]\n");
    let (out, err, code) = said(&fake.run(&["list", "--host", "nowhere"]));
    assert_eq!((out.as_str(), code), ("", 1));
    assert!(err.starts_with("error: no host is called \"nowhere\"\nhint: `vmux hosts`"), "{err}");
}

#[test]
fn columns_are_chosen_by_the_option_and_by_the_configuration() {
    let fake = Fake::agreeable(three());
    let table = |args: &[&str]| said(&fake.run(&[&["list"], args].concat())).0;
    assert!(table(&["--columns", "pid,session"]).starts_with("PID  SESSION\n42   api\n"));
    assert!(table(&["--columns", "+pid"]).starts_with("STATE"));
    fs::create_dir(fake.dir().join("vmux")).unwrap();
    fs::write(fake.dir().join("vmux/config.toml"), "list.columns = [\"id\", \"for\"]\n").unwrap();
    assert!(table(&[]).starts_with("ID "), "{}", table(&[]));
    assert!(table(&["--columns", "+pid"]).lines().next().unwrap().ends_with("PID"));
    assert!(table(&["--columns", "state"]).starts_with("STATE\n"));
}

#[test]
fn groups_have_headings_in_the_table_and_in_json() {
    let fake = Fake::agreeable(three());
    let repo = fake.dir().join("repo");
    fs::create_dir_all(repo.join(".git")).unwrap();
    fs::create_dir_all(repo.join("src")).unwrap();
    let mut sessions = three();
    sessions[0]["cwd"] = json!(repo);
    sessions[2]["cwd"] = json!(repo.join("src"));
    fake.tell(sessions.clone());
    let args = ["list", "--group", "repo", "--columns", "session"];
    let (out, _, code) = said(&fake.run(&args));
    assert_eq!(code, 0);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines, ["SESSION", "/src/api", "api", repo.to_str().unwrap(), "web", "shop"]);
    let (out, _, _) = said(&fake.run(&["list", "--group", "dir", "--json", "--waiting"]));
    let expected = json!([
        {"group": "/src/api", "sessions": [sessions[1]]},
        {"group": repo.join("src"), "sessions": [sessions[2]]},
    ]);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), expected);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_asked() {
    let fake = Fake::agreeable(three());
    for args in [
        &["--format", "{nope}"][..],
        &["--format", "{title"],
        &["--format", "title"],
        &["--columns", "pid,x"],
        &["--sort", "x"],
        &["--state", "x"],
        &["--group", "x"],
        &["--json", "--format", "{pid}"],
        &["--watch", "--sort", "pid"],
    ] {
        let (out, err, code) = said(&fake.run(&[&["list"], args].concat()));
        assert_eq!((out.as_str(), code), ("", 2), "{args:?}: {err}");
        assert!(err.starts_with("error: "), "{args:?}: {err}");
    }
    assert!(fake.asked().is_empty());
}

/// What `vmux list` writes to a terminal of so many lines.
fn on_terminal(fake: &Fake, rows: u32, args: &str) -> String {
    need("script");
    let vmux = env!("CARGO_BIN_EXE_vmux");
    let command = format!("stty rows {rows} cols 70; {vmux} list {args}");
    let model = fake.vmux(&[]);
    let mut script = Command::new("script");
    script.args(["-qfec", &command, "/dev/null"]).env_clear();
    script.envs(model.get_envs().filter_map(|(key, value)| Some((key, value?))));
    script.env("PATH", "/usr/bin:/bin").env("TERM", "xterm").env("SHELL", "/bin/sh");
    script.env("NO_COLOR", "1").env("LANG", "C.UTF-8").env_remove("COLUMNS");
    said(&script.stdin(Stdio::null()).output().unwrap()).0
}

#[test]
fn on_a_terminal_those_that_wait_stay_in_view() {
    let fake = Fake::agreeable(json!([]));
    let mut house: Vec<Value> =
        (1..40).map(|pid| session(pid, "working", &format!("job{pid}"), 1)).collect();
    house.push(session(99, "needs_input", "api", 2));
    fake.tell(json!(house));
    let shown = on_terminal(&fake, 8, "");
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 6, "{shown}");
    assert!(lines[1].contains("needs permission"), "{shown}");
    assert_eq!(lines[5].trim_end(), "… 36 more (--all) of 40 sessions: 1 waits, 39 work");
    let shown = on_terminal(&fake, 8, "--all");
    assert_eq!(shown.lines().count(), 42, "{shown}");
    let (piped, _, _) = said(&fake.run(&["list"]));
    assert_eq!(piped.lines().count(), 41);
    let shown = on_terminal(&fake, 8, "--sort pid");
    assert!(shown.lines().nth(4).unwrap().contains("needs permission"), "{shown}");
}

#[test]
fn vmuxd_renders_the_table_as_vmux_does() {
    let world = World::new();
    for (pid, status) in [(500, "busy"), (501, "idle"), (502, "waiting")] {
        let process = world.claude(pid).live();
        world.session_file(&process, json!({"status": status, "waitingFor": "permission prompt"}));
    }
    let _daemon = world.open();
    for options in [&[][..], &["--columns", "pid,state,id"], &["--color", "always"], &["--all"]] {
        let run = |more: &[&str]| {
            let arguments = [&["list"], options, more].concat();
            said(&world.vmux().args(arguments).env("COLUMNS", "60").output().unwrap())
        };
        // A list in another order is rendered by vmux; this one is in the usual order.
        let (rendered, own) = (run(&[]), run(&["--sort", "urgency"]));
        assert!(rendered.0.lines().count() >= 4, "{rendered:?}");
        assert_eq!(rendered, own, "{options:?}");
    }
}

#[test]
fn a_list_that_goes_on_says_nothing_of_sessions_while_vmuxd_is_away() {
    let fake = Fake::agreeable(json!([session(42, "idle", "api", 1)]));
    let mut command = fake.vmux(&["list", "--watch", "--json"]);
    command.stderr(Stdio::piped());
    let mut watch = Running::start(command);
    assert!(watch.line().contains("api"));
    fake.leave();
    let mut told = String::new();
    BufReader::new(watch.child.stderr.take().unwrap()).read_line(&mut told).unwrap();
    assert_eq!(told, "note: vmuxd does not answer; the list goes on when it does\n");
    fake.come();
    fake.wait_for_subscribers(1);
    fake.tell(json!([session(42, "working", "api", 1)]));
    // The next line is of what runs again: there was none of no session.
    assert!(watch.line().contains("working"));
}
