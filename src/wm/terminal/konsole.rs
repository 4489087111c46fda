//! konsole, over D-Bus: which window holds a session, and how to show it.
//!
//! `WINDOWID` of what runs in konsole is frozen when the tab is made, and tabs move. D-Bus knows
//! the sessions of each window (`/Windows/N`) and the X11 id of each main window
//! (`/konsole/MainWindow_N`), but not which belongs to which. The numbers agree only as long as no
//! window was closed: a new main window takes the lowest number that is free, and `/Windows` counts
//! on (22.12). Then the order decides in which they were made, which is that of the X11 ids; unless
//! the title of the window is not that of the tab in front, which D-Bus tells.
//!
//! The calls go through `dbus-send`, which comes with D-Bus. Each takes 2 to 3 ms, and is made only
//! if konsole has several windows or a switch goes to it.

use super::{Tab, TabPlace, bus};
use crate::proc::ProcFiles;
use crate::wm::mux::command;
use std::time::Duration;
use tokio::process::Command;

/// Longer than `--reply-timeout` of dbus-send.
const ANSWER_WITHIN: Duration = Duration::from_millis(700);

/// Every X11 id of a client is at least this. On Wayland konsole numbers its windows 1, 2, …
const LOWEST_XID: u32 = 1 << 21;

const WINDOW_INTERFACE: &str = "org.kde.konsole.Window";

/// The title of a main window, as interface and name for dbus-send. konsole sets it anew when that of
/// the tab in front changes, so that another one does not stay. (`setTitle` of a session would: the
/// title follows its directory no more. 22.12.)
const TITLE_PROPERTY: [&str; 2] = ["string:org.qtproject.Qt.QWidget", "string:windowTitle"];
const PROPERTY_GET: &str = "org.freedesktop.DBus.Properties.Get";
const PROPERTY_SET: &str = "org.freedesktop.DBus.Properties.Set";

/// What tells windows apart of which konsole's answers do not.
pub const WHAT_ELSE_TELLS: &str = "konsole does not tell which, once one of its windows was closed; \
    other titles do, and `konsole --separate`, which has a process of its own";

/// A longer title cannot be set again: it would be too long for an argument.
const MAX_TITLE: usize = 4096;

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
    let bus = bus::address(&env);
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
        let mains = konsole.children("/konsole", "MainWindow_").await.unwrap_or_default();
        let main = is_unclosed(&numbers) && is_unclosed(&mains) && numbers.len() == mains.len();
        let main = main.then_some(*number);
        let found = konsole.xid(*number, &numbers, &mains, main).await;
        let title = match found {
            Some(_) => None,
            None => konsole.front_title(*number).await,
        };
        return Some(TabPlace {
            xid: found.map(|(xid, _)| xid),
            is_certain: found.is_some_and(|(_, is_certain)| is_certain),
            title,
            windows: Some(numbers.len()),
            tab: Some(Tab::Konsole {
                bus: bus.to_owned(),
                service: service.to_owned(),
                window,
                session,
                main,
            }),
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

/// Gives a main window this title until `is_seen` is done, and then the one that it had, unless it has
/// got another one by then.
pub async fn show_title(
    bus: &str,
    service: &str,
    main: u64,
    title: &str,
    is_seen: impl Future<Output = ()>,
) -> Result<(), String> {
    let konsole = Konsole { bus, service };
    let read = || async {
        konsole.main_title(main).await.ok_or("konsole does not tell the title of its window")
    };
    let old = read().await?;
    if old.len() > MAX_TITLE {
        return Err("the title of the window is too long to be set again".to_owned());
    }
    let given = konsole.set_main_title(main, title).await;
    if given.is_ok() {
        is_seen.await;
    }
    // It may have done what it has not answered.
    if read().await? == title {
        konsole.set_main_title(main, &old).await?;
    }
    given
}

impl Konsole<'_> {
    /// The X11 id of a window, and whether the numbers tell it: then `main` is its number as a main
    /// window.
    async fn xid(
        &self,
        number: u64,
        windows: &[u64],
        mains: &[u64],
        main: Option<u64>,
    ) -> Option<(u32, bool)> {
        if let Some(main) = main {
            return Some((self.win_id(main).await?, true));
        }
        let mut xids = Vec::with_capacity(mains.len());
        for main in mains {
            xids.push((self.win_id(*main).await?, *main));
        }
        let (xid, main) = of_same_rank(number, windows, &mut xids)?;
        let title = self.main_title(main).await?;
        let agrees = match self.front_title(number).await {
            Some(front) => title.contains(&front),
            None => true,
        };
        agrees.then_some((xid, false))
    }

    /// The title of a main window, as konsole gave it to Qt, which puts the name of konsole behind it.
    async fn main_title(&self, main: u64) -> Option<String> {
        let said =
            self.run(&main_window(main), PROPERTY_GET, &TITLE_PROPERTY.map(String::from)).await?;
        Some(said.trim_start().strip_prefix("variant")?.trim().to_owned())
    }

    async fn set_main_title(&self, main: u64, title: &str) -> Result<(), String> {
        let [interface, name] = TITLE_PROPERTY.map(String::from);
        let arguments = [interface, name, format!("variant:string:{title}")];
        let said = self.run(&main_window(main), PROPERTY_SET, &arguments).await;
        said.map(drop).ok_or_else(|| "konsole could not be told the title of its window".to_owned())
    }

    async fn win_id(&self, main: u64) -> Option<u32> {
        let ids = self.call(&main_window(main), "org.kde.KMainWindow.winId", &[]).await?;
        ids.first().and_then(|id| u32::try_from(*id).ok()).filter(|id| *id >= LOWEST_XID)
    }

    /// The title of the tab in front of a window, if konsole knows which it is.
    async fn front_title(&self, number: u64) -> Option<String> {
        let window = format!("/Windows/{number}");
        let method = format!("{WINDOW_INTERFACE}.currentSession");
        let session = *self.call(&window, &method, &[]).await?.first()?;
        let object = format!("/Sessions/{session}");
        // 1 is the title that is shown (`Session::DisplayedTitleRole`).
        let shown = ["int32:1".to_owned()];
        let title = self.run(&object, "org.kde.konsole.Session.title", &shown).await?;
        let title = title.trim();
        (!title.is_empty()).then(|| title.to_owned())
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
        bus::set(&mut command, self.bus);
        command::text("dbus-send", &mut command, ANSWER_WITHIN).await.ok()
    }
}

fn main_window(number: u64) -> String {
    format!("/konsole/MainWindow_{number}")
}

/// Whether these numbers of windows are those of the first ones: none of them was closed.
fn is_unclosed(numbers: &[u64]) -> bool {
    (1..).zip(numbers).all(|(rank, number)| rank == *number)
}

/// Of main windows, given as X11 id and number, the one that was made as the manyth as the window of
/// this number. `None` if there are more of one kind than of the other.
fn of_same_rank(number: u64, windows: &[u64], mains: &mut [(u32, u64)]) -> Option<(u32, u64)> {
    let rank = windows.iter().position(|it| *it == number)?;
    mains.sort_unstable();
    mains.get(rank).copied().filter(|_| mains.len() == windows.len())
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
    use super::{is_unclosed, numbers, of_same_rank};

    #[test]
    fn a_main_window_takes_the_number_of_a_closed_one() {
        // Window 1 was closed, and window 3 opened, which got its number.
        let mains = || vec![(90, 1), (80, 2)];
        assert_eq!(of_same_rank(2, &[2, 3], &mut mains()), Some((80, 2)));
        assert_eq!(of_same_rank(3, &[2, 3], &mut mains()), Some((90, 1)));
        assert_eq!(of_same_rank(1, &[2, 3], &mut mains()), None);
        assert_eq!(of_same_rank(2, &[2, 3, 4], &mut mains()), None);
    }

    #[test]
    fn while_no_window_was_closed_the_numbers_have_no_gap() {
        assert!(is_unclosed(&[1]) && is_unclosed(&[1, 2, 3]));
        assert!(!is_unclosed(&[2]) && !is_unclosed(&[1, 3]));
    }

    #[test]
    fn numbers_of_an_answer() {
        assert_eq!(numbers("   int32 7\n"), [7]);
        assert_eq!(numbers("   array [\n      1      22   ]\n"), [1, 22]);
        assert_eq!(numbers("   int64 50331654\n"), [50331654]);
        assert!(numbers("   array [ ]").is_empty());
    }
}
