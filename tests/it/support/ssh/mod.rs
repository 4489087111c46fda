//! Hosts on one machine: each has a network, processes, mounts and a name of its own, a real sshd(8),
//! a user with a home, a runtime directory and keys. A bridge connects them. They are made by the
//! test and end with it, or with the test's process.
//!
//! Needs root, for namespaces and users.

pub mod host;

pub use host::Host;

use super::desk::{need, need_root};
use host::HostFiles;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// The bridge's address, where tests place a router that rewrites addresses.
pub const ROUTER: &str = "10.99.0.254";

/// Hosts that reach each other.
pub struct Network {
    hosts: Vec<Host>,
    bridge: Host,
    _dir: tempfile::TempDir,
}

impl Network {
    /// Hosts of these names, with addresses from 10.99.0.1 on, without sshd as yet.
    pub fn new(names: &[&str]) -> Network {
        need_root("to make hosts with users of their own");
        for program in ["unshare", "ip", "sshd", "ssh", "tmux"] {
            need(program);
        }
        // Not in /tmp, of which each host has its own.
        let dir = tempfile::Builder::new().prefix("vmux").tempdir_in("/var/tmp").unwrap();
        fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let key = dir.path().join("key");
        generate_key(&key);
        let files = HostFiles { dir: dir.path(), key: &key, names };
        let bridge = files.make("bridge", 255);
        bridge.ip(&["link", "add", "br0", "type", "bridge"]);
        bridge.ip(&["link", "set", "br0", "up"]);
        bridge.ip(&["addr", "add", &format!("{ROUTER}/24"), "dev", "br0"]);
        let hosts = (1..).zip(names).map(|(number, name)| {
            let host = files.make(name, number);
            let (port, pid) = (format!("to-{name}"), host.pid().to_string());
            // The host's end is made in its namespace, whose pid the bridge cannot name.
            let link = ["link", "add", &port, "type", "veth", "peer", "name", "eth0"];
            host.outside_ip(&bridge, &[&link[..], &["netns", &pid]].concat());
            bridge.ip(&["link", "set", &port, "master", "br0", "up"]);
            host.ip(&["addr", "add", &format!("{}/24", host.address()), "dev", "eth0"]);
            host.ip(&["link", "set", "eth0", "up"]);
            host
        });
        let hosts = hosts.collect();
        Network { hosts, bridge, _dir: dir }
    }

    /// The same, with an sshd on each but the first, at which the user sits.
    pub fn with_sshd(names: &[&str]) -> Network {
        let network = Network::new(names);
        network.hosts.iter().skip(1).for_each(Host::start_sshd);
        network
    }

    /// The host of this name.
    pub fn host(&self, name: &str) -> &Host {
        self.hosts.iter().find(|host| host.name() == name).expect("no such host")
    }

    /// The bridge, on which packets can be rewritten, held up and lost.
    pub fn bridge(&self) -> &Host {
        &self.bridge
    }
}

/// An ed25519 key pair without a passphrase.
pub fn generate_key(path: &Path) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(path);
    assert!(command.status().unwrap().success());
}

/// The path of sshd, which insists on an absolute one.
fn sshd_path() -> String {
    let dirs = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];
    let found = dirs.iter().map(|dir| format!("{dir}/sshd")).find(|it| Path::new(it).exists());
    found.unwrap_or_else(|| panic!("sshd is missing: apt-get install openssh-server"))
}
