//! `vmux switch` and its kin: what is asked of vmuxd, and what the user is told.

use crate::support::fake::{Fake, program, said, session};
use serde_json::{Value, json};
use std::process::Output;

fn two() -> Value {
    json!([session(41, "working", "shop", 1), session(42, "needs_input", "api", 2)])
}

/// Runs `vmux` as a key binding of i3 does: without a terminal, on a display.
fn on_a_display(fake: &Fake, args: &[&str]) -> Output {
    fake.vmux(args).env("DISPLAY", ":0").output().unwrap()
}

fn asks(args: &[&str], expected: &Value) {
    let fake = Fake::agreeable(two());
    assert_eq!(said(&fake.run(args)), (String::new(), String::new(), 0), "{args:?}");
    assert_eq!(fake.asked().last().unwrap(), expected, "{args:?}");
}

#[test]
fn every_way_to_switch_is_one_request() {
    let switch = |args: Value| json!({"action": "switch", "args": args});
    asks(&["switch", "api"], &switch(json!({"query": "api"})));
    asks(&["switch", "the", "api fix"], &switch(json!({"query": "the api fix"})));
    asks(&["switch", "--next"], &switch(json!({"next": true})));
    asks(&["switch", "--previous"], &switch(json!({"previous": true})));
    asks(&["switch", "--back"], &switch(json!({"back": true})));
    asks(&["switch", "api", "--attach"], &switch(json!({"query": "api", "attach": true})));
    asks(&["ack", "api"], &json!({"action": "ack", "args": {"query": "api"}}));
}

#[test]
fn launchers_get_numbered_lines_and_the_choice_is_a_process() {
    let fake = Fake::agreeable(two());
    program(fake.dir(), "mine", "cat >\"$HOME.lines\"; sed -n 2p \"$HOME.lines\"");
    let output = fake.run(&["switch", "--pick", "--launcher", "mine"]);
    assert_eq!(said(&output).2, 0);
    let switch = json!({"action": "switch", "args": {"query": "41:1"}});
    assert_eq!(fake.asked().last().unwrap(), &switch);
    let lines = std::fs::read_to_string(fake.dir().join("home.lines")).unwrap();
    assert!(lines.starts_with("1  ● api"), "{lines}");
    assert!(lines.contains("\n2  ◐ shop"), "{lines}");
}

#[test]
fn the_menu_offers_to_answer_what_is_asked() {
    let mut sessions = two();
    sessions[1]["prompt"] = json!({"id": "khw4z2m", "call": "Bash: git push"});
    let answered = |choice: u32| {
        let fake = Fake::agreeable(sessions.clone());
        // The first list is of sessions, the second of what can be done.
        let script = format!(
            "cat >\"$HOME.lines\"; grep -q 'Go there' \"$HOME.lines\" && sed -n {choice}p \"$HOME.lines\" \
             || sed -n 1p \"$HOME.lines\""
        );
        program(fake.dir(), "mine", &script);
        let output = fake.run(&["switch", "--menu", "--launcher", "mine"]);
        assert_eq!(said(&output).2, 0, "{output:?}");
        let lines = std::fs::read_to_string(fake.dir().join("home.lines")).unwrap();
        assert!(lines.contains("2  Allow     api: Bash: git push"), "{lines}");
        fake.asked().pop().unwrap()
    };
    assert_eq!(answered(1), json!({"action": "switch", "args": {"query": "42:1"}}));
    let answer = |answer: Value| {
        let door = "vmux switch --menu";
        json!({"action": "answer", "args": {"prompt": "khw4z2m", "answer": answer, "door": door}})
    };
    assert_eq!(answered(2), answer(json!({"allow": {}})));
    assert_eq!(answered(3), answer(json!({"deny": {}})));
}

#[test]
fn rofi_answers_with_an_index_and_is_found_by_itself() {
    let fake = Fake::agreeable(two());
    program(fake.dir(), "rofi", "cat >\"$HOME.lines\"; echo \"$*\" >\"$HOME.args\"; echo 0");
    assert_eq!(said(&on_a_display(&fake, &["switch"])).2, 0);
    let switch = json!({"action": "switch", "args": {"query": "42:1"}});
    assert_eq!(fake.asked().last().unwrap(), &switch);
    let args = std::fs::read_to_string(fake.dir().join("home.args")).unwrap();
    assert_eq!(args, "-dmenu -i -no-custom -format i -p vmux\n");
}

#[test]
fn a_choice_that_is_called_off_does_nothing_and_says_nothing() {
    let fake = Fake::agreeable(two());
    program(fake.dir(), "rofi", "exit 1");
    let output = on_a_display(&fake, &["switch", "--pick"]);
    assert_eq!(said(&output), (String::new(), String::new(), 1));
    assert!(fake.asked().iter().all(|it| it["action"] == "list"));
}

#[test]
fn a_launcher_that_does_not_work_is_told() {
    let fake = Fake::agreeable(two());
    let pick = |script: &str| {
        program(fake.dir(), "rofi", script);
        said(&on_a_display(&fake, &["switch", "--pick"]))
    };
    let (_, err, code) = pick("kill -SEGV $$");
    assert!(err.starts_with("error: rofi was ended by signal 11\nhint: --launcher, "), "{err}");
    assert_eq!(code, 4);
    let (_, err, code) = pick("echo noise >&2; echo 'the theme is bad' >&2; exit 3");
    assert!(err.starts_with("error: rofi failed with exit code 3: the theme is bad\n"), "{err}");
    assert_eq!(code, 4);
    let (_, err, code) = pick("echo 'cannot open display' >&2; exit 1");
    assert!(err.starts_with("error: rofi failed: cannot open display\n"), "{err}");
    assert_eq!(code, 4);
    for called_off in ["exit 0", "exit 130", "echo 'Rofi-WARNING: no icons' >&2; exit 1"] {
        assert_eq!(pick(called_off), (String::new(), String::new(), 1), "{called_off}");
    }
}

#[test]
fn the_words_of_a_launcher_may_be_quoted() {
    let fake = Fake::agreeable(two());
    program(
        fake.dir(),
        "mine",
        "for it in \"$@\"; do echo \"<$it>\"; done >\"$HOME.args\"; echo 1",
    );
    let named = "mine -p 'a b' \"it's\" c\\ d";
    let output = fake.run(&["switch", "--pick", "--launcher", named]);
    assert_eq!(said(&output).2, 0);
    assert_eq!(fake.file("home.args"), "<-p>\n<a b>\n<it's>\n<c d>\n");
    let mut command = fake.vmux(&["switch", "--pick"]);
    let (_, err, code) = said(&command.env("VMUX_LAUNCHER", "mine 'a").output().unwrap());
    assert!(err.contains("has a quote that is not closed"), "{err}");
    assert_eq!(code, 2);
}

#[test]
fn one_that_is_not_found_gets_a_hint() {
    let refuse = |sessions: Value| {
        let fake = Fake::new(two(), move |_| {
            json!({"ok": false, "code": "no_match", "error": "no session matches \"x\"",
                   "sessions": sessions})
        });
        ["switch", "why", "ack"].map(|command| {
            let (_, err, code) = said(&fake.run(&[command, "x"]));
            assert_eq!(code, 1);
            err
        })
    };
    for err in refuse(json!([])) {
        assert_eq!(err, "error: no session matches \"x\"\nhint: `vmux list` shows every session\n");
    }
    for err in refuse(two()) {
        let lines: Vec<&str> = err.lines().collect();
        assert_eq!(lines[1], "hint: did you mean one of these?");
        assert_eq!(lines[2], "  shop  working           /src/shop  pid 41");
        assert_eq!(lines[3], "  api   needs permission  /src/api   pid 42");
    }
}

#[test]
fn without_a_launcher_the_error_names_some() {
    let fake = Fake::agreeable(two());
    let (_, err, code) = said(&on_a_display(&fake, &["switch", "--pick"]));
    assert!(err.contains("hint: install one of rofi, dmenu"), "{err}");
    assert_eq!(code, 4);
    let (_, err, code) = said(&fake.run(&["switch", "--pick", "--launcher", "absent"]));
    assert!(err.starts_with("error: starting absent: no such file"), "{err}");
    assert_eq!(code, 4);
}

#[test]
fn without_a_terminal_and_a_display_there_is_nowhere_to_ask() {
    let fake = Fake::agreeable(two());
    program(fake.dir(), "rofi", "echo 0");
    let told = "error: there is nowhere to ask: no terminal, and neither DISPLAY nor \
                WAYLAND_DISPLAY is set\nhint: run it in a terminal, or name the session, as in \
                `vmux switch api`\n";
    for flag in ["--pick", "--menu"] {
        assert_eq!(said(&fake.run(&["switch", flag])), (String::new(), told.to_owned(), 4));
    }
    // A launcher that is named is taken at its word.
    assert_eq!(said(&fake.run(&["switch", "--pick", "--launcher", "rofi"])).2, 0);
}

#[test]
fn bound_to_a_key_an_error_is_a_notification_too() {
    let fake = Fake::new(
        two(),
        |_| json!({"ok": false, "code": "no_window", "error": "<api> has no window", "hint": "a & b"}),
    );
    program(
        fake.dir(),
        "notify-send",
        "printf '%s|' \"$@\" >\"$HOME.part\"; mv \"$HOME.part\" \"$HOME.told\"",
    );
    let output = fake.vmux(&["switch", "api"]).env("DISPLAY", ":0").output().unwrap();
    let (_, err, code) = said(&output);
    assert_eq!(err, "error: <api> has no window\nhint: a & b\n");
    assert_eq!(code, 4);
    let told = fake.file("home.told");
    assert!(told.starts_with("--expire-time=10000|"), "{told}");
    assert!(told.ends_with("--|vmux|&lt;api&gt; has no window\na &amp; b|"), "{told}");
}

#[test]
fn bound_to_a_key_a_note_is_a_notification_too() {
    let note = "ci was skipped: it runs in the tmux session ci, which is attached nowhere";
    let fake = Fake::new(two(), move |_| json!({"ok": true, "note": note}));
    program(
        fake.dir(),
        "notify-send",
        "printf '%s|' \"$@\" >\"$HOME.part\"; mv \"$HOME.part\" \"$HOME.told\"",
    );
    let output = fake.vmux(&["switch", "--next"]).env("DISPLAY", ":0").output().unwrap();
    assert_eq!(said(&output), (format!("note: {note}\n"), String::new(), 0));
    let told = fake.file("home.told");
    assert!(told.ends_with(&format!("--|vmux|{note}|")), "{told}");
}

#[test]
fn a_session_that_is_not_in_view_is_no_success() {
    let error = "its window has the focus, but it may show another tab";
    let fake =
        Fake::new(two(), move |_| json!({"ok": false, "code": "not_in_view", "error": error}));
    let (out, err, code) = said(&fake.run(&["switch", "api"]));
    assert_eq!((out.as_str(), code), ("", 5));
    assert_eq!(err, format!("error: {error}\n"));
}

#[test]
fn an_ambiguous_answer_lists_the_candidates() {
    let fake = Fake::new(
        two(),
        |_| json!({"ok": false, "code": "ambiguous", "error": "several sessions match", "sessions": two()}),
    );
    let (_, err, code) = said(&fake.run(&["why", "x"]));
    assert!(err.contains("\n  api ") && err.contains("pid 41"), "{err}");
    assert_eq!(code, 1);
}

#[test]
fn rofi_rows_carry_the_process_and_a_chosen_row_goes_there() {
    let fake = Fake::agreeable(two());
    let (out, _, code) = said(&fake.vmux(&["rofi"]).env("ROFI_RETV", "0").output().unwrap());
    assert_eq!(code, 0);
    assert!(out.contains("\0urgent\u{1f}0\n"), "{out}");
    assert!(out.contains("\u{1f}info\u{1f}42:1\n"), "{out}");
    let mut command = fake.vmux(&["rofi", "● api  whatever"]);
    let output = command.env("ROFI_RETV", "1").env("ROFI_INFO", "41:1").output().unwrap();
    assert_eq!(said(&output), (String::new(), String::new(), 0));
    fake.wait_for(&json!({"action": "switch", "args": {"query": "41:1"}}));
}
