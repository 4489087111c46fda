//! `vmux hooks`: adds, removes and lists the hooks of vmux in Claude Code's settings.

use crate::cli::args::{HooksAction, HooksArgs};
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::hooks::entries::{
    EVENTS, PERMISSION_EVENT, Unexpected, install, installed, remove,
};
use crate::cli::hooks::settings_file::{SettingsError, SettingsFile};
use crate::cli::shell::word;
use crate::cli::show::json::pretty;
use crate::cli::show::phrases;
use crate::cli::terminal::{Output, print};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &HooksArgs, output: &Output) -> CliResult {
    let path = settings_path(args.settings.as_deref())?;
    let name = phrases::directory(&path.to_string_lossy(), output.home.as_deref());
    let found = SettingsFile::read(&path).map_err(|error| unreadable(&name, &error))?;
    let mut settings = found.settings.clone();
    let unexpected = |Unexpected(what): Unexpected| {
        CliError::new(FAILED, format!("{name} is left alone: {what}"))
            .hint("repair it, or add the hooks by hand: docs/hooks.md")
    };
    let is_removal = matches!(args.action, HooksAction::Remove);
    let said = match args.action {
        HooksAction::Status => {
            let events = installed(&settings);
            if args.json {
                print(&json_of(&path, &settings, false, output)?)?;
                // All has been said.
                return if events.is_empty() { Err(CliError::new(NO_MATCH, "")) } else { Ok(()) };
            }
            if events.is_empty() {
                return Err(CliError::new(NO_MATCH, format!("no hooks of vmux in {name}"))
                    .hint("`vmux hooks install` adds them; vmux works without them too"));
            }
            return print(&format!("{name}: {}\n", events.join(", ")));
        }
        HooksAction::Install { permission_request } => {
            let extra: &[&str] = if permission_request { &[PERMISSION_EVENT] } else { &[] };
            install(&mut settings, &command()?, &[EVENTS, extra].concat()).map_err(unexpected)?;
            "Installed the hooks of vmux in"
        }
        HooksAction::Remove => {
            remove(&mut settings).map_err(unexpected)?;
            "Removed the hooks of vmux from"
        }
    };
    if settings == found.settings {
        if args.json {
            return print(&json_of(&path, &settings, false, output)?);
        }
        return print(&format!("Nothing to change in {name}.\n"));
    }
    let written = match is_removal {
        true => found.restore(&settings),
        // The backup has the settings without hooks of vmux, so an update of the hooks makes none.
        false => found.write(&settings, installed(&found.settings).is_empty()),
    };
    written.map_err(|error| {
        CliError::new(FAILED, format!("writing {name}: {}", plain(&error)))
            .hint("nothing was changed")
    })?;
    if args.json {
        return print(&json_of(&path, &settings, true, output)?);
    }
    print(&format!("{said} {name}.\n"))
}

/// What `--json` prints of these settings.
fn json_of(path: &Path, settings: &Value, is_changed: bool, output: &Output) -> CliResult<String> {
    let path = path.to_string_lossy();
    let state = json!({ "path": path, "events": installed(settings), "changed": is_changed });
    pretty(&state, output.terminal)
}

/// `--settings`, else those of `CLAUDE_CONFIG_DIR`, else of `~/.claude`.
pub fn settings_path(named: Option<&Path>) -> CliResult<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    named
        .map(Path::to_path_buf)
        .or_else(|| var("CLAUDE_CONFIG_DIR").map(|dir| dir.join("settings.json")))
        .or_else(|| var("HOME").map(|home| home.join(".claude/settings.json")))
        .ok_or_else(|| {
            CliError::new(FAILED, "no home directory to find Claude Code's settings in")
                .hint("name the file with --settings")
        })
}

fn unreadable(name: &str, error: &SettingsError) -> CliError {
    match error {
        SettingsError::Io(error) => {
            CliError::new(FAILED, format!("reading {name}: {}", plain(error)))
        }
        SettingsError::NotJson(_) => {
            let error = clean(&error.to_string(), 200);
            CliError::new(FAILED, format!("{name} is left alone: {error}"))
                .hint("repair it first; Claude Code cannot read it either")
        }
    }
}

/// The command of a hook: this program by its path, because the PATH of a hook may differ.
fn command() -> CliResult<String> {
    let exe = std::env::current_exe().ok();
    let program = exe.and_then(|path| word(&path));
    let unknown = || CliError::new(FAILED, "vmux cannot tell where it is installed");
    Ok(format!("{} hook", program.ok_or_else(unknown)?))
}
