//! The session bus of what runs in a terminal, for the programs that speak with the terminal.

use crate::session::process::Environment;
use tokio::process::Command;

const ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// The address of the session bus in an environment; empty for the default bus of vmuxd.
pub fn address(env: &Environment) -> &str {
    env.get(ADDRESS).map_or("", sockets_only)
}

/// Has a program speak on this bus.
pub fn set(command: &mut Command, bus: &str) {
    if !bus.is_empty() {
        command.env(ADDRESS, bus);
    }
}

/// The address of a bus, if it names only sockets: other kinds, such as `unixexec:`, start a
/// program. Otherwise empty, which means the default bus of vmuxd.
pub fn sockets_only(address: &str) -> &str {
    let all = address.split(';').all(|part| part.starts_with("unix:"));
    if all { address } else { "" }
}

#[cfg(test)]
mod tests {
    use super::sockets_only;

    #[test]
    fn no_address_of_a_bus_starts_a_program() {
        for good in ["unix:path=/run/user/0/bus", "unix:abstract=/tmp/a,guid=1;unix:path=/b"] {
            assert_eq!(sockets_only(good), good);
        }
        for bad in ["unixexec:path=/bin/sh", "unix:path=/a;unixexec:path=/b", "autolaunch:", ""] {
            assert_eq!(sockets_only(bad), "");
        }
    }
}
