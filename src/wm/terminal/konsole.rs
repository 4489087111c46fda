//! konsole, over D-Bus: which window holds a session, and how to show it.
//!
//! `WINDOWID` of what runs in konsole is frozen when the tab is made, and tabs move. D-Bus knows
//! the sessions of each window (`/Windows/N`) and the X11 id of each main window
//! (`/konsole/MainWindow_N`), but not which belongs to which. The numbers agree only as long as no
//! window was closed; otherwise no window is named.
//!
//! The calls go through `dbus-send`, which comes with D-Bus. Each takes 2 to 3 ms, and is made only
//! if konsole has several windows or a switch goes to it.

use super::{Tab, TabPlace};
use crate::proc::ProcFiles;
use crate::wm::mux::command;
use std::time::Duration;
use tokio::process::Command;

/// Longer than `--reply-timeout` of dbus-send.
const ANSWER_WITHIN: Duration = Duration::from_millis(700);
const WINDOW_INTERFACE: &str = "org.kde.konsole.Window";

/// A konsole process on a session bus.
struct Konsole<'a> {
    bus: &'a str,
    service: &'a str,
}

/// Where konsole shows its child.
pub async fn ask(proc: &ProcFiles, child: u32) -> Option<TabPlace> {
    let env = proc.env(child);
    let service = env.get("KONSOLE_DBUS_SERVICE")?;
    let object = env.get("KONSOLE_DBUS_SESSION")?;
    let bus = env.get("DBUS_SESSION_BUS_ADDRESS").map_or("", |address| sockets_only(address));
    let session: u32 = object.strip_prefix("/Sessions/")?.parse().ok()?;
    let konsole = Konsole { bus, service };
    // A konsole that was started from konsole inherits the variables.
    let owner = konsole.call(object, "org.kde.konsole.Session.processId", &[]).await?;
    if !owner.contains(&u64::from(child)) {
        return None;
    }
    let numbers = konsole.children("/Windows", "").await?;
    for number in &numbers {
        let window = format!("/Windows/{number}");
        let sessions =
            konsole.call(&window, &format!("{WINDOW_INTERFACE}.sessionList"), &[]).await?;
        if !sessions.contains(&u64::from(session)) {
            continue;
        }
        return Some(TabPlace {
            xid: konsole.xid(*number, &numbers).await,
            title: None,
            tab: Tab::Konsole { bus: bus.to_owned(), service: service.to_owned(), window, session },
        });
    }
    None
}

/// Brings a session into view.
pub async fn select(bus: &str, service: &str, window: &str, session: u32) -> Result<(), String> {
    let method = format!("{WINDOW_INTERFACE}.setCurrentSession");
    let done = Konsole { bus, service }.call(window, &method, &[format!("int32:{session}")]).await;
    done.map(drop).ok_or_else(|| "konsole could not be told to show its tab".into())
}

impl Konsole<'_> {
    /// The X11 id of a window, if the numbers can be trusted.
    async fn xid(&self, number: u64, windows: &[u64]) -> Option<u32> {
        let mains = self.children("/konsole", "MainWindow_").await?;
        let unclosed: Vec<u64> = (1..).take(windows.len()).collect();
        if windows != unclosed || mains != unclosed {
            return None;
        }
        let main = format!("/konsole/MainWindow_{number}");
        let ids = self.call(&main, "org.kde.KMainWindow.winId", &[]).await?;
        ids.first().and_then(|id| u32::try_from(*id).ok())
    }

    /// Numbers of the objects below `path` whose names begin with `prefix`, in order.
    async fn children(&self, path: &str, prefix: &str) -> Option<Vec<u64>> {
        let method = "org.freedesktop.DBus.Introspectable.Introspect";
        Some(numbered(&self.run(path, method, &[]).await?, prefix))
    }

    /// Makes a call; gives the numbers in the answer.
    async fn call(&self, path: &str, method: &str, arguments: &[String]) -> Option<Vec<u64>> {
        Some(numbers(&self.run(path, method, arguments).await?))
    }

    async fn run(&self, path: &str, method: &str, arguments: &[String]) -> Option<String> {
        let mut command = Command::new("dbus-send");
        command.args(["--session", "--print-reply=literal", "--reply-timeout=500"]);
        command.arg(format!("--dest={}", self.service)).args([path, method]).args(arguments);
        if !self.bus.is_empty() {
            command.env("DBUS_SESSION_BUS_ADDRESS", self.bus);
        }
        command::text("dbus-send", &mut command, ANSWER_WITHIN).await.ok()
    }
}

/// The address of a bus, if it names only sockets: other kinds, such as `unixexec:`, start a
/// program. Otherwise empty, which means the default bus of vmuxd.
pub fn sockets_only(address: &str) -> &str {
    let all = address.split(';').all(|part| part.starts_with("unix:"));
    if all { address } else { "" }
}

/// The numbers of the objects in an introspection whose names begin with `prefix`, in order.
pub fn numbered(introspection: &str, prefix: &str) -> Vec<u64> {
    let start = format!("<node name=\"{prefix}");
    let names = introspection.split(start.as_str()).skip(1);
    let mut numbers: Vec<u64> =
        names.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers
}

/// `   array [ 1 2 ]` → 1, 2; `   int32 7` → 7, without the digits of the type.
pub fn numbers(said: &str) -> Vec<u64> {
    said.split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '"'))
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{numbers, sockets_only};

    #[test]
    fn no_address_of_a_bus_starts_a_program() {
        for good in ["unix:path=/run/user/0/bus", "unix:abstract=/tmp/a,guid=1;unix:path=/b"] {
            assert_eq!(sockets_only(good), good);
        }
        for bad in ["unixexec:path=/bin/sh", "unix:path=/a;unixexec:path=/b", "autolaunch:", ""] {
            assert_eq!(sockets_only(bad), "");
        }
    }

    #[test]
    fn numbers_of_an_answer() {
        assert_eq!(numbers("   int32 7\n"), [7]);
        assert_eq!(numbers("   array [\n      1      22   ]\n"), [1, 22]);
        assert_eq!(numbers("   int64 50331654\n"), [50331654]);
        assert!(numbers("   array [ ]").is_empty());
    }
}
