//! The desktop of a simulated day.

use super::Dice;
use crate::desk::Screen;
use crate::world::{Daemon, FakeProcess, World};
use std::path::Path;

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
    pub fn start(&self, world: &World, interval: &str, socket: &Path) -> Daemon {
        let mut command = world.vmuxd();
        command.args(["--interval", interval]).env("VMUX_SOCKET", socket);
        command.env("DISPLAY", &self.screen.display).env("I3SOCK", self.screen.socket());
        let mut daemon = Daemon::start(world, command);
        daemon.socket = socket.to_owned();
        daemon
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
