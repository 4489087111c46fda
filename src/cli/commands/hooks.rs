//! `vmux hooks`: adds, removes and lists the hooks of vmux in Claude Code's settings.

use crate::cli::args::{HooksAction, HooksArgs};
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::hooks::entries::{
    EVENTS, PERMISSION_EVENT, Unexpected, answers, entries, install, installed,
    knows_permission_event, remove,
};
use crate::cli::hooks::settings_file::{SettingsError, SettingsFile};
use crate::cli::json::pretty;
use crate::cli::shell::word;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::show::phrases;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &HooksArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
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
            let answers = match answers(&settings) {
                true => "; permission prompts can be answered with `vmux answer`",
                false => "",
            };
            return print(&format!("{name}: {}{answers}\n", events.join(", ")));
        }
        HooksAction::Install { permission_request, answer } => {
            if answer {
                check_versions(endpoint)?;
            }
            let extra: &[&str] = if permission_request { &[PERMISSION_EVENT] } else { &[] };
            let entries = entries(&program()?, &[EVENTS, extra].concat(), answer);
            install(&mut settings, &entries).map_err(unexpected)?;
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
    let state = json!({
        "path": path,
        "events": installed(settings),
        "answers": answers(settings),
        "changed": is_changed,
    });
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

/// Refuses if a session runs a version that would ignore all of its settings with this event in them.
/// Without vmuxd no session is known, and nothing is refused.
fn check_versions(endpoint: &Endpoint) -> CliResult {
    let sessions = endpoint.clone().without_start().sessions().unwrap_or_default();
    let knows = |it: &SessionInfo| it.details.version.as_deref().is_none_or(knows_permission_event);
    let Some(session) = sessions.iter().find(|it| it.host.is_none() && !knows(it)) else {
        return Ok(());
    };
    let version = clean(session.details.version.as_deref().unwrap_or_default(), 40);
    let pid = session.pid;
    Err(CliError::new(
        FAILED,
        format!("Claude Code {version} (pid {pid}) would ignore all of its settings"),
    )
    .hint("it does not know PermissionRequest: end it, or update it, and try again"))
}

/// The program that hooks call: this one by its path, because the PATH of a hook may differ.
fn program() -> CliResult<String> {
    let exe = std::env::current_exe().ok();
    let program = exe.and_then(|path| word(&path));
    let unknown = || CliError::new(FAILED, "vmux cannot tell where it is installed");
    program.ok_or_else(unknown)
}
