//! `vmux hooks`: entries in Claude Code's settings that tell vmuxd at once, for those who want it.

use crate::cli::args::{Hooks, HooksAction};
use crate::cli::error::{Complaint, FAILED, NO_MATCH, Result};
use crate::cli::hooks::entries::{
    EVENTS, PERMISSION_EVENT, Unexpected, install, installed, remove,
};
use crate::cli::hooks::settings_file::{SettingsError, SettingsFile};
use crate::cli::shell::word;
use crate::cli::show::human;
use crate::cli::terminal::{Output, print};
use crate::client::error::plain;
use crate::session::sanitize::clean;
use std::path::{Path, PathBuf};

/// Run it.
pub fn run(args: &Hooks, output: &Output) -> Result {
    let path = settings_path(args.settings.as_deref())?;
    let name = human::directory(&path.to_string_lossy(), output.home.as_deref());
    let found = SettingsFile::read(&path).map_err(|error| unreadable(&name, &error))?;
    let mut settings = found.settings.clone();
    let unexpected = |Unexpected(what): Unexpected| {
        Complaint::new(FAILED, format!("{name} is left alone: {what}"))
            .hint("repair it, or add the hooks by hand: docs/hooks.md")
    };
    let is_removal = matches!(args.action, HooksAction::Remove);
    let said = match args.action {
        HooksAction::Status => {
            let events = installed(&settings);
            if events.is_empty() {
                return Err(Complaint::new(NO_MATCH, format!("no hooks of vmux in {name}"))
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
        return print(&format!("Nothing to change in {name}.\n"));
    }
    let written = match is_removal {
        true => found.restore(&settings),
        // The backup is what was there before vmux, not an earlier version of its hooks.
        false => found.write(&settings, installed(&found.settings).is_empty()),
    };
    written.map_err(|error| {
        Complaint::new(FAILED, format!("writing {name}: {}", plain(&error)))
            .hint("nothing was changed")
    })?;
    print(&format!("{said} {name}.\n"))
}

/// `--settings`, else those of `CLAUDE_CONFIG_DIR`, else of `~/.claude`.
fn settings_path(named: Option<&Path>) -> Result<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    named
        .map(Path::to_path_buf)
        .or_else(|| var("CLAUDE_CONFIG_DIR").map(|dir| dir.join("settings.json")))
        .or_else(|| var("HOME").map(|home| home.join(".claude/settings.json")))
        .ok_or_else(|| {
            Complaint::new(FAILED, "no home directory to find Claude Code's settings in")
                .hint("name the file with --settings")
        })
}

fn unreadable(name: &str, error: &SettingsError) -> Complaint {
    match error {
        SettingsError::Io(error) => {
            Complaint::new(FAILED, format!("reading {name}: {}", plain(error)))
        }
        SettingsError::NotJson(_) => {
            let error = clean(&error.to_string(), 200);
            Complaint::new(FAILED, format!("{name} is left alone: {error}"))
                .hint("repair it first; Claude Code cannot read it either")
        }
    }
}

/// How a hook calls us: by our own path, for a hook's PATH may be another.
fn command() -> Result<String> {
    let exe = std::env::current_exe().ok();
    let program = exe.and_then(|path| word(&path));
    let unknown = || Complaint::new(FAILED, "vmux cannot tell where it is installed");
    Ok(format!("{} hook", program.ok_or_else(unknown)?))
}
