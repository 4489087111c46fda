//! Letting the user choose a line: through rofi and its kin, fzf, or a plain question.

use super::error::{Complaint, FAILED, NO_MATCH, Result};
use super::show::choice::{number, numbered};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use crate::system::programs::find_in_path;
use std::io::{IsTerminal, Read, Write};
use std::process::{Command, Stdio};

/// How a launcher is called and what it answers.
struct Launcher {
    name: &'static str,
    args: &'static [&'static str],
    answer: Answer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
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

/// Every launcher that is known, those that feel at home under Wayland first.
const LAUNCHERS: &[Launcher] = &[
    Launcher { name: "fuzzel", args: &["--dmenu", "--prompt=vmux "], answer: Answer::Line },
    Launcher { name: "wofi", args: &["--dmenu", "-i", "--prompt=vmux"], answer: Answer::Line },
    Launcher { name: "tofi", args: &["--prompt-text=vmux "], answer: Answer::Line },
    Launcher { name: "bemenu", args: &["-i", "-l", "15", "-p", "vmux"], answer: Answer::Line },
    Launcher { name: "rofi", args: ROFI, answer: Answer::Index },
    Launcher { name: "dmenu", args: &["-i", "-l", "15", "-p", "vmux"], answer: Answer::Line },
    Launcher { name: "fzf", args: FZF, answer: Answer::Line },
];

const WAYLAND: &[&str] = &["fuzzel", "wofi", "tofi", "bemenu", "rofi", "dmenu"];
const X11: &[&str] = &["rofi", "dmenu", "bemenu"];

/// Offer `lines`; the index of the chosen one. `wanted` is a launcher with its arguments, or empty.
pub fn pick(lines: &[String], wanted: &[String]) -> Result<usize> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let chosen = match wanted {
        [program, args @ ..] => call_by_name(program, args, lines)?,
        [] if terminal => match find_in_path("fzf") {
            Some(_) => call_by_name("fzf", &[], lines)?,
            None => question(lines)?,
        },
        [] => {
            let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|it| !it.is_empty());
            let names = if wayland { WAYLAND } else { X11 };
            let Some(name) = names.iter().find(|name| find_in_path(name).is_some()) else {
                return Err(Complaint::new(FAILED, "there is no launcher to pick with").hint(
                    format!("install one of {}, or name one with --launcher", names.join(", ")),
                ));
            };
            call_by_name(name, &[], lines)?
        }
    };
    // A choice that was called off is no error, but nothing was done either.
    chosen.filter(|&index| index < lines.len()).ok_or_else(|| Complaint::new(NO_MATCH, ""))
}

fn call_by_name(program: &str, args: &[String], lines: &[String]) -> Result<Option<usize>> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let base = program.rsplit('/').next().unwrap_or(program);
    match LAUNCHERS.iter().find(|it| it.name == base) {
        Some(known) => call(program, &[known.args, &args].concat(), known.answer, lines),
        None => call(program, &args, Answer::Line, lines),
    }
}

fn call(program: &str, args: &[&str], answer: Answer, lines: &[String]) -> Result<Option<usize>> {
    let failed = |error: std::io::Error| {
        let program = clean(program, 200);
        Complaint::new(FAILED, format!("starting {program}: {}", plain(&error))).hint(
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
        Answer::Index => lines.iter().map(|line| format!("{line}\n")).collect(),
        Answer::Line => numbered(lines, '\t'),
    };
    // It may end before it has read all, as when the user is quick.
    let _ = child.stdin.take().map(|mut input| input.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(failed)?;
    let chosen = String::from_utf8_lossy(&output.stdout);
    Ok(match answer {
        Answer::Index => chosen.trim().parse().ok(),
        Answer::Line => number(&chosen),
    })
}

/// Without any launcher: a list and a number.
fn question(lines: &[String]) -> Result<Option<usize>> {
    let mut text = numbered(lines, ' ');
    text.push_str("number: ");
    let failed = |error: std::io::Error| Complaint::output(&error);
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
