//! `vmux rofi`: for rofi's script mode, `rofi -show vmux -modi "vmux:vmux rofi"`.

use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult};
use crate::cli::notify;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::protocol::prompt::UserAnswer;
use crate::protocol::request::{AnswerRequest, Request};
use crate::show::rofi::{answers, menu, message};
use std::process::{Command, Stdio};

/// What rofi says when the key `kb-custom-1` (Alt+1) was pressed on a row (rofi-script(5)).
const FIRST_KEY: &str = "10";

/// Runs the command: without a chosen row it prints the menu, with one it switches there, or offers to
/// answer what that session asks.
pub fn run(endpoint: &Endpoint, output: &Output) -> CliResult {
    let var = |name: &str| std::env::var(name).ok();
    match (var("ROFI_RETV").as_deref(), var("ROFI_INFO")) {
        (None | Some("0"), _) | (_, None) => offer(endpoint, output),
        (Some(FIRST_KEY), Some(process)) => offer_answers(&process, endpoint),
        (_, Some(chosen)) if chosen.contains(' ') => answer(&chosen, endpoint),
        (_, Some(process)) => {
            // rofi keeps its window, with its grab of the keyboard, until this program ends. So another
            // process switches.
            let Ok(program) = std::env::current_exe() else { return Ok(()) };
            let null = Stdio::null;
            Command::new(program)
                .args(["switch", &process])
                .stdin(null())
                .stdout(null())
                .stderr(null())
                .spawn()
                .map(drop)
                .map_err(|error| CliError::output(&error))
        }
    }
}

/// Prints the call that the session waits for, whole, and the answers to it.
fn offer_answers(process: &str, endpoint: &Endpoint) -> CliResult {
    let sessions = endpoint.sessions()?;
    let session = sessions.iter().find(|it| it.key().to_string() == process);
    print(&answers(session))
}

/// Gives the answer of a row: `allow khw4z2m`.
fn answer(chosen: &str, endpoint: &Endpoint) -> CliResult {
    let (word, prompt) = chosen.split_once(' ').unwrap_or_default();
    let answer = match word {
        "allow" => UserAnswer::Allow { accept_edits: false },
        "deny" => UserAnswer::Deny { message: None },
        _ => return Ok(()),
    };
    let (prompt, door) = (Some(prompt.to_owned()), Some("vmux rofi".to_owned()));
    let request = AnswerRequest { query: None, prompt, answer, door };
    match endpoint.ask(&Request::Answer(request)).map_err(CliError::from) {
        Ok(_) => Ok(()),
        Err(error) => print(&message(&error.message)),
    }
}

fn offer(endpoint: &Endpoint, output: &Output) -> CliResult {
    let sessions = endpoint.sessions().map_err(CliError::from).inspect_err(|error| {
        let mut text = error.message.clone();
        if let Some(hint) = &error.hint {
            text.push_str(&format!(" – {hint}"));
        }
        let _ = print(&format!("\0message\u{1f}{text}\n \0nonselectable\u{1f}true\n"));
        notify::if_unseen(error);
    })?;
    print(&menu(&sessions, chrono::Utc::now(), output.home.as_deref(), load(endpoint).switch.order))
}
