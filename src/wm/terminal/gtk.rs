//! tilix and gnome-terminal, over D-Bus: they bring one of their terminals into view when they are
//! told to. They do not say which window it is in, but have it activated ([`super::attention`]). And
//! terminator, which tells the title of the window (2.1).
//!
//! tilix has an action for that (`activate-terminal`, 1.9). gnome-terminal does it as a search
//! provider of GNOME Shell, which is off (3.46) until
//! `gsettings set org.gnome.Terminal.Legacy.Settings shell-integration-enabled true`, and a start of
//! it after that. Its results are the numbers of its terminals, whose names are in
//! `GNOME_TERMINAL_SCREEN`.
//!
//! The calls go through `gdbus` of GLib, because dbus-send cannot write a list of variants. Each
//! takes some 10 ms, and is made only for a switch to a terminal with tabs or several windows.

use super::{Tab, TabPlace, bus};
use crate::proc::ProcFiles;
use crate::wm::mux::command;
use std::time::Duration;
use tokio::process::Command;

const ANSWER_WITHIN: Duration = Duration::from_millis(700);

/// What a bus calls itself.
const BUS: [&str; 3] = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"];

const TILIX: &str = "com.gexperts.Tilix";

/// How the name of each terminator begins.
const TERMINATOR: &str = "net.tenshu.Terminator2";

/// The names of processes, as the kernel cuts them.
const COMM_OF_TILIX: &str = "tilix";
const COMM_OF_GNOME_TERMINAL: &str = "gnome-terminal-";
const COMM_OF_TERMINATOR: &str = "terminator";

/// How a terminal of GTK is told to show one of its terminals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// Address of the session bus; empty for the default one.
    bus: String,
    /// Name on the bus, object, and method.
    target: [String; 3],
    /// The arguments of the method, in the notation of GVariant.
    arguments: Vec<String>,
}

impl Activation {
    /// Whether it is one of tilix, which leaves a window alone that has the focus (1.9).
    pub fn is_of_tilix(&self) -> bool {
        self.target[0] == TILIX
    }
}

/// How the user has a terminal of this name answer, which does not as it comes.
pub fn how_it_tells(comm: &str) -> Option<&'static str> {
    (comm == COMM_OF_GNOME_TERMINAL).then_some(
        "`gsettings set org.gnome.Terminal.Legacy.Settings shell-integration-enabled true` has \
         gnome-terminal tell, from its next start; the title probe can tell, too",
    )
}

/// Whether terminals of this name may answer.
pub fn can_be_asked(comm: &str) -> bool {
    matches!(comm, COMM_OF_TILIX | COMM_OF_GNOME_TERMINAL | COMM_OF_TERMINATOR)
}

/// How to have the terminal `owner` show its child, or the title of the window that has it; `None` if it
/// tells neither.
pub async fn ask(proc: &ProcFiles, owner: u32, child: u32) -> Option<TabPlace> {
    let env = proc.env(child);
    let bus = bus::address(&env);
    let (title, tab) = match proc.process(owner)?.comm.as_str() {
        COMM_OF_TILIX => (None, Some(ask_tilix(bus, owner, env.get("TILIX_ID")?).await?)),
        COMM_OF_GNOME_TERMINAL => {
            let service = env.get("GNOME_TERMINAL_SERVICE")?;
            let screen = env.get("GNOME_TERMINAL_SCREEN")?;
            (None, Some(ask_gnome_terminal(bus, service, screen).await?))
        }
        COMM_OF_TERMINATOR => {
            let name = env.get("TERMINATOR_DBUS_NAME")?;
            (Some(ask_terminator(bus, name, env.get("TERMINATOR_UUID")?).await?), None)
        }
        _ => return None,
    };
    let tab = tab.map(Tab::Gtk);
    Some(TabPlace { xid: None, is_certain: false, title, windows: None, tab })
}

async fn ask_tilix(bus: &str, owner: u32, id: &str) -> Option<Activation> {
    let activation = of_tilix(bus, id)?;
    // A tilix that was started from another one, or on another bus, is not the one that has the
    // name.
    let [name, object, interface] = BUS;
    let target = [name, object, &format!("{interface}.GetConnectionUnixProcessID")];
    let said = call(bus, target, &[TILIX.to_owned()]).await.ok()?;
    (number(&said) == Some(owner)).then_some(activation)
}

async fn ask_gnome_terminal(bus: &str, service: &str, screen: &str) -> Option<Activation> {
    let activation = of_gnome_terminal(bus, service, screen)?;
    let [name, object, _] = &activation.target;
    let target = [name, object, "org.gnome.Shell.SearchProvider2.GetResultMetas"];
    let id = activation.arguments.first()?;
    let said = call(bus, target, &[format!("[{id}]")]).await.ok()?;
    said.contains(id.as_str()).then_some(activation)
}

/// The title of the window with the terminal of this number.
async fn ask_terminator(bus: &str, name: &str, id: &str) -> Option<String> {
    let is_of_terminator = |rest: &str| rest.chars().all(|c| c.is_ascii_alphanumeric());
    name.strip_prefix(TERMINATOR).filter(|rest| is_of_terminator(rest))?;
    let id = uuid(id.strip_prefix("urn:uuid:")?)?;
    let target = [name, "/net/tenshu/Terminator2", &format!("{name}.get_window_title")];
    text(&call(bus, target, &[format!("<'urn:uuid:{id}'>")]).await.ok()?)
}

/// Brings a terminal into view in its window, and asks for the window to be activated.
pub async fn select(activation: &Activation) -> Result<(), String> {
    let [name, object, method] = &activation.target;
    call(&activation.bus, [name, object, method], &activation.arguments).await.map(drop)
}

/// From `TILIX_ID`.
fn of_tilix(bus: &str, id: &str) -> Option<Activation> {
    let target = [TILIX, "/com/gexperts/Tilix", "org.gtk.Actions.Activate"].map(str::to_owned);
    let arguments = ["activate-terminal".into(), format!("[<'{}'>]", uuid(id)?), "{}".into()];
    Some(Activation { bus: bus.to_owned(), target, arguments: arguments.into() })
}

/// From `GNOME_TERMINAL_SERVICE` and `GNOME_TERMINAL_SCREEN`.
fn of_gnome_terminal(bus: &str, service: &str, screen: &str) -> Option<Activation> {
    let is_unique = |name: &str| name.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'));
    if !service.starts_with(':') || !is_unique(service) {
        return None;
    }
    let id = screen.strip_prefix("/org/gnome/Terminal/screen/")?.replace('_', "-");
    let provider = "/org/gnome/Terminal/SearchProvider";
    let target = [service, provider, "org.gnome.Shell.SearchProvider2.ActivateResult"];
    // No words were searched for, and 0 is the time of no event.
    let arguments = [format!("'{}'", uuid(&id)?), "@as []".into(), "0".into()];
    Some(Activation {
        bus: bus.to_owned(),
        target: target.map(str::to_owned),
        arguments: arguments.into(),
    })
}

/// The same text, if it is a UUID: it becomes part of an argument.
fn uuid(text: &str) -> Option<&str> {
    let fits = text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    fits.then_some(text)
}

/// `(uint32 7,)` → 7.
pub fn number(said: &str) -> Option<u32> {
    said.trim().strip_prefix("(uint32 ")?.strip_suffix(",)")?.parse().ok()
}

/// `('a title',)`, or with double quotes if there is one in it → the title. None if it has characters that
/// are written with a backslash.
pub fn text(said: &str) -> Option<String> {
    let quoted = said.trim().strip_prefix('(')?.strip_suffix(",)")?;
    let quote = quoted.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let title = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
    (!title.contains('\\')).then(|| title.to_owned())
}

/// Makes a call of a name, an object and a method; gives the answer in the notation of GVariant.
async fn call(bus: &str, target: [&str; 3], arguments: &[String]) -> Result<String, String> {
    let [name, object, method] = target;
    let mut command = Command::new("gdbus");
    command.args(["call", "--session", "--dest", name, "--object-path", object]);
    command.args(["--method", method]).args(arguments);
    bus::set(&mut command, bus);
    command::text("gdbus", &mut command, ANSWER_WITHIN).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "56ea3952-90d1-45cb-9a5e-18fc0427bb4a";

    #[test]
    fn tilix_is_told_by_its_action() {
        let activation = of_tilix("", ID).unwrap();
        assert_eq!(activation.arguments[1], format!("[<'{ID}'>]"));
    }

    #[test]
    fn gnome_terminal_names_its_terminals_like_objects() {
        let screen = format!("/org/gnome/Terminal/screen/{}", ID.replace('-', "_"));
        let activation = of_gnome_terminal("unix:path=/b", ":1.3", &screen).unwrap();
        assert_eq!(activation.arguments[0], format!("'{ID}'"));
        assert_eq!(activation.target[0], ":1.3");
    }

    #[test]
    fn what_is_no_number_of_a_terminal_is_not_passed_on() {
        for id in ["", "x", "' , 'quit", &format!("{ID}'"), &ID.replace('5', "'")] {
            assert_eq!(of_tilix("", id), None, "{id}");
            let screen = format!("/org/gnome/Terminal/screen/{id}");
            assert_eq!(of_gnome_terminal("", ":1.3", &screen), None, "{id}");
        }
        let screen = format!("/org/gnome/Terminal/screen/{ID}");
        for service in ["", "org.gnome.Terminal", "--help", ":1.3 x"] {
            assert_eq!(of_gnome_terminal("", service, &screen), None, "{service}");
        }
    }

    #[test]
    fn the_title_of_a_window() {
        assert_eq!(text("('✳ Fix it',)\n").as_deref(), Some("✳ Fix it"));
        assert_eq!(text("(\"it's\",)").as_deref(), Some("it's"));
        for odd in ["('a\\tb',)", "()", "(uint32 7,)", "('", "('',)x", "'x'"] {
            assert_eq!(text(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_number_of_a_process() {
        assert_eq!(number("(uint32 4711,)\n"), Some(4711));
        assert_eq!(number("('4711',)"), None);
    }
}
