//! `vmux rofi`: rofi's script mode, `rofi -show vmux -modi "vmux:vmux rofi"`.

use crate::cli::error::{Complaint, Result};
use crate::cli::notify;
use crate::cli::show::rofi::menu;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use std::process::{Command, Stdio};

/// Run it: without a row that was chosen it prints the menu, with one it goes there.
pub fn run(endpoint: &Endpoint, output: &Output) -> Result {
    let var = |name: &str| std::env::var(name).ok();
    match (var("ROFI_RETV").as_deref(), var("ROFI_INFO")) {
        (None | Some("0"), _) | (_, None) => offer(endpoint, output),
        (_, Some(process)) => {
            // rofi keeps its window until this ends, and a window that is about to lose its grab
            // of the keyboard must not hold up the focus: somebody else does it.
            let Ok(program) = std::env::current_exe() else { return Ok(()) };
            let null = Stdio::null;
            Command::new(program)
                .args(["switch", &process])
                .stdin(null())
                .stdout(null())
                .stderr(null())
                .spawn()
                .map(drop)
                .map_err(|error| Complaint::output(&error))
        }
    }
}

fn offer(endpoint: &Endpoint, output: &Output) -> Result {
    let sessions = endpoint.sessions().map_err(Complaint::from).inspect_err(|complaint| {
        let mut text = complaint.message.clone();
        if let Some(hint) = &complaint.hint {
            text.push_str(&format!(" – {hint}"));
        }
        let _ = print(&format!("\0message\u{1f}{text}\n \0nonselectable\u{1f}true\n"));
        notify::if_unseen(complaint);
    })?;
    print(&menu(&sessions, chrono::Utc::now(), output.home.as_deref()))
}
