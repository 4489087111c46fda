//! Lets the user choose a line: with rofi or a similar launcher, with fzf, or by a number on the terminal.

use super::error::{CliError, CliResult, FAILED, NO_MATCH};
use super::terminal::view::is_in_view;
use crate::client::error::plain;
use crate::client::start::terminal::is_set;
use crate::session::sanitize::clean;
use crate::show::menu_lines::{number, numbered};
use crate::show::width::columns;
use crate::system::programs::find_in_path;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

/// How a launcher is called, and what it prints.
struct Launcher {
    name: &'static str,
    args: &'static [&'static str],
    output: LauncherOutput,
    /// Whether it opens a window. Its standard error is then not what the user looks at.
    is_graphical: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LauncherOutput {
    /// The line that was chosen. It begins with a number, and this between the number and the text.
    Line(&'static str),
    /// Its index, from 0.
    Index,
}

const ROFI: &[&str] = &["-dmenu", "-i", "-no-custom", "-format", "i", "-p", "vmux"];

/// The order of the lines stays: the most urgent first.
const FZF: &[&str] = &[
    "--delimiter=\t",
    "--with-nth=2..",
    "--no-multi",
    "--no-sort",
    "--layout=reverse",
    "--height=~50%",
    "--prompt=vmux> ",
];

/// Between number and text, for launchers that show both. Some show a tab as a box.
const GAP: LauncherOutput = LauncherOutput::Line("  ");

/// The launchers that vmux knows.
const LAUNCHERS: &[Launcher] = &[
    graphical("fuzzel", &["--dmenu", "--index", "--prompt=vmux "], LauncherOutput::Index),
    graphical("wofi", &["--dmenu", "-i", "--width=60%", "--prompt=vmux"], GAP),
    graphical("tofi", &["--prompt-text=vmux "], GAP),
    graphical("bemenu", &["-i", "-l", "15", "-p", "vmux"], GAP),
    graphical("rofi", ROFI, LauncherOutput::Index),
    graphical("dmenu", &["-i", "-l", "15", "-p", "vmux"], GAP),
    Launcher { name: "fzf", args: FZF, output: LauncherOutput::Line("\t"), is_graphical: false },
];

/// The names of the launchers that vmux knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    LAUNCHERS.iter().map(|it| it.name)
}

/// A command of the user's.
const UNKNOWN: Launcher = Launcher { name: "", args: &[], output: GAP, is_graphical: false };

const WAYLAND: &[&str] = &["fuzzel", "wofi", "tofi", "bemenu", "rofi", "dmenu"];
const X11: &[&str] = &["rofi", "dmenu", "bemenu"];

const NOWHERE: &str =
    "there is nowhere to ask: no terminal, and neither DISPLAY nor WAYLAND_DISPLAY is set";
const NOWHERE_HINT: &str = "run it in a terminal, or name the session, as in `vmux switch api`";

/// The widest window that fuzzel is asked for, in characters. By default it has 30. It does not make one
/// that is wider than the output narrower: with its usual font this many take 980 pixels.
const MAX_FUZZEL_WIDTH: usize = 90;

const fn graphical(
    name: &'static str,
    args: &'static [&'static str],
    output: LauncherOutput,
) -> Launcher {
    Launcher { name, args, output, is_graphical: true }
}

/// Offers `lines`, and returns the index of the chosen one. `wanted` is a launcher with its arguments;
/// if it is empty, one that is installed is taken.
pub fn pick(lines: &[String], wanted: &[String]) -> CliResult<usize> {
    let terminal = is_in_view(&std::io::stdin()) && is_in_view(&std::io::stderr());
    let chosen = match wanted {
        [program, args @ ..] => call_by_name(program, args, lines)?,
        [] if terminal => match find_in_path("fzf") {
            Some(_) => call_by_name("fzf", &[], lines)?,
            None => ask_on_terminal(lines)?,
        },
        [] => {
            let names = match (is_set("WAYLAND_DISPLAY"), is_set("DISPLAY")) {
                (true, _) => WAYLAND,
                (false, true) => X11,
                (false, false) => return Err(CliError::new(FAILED, NOWHERE).hint(NOWHERE_HINT)),
            };
            let Some(name) = names.iter().find(|name| find_in_path(name).is_some()) else {
                return Err(CliError::new(FAILED, "there is no launcher to pick with").hint(
                    format!("install one of {}, or name one with --launcher", names.join(", ")),
                ));
            };
            call_by_name(name, &[], lines)?
        }
    };
    // If the user has chosen nothing, there is nothing to report, but nothing was done either.
    chosen.filter(|&index| index < lines.len()).ok_or_else(|| CliError::new(NO_MATCH, ""))
}

fn call_by_name(program: &str, args: &[String], lines: &[String]) -> CliResult<Option<usize>> {
    let base = program.rsplit('/').next().unwrap_or(program);
    let launcher = LAUNCHERS.iter().find(|it| it.name == base).unwrap_or(&UNKNOWN);
    let mut all: Vec<String> = launcher.args.iter().map(|it| (*it).to_owned()).collect();
    if base == "fuzzel" {
        let widest = lines.iter().map(|line| columns(line)).max().unwrap_or(0);
        all.push(format!("--width={}", (widest + 1).min(MAX_FUZZEL_WIDTH)));
    }
    all.extend_from_slice(args);
    call(program, &all, launcher, lines)
}

fn call(
    program: &str,
    args: &[String],
    launcher: &Launcher,
    lines: &[String],
) -> CliResult<Option<usize>> {
    let name = clean(program, 200);
    let failed = |error: std::io::Error| {
        CliError::new(FAILED, format!("starting {name}: {}", plain(&error))).hint(
            "--launcher takes rofi, fuzzel, wofi, tofi, bemenu, dmenu, fzf, or a command like them",
        )
    };
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    if launcher.is_graphical {
        command.stderr(Stdio::piped());
    }
    let mut child = command.spawn().map_err(failed)?;
    let text = match launcher.output {
        LauncherOutput::Index => lines.iter().map(|line| format!("{line}\n")).collect(),
        LauncherOutput::Line(gap) => numbered(lines, gap),
    };
    // It may end before it has read everything, if the user is quick.
    let _ = child.stdin.take().map(|mut input| input.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(failed)?;
    let chosen = String::from_utf8_lossy(&output.stdout);
    let chosen = match launcher.output {
        LauncherOutput::Index => chosen.trim().parse().ok(),
        LauncherOutput::Line(_) => number(&chosen),
    };
    match failure(&output).filter(|_| chosen.is_none()) {
        Some(why) => Err(CliError::new(FAILED, format!("{name} {why}")).hint(
            "--launcher, VMUX_LAUNCHER or switch.launcher in the configuration names another",
        )),
        None => Ok(chosen),
    }
}

/// Why the launcher did not work; `None` if the user has closed it, which most report with exit code 1,
/// fzf with 130 and tofi with 0.
fn failure(output: &Output) -> Option<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().map(|line| clean(line, 200)).find(|line| !line.is_empty());
    let with = |what: String| match &last {
        Some(last) => format!("{what}: {last}"),
        None => what,
    };
    // Without a display they end with 1, too. What they say then is not what they say of fonts or themes.
    let is_about_display = |text: &String| {
        let text = text.to_lowercase();
        ["display", "compositor", "connection", "option"].iter().any(|word| text.contains(word))
    };
    match (output.status.code(), output.status.signal()) {
        (_, Some(signal)) => Some(with(format!("was ended by signal {signal}"))),
        (Some(1), _) => {
            last.as_ref().filter(|it| is_about_display(it)).map(|_| with("failed".into()))
        }
        (Some(0 | 130), _) | (None, _) => None,
        (Some(code), _) => Some(with(format!("failed with exit code {code}"))),
    }
}

/// Without a launcher: prints a list, and reads a number.
fn ask_on_terminal(lines: &[String]) -> CliResult<Option<usize>> {
    let mut text = numbered(lines, " ");
    text.push_str("number: ");
    let failed = |error: std::io::Error| CliError::output(&error);
    let mut err = std::io::stderr().lock();
    err.write_all(text.as_bytes()).and_then(|()| err.flush()).map_err(failed)?;
    let mut answer = String::new();
    let mut byte = [0];
    let mut input = std::io::stdin().lock();
    while answer.len() < 20 && input.read(&mut byte).is_ok_and(|length| length == 1) {
        if byte == *b"\n" {
            break;
        }
        answer.push(char::from(byte[0]));
    }
    Ok(number(&answer))
}
