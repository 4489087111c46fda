//! Whether the process is a session: by its name, or by what it has written and its program.

use super::{Inspector, Surroundings};
use crate::claude::process::{self, config_dir};
use crate::claude::session_file::SessionFileReader;
use crate::session::process::Candidate;
use std::path::{Path, PathBuf};

/// Whether the program of the process is one that Bun has made of a script: of the image in which that
/// was looked up.
#[derive(Debug, Default)]
pub(super) struct Recognition {
    bun_program: Option<(u64, bool)>,
}

impl Inspector {
    /// A worker of the background daemon is a session once its file says so, unless it has become
    /// another program. Without a file of its own, what counts is what the process is called: the file
    /// of a killed session names a pid that any program may have by now. A native build under another
    /// name has written its file, or the key that is there before (docs/facts.md, S15).
    pub(super) fn is_session(
        &mut self,
        subject: &Candidate,
        config: Option<&Path>,
        around: &Surroundings<'_>,
    ) -> bool {
        let (argv, exe) = (&subject.argv, subject.exe.as_deref());
        let comm = &*subject.process.comm;
        let worker = process::is_background_worker(subject);
        match self.file.last() {
            Some(file) => {
                let daemon = matches!(file.kind.as_deref(), Some("daemon" | "daemon-worker"));
                let claimed = file.kind.as_deref() == Some("bg");
                let is_none = file.spare || daemon || (worker && !claimed);
                !is_none
                    && (process::may_have_session_file(argv, exe, comm)
                        || self.recognition.is_bun_program(subject, around))
            }
            None if worker => false,
            None => {
                process::is_session(argv, exe, comm)
                    || may_be_renamed(argv, exe)
                        && config.is_some_and(|it| SessionFileReader::has_key(it, subject))
                        && self.recognition.is_bun_program(subject, around)
            }
        }
    }
}

/// Where the process keeps its files: as its environment says, else where a session file names it and
/// its start. The kernel lets nobody read the environment of a process of another group, as newgrp(1)
/// begins them, or with more capabilities (ptrace(2), access mode checking).
pub(super) fn config_of(subject: &Candidate, around: &Surroundings<'_>) -> Option<PathBuf> {
    let names_it = |dir: &&PathBuf| {
        let config = dir.parent();
        config.is_some_and(|config| SessionFileReader::names_exactly(config, subject))
    };
    config_dir::config_dir(subject).or_else(|| {
        let unreadable = subject.is_unreadable();
        let dir = around.session_dirs.iter().filter(|_| unreadable).find(names_it)?;
        dir.parent().map(Path::to_owned)
    })
}

/// Whether a process may be a native build under another name, by its arguments: what is called Claude
/// Code, or runs in a runtime, is known by that name, and helpers of it are no sessions.
fn may_be_renamed(argv: &[String], exe: Option<&Path>) -> bool {
    let Some((first, rest)) = argv.split_first() else { return false };
    let is_named =
        process::words(argv, exe, "").is_some() || exe.is_some_and(process::is_runtime_path);
    // The program is ripgrep as well, under that name.
    let is_helper = process::is_something_else(&Vec::from_iter(rest.iter().map(String::as_str)));
    !is_named && !is_helper && process::base_name(first) != "rg"
}

impl Recognition {
    fn is_bun_program(&mut self, subject: &Candidate, around: &Surroundings<'_>) -> bool {
        let image = subject.process.image;
        match self.bun_program {
            Some((of, is)) if of == image => is,
            _ => {
                let is = (around.is_bun_program)();
                self.bun_program = Some((image, is));
                is
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_may_have_any_name_but_that_of_a_helper() {
        let may = |exe: &str, argv: &[&str]| {
            let argv: Vec<String> = argv.iter().map(|it| (*it).to_owned()).collect();
            may_be_renamed(&argv, Some(Path::new(exe)))
        };
        assert!(may("/home/dev/bin/agent", &["agent"]) && may("/home/dev/bin/agent", &["claude"]));
        assert!(may(
            "/home/dev/bin/agent",
            &["/home/dev/bin/agent", "--model", "opus", "do", "mcp"]
        ));
        assert!(!may("/home/dev/bin/agent", &["agent", "mcp", "serve"]));
        assert!(!may("/home/dev/bin/agent", &["rg", "--files"]) && !may("/bin/agent", &[]));
        assert!(!may("/v/2.1.329", &["claude"]) && !may("/usr/bin/node", &["node", "x.js"]));
    }
}
