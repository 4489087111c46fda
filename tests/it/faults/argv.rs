//! What vmux runs: programs with an array of arguments, never a shell with a string in which words
//! of a session could become commands. Read from the source.

/// Every place that starts a program, and what it starts. A new one belongs here only if no word
/// of a session can become a command, an option or a format of it.
const STARTS: &[(&str, &str)] = &[
    ("bin/vmux-web/start/link.rs", "xdg-open, with the path of a file that vmux web has written"),
    ("src/cli/bar/clicks.rs", "what the user's own command line says, and vmux itself"),
    ("src/cli/bar/wrap.rs", "the status command of the user's own command line"),
    (
        "src/cli/commands/doctor/deadline.rs",
        "systemctl and systemd-analyze, with the name of the unit and its path; claude, with words \
         of its own and the path of vmux",
    ),
    ("src/cli/commands/hosts/checked_ssh.rs", "ssh, as vmuxd does"),
    ("src/cli/commands/rofi.rs", "vmux itself, with a pid"),
    ("src/cli/commands/mcp.rs", "vmux-mcp beside this program"),
    (
        "src/cli/commands/mod.rs",
        "another program of vmux beside this one, with the user's own command line",
    ),
    (
        "src/cli/commands/hosts/install/remote.rs",
        "ssh, with what the configuration says and lines of its own without a word of anybody else",
    ),
    (
        "src/cli/commands/in_terminal.rs",
        "Claude Code and its arguments, or tmux and its ids, as `vmux new` has handed them over",
    ),
    ("src/cli/launcher.rs", "the user's launcher; sessions go to its standard input"),
    ("src/cli/notify.rs", "notify-send, with words after `--`"),
    ("src/client/autostart.rs", "vmuxd"),
    (
        "src/client/start/background.rs",
        "Claude Code, with the arguments of the user's own command line or configuration",
    ),
    ("src/client/start/git.rs", "git, with paths after `--` and a branch that is no option"),
    (
        "src/client/start/terminal.rs",
        "the user's terminal, with vmux itself and one word of digits and letters",
    ),
    (
        "src/client/start/tmux.rs",
        "tmux, with a name of plain characters, and Claude Code with its arguments after `--`",
    ),
    (
        "src/daemon/hub/requests/start/begin.rs",
        "vmux itself, each value with its option in one word",
    ),
    ("src/daemon/hosts/ssh.rs", "ssh, with what the configuration says, which has checked it"),
    ("src/daemon/notify/push/process.rs", "vmux-push; the message goes to its standard input"),
    ("src/wm/switch/attach.rs", "the user's terminal, with tmux and its ids"),
    ("src/wm/mux/screen.rs", "screen, with a number and the name of its socket, a pid first"),
    ("src/wm/mux/zellij.rs", "the program of the user's zellij server, with a number"),
    (
        "src/wm/terminal/konsole.rs",
        "dbus-send, with numbers and names of the bus; a title of its window behind `variant:string:`",
    ),
    ("src/wm/terminal/gtk.rs", "gdbus, with UUIDs and names of the bus, both of plain characters"),
];

/// What would hand a string to a shell, or a descriptor to a child.
const SHELLS: &[&str] = &["\"sh\"", "\"bash\"", "/bin/sh", "/bin/bash", "\"-c\"", "system("];

#[test]
fn programs_are_started_where_it_is_known_with_what() {
    let files = crate::tidy::sources();
    assert!(files.len() > 50, "the sources were not found");
    let mut wrong = Vec::new();
    for (path, text) in &files {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: Vec<&str> =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n");
        let starts = code.contains("Command::new(");
        if starts != STARTS.iter().any(|(known, _)| known == path) && !path.ends_with("_tests.rs") {
            wrong.push(format!("{path}: does not start what tests/it/faults/argv.rs says"));
        }
        for shell in SHELLS.iter().filter(|shell| starts && code.contains(**shell)) {
            wrong.push(format!("{path}: {shell}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
