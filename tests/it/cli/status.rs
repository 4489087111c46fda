//! `vmux status`: once, and following vmuxd through all that happens to it and to its reader.

use crate::support::fake::{Fake, Running, program, said, session, vmux};
use crate::support::world::eventually;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn calm() -> Value {
    json!([session(41, "working", "shop", 1)])
}

fn asking() -> Value {
    json!([session(41, "needs_input", "shop", 1)])
}

fn follow(fake: &Fake, args: &[&str]) -> Running {
    let args = [&["status", "--follow"], args].concat();
    Running::start(fake.vmux(&args))
}

#[test]
fn once_it_is_one_line() {
    let fake = Fake::agreeable(calm());
    assert_eq!(said(&fake.run(&["status"])), ("1 working\n".into(), String::new(), 0));
    let template = "{working} of {total}";
    assert_eq!(said(&fake.run(&["status", "--format", template])).0, "1 of 1\n");
}

#[test]
fn without_vmuxd_it_says_so_in_the_bar() {
    let empty = tempfile::tempdir().unwrap();
    let output = vmux(empty.path(), &["status"]).output().unwrap();
    assert_eq!(said(&output), ("vmux: no daemon\n".into(), String::new(), 0));
}

#[test]
fn a_format_that_does_not_exist_is_a_usage_error() {
    let fake = Fake::agreeable(calm());
    for format in ["barbar", "{waitin}", "{longest.title"] {
        let (_, err, code) = said(&fake.run(&["status", "--format", format]));
        assert_eq!(code, 2);
        let told = ["one of i3bar", "there is no {waitin}", "is missing after \"{longest.title\""];
        assert!(told.iter().any(|it| err.contains(it)), "{err}");
    }
    assert_eq!(said(&fake.run(&["status", "--wrap", "true"])).2, 2);
}

#[test]
fn following_prints_what_changes_and_only_that() {
    let fake = Fake::agreeable(calm());
    let bar = follow(&fake, &["--format", "{waiting} {working} {longest.title}"]);
    assert_eq!(bar.line(), "0 1 ");
    fake.tell(asking());
    assert_eq!(bar.line(), "1 0 shop");
    fake.tell(asking());
    fake.send("garbage\n{\"seq\":3,\"event\":\"new thing\"}\n");
    fake.tell(calm());
    assert_eq!(bar.line(), "0 1 ");
}

#[test]
fn it_follows_through_a_restart_of_vmuxd() {
    let fake = Fake::agreeable(calm());
    let bar = follow(&fake, &[]);
    assert_eq!(bar.line(), "1 working");
    fake.leave();
    assert_eq!(bar.line(), "vmux: no daemon");
    fake.tell(json!([]));
    fake.come();
    assert_eq!(bar.line(), "no sessions");
}

#[test]
fn one_that_fell_behind_is_let_in_again_without_a_word() {
    let fake = Fake::agreeable(calm());
    let bar = follow(&fake, &[]);
    assert_eq!(bar.line(), "1 working");
    // A life that is long enough does not count as being turned away, and is one in which much
    // is told.
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(150) {
        for (state, told) in [("idle", "1 idle"), ("working", "1 working")] {
            fake.tell(json!([session(41, state, "shop", 1)]));
            assert_eq!(bar.line(), told);
        }
    }
    fake.hang_up();
    fake.wait_for_subscribers(1);
    fake.tell(json!([session(41, "idle", "shop", 1)]));
    assert_eq!(bar.line(), "1 idle");
}

#[test]
fn it_ends_when_its_reader_goes_though_it_has_nothing_to_say() {
    let fake = Fake::agreeable(calm());
    let mut command = fake.vmux(&["status", "--follow"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    fake.wait_for_subscribers(1);
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn its_reader_may_go_while_vmuxd_is_away() {
    let empty = tempfile::tempdir().unwrap();
    let mut bar = Running::start(vmux(empty.path(), &["status", "--follow"]));
    assert_eq!(bar.line(), "vmux: no daemon");
    bar.hang_up();
    assert_eq!(bar.end(), 0);
}

#[test]
fn following_costs_nothing_while_nothing_happens() {
    let fake = Fake::agreeable(calm());
    let bar = follow(&fake, &[]);
    assert_eq!(bar.line(), "1 working");
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", bar.child.id()));
    let switches = || {
        let status = read("status").unwrap();
        let line = status.lines().find(|it| it.starts_with("voluntary_ctxt_switches")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    // proc_pid_syscall(5): the number of the call it sleeps in, and its arguments in hexadecimal.
    let sleeps = || {
        let call = read("syscall").unwrap();
        let mut words = call.split(' ');
        let number = words.next()?.parse::<i64>().ok()?;
        Some((number, words.nth(2)?.to_owned()))
    };
    let (call, time_limit) = eventually("a bar that sleeps", sleeps);
    assert_eq!((call, time_limit.as_str()), (libc::SYS_ppoll, "0x0"), "it wakes by itself");
    let before = switches();
    // What concerns others does not wake it.
    for _ in 0..20 {
        assert_eq!(said(&fake.run(&["list"])).2, 0);
    }
    assert_eq!(switches(), before, "it woke without a reason");
}

#[test]
fn i3bar_gets_a_header_an_endless_array_and_clicks_go_to_vmux_switch() {
    let fake = Fake::agreeable(asking());
    let mut command = fake.vmux(&["status", "--follow", "--format", "i3bar"]);
    command.stdin(Stdio::piped());
    let mut bar = Running::start(command);
    let header: Value = serde_json::from_str(&bar.line()).unwrap();
    assert_eq!(header, json!({"version": 1, "click_events": true}));
    assert_eq!([bar.line(), bar.line()], ["[", "[]"]);
    let blocks: Value = serde_json::from_str(&bar.line()[1..]).unwrap();
    assert_eq!(blocks[0]["urgent"], true);
    assert_eq!(blocks.as_array().unwrap().len(), 1);
    let mut input = bar.child.stdin.take().unwrap();
    input.write_all(b"[\n{\"name\":\"vmux\",\"button\":1}\n").unwrap();
    fake.wait_for(&json!({"action": "switch", "args": {"next": true}}));
}

#[test]
fn another_status_command_is_merged_after_our_block() {
    let fake = Fake::agreeable(calm());
    let inner = program(
        fake.dir(),
        "inner",
        "printf '{\"version\":1,\"click_events\":true}\\n[\\n[{\"full_text\":\"a\"}]\\n'\n\
         read bracket; read click; printf ',[%s]\\n' \"$click\"; cat >/dev/null",
    );
    let mut command = fake.vmux(&["status", "--format", "i3bar", "--wrap"]);
    command.arg(inner).stdin(Stdio::piped());
    let mut bar = Running::start(command);
    let mut line = bar.line();
    while !line.contains("\"a\"") {
        line = bar.line();
    }
    let blocks: Value = serde_json::from_str(&line[1..]).unwrap();
    assert_eq!(blocks[0]["full_text"], "1 working");
    assert_eq!(blocks[1], json!({"full_text": "a"}));
    let mut input = bar.child.stdin.take().unwrap();
    input.write_all(b"[\n{\"name\":\"inner\",\"button\":2}\n").unwrap();
    let blocks: Value = serde_json::from_str(&bar.line()[1..]).unwrap();
    assert_eq!(blocks[1], json!({"name": "inner", "button": 2}));
}

/// `vmux status --wrap` around this script.
fn wrap(fake: &Fake, script: &str) -> Running {
    let mut command = fake.vmux(&["status", "--format", "i3bar", "--wrap"]);
    command.arg(program(fake.dir(), "inner", script)).stdin(Stdio::piped());
    Running::start(command)
}

/// The blocks of the first line that has `text`.
fn blocks_with(bar: &Running, text: &str) -> Value {
    loop {
        let line = bar.line();
        if line.contains(text) {
            return serde_json::from_str(line.trim_start_matches(',')).unwrap();
        }
    }
}

#[test]
fn a_wrapped_block_that_is_no_text_takes_no_other_with_it() {
    let fake = Fake::agreeable(calm());
    let script = r#"printf '{"version":1}\n[\n[{"full_text":"caf\351\t"},{"full_text":"12:00"}]\n'
                    cat >/dev/null"#;
    let blocks = blocks_with(&wrap(&fake, script), "12:00");
    assert_eq!(blocks[1]["full_text"], "caf\u{fffd} ");
    let script = r#"printf '{"version":1}\n[\n[{"full_text":}]\n'; cat >/dev/null"#;
    let blocks = blocks_with(&wrap(&fake, script), "wrapped");
    assert_eq!(blocks[1]["full_text"], "the wrapped status command writes what no bar understands");
}

#[test]
fn a_wrapped_command_that_reads_no_clicks_holds_nothing_up() {
    let fake = Fake::agreeable(calm());
    let script = r#"printf '{"version":1,"click_events":true}\n[\n[{"full_text":"a"}]\n'
                    exec sleep 60"#;
    let mut bar = wrap(&fake, script);
    blocks_with(&bar, "\"a\"");
    // More than a pipe holds.
    let filler = "x".repeat(1000);
    let click = format!("{{\"name\":\"inner\",\"instance\":\"{filler}\",\"button\":1}}\n,");
    let clicks = format!("[\n{}{{\"name\":\"vmux\",\"button\":2}}\n", click.repeat(300));
    bar.child.stdin.take().unwrap().write_all(clicks.as_bytes()).unwrap();
    fake.wait_for(&json!({"action": "switch", "args": {"back": true}}));
    fake.tell(asking());
    blocks_with(&bar, "shop");
}

#[test]
fn a_wrapped_command_gets_the_signals_that_it_wants() {
    let fake = Fake::agreeable(calm());
    let script = r#"trap 'printf ",[{\"full_text\":\"stopped\"}]\n"' USR1
                    printf '{"version":1,"stop_signal":10,"cont_signal":12}\n[\n[]\n'
                    while :; do sleep 60 & wait; done"#;
    let mut command = fake.vmux(&["status", "--format", "i3bar", "--wrap"]);
    command.arg(program(fake.dir(), "inner", script)).stdin(Stdio::piped());
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let bar = Running::start(command);
    let header: Value = serde_json::from_str(&bar.line()).unwrap();
    let expected =
        json!({"version": 1, "click_events": true, "stop_signal": 10, "cont_signal": 12});
    assert_eq!(header, expected);
    // As i3bar does when it is hidden: to the whole process group.
    let group = rustix::process::Pid::from_child(&bar.child);
    rustix::process::kill_process_group(group, rustix::process::Signal::USR1).unwrap();
    blocks_with(&bar, "stopped");
    fake.tell(asking());
    blocks_with(&bar, "shop");
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_wrapped_command_takes_its_parent_for_a_bar_as_it_starts() {
    let fake = Fake::agreeable(calm());
    let bar =
        wrap(&fake, "read -r name < /proc/$PPID/comm; echo \"a child of $name\"; exec sleep 60");
    blocks_with(&bar, "a child of i3bar");
    let own = std::fs::read_to_string(format!("/proc/{}/comm", bar.child.id())).unwrap();
    assert_eq!(own, "vmux\n");
}

#[test]
fn a_status_command_of_plain_text_is_shown_too_and_its_end_is_told() {
    let fake = Fake::agreeable(calm());
    let inner = program(fake.dir(), "inner", "echo 'load \"0.3\"'");
    let mut command = fake.vmux(&["status", "--format", "i3bar", "--wrap"]);
    command.arg(inner);
    let bar = Running::start(command);
    let mut seen = Vec::new();
    while !seen.iter().any(|line: &String| line.contains("has ended")) {
        seen.push(bar.line());
    }
    assert!(seen.iter().any(|line| line.contains("load \\\"0.3\\\"")), "{seen:?}");
}

#[test]
fn i3blocks_of_the_old_kind_tells_clicks_in_its_environment() {
    let fake = Fake::agreeable(calm());
    let output =
        fake.vmux(&["status", "--format", "i3blocks"]).env("BLOCK_BUTTON", "2").output().unwrap();
    assert!(said(&output).0.starts_with("{\"full_text\":\"1 working\""));
    fake.wait_for(&json!({"action": "switch", "args": {"back": true}}));
}
