//! The desktop of a simulated day.

use super::Dice;
use crate::support::desk::Screen;
use crate::support::world::{Daemon, FakeProcess, World};
use std::path::Path;
use std::process::Command;

/// So many windows, on so many workspaces.
const WINDOWS: usize = 5;
const WORKSPACES: u64 = 8;

/// A real i3 with real terminals. The sessions are their children, as far as vmuxd can tell.
pub struct Desktop {
    runtime: tokio::runtime::Runtime,
    screen: Screen,
    /// Container and pid of each.
    windows: Vec<(u64, u32)>,
}

impl Desktop {
    pub fn new(world: &World) -> Desktop {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (screen, windows) = runtime.block_on(async {
            let mut screen = Screen::new().await;
            let mut windows = Vec::new();
            for number in 0..WINDOWS {
                screen.workspace(&format!("{number}")).await;
                screen.forget_events().await;
                let pid = screen.spawn(&["xterm"]);
                windows.push((screen.new_window().await, pid));
                FakeProcess::new(world, pid, "xterm").detached().live();
            }
            (screen, windows)
        });
        Desktop { runtime, screen, windows }
    }

    /// A vmuxd that sees this desktop and the sessions of `world`.
    pub fn start(&self, world: &World, interval: &str) -> Daemon {
        Daemon::start(world, self.vmuxd(world, interval))
    }

    /// The same, beside another one: with a home of its own, in which its socket is.
    pub fn start_in(&self, world: &World, interval: &str, home: &Path) -> Daemon {
        let socket = home.join("vmuxd.sock");
        let mut command = self.vmuxd(world, interval);
        command.env("VMUX_HOME", home).env("VMUX_SOCKET", &socket);
        let mut daemon = Daemon::start(world, command);
        daemon.socket = socket;
        daemon
    }

    fn vmuxd(&self, world: &World, interval: &str) -> Command {
        let mut command = world.vmuxd();
        command.args(["--interval", interval]);
        command.env("DISPLAY", &self.screen.display).env("I3SOCK", self.screen.socket());
        command
    }

    /// The pid of some terminal.
    pub fn terminal(&self, dice: &mut Dice) -> u32 {
        self.windows[dice.roll(WINDOWS as u64) as usize].1
    }

    /// A window goes to another workspace, or the user does.
    pub fn step(&mut self, dice: &mut Dice) {
        let workspace = dice.roll(WORKSPACES);
        let (window, _) = self.windows[dice.roll(WINDOWS as u64) as usize];
        let command = match dice.roll(3) {
            0 => format!("workspace --no-auto-back-and-forth {workspace}"),
            1 => format!("[con_id={window}] focus"),
            _ => format!("[con_id={window}] move container to workspace {workspace}"),
        };
        let screen = &mut self.screen;
        self.runtime.block_on(async {
            screen.i3(&command).await;
            screen.forget_events().await;
        });
    }
}
