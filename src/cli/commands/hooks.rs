//! `vmux hooks`: entries in Claude Code's settings that tell vmuxd at once, for those who want it.

use crate::cli::args::{Hooks, HooksAction};
use crate::cli::error::{Complaint, FAILED, NO_MATCH, Result};
use crate::cli::hooks::{EVENTS, PERMISSION_EVENT, Unexpected, install, installed, remove};
use crate::cli::shell::word;
use crate::cli::show::human;
use crate::cli::terminal::{Output, print};
use crate::client::error::plain;
use crate::system::replace::{Replacement, sync_directory_of};
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Run it.
pub fn run(args: &Hooks, output: &Output) -> Result {
    let path = settings_path(args.settings.as_deref())?;
    let name = human::directory(&path.to_string_lossy(), output.home.as_deref());
    let found = Found::read(&path, &name)?;
    let mut settings = found.settings.clone();
    let unexpected = |Unexpected(what): Unexpected| {
        Complaint::new(FAILED, format!("{name} is left alone: {what}"))
            .hint("repair it, or add the hooks by hand: docs/hooks.md")
    };
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
    found.write(&path, &settings).map_err(|error| {
        Complaint::new(FAILED, format!("writing {name}: {}", plain(&error)))
            .hint("nothing was changed")
    })?;
    print(&format!("{said} {name}.\n"))
}

/// `--settings`, else those of `CLAUDE_CONFIG_DIR`, else of `~/.claude`; where a link leads.
fn settings_path(named: Option<&Path>) -> Result<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let path = named
        .map(Path::to_path_buf)
        .or_else(|| var("CLAUDE_CONFIG_DIR").map(|dir| dir.join("settings.json")))
        .or_else(|| var("HOME").map(|home| home.join(".claude/settings.json")))
        .ok_or_else(|| {
            Complaint::new(FAILED, "no home directory to find Claude Code's settings in")
                .hint("name the file with --settings")
        })?;
    Ok(fs::canonicalize(&path).unwrap_or(path))
}

/// How a hook calls us: by our own path, for a hook's PATH may be another.
fn command() -> Result<String> {
    let exe = std::env::current_exe().ok();
    let program = exe.and_then(|path| word(&path));
    let unknown = || Complaint::new(FAILED, "vmux cannot tell where it is installed");
    Ok(format!("{} hook", program.ok_or_else(unknown)?))
}

/// The settings as they were found.
struct Found {
    text: Option<String>,
    settings: Value,
}

impl Found {
    fn read(path: &Path, name: &str) -> Result<Found> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Found { text: None, settings: Value::Object(Default::default()) });
            }
            Err(error) => {
                return Err(Complaint::new(FAILED, format!("reading {name}: {}", plain(&error))));
            }
        };
        let blank = text.trim().is_empty();
        let settings = serde_json::from_str(if blank { "{}" } else { &text }).map_err(|error| {
            Complaint::new(FAILED, format!("{name} is left alone: it is not JSON: {error}"))
                .hint("repair it first; Claude Code cannot read it either")
        })?;
        Ok(Found { text: Some(text), settings })
    }

    /// Whole, synced, then renamed over the old; the old one stays beside it as a backup.
    fn write(&self, path: &Path, settings: &Value) -> io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mode = fs::metadata(path).map_or(0o600, |it| it.permissions().mode() & 0o7777);
        let beside = |suffix: &str| {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(suffix);
            directory.join(name)
        };
        if let Some(text) = &self.text {
            let backup = beside(".before-vmux");
            synced(&backup, text.as_bytes(), mode)?.commit(&backup)?;
        }
        let new = synced(path, &self.serialize(settings)?, mode)?;
        self.check_unchanged(path)?;
        new.commit(path)?;
        sync_directory_of(path)
    }

    /// Claude Code writes this file too.
    fn check_unchanged(&self, path: &Path) -> io::Result<()> {
        if fs::read_to_string(path).ok() == self.text {
            return Ok(());
        }
        Err(io::Error::other("somebody else changed it meanwhile; try again"))
    }

    /// With the indentation that the file had.
    fn serialize(&self, settings: &Value) -> io::Result<Vec<u8>> {
        let text = self.text.as_deref().unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with([' ', '\t'])).unwrap_or("  ");
        let indent = &line[..line.len() - line.trim_start().len()];
        let mut out = Vec::new();
        let formatter = PrettyFormatter::with_indent(indent.as_bytes());
        settings.serialize(&mut Serializer::with_formatter(&mut out, formatter))?;
        out.push(b'\n');
        Ok(out)
    }
}

/// A file with this content and mode, on disk, that is to become `path`.
fn synced(path: &Path, bytes: &[u8], mode: u32) -> io::Result<Replacement> {
    let new = Replacement::write(path, bytes, 0o600)?;
    new.file().set_permissions(fs::Permissions::from_mode(mode))?;
    new.file().sync_all()?;
    Ok(new)
}
