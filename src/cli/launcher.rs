//! Lets the user choose a line: with rofi or a similar launcher, with fzf, or by a number on the terminal.

use super::error::{CliError, CliResult, FAILED, NO_MATCH};
use super::show::menu_lines::{number, numbered};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use crate::system::programs::find_in_path;
use std::io::{IsTerminal, Read, Write};
use std::process::{Command, Stdio};

/// How a launcher is called, and what it prints.
struct Launcher {
    name: &'static str,
    args: &'static [&'static str],
    answer: LauncherOutput,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LauncherOutput {
    /// The line that was chosen.
    Line,
    /// Its index, from 0.
    Index,
}

const ROFI: &[&str] = &["-dmenu", "-i", "-no-custom", "-format", "i", "-p", "vmux"];
const FZF: &[&str] = &[
    "--delimiter=\t",
    "--with-nth=2..",
    "--no-multi",
    "--layout=reverse",
    "--height=~50%",
    "--prompt=vmux> ",
];

/// The launchers that vmux knows.
const LAUNCHERS: &[Launcher] = &[
    Launcher { name: "fuzzel", args: &["--dmenu", "--prompt=vmux "], answer: LauncherOutput::Line },
    Launcher {
        name: "wofi",
        args: &["--dmenu", "-i", "--prompt=vmux"],
        answer: LauncherOutput::Line,
    },
    Launcher { name: "tofi", args: &["--prompt-text=vmux "], answer: LauncherOutput::Line },
    Launcher {
        name: "bemenu",
        args: &["-i", "-l", "15", "-p", "vmux"],
        answer: LauncherOutput::Line,
    },
    Launcher { name: "rofi", args: ROFI, answer: LauncherOutput::Index },
    Launcher {
        name: "dmenu",
        args: &["-i", "-l", "15", "-p", "vmux"],
        answer: LauncherOutput::Line,
    },
    Launcher { name: "fzf", args: FZF, answer: LauncherOutput::Line },
];

const WAYLAND: &[&str] = &["fuzzel", "wofi", "tofi", "bemenu", "rofi", "dmenu"];
const X11: &[&str] = &["rofi", "dmenu", "bemenu"];

/// Offers `lines`, and returns the index of the chosen one. `wanted` is a launcher with its arguments;
/// if it is empty, one that is installed is taken.
pub fn pick(lines: &[String], wanted: &[String]) -> CliResult<usize> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let chosen = match wanted {
        [program, args @ ..] => call_by_name(program, args, lines)?,
        [] if terminal => match find_in_path("fzf") {
            Some(_) => call_by_name("fzf", &[], lines)?,
            None => ask_on_terminal(lines)?,
        },
        [] => {
            let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|it| !it.is_empty());
            let names = if wayland { WAYLAND } else { X11 };
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
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let base = program.rsplit('/').next().unwrap_or(program);
    match LAUNCHERS.iter().find(|it| it.name == base) {
        Some(known) => call(program, &[known.args, &args].concat(), known.answer, lines),
        None => call(program, &args, LauncherOutput::Line, lines),
    }
}

fn call(
    program: &str,
    args: &[&str],
    answer: LauncherOutput,
    lines: &[String],
) -> CliResult<Option<usize>> {
    let failed = |error: std::io::Error| {
        let program = clean(program, 200);
        CliError::new(FAILED, format!("starting {program}: {}", plain(&error))).hint(
            "--launcher takes rofi, fuzzel, wofi, tofi, bemenu, dmenu, fzf, or a command like them",
        )
    };
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let text = match answer {
        LauncherOutput::Index => lines.iter().map(|line| format!("{line}\n")).collect(),
        LauncherOutput::Line => numbered(lines, '\t'),
    };
    // It may end before it has read everything, if the user is quick.
    let _ = child.stdin.take().map(|mut input| input.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(failed)?;
    let chosen = String::from_utf8_lossy(&output.stdout);
    Ok(match answer {
        LauncherOutput::Index => chosen.trim().parse().ok(),
        LauncherOutput::Line => number(&chosen),
    })
}

/// Without a launcher: prints a list, and reads a number.
fn ask_on_terminal(lines: &[String]) -> CliResult<Option<usize>> {
    let mut text = numbered(lines, ' ');
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
