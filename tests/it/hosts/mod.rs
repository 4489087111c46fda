//! Sessions on other hosts: `vmux relay`, and the links of vmuxd over an ssh that is a script.

mod command;
mod faults;
mod late;
mod links;
mod presence;
mod relay;
mod servers;

use crate::support::program;
use crate::support::world::{Daemon, World, until};
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Output};
use vmux::session::info::SessionInfo;

/// A machine whose ssh is a script: each destination is a script of its own.
pub struct Near {
    pub world: World,
}

impl Near {
    /// With these tables of `[hosts]`.
    pub fn new(config: &str) -> Near {
        let near = Near { world: World::new() };
        fs::create_dir_all(near.world.path("bin")).unwrap();
        fs::create_dir_all(near.world.path("home/.vmux")).unwrap();
        near.configure(config);
        let ssh = near.world.path("bin/ssh");
        let destinations = near.world.path("bin").display().to_string();
        let text = format!(
            "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nexec {destinations}/to-\"$2\"\n"
        );
        program::write(&ssh, &text);
        near
    }

    pub fn configure(&self, config: &str) {
        crate::support::world::write_whole(self.world.path("home/.vmux/config.toml"), config);
    }

    /// What happens when ssh goes to `destination`.
    pub fn destination(&self, destination: &str, script: &str) {
        let path = self.world.path(&format!("bin/to-{destination}"));
        program::write(&path, &format!("#!/bin/sh\n{script}\n"));
    }

    /// The machine of that world is reached as `destination`, after `before` was run.
    pub fn reaches(&self, destination: &str, far: &World, before: &str) {
        self.destination(destination, &format!("{before}\n{}", relay(far)));
    }

    /// A command that finds this ssh.
    pub fn command(&self, mut command: Command) -> Command {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.world.path("bin").display());
        command.env("PATH", path);
        command
    }

    pub fn open(&self) -> Daemon {
        let mut command = self.command(self.world.vmuxd());
        command.args(["--interval", "3600"]);
        Daemon::start(&self.world, command)
    }

    /// `vmux` with these words.
    pub fn vmux(&self, words: &[&str]) -> Output {
        self.command(self.world.vmux()).args(words).output().unwrap()
    }
}

/// The lines of a script that run the relay of that world.
pub fn relay(far: &World) -> String {
    format!(
        "export HOME={} XDG_RUNTIME_DIR={}\nexec {} relay",
        far.home().display(),
        far.path("run").display(),
        env!("CARGO_BIN_EXE_vmux")
    )
}

/// The host of this name, as `hosts` tells it.
pub fn host(daemon: &Daemon, name: &str) -> Value {
    let hosts = daemon.ask("hosts", json!({}))["hosts"].clone();
    let found = hosts.as_array().unwrap().iter().find(|it| it["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no host {name}: {hosts}"))
}

/// Waits until the host is in this state, and returns it.
pub fn until_state(daemon: &Daemon, name: &str, state: &str) -> Value {
    until(&format!("{name} to be {state}"), || host(daemon, name)["state"] == state);
    host(daemon, name)
}

/// Whether these are the pids of the sessions of a host.
pub fn has(sessions: &[SessionInfo], name: &str, pids: &[u32]) -> bool {
    let of = |it: &&SessionInfo| it.host.is_some_and(|it| it.as_str() == name);
    sessions.iter().filter(of).map(|it| it.pid).collect::<Vec<_>>() == pids
}
