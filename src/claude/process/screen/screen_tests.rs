//! Screens of real versions: where the box is free, and which call a dialog is about.

use super::prompt_box::PromptBox;
use super::{Screen, dialog, prompt_box};
use serde_json::{Value, json};
use std::path::Path;

const VERSIONS: [&str; 3] = ["2.0.77", "2.1.119", "2.1.332"];

fn screen(version: &str, name: &str) -> Screen {
    let path = format!("testdata/claude/screens/{version}/{name}.ansi");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    Screen::parse(&std::fs::read_to_string(&path).unwrap_or_else(|it| panic!("{path:?}: {it}")))
}

fn box_of(version: &str, name: &str) -> Option<PromptBox> {
    prompt_box::find(&screen(version, name))
}

#[test]
fn a_free_box_is_told_from_one_that_holds_words() {
    for version in VERSIONS {
        let free =
            ["fresh", "wiped", "unslash", "ctrl-c", "after-turn", "working", "working-queued"];
        for name in free {
            let found = box_of(version, name).unwrap_or_else(|| panic!("{version} {name}: no box"));
            assert_eq!(found.words, None, "{version} {name}");
        }
        for (name, words) in [
            ("typed", "half typed"),
            ("typed-home", "half typed"),
            ("working-typed", "half typed"),
            ("slash", "/"),
            ("pasted-lf", "one\ntwo"),
            ("pasted-cr", "one\ntwo"),
        ] {
            let found = box_of(version, name).unwrap_or_else(|| panic!("{version} {name}: no box"));
            assert_eq!(found.words.as_deref(), Some(words), "{version} {name}");
            assert!(found.holds(words) && !found.holds("half") && !found.holds("one two three"));
        }
        let shell = box_of(version, "bash-mode").unwrap();
        assert!(shell.words.is_some(), "{version}: shell mode is not free");
        let long: Vec<String> = (0..30).map(|it| format!("line {it}")).collect();
        assert!(box_of(version, "pasted-long").unwrap().holds(&long.join("\n")), "{version}");
        assert!(box_of(version, "pasted-wide").unwrap().holds(&"word ".repeat(300)), "{version}");
        for name in ["ctrl-o", "bash", "bash-typed", "tall", "wide", "write", "web", "edit", "q"] {
            assert_eq!(box_of(version, name), None, "{version} {name}");
        }
    }
    assert_eq!(box_of("2.1.332", "ctrl-r"), None);
}

fn asks(version: &str, name: &str, tool: &str, input: &Value) -> Result<(), dialog::Mismatch> {
    dialog::find(&screen(version, name))?.check(tool, input)
}

#[test]
fn an_address_may_be_shown_as_json() {
    let rule = "─".repeat(60);
    let text = format!(
        "{rule}\n Fetch\n\n   url: \"http://one.invalid/x\", prompt: \"p\"\n   \
         Claude wants to fetch content from one.invalid\n\n \
         Do you want to allow Claude to fetch this content?\n ❯ 1. Yes\n   \
         2. Yes, and don't ask again for one.invalid\n   \
         3. No, and tell Claude what to do differently (esc)\n"
    );
    let asks = |url, prompt| {
        let dialog = dialog::find(&Screen::parse(&text)).unwrap();
        dialog.check("WebFetch", &json!({"url": url, "prompt": prompt}))
    };
    assert_eq!(asks("http://one.invalid/x", "p"), Ok(()));
    assert!(asks("http://one.invalid/", "p").is_err());
    assert!(asks("http://one.invalid/x", "p and more").is_err());
}

#[test]
fn a_text_is_known_though_it_is_drawn_otherwise() {
    let rule = "─".repeat(40);
    let holds = |row: &str, text: &str| {
        prompt_box::find(&Screen::parse(&format!("{rule}\n{row}\n{rule}\n"))).unwrap().holds(text)
    };
    // As 2.1.332 drew them: composed, left out, replaced, cut by tmux.
    assert!(holds("❯ é\u{e0}b", "e\u{301}a\u{300}b"));
    assert!(holds("❯ ab", "a\u{200b}b\u{ad}"));
    assert!(holds("❯ a\u{fffd}b", "a\u{202e}b"));
    assert!(holds(
        "❯ \u{1f469}\u{200d}\u{1f469} hi",
        "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} hi"
    ));
    // Letters in parts, of each script that has some; what no terminal draws; digits in a box.
    assert!(holds(
        "❯ ᄒ\u{fffd}ᆫ 각 text",
        "\u{1112}\u{119e}\u{11ab} \u{1100}\u{1161}\u{11a8} text"
    ));
    assert!(holds("❯ 한글 word", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} word"));
    assert!(holds("❯ がぎ パ word", "か\u{3099}き\u{3099} ハ\u{309a} word"));
    assert!(holds("❯ Κύ й word", "Κυ\u{301} и\u{306} word"));
    assert!(holds("❯ a   b", "a \u{378} \u{e0b0} b"));
    assert!(holds("❯ a 1 b", "a 1\u{fe0f}\u{20e3} b"));
    assert!(holds("❯ שלום abc", "שלום abc") && !holds("❯ שלום abc", "שלוח abc"));
    assert!(!holds("❯ 한글 word", "\u{1112}\u{1161}\u{11ab} ward"));
    assert!(!holds("❯ 한글 half word", "\u{1112}\u{1161}\u{11ab} word"));
    assert!(holds("! echo hi", "!echo hi"));
    assert!(!holds("❯ echo hi", "!echo hi") && !holds("! echo hi", "echo hi"));
    assert!(!holds("❯ ab", "ac") && !holds("❯ éb", "ec") && !holds("❯ 漢", "字"));
}

#[test]
fn the_name_of_a_session_stands_below_its_dialog() {
    let rule = "─".repeat(60);
    let dialog = format!(
        "{rule}\n Bash command\n Run it\n╌╌╌╌╌╌\n ls\n╌╌╌╌╌╌\n This command requires approval\n\n \
         Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel · Tab to amend\n"
    );
    let asks = |below: &str| {
        let found = dialog::find(&Screen::parse(&format!("{dialog}{below}")))?;
        assert!(found.has_escape);
        found.check("Bash", &bash("ls"))
    };
    assert_eq!(asks(""), Ok(()));
    assert_eq!(asks(&format!("{rule} api ─\n")), Ok(()));
    for below in [format!("{rule}\n❯ \n{rule}\n"), format!("{rule} api ─\n x\n"), "x\n".to_owned()]
    {
        assert!(asks(&below).is_err(), "{below}");
    }
}

#[test]
fn an_option_may_be_broken_into_rows() {
    let rule = "─".repeat(60);
    let dialog = |options: &str| {
        let text = format!(
            "{rule}\n Bash command\n\n   echo word0 word1\n   Run it\n\n This command requires approval\n\n \
             Do you want to proceed?\n {options}\n\n Esc to cancel · Tab to amend\n"
        );
        dialog::find(&Screen::parse(&text))?.check("Bash", &bash("echo word0 word1"))
    };
    let broken =
        "❯ 1. Yes\n  2.Yes, and don’t ask again: echo word0\n    for                     word1\n";
    assert_eq!(dialog(&format!("{broken}   3. No                   word2")), Ok(()));
    assert_eq!(dialog(&format!("{broken}   3. No")), Ok(()));
    // A row of the command looks like the last option.
    assert!(dialog(&format!("{broken}  3. No\n   3. No")).is_err());
    assert!(dialog(&format!("{broken}  1. Yes\n   3. No")).is_err());
}

fn bash(command: &str) -> Value {
    json!({"command": command, "description": "Run it"})
}

#[test]
fn a_dialog_is_about_one_call() {
    let wide: Vec<String> = (0..60).map(|it| format!("word{it}")).collect();
    let wide = format!("perl -e 'print 1' {}", wide.join(" "));
    let tall: Vec<String> = (0..90).map(|it| format!("print {it};")).collect();
    let tall = format!("perl -e '\n{}'", tall.join("\n"));
    for version in VERSIONS {
        let first = "perl -e 'print 1'";
        for name in ["bash", "bash-typed", "bash-typed-later", "bash-back"] {
            assert_eq!(asks(version, name, "Bash", &bash(first)), Ok(()), "{version} {name}");
        }
        let found = dialog::find(&screen(version, "bash")).unwrap();
        assert!(found.has_escape);
        assert!(found.rows().iter().any(|it| it.trim() == first), "{version}");
        assert_eq!(found.rows().last().map(|it| it.trim()), Some("❯ 1. Yes"), "{version}");
        for other in ["perl -e 'print 2'", "perl -e 'print 1' x", "perl -e 'print", "perl", ""] {
            assert!(asks(version, "bash", "Bash", &bash(other)).is_err(), "{version} {other}");
        }
        assert_eq!(asks(version, "wide", "Bash", &bash(&wide)), Ok(()), "{version}");
        assert!(asks(version, "wide", "Bash", &bash(&format!("{wide} x"))).is_err());
        assert!(asks(version, "tall", "Bash", &bash(&tall)).is_err(), "{version}");
        let fetch = |url| json!({"url": url, "prompt": "p"});
        assert_eq!(
            asks(version, "web", "WebFetch", &fetch("http://one.invalid/x")),
            Ok(()),
            "{version}"
        );
        assert!(asks(version, "web", "WebFetch", &fetch("http://one.invalid/")).is_err());
        let write = |path, content| json!({"file_path": path, "content": content});
        let file = "/home/dev/proj/new.txt";
        assert_eq!(
            asks(version, "write", "Write", &write(file, "hello\nworld\n")),
            Ok(()),
            "{version}"
        );
        assert!(asks(version, "write", "Write", &write(file, "hello\n")).is_err());
        assert!(asks(version, "write", "Write", &write("/x/a.txt", "hello\nworld\n")).is_err());
        assert!(asks(version, "edit", "Edit", &json!({})).is_err());
        for name in ["q", "fresh", "typed", "working", "after-turn", "ctrl-o"] {
            assert!(dialog::find(&screen(version, name)).is_err(), "{version} {name}");
        }
    }
}

#[test]
fn what_is_drawn_otherwise_is_not_understood() {
    let rule = "─".repeat(40);
    let drawn = |text: &str| prompt_box::find(&Screen::parse(text));
    let found = drawn(&format!("{rule}\n❯ \n{rule}\n")).unwrap();
    assert_eq!((found.first_row.as_str(), &found.words), ("❯", &None));
    let suggested = format!("{rule}\n❯ \u{1b}[7mT\u{1b}[27;2mry this\u{1b}[0m\n{rule}\n");
    assert_eq!(drawn(&suggested).unwrap().words, None);
    let status_line = format!("  ❯ ~/proj  main\n  {rule}\n  > 12 %\n  ? for shortcuts\n");
    assert_eq!(drawn(&format!("{rule}\n❯ \n{rule}\n{status_line}")).unwrap().words, None);
    // A single letter with the cursor on it is the user's.
    assert!(drawn(&format!("{rule}\n❯ \u{1b}[7mT\u{1b}[0m\n{rule}\n")).unwrap().words.is_some());
    assert!(drawn(&format!("{rule}\n❯ \u{1b}[38;2;2;2;2mx\n{rule}\n")).unwrap().words.is_some());
    for text in [
        String::new(),
        rule.clone(),
        format!("❯ \n{rule}\n"),
        format!("{rule}\n$ \n{rule}\n"),
        format!("{rule}\n❯ \n{rule}\n❯ 1. Yes\n  2. No\n"),
        format!("{rule}\n❯ \n{rule}\n  ❯ No, exit\n    Yes\n"),
        format!("{rule}\n❯ \n{rule}\n  -- NORMAL --\n"),
        format!("{rule}\n❯ \n{rule}\n{}", "x\n".repeat(17)),
    ] {
        assert_eq!(drawn(&text), None, "{text}");
    }
}

#[test]
fn a_screen_that_was_cut_or_torn_breaks_no_promise() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/claude/screens");
    let mut read = 0;
    for version in VERSIONS {
        for entry in std::fs::read_dir(folder.join(version)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            for at in 0..lines.len() {
                let (before, after) = lines.split_at(at);
                let torn = [
                    before.join("\n"),
                    after.join("\n"),
                    [before, &after[1..]].concat().join("\n"),
                    [after, before].concat().join("\n"),
                    [before, &[&lines[at][..lines[at].floor_char_boundary(9)]], &after[1..]]
                        .concat()
                        .join("\n"),
                ];
                for text in torn {
                    let screen = Screen::parse(&text);
                    let (found, dialog) = (prompt_box::find(&screen), dialog::find(&screen));
                    assert!(found.is_none() || dialog.is_err(), "both at once:\n{text}");
                    let rows = dialog.map(|it| it.rows()).unwrap_or_default();
                    assert!(rows.iter().all(|row| screen.texts().contains(row)));
                    read += 1;
                }
            }
        }
    }
    assert!(read > 10_000, "{read}");
}
