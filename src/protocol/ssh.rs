//! How ssh is called to run `vmux relay` on another host, and what it means when it fails. Pure.
//!
//! Facts about OpenSSH (9.2): a silent cut of the network is noticed only with `ServerAlive*`; a stream
//! that becomes the user's `ControlMaster` closes the user's windows when it ends; without `BatchMode` ssh
//! asks by a dialog even without a terminal; every failure of its own exits with 255, and only its
//! standard error tells them apart.

use crate::session::sanitize::clean;
use crate::session::state::host::{HostFault, HostFaultKind};

/// Where vmux is looked for on the other host, as words of its shell: first in PATH, which for commands
/// over ssh often lacks the other two.
const PLACES: &str = "vmux \"$HOME/.cargo/bin/vmux\" \"$HOME/.local/bin/vmux\"";

/// The options of every call. What the user's configuration may add to a connection (forwarded ports,
/// agent and display, commands of its own) has no use here, and would be open to the other host.
const OPTIONS: &[&str] = &[
    "BatchMode=yes",
    "ControlMaster=no",
    "ControlPath=none",
    "ServerAliveInterval=4",
    "ServerAliveCountMax=2",
    "ConnectTimeout=10",
    "ConnectionAttempts=1",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "LogLevel=INFO",
];

/// The longest line of ssh that is quoted, in characters.
const MAX_QUOTED: usize = 160;

/// The arguments of ssh that run `vmux relay` on `destination`, with `program` in place of the vmux
/// that is found there. The configuration has checked both: neither can be an option or a command.
pub fn relay_arguments(destination: &str, program: Option<&str>) -> Vec<String> {
    arguments(destination, &remote_command(program))
}

fn arguments(destination: &str, command: &str) -> Vec<String> {
    let options = OPTIONS.iter().flat_map(|it| ["-o", it]);
    let words = ["-T", "-a", "-x"].into_iter().chain(options);
    words.chain(["--", destination, command]).map(str::to_owned).collect()
}

/// What the shell there is told. It is one word of sh(1) in single quotes, which bash, zsh, fish and csh
/// all take as it is.
fn remote_command(program: Option<&str>) -> String {
    let places = match program {
        Some(program) => match program.strip_prefix("~/") {
            Some(rest) => format!("\"$HOME/{rest}\""),
            None => program.to_owned(),
        },
        None => PLACES.to_owned(),
    };
    format!(
        "exec sh -c 'for vmux in {places}; do \
         if command -v \"$vmux\" >/dev/null 2>&1; then exec \"$vmux\" relay; fi; \
         done; exit 127'"
    )
}

/// What is wrong when ssh ended with `code` (`None`: by a signal) and wrote `stderr`; `greeted` if vmux
/// relay had begun. `name` is the host's name here.
pub fn fault_of_end(name: &str, code: Option<i32>, stderr: &str, greeted: bool) -> HostFault {
    use HostFaultKind::*;
    let has = |words: &str| stderr.contains(words);
    let (kind, says) = match code {
        // What sshd or the network did; all that vmux relay itself can end with is below that.
        Some(255) | None if greeted && has("not responding") => (Silent, "it has fallen silent"),
        Some(255) | None if greeted => (Ended, "the connection ended"),
        _ if greeted => (Ended, "vmux relay ended there"),
        Some(127 | 126) => (NoVmux, "vmux is not found there"),
        Some(2) if has("relay") => (TooOld, "vmux there is too old"),
        _ if has("REMOTE HOST IDENTIFICATION HAS CHANGED")
            || has("host key for") && has("changed") =>
        {
            (ChangedKey, "its key is another one than the one known here")
        }
        _ if has("Host key verification failed") || has("key is known for") => {
            (UnknownKey, "its key is not known here")
        }
        _ if has("Permission denied") || has("Too many authentication failures") => {
            (Authentication, "it does not let you in without a password")
        }
        _ if has("Could not resolve") || has("Name or service not known") => {
            (UnknownName, "its name cannot be resolved")
        }
        _ if has("Connection refused") => (Refused, "nothing listens on its port"),
        _ if has("timed out") || has("No route") || has("unreachable") || has("not responding") => {
            (Unreachable, "it does not answer")
        }
        _ => (Other, "ssh failed"),
    };
    let quoted = match kind {
        NoVmux | TooOld => None,
        _ => last_line(stderr),
    };
    let says = quoted.map_or_else(|| says.to_owned(), |line| format!("{says}: {line}"));
    HostFault { kind, says, hint: hint(kind, name) }
}

/// A fault that is not from ssh's end.
pub fn fault(kind: HostFaultKind, name: &str, says: impl Into<String>) -> HostFault {
    HostFault { kind, says: says.into(), hint: hint(kind, name) }
}

/// The last line of ssh that says something.
fn last_line(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().map(|line| clean(line, MAX_QUOTED));
    lines.rfind(|line| !line.is_empty())
}

fn hint(kind: HostFaultKind, name: &str) -> Option<String> {
    use HostFaultKind::*;
    let hint = match kind {
        NoSsh => "install OpenSSH's client; vmuxd looks for `ssh` in its PATH".to_owned(),
        UnknownName | Unreachable | Refused => {
            format!("is it on, and in this network? `vmux hosts check {name}` tries step by step")
        }
        UnknownKey => "log in there once with ssh, and compare its key".to_owned(),
        ChangedKey => {
            "if it was installed anew, remove the old key with `ssh-keygen -R`; otherwise somebody \
             may be in between"
                .to_owned()
        }
        Authentication => {
            "vmuxd cannot type a password: load a key into the agent (`ssh-add`); started by systemd, \
             vmuxd also needs SSH_AUTH_SOCK: docs/hosts.md"
                .to_owned()
        }
        NoVmux => format!(
            "install vmux there, or say where it is: `program` in [hosts.{name}] of the configuration"
        ),
        TooOld => "install there the vmux that is here".to_owned(),
        Garbage => {
            "does a start file of its shell run another program? `ssh HOST true` should print nothing"
                .to_owned()
        }
        NoVmuxd => "its log is ~/.vmux/vmuxd.log there".to_owned(),
        Silent | Ended | Other => return None,
    };
    Some(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use HostFaultKind::*;

    #[test]
    fn the_destination_stands_behind_the_options_and_the_command_is_one_word() {
        let arguments = relay_arguments("gpu", None);
        let at = arguments.iter().position(|it| it == "--").unwrap();
        assert_eq!(arguments[at + 1], "gpu");
        assert_eq!(arguments.len(), at + 3);
        for needed in ["BatchMode=yes", "ControlPath=none", "ControlMaster=no", "-T"] {
            assert!(arguments[..at].iter().any(|it| it == needed), "{needed}");
        }
        let command = remote_command(Some("~/bin/vmux"));
        assert!(command.contains("in \"$HOME/bin/vmux\"; do"), "{command}");
        assert_eq!(command.matches('\'').count(), 2);
    }

    #[track_caller]
    fn check(code: i32, stderr: &str, expected: HostFaultKind) {
        let fault = fault_of_end("gpu", Some(code), stderr, false);
        assert_eq!(fault.kind, expected, "{stderr}: {fault:?}");
        assert!(!fault.says.contains(char::is_control));
    }

    /// What OpenSSH 9.2 writes.
    #[test]
    fn the_words_of_ssh_tell_its_failures_apart() {
        check(255, "u@h: Permission denied (publickey,password).\r\n", Authentication);
        check(255, "ssh: connect to host h port 22: Connection refused\r\n", Refused);
        check(255, "ssh: connect to host h port 22: Connection timed out\r\n", Unreachable);
        check(255, "ssh: connect to host h port 22: No route to host\r\n", Unreachable);
        check(255, "ssh: Could not resolve hostname h: Name or service not known\r\n", UnknownName);
        let unknown = "No ED25519 host key is known for h and you have requested strict checking.\r\n\
                       Host key verification failed.\r\n";
        check(255, unknown, UnknownKey);
        let changed = "@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n\
                       Host key verification failed.\r\n";
        check(255, changed, ChangedKey);
        check(127, "", NoVmux);
        check(2, "error: unrecognized subcommand 'relay'\n", TooOld);
        check(255, "kex_exchange_identification: \u{1b}[31mread\n", Other);
        let cut = "Timeout, server h not responding.\r\n";
        assert_eq!(fault_of_end("h", Some(255), cut, true).kind, Silent);
        assert_eq!(fault_of_end("h", Some(255), "", true).kind, Ended);
        assert_eq!(fault_of_end("h", None, "", false).kind, Other);
    }
}
