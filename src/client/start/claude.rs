//! Which program Claude Code is, and what its version knows. It is not run for that: a start takes a second.

use super::StartFault;
use crate::session::sanitize::clean;
use crate::system::files::read_regular;
use crate::system::programs::find_in_path;
use serde::Deserialize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where its installers put it, below the home directory.
const PLACES: &[&str] = &[".local/bin/claude", ".claude/local/claude", ".npm-global/bin/claude"];

/// The largest `package.json` that is read.
const MAX_PACKAGE: u64 = 256 * 1024;

/// The program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claude {
    /// Its path.
    pub program: PathBuf,
    /// Its version, if the installation tells it.
    pub version: Option<(u32, u32, u32)>,
}

impl Claude {
    /// Finds it: the one of the configuration, else in `PATH`, else where installers put it. May block on a
    /// disk.
    pub fn find(configured: Option<&Path>, home: Option<&Path>) -> Result<Claude, StartFault> {
        let program = match configured {
            Some(path) if is_program(path) => Some(path.to_owned()),
            Some(path) => {
                let path = clean(&path.display().to_string(), 200);
                let fault = StartFault::new(format!("{path} is no program"));
                return Err(fault.hint("it is `start.claude` in the configuration"));
            }
            None => find_in_path("claude").or_else(|| {
                let places = PLACES.iter().filter_map(|place| Some(home?.join(place)));
                places.into_iter().find(|path| is_program(path))
            }),
        };
        let Some(program) = program else {
            return Err(StartFault::new("Claude Code is not there: no `claude` is in PATH")
                .hint("install it, or name it in the configuration: `claude` in [start]"));
        };
        let program = std::path::absolute(&program).unwrap_or(program);
        let version = version_of(&program);
        Ok(Claude { program, version })
    }

    /// Whether it takes `--name`: 2.1.119 does, 2.1.75 ends with an error. The versions between were not
    /// run.
    pub fn knows_name(&self) -> bool {
        self.version.is_none_or(|version| version >= (2, 1, 119))
    }

    /// Whether it takes `--bg`: 2.1.220 does, 2.1.119 does not.
    pub fn knows_background(&self) -> bool {
        self.version.is_none_or(|version| version >= (2, 1, 220))
    }

    /// `2.1.332`, if it is known.
    pub fn version_text(&self) -> String {
        match self.version {
            Some((major, minor, patch)) => format!("{major}.{minor}.{patch}"),
            None => "of unknown version".to_owned(),
        }
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// The version: `…/versions/2.1.332`, or that of the package that the program is part of.
fn version_of(program: &Path) -> Option<(u32, u32, u32)> {
    let real = std::fs::canonicalize(program).ok()?;
    let named = real.file_name().and_then(|name| numbers(name.to_str()?));
    named.or_else(|| real.ancestors().skip(1).take(3).find_map(of_package))
}

fn of_package(folder: &Path) -> Option<(u32, u32, u32)> {
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let (bytes, _) = read_regular(&folder.join("package.json"), MAX_PACKAGE).ok()?;
    let package: Package = serde_json::from_slice(&bytes).ok()?;
    let is_claude = package.name.starts_with("@anthropic-ai/claude-code");
    is_claude.then(|| numbers(&package.version)).flatten()
}

fn numbers(text: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = text.split('.').map(|it| it.parse().ok());
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{OpenOptionsExt, symlink};

    fn program(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).mode(0o755).open(path).unwrap();
    }

    #[test]
    fn the_installation_tells_the_version() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        let native = home.join("share/versions/2.1.100");
        program(&native);
        std::fs::create_dir_all(home.join(".local/bin")).unwrap();
        symlink(&native, home.join(".local/bin/claude")).unwrap();
        let found = Claude::find(Some(&home.join(".local/bin/claude")), None).unwrap();
        assert_eq!(found.version, Some((2, 1, 100)));
        assert!(!found.knows_name() && !found.knows_background());
        let package = home.join("node_modules/@anthropic-ai/claude-code");
        program(&package.join("cli.js"));
        let text = r#"{"name":"@anthropic-ai/claude-code","version":"2.1.220"}"#;
        std::fs::write(package.join("package.json"), text).unwrap();
        let found = Claude::find(Some(&package.join("cli.js")), None).unwrap();
        assert_eq!(found.version_text(), "2.1.220");
        assert!(found.knows_name() && found.knows_background());
        // One that tells nothing is taken for a new one.
        program(&home.join("x/claude"));
        let found = Claude::find(Some(&home.join("x/claude")), None).unwrap();
        assert!(found.version.is_none() && found.knows_name());
        let missing = Claude::find(Some(&home.join("none")), None).unwrap_err();
        assert!(missing.message.ends_with("is no program"), "{}", missing.message);
    }
}
