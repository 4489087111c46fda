//! `vmux extras`: puts completions, manual pages and the unit of systemd into the user's directories, and
//! takes them away.
//!
//! The last line of each file says that vmux put it there, with a checksum of what is above. Only files
//! with such a line are replaced or removed, and only while they are as they were written. A file that
//! is the same without that line came with a package of this version, such as the tarball.

use crate::cli::args::{ExtrasAction, ExtrasArgs, Shell};
use crate::cli::commands::generate::{completion, pages};
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::error::plain;
use crate::show::phrases;
use crate::system::files::read_regular;
use crate::system::replace::Replacement;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The unit of vmuxd.
const UNIT: &str = include_str!("../../../nix/vmuxd.service");

/// Larger files are not vmux's.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// How the last line of a file begins, after what makes it a comment.
const MARK: &str = "Installed by `vmux extras`; a changed file is left alone. Checksum ";

/// Where packages put their data if `XDG_DATA_DIRS` names nothing (XDG Base Directory Specification).
const DATA_DIRS: &str = "/usr/local/share:/usr/share";

/// A file, as it is to be.
struct Extra {
    path: PathBuf,
    content: String,
    /// Where a package may have put it instead, below a directory of data.
    elsewhere: Vec<String>,
}

/// What is at the place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Present {
    Nothing,
    /// The very file.
    Current,
    /// One of another version of vmux.
    Other,
    /// One that vmux wrote and somebody has changed.
    Changed,
    /// One that vmux did not write.
    Foreign,
}

/// Runs the command.
pub fn run(args: &ExtrasArgs, output: &Output) -> CliResult {
    let data = data_directory(output)?;
    let name = |path: &Path| phrases::directory(&path.to_string_lossy(), output.home.as_deref());
    let mut report = Vec::new();
    let mut text = String::new();
    let mut pages: BTreeMap<(&str, PathBuf), usize> = BTreeMap::new();
    let packages = package_directories(std::env::var("XDG_DATA_DIRS").ok().as_deref());
    let (mut is_left, mut is_complete) = (false, true);
    for extra in extras(&data)? {
        let present = extra.present();
        let packaged = match (args.action, present) {
            (ExtrasAction::Status, Present::Nothing) => extra.packaged(&packages),
            _ => None,
        };
        is_complete &= present == Present::Current || packaged.is_some();
        let failed = |error: std::io::Error| {
            let message = format!("{}: {}", name(&extra.path), plain(&error));
            CliError::new(FAILED, message).hint("what was done before is done; try again")
        };
        let done = match (args.action, present) {
            (ExtrasAction::Remove, Present::Nothing) => continue,
            (ExtrasAction::Status, Present::Nothing) => match packaged {
                Some(_) => "of a package",
                None => "absent",
            },
            (ExtrasAction::Status, Present::Current) => "installed",
            (ExtrasAction::Status, Present::Other) => "of another version",
            (_, Present::Changed) => "left alone: it was changed",
            (_, Present::Foreign) => "left alone: it is not vmux's",
            (ExtrasAction::Install, Present::Current) => "there already",
            (ExtrasAction::Install, Present::Nothing) => {
                if !args.dry_run {
                    extra.write().map_err(failed)?;
                }
                "installed"
            }
            (ExtrasAction::Install, Present::Other) => {
                if !args.dry_run {
                    extra.write().map_err(failed)?;
                }
                "updated"
            }
            (ExtrasAction::Remove, Present::Current | Present::Other) => {
                if !args.dry_run {
                    fs::remove_file(&extra.path).map_err(failed)?;
                }
                "removed"
            }
        };
        is_left |= matches!(present, Present::Changed | Present::Foreign);
        let file = packaged.as_deref().unwrap_or(&extra.path);
        report.push(json!({ "file": file.to_string_lossy(), "result": done }));
        // What was done with a manual page matters only where it was not as wanted.
        match file.ancestors().nth(2).filter(|it| it.ends_with("man")) {
            Some(all) if !done.starts_with("left alone") => {
                *pages.entry((done, all.to_owned())).or_default() += 1;
            }
            _ => text.push_str(&format!("{done}  {}\n", name(file))),
        }
    }
    for ((done, directory), count) in pages {
        text.push_str(&format!("{done}  {count} manual pages in {}\n", name(&directory)));
    }
    if args.json {
        print(&pretty(&report, output.terminal)?)?;
    } else {
        if report.is_empty() {
            text.push_str("Nothing of vmux is there.\n");
        }
        if args.dry_run && args.action != ExtrasAction::Status {
            text.push_str("Nothing was done (--dry-run).\n");
        } else if args.action == ExtrasAction::Install {
            text.push_str(&notes(&name(&data)));
        }
        print(&text)?;
    }
    match (args.action, is_left, is_complete) {
        (ExtrasAction::Install | ExtrasAction::Remove, true, _)
        | (ExtrasAction::Status, _, false) => Err(CliError::new(NO_MATCH, "")),
        _ => Ok(()),
    }
}

fn notes(data: &str) -> String {
    format!(
        "\n\
         bash  reads its file if bash-completion is installed; else, in ~/.bashrc: source <(vmux completions bash)\n\
         fish  reads its file by itself\n\
         zsh   needs this before compinit in ~/.zshrc: fpath+=({data}/zsh/site-functions)\n\
         man   reads its pages if ~/.local/bin is in PATH\n\
         unit  systemctl --user daemon-reload && systemctl --user enable --now vmuxd\n"
    )
}

/// `$XDG_DATA_HOME` (XDG Base Directory Specification).
fn data_directory(output: &Output) -> CliResult<PathBuf> {
    let named = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let of_home = || output.home.as_deref().map(|home| Path::new(home).join(".local/share"));
    named
        .filter(|it| it.is_absolute())
        .or_else(of_home)
        .ok_or_else(|| CliError::new(FAILED, "neither XDG_DATA_HOME nor HOME is an absolute path"))
}

/// The directories of data in which packages put files, by the value of `XDG_DATA_DIRS`.
fn package_directories(named: Option<&str>) -> Vec<PathBuf> {
    let named = named.filter(|it| !it.is_empty()).unwrap_or(DATA_DIRS);
    named.split(':').map(PathBuf::from).filter(|it| it.is_absolute()).collect()
}

/// Where else packages put a file of this name, below a directory of data.
fn elsewhere(path: &str) -> Vec<String> {
    let same = path.to_owned();
    match path.rsplit('/').next().unwrap_or(path) {
        // Debian's zsh looks there, and systemd.unit(5) has units of packages in lib.
        "_vmux" => vec![same, "zsh/vendor-completions/_vmux".to_owned()],
        "vmuxd.service" => vec![same, "../lib/systemd/user/vmuxd.service".to_owned()],
        _ if path.starts_with("man/") => vec![format!("{path}.gz"), format!("{path}.zst"), same],
        _ => vec![same],
    }
}

fn extras(data: &Path) -> CliResult<Vec<Extra>> {
    let extra = |path: &str, content: &str, comment: &str| Extra {
        path: data.join(path),
        content: marked(content, comment),
        elsewhere: elsewhere(path),
    };
    let mut extras = vec![
        extra("bash-completion/completions/vmux", completion(Shell::Bash), "#"),
        extra("zsh/site-functions/_vmux", completion(Shell::Zsh), "#"),
        extra("fish/vendor_completions.d/vmux.fish", completion(Shell::Fish), "#"),
        // systemd.unit(5): units of packages that are installed in the home directory.
        extra("systemd/user/vmuxd.service", UNIT, "#"),
    ];
    for (name, page) in pages()? {
        let section = name.rsplit('.').next().unwrap_or("1");
        extras.push(extra(&format!("man/man{section}/{name}"), &page, ".\\\""));
    }
    Ok(extras)
}

fn marked(content: &str, comment: &str) -> String {
    let content = format!("{}\n", content.trim_end_matches('\n'));
    format!("{content}{comment} {MARK}{:016x}\n", checksum(&content))
}

/// FNV-1a: against changes by hand, not against an attacker, who could write the line as well.
fn checksum(content: &str) -> u64 {
    content.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What a file with this content is, where `wanted` should be.
fn judge(content: &str, wanted: &str) -> Present {
    let trimmed = |text: &str| text.trim_end_matches('\n').to_owned();
    let unmarked = wanted.rsplit_once(MARK).and_then(|(above, _)| above.rsplit_once('\n'));
    if content == wanted || unmarked.is_some_and(|(body, _)| trimmed(content) == trimmed(body)) {
        return Present::Current;
    }
    let Some((above, rest)) = content.rsplit_once(MARK) else { return Present::Foreign };
    // Up to the line of the mark.
    let above = &above[..above.rfind('\n').map_or(0, |at| at + 1)];
    match u64::from_str_radix(rest.trim_end(), 16) {
        Ok(sum) if sum == checksum(above) => Present::Other,
        _ => Present::Changed,
    }
}

impl Extra {
    fn present(&self) -> Present {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Present::Nothing,
            Ok(metadata) if metadata.is_file() => {}
            _ => return Present::Foreign,
        }
        let content = read_regular(&self.path, MAX_FILE).ok();
        let content = content.and_then(|(bytes, _)| String::from_utf8(bytes).ok());
        content.map_or(Present::Foreign, |it| judge(&it, &self.content))
    }

    /// The file of a package, in one of these directories of data. Its version is not told: manual pages are
    /// compressed there.
    fn packaged(&self, directories: &[PathBuf]) -> Option<PathBuf> {
        let paths = directories.iter().flat_map(|it| {
            self.elsewhere.iter().map(move |path| match path.strip_prefix("../") {
                Some(path) => it.parent().unwrap_or(it).join(path),
                None => it.join(path),
            })
        });
        paths.into_iter().find(|it| it.is_file())
    }

    fn write(&self) -> std::io::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        Replacement::write(&self.path, self.content.as_bytes(), 0o644)?.commit(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_package_has_brought_is_there() {
        let root = tempfile::tempdir().unwrap();
        let share = root.path().join("usr/share");
        let extra = |path: &str| Extra {
            path: path.into(),
            content: String::new(),
            elsewhere: elsewhere(path),
        };
        let packages = package_directories(share.to_str());
        for (wanted, packaged) in [
            ("zsh/site-functions/_vmux", "usr/share/zsh/vendor-completions/_vmux"),
            ("systemd/user/vmuxd.service", "usr/lib/systemd/user/vmuxd.service"),
            ("man/man1/vmux.1", "usr/share/man/man1/vmux.1.gz"),
            ("bash-completion/completions/vmux", "usr/share/bash-completion/completions/vmux"),
        ] {
            assert_eq!(extra(wanted).packaged(&packages), None, "{wanted}");
            let file = root.path().join(packaged);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            assert_eq!(extra(wanted).packaged(&packages), Some(file), "{wanted}");
        }
        let usual = [PathBuf::from("/usr/local/share"), "/usr/share".into()];
        assert_eq!(package_directories(None), usual);
        assert_eq!(package_directories(Some("")), usual);
        assert_eq!(package_directories(Some("x:/a")), [PathBuf::from("/a")]);
    }

    #[test]
    fn only_what_vmux_wrote_and_nobody_changed_is_vmuxs() {
        let (old, new) = (marked("a\nb\n", "#"), marked("a\nc", ".\\\""));
        assert_eq!(judge(&new, &new), Present::Current);
        assert_eq!(judge(&old, &new), Present::Other);
        assert_eq!(judge(&new, &old), Present::Other);
        assert_eq!(judge(&old.replace("b\n", "x\n"), &new), Present::Changed);
        assert_eq!(judge(&format!("{old}more\n"), &new), Present::Changed);
        assert_eq!(judge(&old.replace("Checksum ", "Checksum z"), &new), Present::Changed);
        assert_eq!(judge("a\nc\n", &new), Present::Current);
        assert_eq!(judge("a\nb\n", &new), Present::Foreign);
        assert_eq!(judge("", &new), Present::Foreign);
    }
}
