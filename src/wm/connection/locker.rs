//! A program that locks the screen. It covers all windows, and the window manager, which goes on giving
//! them the focus, knows nothing of it: its window is not managed (i3lock on X11), or no window (swaylock).
//!
//! Such a program runs only while it locks. Screen savers that run all the time are not looked for.

use super::Connection;
use super::kind::WmKind;
use crate::proc::ProcFiles;
use crate::session::process::Environment;
use crate::wm::manager::WindowManager;
use crate::wm::x11::display_number;
use std::path::Path;

/// Their names, and of which window manager they lock the screen.
const NAMES: &[(&str, WmKind)] = &[
    ("i3lock", WmKind::I3),
    ("slock", WmKind::I3),
    ("xsecurelock", WmKind::I3),
    ("xtrlock", WmKind::I3),
    ("xlock", WmKind::I3),
    ("swaylock", WmKind::Sway),
    ("gtklock", WmKind::Sway),
    ("hyprlock", WmKind::Sway),
    ("waylock", WmKind::Sway),
];

/// A program that locks some screen.
#[derive(Debug, Clone)]
struct Locker {
    name: &'static str,
    kind: WmKind,
    pid: u32,
    env: Environment,
}

impl WindowManager {
    /// The name of the program that locks the screen, if one does: the window with the focus is not seen
    /// then. Takes some 5 µs for each process of the machine.
    pub async fn locked_by(&mut self) -> Option<&'static str> {
        let running = running(self.proc());
        if running.is_empty() {
            return None;
        }
        of(self.tracker().connected().ok()?, &running).await
    }
}

/// Those that run, on whatever screen.
fn running(proc: &ProcFiles) -> Vec<Locker> {
    let processes = proc.names();
    let mut found = Vec::new();
    for &(name, kind) in NAMES {
        let pids = processes.called(name).iter();
        found.extend(pids.map(|&pid| Locker { name, kind, pid, env: proc.env(pid) }));
    }
    found
}

/// The name of the one that locks the screen of this window manager.
async fn of(connection: &mut Connection, running: &[Locker]) -> Option<&'static str> {
    let kind = connection.kind;
    for locker in running.iter().filter(|it| it.kind == kind) {
        let x_display = connection.display.as_ref().map(|(name, _)| name.as_str());
        let own = |name: &str| {
            connection.env.iter().find(|(it, _)| *it == name).map(|(_, value)| value.as_str())
        };
        if locker.was_started_on(x_display, own("WAYLAND_DISPLAY"))
            || is_client(connection, locker.pid).await
        {
            return Some(locker.name);
        }
    }
    None
}

impl Locker {
    /// Whether it was started on this display.
    fn was_started_on(&self, x_display: Option<&str>, wayland: Option<&str>) -> bool {
        match self.kind {
            WmKind::I3 => {
                let number = self.env.get("DISPLAY").and_then(display_number);
                number.is_some() && number == x_display.and_then(display_number)
            }
            WmKind::Sway => {
                // The path of a socket, or its name in the runtime directory.
                let socket = wayland.map(Path::new);
                let own = self.env.get("WAYLAND_DISPLAY").map(Path::new);
                let same = |own: &Path, socket: &Path| match own.is_absolute() {
                    true => own == socket,
                    false => Some(own.as_os_str()) == socket.file_name(),
                };
                own.zip(socket).is_some_and(|(own, socket)| same(own, socket))
            }
        }
    }
}

/// Whether the X server of i3 knows the process: the environment of slock cannot be read.
async fn is_client(connection: &mut Connection, pid: u32) -> bool {
    let Some(x) = connection.x.as_mut().filter(|_| connection.kind == WmKind::I3) else {
        return false;
    };
    x.owners(Vec::new()).await.is_ok_and(|owners| owners.clients.contains(&pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_locks_another_screen_does_not_count() {
        let locker = |kind, name: &str, value: &str| {
            let env = [(name, value)].into_iter().collect();
            Locker { name: "i3lock", kind, pid: 7, env }
        };
        let i3lock = locker(WmKind::I3, "DISPLAY", ":1.0");
        assert!(i3lock.was_started_on(Some(":1"), None));
        assert!(!i3lock.was_started_on(Some(":2"), None) && !i3lock.was_started_on(None, None));
        let swaylock = locker(WmKind::Sway, "WAYLAND_DISPLAY", "wayland-1");
        assert!(swaylock.was_started_on(Some(":1"), Some("/run/user/7/wayland-1")));
        assert!(!swaylock.was_started_on(None, Some("/run/user/7/wayland-2")));
        let by_path = locker(WmKind::Sway, "WAYLAND_DISPLAY", "/run/user/7/wayland-1");
        assert!(by_path.was_started_on(None, Some("/run/user/7/wayland-1")));
        assert!(!by_path.was_started_on(None, Some("/run/user/8/wayland-1")));
        assert!(!locker(WmKind::Sway, "HOME", "/").was_started_on(None, None));
        assert!(!locker(WmKind::I3, "HOME", "/").was_started_on(None, None));
    }
}
