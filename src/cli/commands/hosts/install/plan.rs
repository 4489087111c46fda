//! What is installed where: the programs here, what the other host said, and the lines that its shell
//! runs. Pure.

use crate::session::sanitize::clean;

/// The programs, the needed ones first. The others are installed if they are here.
pub const PROGRAMS: &[&str] =
    &["vmux", "vmuxd", "vmux-picker", "vmux-push", "vmux-mcp", "vmux-web"];

/// How many of [`PROGRAMS`] are needed.
pub const NEEDED: usize = 2;

/// Where they go, below the home directory there.
pub const DIRECTORY: &str = ".local/bin";

/// Begins a line that was printed for vmux, behind whatever a shell prints at its start.
const MARK: &str = "vmux-install:";

/// The longest word of the other host that is quoted, in characters.
const MAX_QUOTED: usize = 60;

/// What the other host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `uname -s`.
    pub system: String,
    /// `uname -m`.
    pub machine: String,
    /// What the vmux in [`DIRECTORY`] says of its version; `None` if there is none.
    pub installed: Option<String>,
}

/// Prints what [`Target::parse`] reads. Like all lines here it is for sh(1), without a quote in it.
pub fn probe_line() -> String {
    format!(
        "echo {MARK} system $(uname -s); echo {MARK} machine $(uname -m); \
         if [ -x {DIRECTORY}/vmux ]; then echo {MARK} installed $({DIRECTORY}/vmux --version); fi"
    )
}

impl Target {
    /// Reads what the other host printed. The error is a clause.
    pub fn parse(said: &str) -> Result<Target, String> {
        let value = |name: &str| {
            let values = said.lines().filter_map(|line| {
                let (_, rest) = line.split_once(MARK)?;
                let value = rest.trim().strip_prefix(name)?.trim();
                Some(clean(value, MAX_QUOTED)).filter(|it| !it.is_empty())
            });
            { values }.next()
        };
        let missing = || "it did not say what it is; does its login shell run commands?".to_owned();
        Ok(Target {
            system: value("system").ok_or_else(missing)?,
            machine: value("machine").ok_or_else(missing)?,
            installed: value("installed"),
        })
    }
}

/// The architecture that an ELF file is for, as `uname -m` calls it; `None` if it is no such file, or one
/// for another. (elf(5): `e_machine`.)
pub fn machine_of(program: &[u8]) -> Option<&'static str> {
    let is_little_endian = program.starts_with(b"\x7fELF") && program.get(5) == Some(&1);
    let number = program.get(18..20)?.try_into().ok().map(u16::from_le_bytes)?;
    let known = [(62, "x86_64"), (183, "aarch64"), (243, "riscv64"), (40, "armv7l")];
    let found = known.into_iter().find(|(it, _)| is_little_endian && *it == number);
    found.map(|(_, name)| name)
}

/// Whether programs for the machine `ours` run on `target`. The error says what to do, as a hint.
pub fn check(ours: &str, target: &Target) -> Result<(), (String, String)> {
    if target.system != "Linux" {
        let error = format!("it runs {}, and vmux needs Linux", target.system);
        return Err((error, "only its sessions on Linux can be shown".to_owned()));
    }
    let theirs = match target.machine.as_str() {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        other => other,
    };
    if theirs == ours {
        return Ok(());
    }
    let error = format!("it is {theirs}, and the programs here are for {ours}");
    let hint = format!(
        "build vmux for {theirs} (`cargo build --release --target {theirs}-unknown-linux-musl`, or \
         there), and name the directory with --from"
    );
    Err((error, hint))
}

/// Makes the directory `staging` below [`DIRECTORY`], in which the programs wait until all are there.
pub fn begin_line(staging: &str) -> String {
    format!("umask 022 && mkdir -p {DIRECTORY} && mkdir {DIRECTORY}/{staging}")
}

/// Takes one program on standard input.
pub fn receive_line(staging: &str, program: &str) -> String {
    let path = format!("{DIRECTORY}/{staging}/{program}");
    format!("cat >{path} && chmod 755 {path}")
}

/// Puts the programs in their places, if the first of them runs there; each replaces the old one in one
/// step.
pub fn finish_line(staging: &str, programs: &[&str]) -> String {
    let from = format!("{DIRECTORY}/{staging}");
    let moves = programs.iter().map(|it| format!(" && mv -f {from}/{it} {DIRECTORY}/{it}"));
    format!(
        "echo {MARK} version $({from}/{} --version) && {from}/{0} --version >/dev/null{} && rmdir {from}",
        programs.first().copied().unwrap_or_default(),
        moves.collect::<String>()
    )
}

/// Takes back what was begun.
pub fn undo_line(staging: &str) -> String {
    format!("rm -rf {DIRECTORY}/{staging}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(system: &str, machine: &str) -> Target {
        Target { system: system.to_owned(), machine: machine.to_owned(), installed: None }
    }

    #[test]
    fn what_the_host_says_stands_behind_the_noise_of_its_shell() {
        let said = "Welcome!\nvmux-install: system Linux\r\nvmux-install: machine x86_64\n\
                    vmux-install: installed vmux 0.1.0\n";
        let expected =
            Target { installed: Some("vmux 0.1.0".to_owned()), ..target("Linux", "x86_64") };
        assert_eq!(Target::parse(said), Ok(expected));
        assert!(Target::parse("This account is not available.\n").is_err());
        assert!(Target::parse("vmux-install: system\nvmux-install: machine x\n").is_err());
    }

    #[test]
    fn the_architecture_of_a_program_is_in_its_head() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(machine_of(&own), Some(std::env::consts::ARCH));
        assert_eq!(machine_of(b"#!/bin/sh\nexec vmux \"$@\" # a wrapper"), None);
        assert_eq!(machine_of(b"\x7fELF"), None);
    }

    #[test]
    fn another_architecture_is_told_with_what_to_build() {
        assert_eq!(check("x86_64", &target("Linux", "amd64")), Ok(()));
        let (error, hint) = check("x86_64", &target("Linux", "aarch64")).unwrap_err();
        assert!(error.contains("it is aarch64"), "{error}");
        assert!(hint.contains("--target aarch64-unknown-linux-musl"), "{hint}");
        assert!(check("x86_64", &target("Darwin", "x86_64")).unwrap_err().0.contains("Darwin"));
    }

    #[test]
    fn the_lines_need_no_quotes() {
        let lines = [
            probe_line(),
            begin_line(".vmux-1"),
            receive_line(".vmux-1", "vmux"),
            finish_line(".vmux-1", &["vmux", "vmuxd"]),
            undo_line(".vmux-1"),
        ];
        for line in lines {
            assert!(!line.contains(['\'', '"', '\n', '\\']), "{line}");
        }
    }
}
