//! Sessions that are started, ended and taken up again, with a real tmux and a real git.

mod hosts;
mod restore;
mod world;

use crate::support::fake::said;
use crate::support::world::{tells, until};
use rustix::event::PollFlags;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use world::{StartWorld, is_alone};

#[test]
fn a_session_begins_in_tmux_under_its_name_and_only_once() {
    if !is_alone("start::a_session_begins_in_tmux_under_its_name_and_only_once") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    let (out, err, code) = said(&world.vmux(&["new", "web.app", "--in", "tmux", "--wait"]));
    assert_eq!(code, 0, "{out}{err}");
    let steps: Vec<&str> = out.lines().map(|it| it.split(' ').next().unwrap()).collect();
    assert_eq!(steps, ["directory", "place", "runs", "ready"]);
    let session = world.session("web.app").unwrap();
    assert_eq!((&session["state"], &session["name"]), (&json!("idle"), &json!("web.app")));
    let id = session["session_id"].as_str().unwrap();
    assert_eq!(world.given("web.app"), ["--session-id", id, "--name", "web.app"]);
    let panes = ["list-panes", "-a", "-F", "#{session_name} #{pane_pid} #{remain-on-exit}"];
    assert_eq!(world.tmux(&panes).trim(), format!("web_app {} off", session["pid"]));
    // The same name goes to the one that runs.
    let (_, err, code) = said(&world.vmux(&["new", "WEB.app"]));
    assert!(code == 4 && err.contains("web_app") && err.contains("attached nowhere"), "{err}");
    assert!(!err.contains("not used"), "{err}");
    let (_, err, _) = said(&world.vmux(&["new", "web.app", "--prompt", "go", "--in", "window"]));
    assert!(
        err.contains("web.app runs already") && err.contains("not used: --prompt, --in"),
        "{err}"
    );
    // One that runs elsewhere is not what was asked for.
    let (_, err, code) = said(&world.vmux(&["new", "web.app", "--dir", "/"]));
    assert_eq!((code, err.contains("attached nowhere")), (4, true), "{err}");
    let (_, err, code) = said(&world.vmux(&["new", "web.app", "--dir", "/usr"]));
    assert!(code == 1 && err.contains("runs already") && err.contains(", in "), "{err}");
    for (name, expected) in [("web.app", 1), ("docs", 0), ("next", 1), ("-x", 2), ("a b", 1)] {
        assert_eq!(said(&world.vmux(&["new", "--check", name])).2, expected, "{name}");
    }
    // Without a name it is the directory's; `w` is too short for one.
    assert_eq!(said(&world.vmux(&["new"])).2, 2);
    fs::create_dir(world.project().join("My app")).unwrap();
    for name in ["My-app", "My-app-2"] {
        let (_, err, code) = said(&world.vmux(&["new", "--in", "tmux", "--dir", "My app"]));
        assert_eq!(code, 0, "{err}");
        assert!(world.session(name).is_some(), "{name}");
    }
}

#[test]
fn nothing_that_is_said_becomes_a_command() {
    if !is_alone("start::nothing_that_is_said_becomes_a_command") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    let dir = world.project().join("#(touch ran)'; touch ran;");
    fs::create_dir(&dir).unwrap();
    let prompt = "#{pane_id} $(touch ran) `touch ran` ; touch ran;";
    let dir = dir.to_str().unwrap();
    let words =
        ["new", "web", "--in", "tmux", "--dir", dir, "--prompt", prompt, "--", "--model", "a;"];
    let (out, err, code) = said(&world.vmux(&words));
    assert_eq!(code, 0, "{out}{err}");
    let given = world.given("web");
    assert_eq!(given[4..], ["--model", "a;", "--", prompt]);
    let at = fs::read_to_string(world.world.home().join("where.web")).unwrap();
    assert_eq!(at.trim_end(), dir);
    let ran = |dir: &std::path::Path| dir.join("ran").exists();
    assert!(!ran(&world.project()) && !ran(std::path::Path::new(dir)) && !ran(&world.world.home()));
}

#[test]
fn what_fails_takes_back_what_it_made() {
    if !is_alone("start::what_fails_takes_back_what_it_made") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    let words = ["new", "web", "--in", "tmux", "--worktree", "--", "--die"];
    let (_, err, code) = said(&world.vmux(&words));
    assert!(code == 4 && err.contains("ended at once: error: unknown option '--die'"), "{err}");
    assert_eq!(world.git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(world.git(&["branch", "--list"]), "* main\n");
    assert_eq!(world.tmux(&["list-sessions"]), "");
    let labels = fs::read_to_string(world.world.labels()).unwrap();
    assert!(!labels.contains("web"), "{labels}");
    // The name is free again.
    assert_eq!(said(&world.vmux(&["new", "--check", "web"])).2, 0);
    // A tmux session of the user's is left alone.
    world.tmux(&["new-session", "-d", "-s", "web", "sleep", "1000"]);
    let (_, err, code) = said(&world.vmux(&["new", "web", "--in", "tmux", "--worktree"]));
    assert!(code == 4 && err.contains("tmux has a session web already"), "{err}");
    assert!(world.tmux(&["list-sessions"]).starts_with("web:"));
    assert_eq!(world.git(&["branch", "--list"]), "* main\n");
}

#[test]
fn what_is_interrupted_takes_back_what_it_made() {
    if !is_alone("start::what_is_interrupted_takes_back_what_it_made") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    for signal in [Signal::INT, Signal::TERM] {
        let mut command = world.command(env!("CARGO_BIN_EXE_vmux"));
        command.args(["new", "web", "--in", "tmux", "--worktree", "--", "--hang"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        until("the tmux session", || world.tmux(&["list-sessions"]).starts_with("web:"));
        assert_eq!(said(&world.vmux(&["new", "--check", "web"])).2, 1);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let (_, err, code) = said(&child.wait_with_output().unwrap());
        assert!(code == 130 && err.contains("interrupted"), "{code} {err}");
        assert_eq!(world.tmux(&["list-sessions"]), "");
        assert_eq!(world.git(&["worktree", "list"]).lines().count(), 1);
        assert_eq!(world.git(&["branch", "--list"]), "* main\n");
        assert_eq!(said(&world.vmux(&["new", "--check", "web"])).2, 0);
    }
    // One that is killed can take nothing back; its name is free as soon as it has gone.
    let mut command = world.command(env!("CARGO_BIN_EXE_vmux"));
    command.args(["new", "web", "--in", "tmux", "--", "--hang"]).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    until("the tmux session", || world.tmux(&["list-sessions"]).starts_with("web:"));
    assert_eq!(said(&world.vmux(&["new", "--check", "web"])).2, 1);
    child.kill().unwrap();
    child.wait().unwrap();
    until("the name", || said(&world.vmux(&["new", "--check", "web"])).2 == 0);
}

#[test]
fn what_is_missing_is_said_and_nothing_is_made() {
    if !is_alone("start::what_is_missing_is_said_and_nothing_is_made") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    let empty = world.world.path("empty");
    fs::create_dir(&empty).unwrap();
    let with_path = |path: String, words: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_vmux"));
        said(&command.env("PATH", path).args(words).output().unwrap())
    };
    let bin = world.world.path("bin").display().to_string();
    let (_, err, code) = with_path(empty.display().to_string(), &["new", "web"]);
    assert!(code == 4 && err.contains("no `claude` is in PATH"), "{err}");
    let (_, err, code) = with_path(bin.clone(), &["new", "web", "--in", "tmux"]);
    assert!(
        code == 4 && err.contains("tmux cannot be run") && err.contains("--in window"),
        "{err}"
    );
    let (_, err, code) = with_path(bin, &["new", "web", "--in", "tmux", "--worktree"]);
    assert!(code == 4 && err.contains("git cannot be run"), "{err}");
    let home = world.world.home();
    for (words, expected) in [
        (&["new", "web", "--dir", "/nowhere"][..], "no such file or directory"),
        (&["new", "web", "--dir", "/dev/null"], "is no directory"),
        (&["new", "web", "--worktree", "--dir", home.to_str().unwrap()], "in no repository of git"),
        (&["new", "web", "--worktree=-x"], "cannot be the name of a branch"),
        (&["new", "web", "--in", "window"], "there is no display"),
    ] {
        let (_, err, code) = said(&world.vmux(words));
        assert!(code == 4 && err.contains(expected), "{words:?}: {code} {err}");
    }
    let (_, err, code) = said(&world.vmux(&["new", "--template", "none"]));
    assert!(code == 2 && err.contains("no template"), "{err}");
    assert!(world.session("web").is_none());
    assert_eq!(world.git(&["branch", "--list"]), "* main\n");
}

#[test]
fn a_worktree_goes_with_its_session_unless_something_would_be_lost() {
    if !is_alone("start::a_worktree_goes_with_its_session_unless_something_would_be_lost") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    let (out, err, code) =
        said(&world.vmux(&["new", "web", "--in", "tmux", "--worktree", "feat/web"]));
    assert_eq!(code, 0, "{out}{err}");
    let path = world.project().join(".claude/worktrees/web");
    assert!(out.contains("worktree   ") && out.contains("on feat/web"), "{out}");
    let pid = world.session("web").unwrap()["pid"].clone();
    fs::write(path.join("new"), "x").unwrap();
    let (_, err, code) = said(&world.vmux(&["end", "web", "--worktree", "--yes"]));
    assert!(code == 4 && err.contains("1 file is not committed"), "{err}");
    assert_eq!(world.session("web").unwrap()["pid"], pid);
    fs::remove_file(path.join("new")).unwrap();
    // Without a terminal nothing is asked, and nothing done.
    assert_eq!(said(&world.vmux(&["end", "web"])).2, 2);
    // A part of its name may be what is left of another session's.
    let (_, err, code) = said(&world.vmux(&["end", "we", "--yes"]));
    assert!(code == 1 && err.contains("no session is called \"we\""), "{err}");
    assert!(world.session("web").is_some());
    let (out, err, code) = said(&world.vmux(&["end", "web", "--worktree", "--yes"]));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("the branch feat/web stays") && !path.exists(), "{out}");
    assert!(world.session("web").is_none());
    until("the end of its tmux session", || world.tmux(&["list-sessions"]).is_empty());
    // A process that is no session cannot be ended, whatever its pid.
    let (_, _, code) = said(&world.vmux(&["end", "1", "--yes"]));
    assert_eq!(code, 1);
}

#[test]
fn scripts_wait_for_a_question_and_follow_the_steps() {
    if !is_alone("start::scripts_wait_for_a_question_and_follow_the_steps") {
        return;
    }
    let (world, daemon) = StartWorld::new();
    let mut events = BufReader::new(daemon.connect());
    events.get_mut().write_all(b"{\"action\":\"subscribe\"}\n").unwrap();
    let words = ["new", "web", "--in", "tmux", "--wait", "--json", "--", "--ask"];
    let (out, err, code) = said(&world.vmux(&words));
    assert_eq!((code, err.as_str()), (10, ""), "{out}");
    let lines: Vec<Value> = out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let steps: Vec<&str> = lines.iter().filter_map(|it| it["step"].as_str()).collect();
    assert_eq!(steps, ["directory", "place", "runs", "ready"]);
    assert_eq!((&lines[3]["state"], &lines[3]["done"]), (&json!("asks"), &json!(3)));
    assert_eq!(lines[4]["session"]["state"], "needs_input");
    let mut told = Vec::new();
    while told.len() < 4 {
        assert!(
            !events.buffer().is_empty()
                || tells(events.get_ref(), PollFlags::IN, crate::support::world::DEADLINE)
        );
        let mut line = String::new();
        events.read_line(&mut line).unwrap();
        let event: Value = serde_json::from_str(&line).unwrap();
        if event["event"] == "start" {
            told.push(event["step"].clone());
        }
    }
    assert_eq!(told, steps);
}

#[test]
fn of_many_starts_at_once_one_has_the_name() {
    if !is_alone("start::of_many_starts_at_once_one_has_the_name") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let mut command = world.command(env!("CARGO_BIN_EXE_vmux"));
            command.args(["new", "web", "--in", "tmux"]).stdout(std::process::Stdio::null());
            command.stderr(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    let codes: Vec<i32> =
        starts.into_iter().map(|mut it| it.wait().unwrap().code().unwrap()).collect();
    assert_eq!(codes.iter().filter(|it| **it == 0).count(), 1, "{codes:?}");
    assert_eq!(world.tmux(&["list-sessions"]).lines().count(), 1);
    let sessions = fs::read_dir(world.world.home().join(".claude/sessions")).unwrap();
    assert_eq!(sessions.count(), 1);
}

#[test]
fn a_template_a_window_and_the_background() {
    if !is_alone("start::a_template_a_window_and_the_background") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    // It joins the words and splits them again, as some terminals do.
    crate::support::program::write(&world.world.path("bin/term"), "#!/bin/sh\neval exec \"$*\"\n");
    let term = world.world.path("bin/term");
    let config = format!(
        "[switch]\nattach = [\"{}\"]\n[new.review]\nprompt = \"Look at `$HOME` & it's.\"\nargs = [\"--model\", \"x\"]\n\
         worktree = true\nin = \"window\"\nnothing = \"x\"\n",
        term.display()
    );
    fs::create_dir_all(world.world.home().join(".vmux")).unwrap();
    fs::write(world.world.home().join(".vmux/config.toml"), config).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_vmux"));
    command.args(["new", "rev", "-t", "review", "--wait"]).env("DISPLAY", ":none");
    let (out, err, code) = said(&command.output().unwrap());
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("new.review.nothing"), "{err}");
    assert!(out.contains("a window of ") && out.contains(".claude/worktrees/rev on rev"), "{out}");
    assert_eq!(world.given("rev")[4..], ["--model", "x", "--", "Look at `$HOME` & it's."]);
    let mut command = world.command(env!("CARGO_BIN_EXE_vmux"));
    command.args(["new", "dies", "--in", "window", "--", "--die"]).env("DISPLAY", ":none");
    let (_, err, code) = said(&command.output().unwrap());
    assert!(code == 4 && err.contains("its terminal ended at once"), "{err}");
    let (out, err, code) = said(&world.vmux(&["new", "bg-one", "--in", "background"]));
    assert_eq!(code, 0, "{out}{err}");
    let list = world.vmux(&["list", "--json"]);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    let named = list.as_array().unwrap().iter().find(|it| it["name"] == "bg-one");
    assert_eq!(named.map(|it| &it["kind"]), Some(&json!("background")), "{list}");
}

#[test]
fn a_client_that_cannot_do_it_itself_asks_vmuxd() {
    if !is_alone("start::a_client_that_cannot_do_it_itself_asks_vmuxd") {
        return;
    }
    let (world, daemon) = StartWorld::new();
    let reply = daemon.ask("new", json!({"name": "web", "in": "tmux", "prompt": "-x"}));
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!(reply["session"]["label"], "web");
    assert_eq!(world.given("web")[4..], ["--", "-x "]);
    let at = fs::read_to_string(world.world.home().join("where.web")).unwrap();
    assert_eq!(at.trim_end(), world.world.home().to_str().unwrap());
    let reply = daemon.ask("new", json!({"name": "dies", "in": "tmux", "args": ["--die"]}));
    assert_eq!((&reply["ok"], &reply["code"]), (&json!(false), &json!("not_started")), "{reply}");
    for args in [json!({"name": "--yes"}), json!({"name": "web", "host": "-x"}), json!({})] {
        assert_eq!(daemon.ask("new", args.clone())["ok"], false, "{args}");
    }
    let start = world.session("web").unwrap()["start"].clone();
    let other = daemon.ask("end", json!({"pid": daemon.pid(), "start": start}));
    assert_eq!(other["code"], "no_match");
}
