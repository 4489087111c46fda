//! `vmux rofi`: for rofi's script mode, `rofi -show vmux -modi "vmux:vmux rofi"`.

use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult};
use crate::cli::notify;
use crate::cli::show::rofi::menu;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use std::process::{Command, Stdio};

/// Runs the command: without a chosen row it prints the menu, with one it switches there.
pub fn run(endpoint: &Endpoint, output: &Output) -> CliResult {
    let var = |name: &str| std::env::var(name).ok();
    match (var("ROFI_RETV").as_deref(), var("ROFI_INFO")) {
        (None | Some("0"), _) | (_, None) => offer(endpoint, output),
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
