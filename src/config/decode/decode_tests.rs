//! What a configuration may say, and what is said of one that cannot be.

use super::*;
use crate::config::EXAMPLE;
use crate::config::Trigger;
use crate::config::fault::Fault;
use std::time::Duration;

const HOME: Option<&str> = Some("/home/u");

fn parse(text: &str) -> Result<(Config, Vec<Warning>), InvalidConfig> {
    Config::parse(text, HOME.map(Path::new))
}

fn faults(text: &str) -> Vec<String> {
    parse(text).unwrap_err().faults.iter().map(Fault::to_string).collect()
}

fn fault(text: &str, expected: &str) {
    assert_eq!(faults(text), [expected], "{text}");
}

fn warnings(text: &str) -> Vec<String> {
    parse(text).unwrap().1.iter().map(Warning::to_string).collect()
}

/// The example with the keys that it shows: a comment of prose has a space after its `#`.
fn uncommented(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_alphabetic() || c == '[') => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(|it| line(it) + "\n").collect()
}

#[test]
fn the_example_is_the_default() {
    assert_eq!(parse(EXAMPLE), Ok((Config::default(), vec![])));
    assert_eq!(parse(""), Ok((Config::default(), vec![])));
}

#[test]
fn every_key_of_the_example_is_known_and_shows_its_default() {
    let text = uncommented(EXAMPLE);
    let (mut config, warnings) = parse(&text).unwrap();
    let told: Vec<String> = warnings.iter().map(Warning::to_string).collect();
    assert!(told.len() == 1 && told[0].ends_with("has no effect beside token_file"), "{told:?}");
    // What has no default is shown with an example.
    assert!(config.wm.socket.take().is_some() && config.status.template.take().is_some());
    assert!(config.notify.quiet_hours.take().is_some() && config.notify.push.take().is_some());
    assert!(config.web.listen.take().is_some() && config.web.url.take().is_some());
    let rules = std::mem::take(&mut config.notify.rules);
    let [rule] = &rules[..] else { panic!("{rules:?}") };
    assert!(rule.state.is_some() && rule.label.is_some() && rule.directory.is_some());
    assert!(rule.mute && rule.urgency.is_some() && rule.only.is_some());
    let hosts = std::mem::take(&mut config.hosts);
    assert!(hosts.values().all(|it| it.program.is_some() && it.enabled) && hosts.len() == 1);
    let start = std::mem::take(&mut config.start);
    assert!(start.claude.is_some() && start.place.is_some() && !start.from_hosts);
    assert_eq!(start.templates.len(), 1);
    assert_eq!(config, Config::default());
}

#[test]
fn every_key_there_is_stands_in_the_example() {
    // An unknown key makes each section name all it knows.
    let text = "x=1\n[switch]\nx=1\n[list]\nx=1\n[wm]\nx=1\n[status]\nx=1\n[notify]\nx=1\n[[notify.rule]]\nx=1\n\
                [notify.push]\nkind=\"ntfy\"\nurl=\"https://a/b\"\nx=1\n[hosts.a]\nx=1\n\
                [mcp]\nx=1\n[web]\nx=1\n[start]\nx=1\n[new.abc]\nx=1\n";
    let shown = uncommented(EXAMPLE);
    let told = warnings(text);
    assert_eq!(told.len(), 13);
    for key in told.iter().flat_map(|it| it.split("may be ").nth(1).unwrap().split(", ")) {
        let is_shown = shown.lines().any(|line| {
            let table = line.trim_matches(['[', ']']);
            let is_table = table.ends_with(key) || table.starts_with(&format!("{key}."));
            line.starts_with(&format!("{key} =")) || is_table
        });
        assert!(is_shown, "{key}");
    }
}

#[test]
fn all_of_it() {
    let text = r#"
        interval = 2
        switch = { launcher = "fuzzel", attach = ["foot", "-e"], title_probe = true }
        [wm]
        socket = "~/i3.sock"
        urgency_hint = true
        [notify]
        desktop = true
        on = ["finished"]
        remind_after = "15m"
        [notify.push]
        kind = "gotify"
        url = "https://push.example/"
        token_env = "TOKEN"
        priority = 0
        [[notify.rule]]
        directory = "~/x"
        mute = true
        [[notify.rule]]
    "#;
    let (config, warnings) = parse(text).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(config.interval, Duration::from_secs(2));
    assert_eq!((config.switch.launcher.len(), config.switch.attach.len()), (1, 2));
    assert_eq!(config.wm.socket, Some("/home/u/i3.sock".into()));
    assert_eq!(config.notify.on, [Trigger::Finished]);
    assert_eq!(config.notify.remind_after, Duration::from_secs(900));
    assert_eq!((config.notify.rules.len(), config.notify.rules[0].mute), (2, true));
    let push = config.notify.push.unwrap();
    assert_eq!((push.url.as_str(), push.priority), ("https://push.example", Some(0)));
    assert_eq!((push.after, push.details), (Duration::from_secs(60), false));
}

#[test]
fn a_wrong_value_names_line_key_and_what_is_allowed() {
    fault(
        "\n\ninterval = 0",
        "line 3: interval: must be between 0.1 and 3600 seconds, such as \"5s\", not 0",
    );
    fault(
        "[notify]\ndesktop = \"yes\"",
        "line 2: notify.desktop: must be true or false, not \"yes\"",
    );
    fault(
        "[notify]\non = [\"done\"]",
        "line 2: notify.on: must be an array of \"needs_input\", \"finished\", \"stalled\" and \"host\", not [\"done\"]",
    );
    let hosts: String = (0..257).map(|it| format!("[hosts.h{it}]\n")).collect();
    fault(&hosts, "line 1: hosts: at most 256 hosts");
    fault("wm = 3", "line 1: wm: must be a table, [wm], not a number");
    fault("notify.rule = 3", "line 1: notify.rule: must be tables, [[notify.rule]]");
    fault(
        "[[notify.rule]]\n[[notify.rule]]\nurgency = \"high\"",
        "line 3: notify.rule[2].urgency: must be \"low\", \"normal\" or \"critical\", not \"high\"",
    );
    fault(
        "[notify.push]\nkind = \"gotify\"\nurl = \"https://x\"",
        "line 1: notify.push.token_file: Gotify needs a token: token_file or token_env",
    );
    fault(
        "[notify.push]\nkind = \"ntfy\"\nurl = \"https://ntfy.sh\"",
        "line 3: notify.push.url: must name the topic: https://ntfy.sh/my-topic",
    );
    assert_eq!(faults("[notify.push]\non = []").len(), 2);
}

#[test]
fn all_faults_are_told_in_their_order() {
    let text = "[notify]\nsnooze = 0\nquiet_hours = \"night\"\n[wm]\nurgency_hint = 1\n";
    let lines: Vec<String> = faults(text).iter().map(|it| it[..6].to_owned()).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 5"]);
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    for text in ["interval = ", "a = 1\na = 2", "[notify", "x", "a = \"\u{1b}\"", "interval = 5s"] {
        let told = faults(text);
        assert!(told.iter().all(|it| it.starts_with("line ") && !it.contains('\n')), "{told:?}");
    }
    fault("interval = 5\n[wm]\ninterval", "line 3: key with no value, expected `=`");
    let deep = format!("a = {}", "[".repeat(100_000));
    assert!(!faults(&deep).is_empty());
}

#[test]
fn unknown_keys_are_named_beside_faults() {
    let invalid = parse("x = 1\ninterval = 0").unwrap_err();
    assert_eq!((invalid.faults.len(), invalid.warnings.len()), (1, 1));
}

#[test]
fn an_unknown_key_is_named_and_nothing_more() {
    assert_eq!(
        warnings("[wm]\nurgent_hint = true\n"),
        ["line 2: wm.urgent_hint: unknown key, ignored; here may be socket, urgency_hint"]
    );
    assert_eq!(warnings("[colours]\nred = 1\n").len(), 1);
    assert_eq!(warnings("\"\\u001b[31m\" = 1")[0].find('\u{1b}'), None);
}

#[test]
fn no_secret_is_quoted() {
    let url = "ntfys://me:hunter2@host/topic-4711";
    let mut told = Vec::new();
    for push in [
        format!("[notify.push]\nkind = \"ntfy\"\nurl = \"{url}\""),
        format!("[notify.push]\nkind = \"ntfy\"\nurl = [\"{url}\"]"),
        format!("[notify.push]\nkind = \"{url}\"\nurl = \"https://{url}\""),
        format!("[notify.push]\nkind = \"ntfy\"\nurl = {url}"),
        "[notify.push]\nkind = \"ntfy\"\nurl = \"https://host/hunter2/topic-4711/?\"".to_owned(),
        "[notify.push]\ntoken_file = \"hunter2\"\ntoken_env = \"topic-4711\"".to_owned(),
        format!("[notify]\npush = \"{url}\""),
        "notify = \"hunter2\"".to_owned(),
    ] {
        let before = told.len();
        told.extend(faults(&push));
        assert!(told.len() > before, "{push}");
    }
    let text = "[notify.push]\nkind = \"gotify\"\nurl = \"https://hunter2\"\ntoken_env = \"T\"\n\
                token = \"hunter2\"\npassword = \"topic-4711\"";
    told.extend(warnings(text));
    told.push(format!("{:?}", parse(text).unwrap().0));
    let leaks: Vec<&String> =
        told.iter().filter(|it| it.contains("hunter2") || it.contains("topic-4711")).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[test]
fn a_url_has_no_password_and_no_query() {
    for url in [
        "",
        "ntfy.sh/x",
        "ftp://x/y",
        "https://",
        "https://u:p@x/y",
        "https://x/y?auth=z",
        "https://x/y z",
        "https://x/\u{e9}",
    ] {
        let text = format!("[notify.push]\nkind = \"ntfy\"\nurl = \"{url}\"");
        assert!(parse(&text).is_err(), "{url}");
    }
    let text = "[notify.push]\nkind = \"ntfy\"\ntoken_env = \"T\"\nurl = \"http://x/y\"";
    assert!(warnings(text)[0].contains("unencrypted"));
    assert!(warnings(&text.replace("//x", "//127.0.0.1:80")).is_empty());
}

#[test]
fn columns_are_named() {
    let (config, _) = parse("list = { columns = [\"state\", \"ws\"] }").unwrap();
    use crate::config::column::Column;
    assert_eq!(config.list.columns, [Column::State, Column::Workspace]);
    let told = faults("[list]\ncolumns = [\"stat\"]\n");
    assert!(told[0].contains("columns") && told[0].contains("state, for, session"), "{told:?}");
}
