//! `vmux complete`: what may stand at the cursor, for the completions of the shells. It says nothing at
//! all rather than something wrong, and never starts vmuxd.

use crate::cli::args::complete::bash::{insertion, split};
use crate::cli::args::complete::candidates::{World, complete, narrowed};
use crate::cli::args::complete::{Answer, Candidate};
use crate::cli::args::{Cli, Shell};
use crate::cli::commands::config::load;
use crate::cli::error::CliResult;
use crate::cli::terminal::print;
use crate::client::connect::Endpoint;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::show::width::{columns, pad};
use chrono::Utc;
use clap::CommandFactory;
use std::ffi::OsString;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How long vmuxd may take to tell its sessions. Somebody is waiting for the Tab key.
const TIMEOUT: Duration = Duration::from_millis(25);

/// The longest candidate and explanation, in characters.
const MAX_TEXT: usize = 400;

/// The widest candidate that zsh's list makes room for, in columns.
const MAX_PADDED: usize = 40;

/// Prints what kind of word may stand at the cursor, then candidates, one a line: for bash as they are to
/// be inserted, for fish as text, a tab and an explanation, for zsh as text, a tab and what is listed.
pub fn run(shell: Shell, typed: &[OsString]) -> CliResult {
    let typed: Vec<String> = typed.iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let line = match (shell, &typed[..]) {
        (Shell::Bash, [line, ..]) => split(line),
        (Shell::Fish, [before @ .., current]) => {
            let mut line = split(&format!("vmux {current}"));
            line.before = before.to_vec();
            line
        }
        (Shell::Zsh, [before @ .., current]) => {
            let mut line = split("");
            (line.before, line.current) = (before.to_vec(), current.clone());
            line
        }
        (_, []) => return Ok(()),
    };
    let mut root = Cli::command();
    root.build();
    let home = std::env::var("HOME").ok();
    let endpoint = Endpoint::from_environment(true);
    let config = endpoint.as_ref().map(load).unwrap_or_default();
    let templates: Vec<String> = config.start.templates.keys().cloned().collect();
    let (now, order) = (Utc::now(), config.switch.order);
    let world = World { now, home: home.as_deref(), order, templates: &templates };
    let sessions = || endpoint.ok().map(sessions).unwrap_or_default();
    let mut answer = match line.is_redirected {
        true => Answer::Files,
        false => complete(&root, &line.before, &line.current, sessions, world),
    };
    if shell == Shell::Bash {
        answer = narrowed(answer, &line.current);
    }
    let mut text = format!("{}\n", answer.kind());
    if let Answer::Words(words) = answer {
        let replaced = typed.get(1).map(String::as_str).unwrap_or_default();
        // One that is not clean could not be typed.
        let is_clean = |it: &&Candidate| clean(&it.text, MAX_TEXT) == it.text;
        let words: Vec<&Candidate> = words.iter().filter(is_clean).collect();
        let widest = words.iter().map(|it| columns(&it.text)).max().unwrap_or(0).min(MAX_PADDED);
        for Candidate { text: word, help } in words {
            let help = clean(help, MAX_TEXT);
            text.push_str(&match shell {
                Shell::Bash => insertion(word, &line, replaced) + "\n",
                Shell::Fish => format!("{word}\t{help}\n"),
                Shell::Zsh => {
                    format!("{word}\t{}\n", format!("{}  {help}", pad(word, widest)).trim_end())
                }
            });
        }
    }
    print(&text)
}

/// The sessions of the vmuxd that runs; none if it does not answer at once.
fn sessions(endpoint: Endpoint) -> Vec<SessionInfo> {
    let (sender, told) = channel();
    // A thread that still waits ends with the process.
    let asked = thread::Builder::new().spawn(move || drop(sender.send(endpoint.sessions())));
    let answer = asked.ok().and_then(|_| told.recv_timeout(TIMEOUT).ok());
    answer.and_then(Result::ok).unwrap_or_default()
}
