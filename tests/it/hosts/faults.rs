//! What can be wrong with a host, and what a hostile one can do: one line that says so, and nothing else.

use super::{Near, has, host, until_state};
use crate::daemon::notify::turn;
use crate::faults::{heavy, rounds};
use crate::support::world::{World, until};
use serde_json::{Value, json};
use vmux::session::Timestamp;

/// A host that does this is down for this reason.
fn check(script: &str, kind: &str) -> Value {
    let near = Near::new("[hosts.gpu]\n");
    near.destination("gpu", script);
    let daemon = near.open();
    let down = until_state(&daemon, "gpu", "down");
    assert_eq!(down["fault"]["kind"], kind, "{down}");
    assert!(!down["fault"]["says"].as_str().unwrap().contains(char::is_control), "{down}");
    down
}

#[test]
fn each_fault_is_told_with_what_to_do() {
    for (script, kind) in [
        ("echo 'u@h: Permission denied (publickey,password).' >&2; exit 255", "authentication"),
        ("printf 'a\\033[31m\\nHost key verification failed.\\r\\n' >&2; exit 255", "unknown_key"),
        ("exit 127", "no_vmux"),
        ("echo \"error: unrecognized subcommand 'relay'\" >&2; exit 2", "too_old"),
        ("exec yes", "garbage"),
        ("exec cat /dev/zero", "garbage"),
    ] {
        assert!(check(script, kind)["fault"]["hint"].is_string(), "{script}");
    }
    // Standard error without end holds up nothing.
    check("yes >&2 & head -c 200000 /dev/zero; kill $!; wait", "garbage");
}

#[test]
fn a_machine_without_ssh_says_so() {
    let near = Near::new("[hosts.gpu]\n");
    std::fs::remove_file(near.world.path("bin/ssh")).unwrap();
    let mut command = near.world.vmuxd();
    command.args(["--interval", "3600"]).env("PATH", near.world.path("bin"));
    let daemon = crate::support::world::Daemon::start(&near.world, command);
    assert_eq!(until_state(&daemon, "gpu", "down")["fault"]["kind"], "no_ssh");
}

/// A greeting, and a full state with these lines in it.
fn stream(lines: &str) -> String {
    let greeting = "{\"relay\":1,\"version\":\"9\",\"now\":\"2026-01-01T00:00:00Z\"}";
    format!("cat <<'END'\n{greeting}\n{{\"sync\":\"begin\"}}\n{lines}{{\"sync\":\"end\"}}\nEND\n")
}

fn event(pid: u32, text: &str) -> String {
    let session = json!({
        "pid": pid, "start": 1, "session_id": text, "cwd": text, "git_branch": null,
        "state": "working", "since": "2026-01-01T00:00:00Z", "preview": text,
        "workspace": "1", "label": text, "name": text, "transcript": "/etc/passwd",
    });
    json!({ "seq": 1, "event": "session", "session": session }).to_string() + "\n"
}

#[test]
fn a_hostile_host_has_its_own_sessions_and_nothing_more() {
    let near = Near::new("[hosts.evil]\n[hosts.good]\n");
    let other = World::new();
    let process = other.claude(5).live();
    turn(&other, &process, "idle");
    let _other = other.open();
    near.reaches("good", &other, "");
    let mut lines = event(1, "\u{1b}[2J\u{202e}$(reboot)\n");
    // It speaks for others, answers what was not asked, asks, and sends what a later version may.
    for line in [
        json!({ "seq": 1, "event": "session", "session": { "host": "good", "pid": 5 } }),
        json!({ "seq": 1, "event": "gone", "host": "good", "pid": 5, "start": process.start }),
        json!({ "seq": 1, "event": "gone", "pid": 5, "start": process.start, "session_id": null }),
        json!({ "id": 1, "reply": { "ok": true } }),
        json!({ "id": 1, "request": { "action": "stop" } }),
        json!({ "action": "stop" }),
        json!({ "beat": 77, "now": "1970-01-01T00:00:00Z" }),
        json!({ "later": [1, 2, 3] }),
    ] {
        lines.push_str(&format!("{line}\n"));
    }
    near.destination("evil", &(stream(&lines) + "cat >/dev/null"));
    let daemon = near.open();
    let mut listener = daemon.listen();
    listener.until(|all| has(all, "evil", &[1]) && has(all, "good", &[5]));
    let all = daemon.ask("list", json!({})).to_string();
    assert!(!all.contains("\\u001b") && !all.contains('\u{202e}') && !all.contains("passwd"));
    // Its clock is months behind: the times are those of the clock here.
    let evil = daemon.sessions().into_iter().find(|it| it.pid == 1).unwrap();
    assert!((chrono::Utc::now() - evil.since).num_minutes() < 5, "{}", evil.since);
    until_state(&daemon, "good", "up");
}

#[test]
fn a_flood_of_sessions_and_lines_without_end_are_bounded() {
    let near = Near::new("[hosts.many]\n[hosts.endless]\n");
    let begin = stream("");
    let line = event(4711, "x").replace("4711", "&");
    let count = rounds(2500, 1_000_000);
    let many = format!(
        "{begin}echo '{{\"sync\":\"begin\"}}'\nseq 1 {count} | sed 's|.*|{}|'\n\
         echo '{{\"sync\":\"end\"}}'\ncat >/dev/null",
        line.trim()
    );
    near.destination("many", &many);
    near.destination("endless", &(begin + "exec cat /dev/zero"));
    let daemon = near.open();
    until("the bound", || host(&daemon, "many")["sessions"] == 2000);
    // A million are read for minutes: a host has 1 MiB a second.
    if !heavy() {
        until("the end of a full state", || {
            let fault = host(&daemon, "many")["fault"].to_string();
            fault.contains("more sessions than are shown: 2000")
        });
    }
    assert_eq!(daemon.sessions().len(), 2000);
    assert_eq!(until_state(&daemon, "endless", "down")["fault"]["kind"], "garbage");
}

#[test]
fn a_silent_host_is_out_of_reach_in_time() {
    let near = Near::new("[hosts.gpu]\n");
    near.destination("gpu", &(stream(&event(1, "x")) + "exec sleep 1000"));
    let daemon = near.open();
    let up = until_state(&daemon, "gpu", "up");
    let down = until_state(&daemon, "gpu", "down");
    assert_eq!(down["fault"]["kind"], "silent", "{down}");
    let time = |host: &Value| host["since"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let took = time(&down) - time(&up);
    assert!(took.num_seconds() <= 15, "{took}");
}
