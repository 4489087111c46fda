//! A switch looks at the windows anew only if something happened since they were read that no event
//! tells all about: a fake sway counts the looks, and closes windows at the worst moment.

use crate::support::desk::mock::{Mock, Says, event};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use vmux::daemon::clock::Now;
use vmux::daemon::desktop;
use vmux::daemon::desktop::message::{DesktopReport, TrackedSession};
use vmux::proc::files::ReadProcess;
use vmux::proc::{ProcFiles, ProcRoot};
use vmux::session::process::{Environment, Process, ProcessId};
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::manager::{WindowManager, WmConfig};
use vmux::wm::switch::outcome::{SwitchError, SwitchOptions};

const GET_TREE: u32 = 4;
const WORKSPACE: u32 = 0;
const WINDOW: u32 = 3;
const CLAUDE: u32 = 100;
/// The terminal of a session: this process, which also listens as kitty does.
fn terminal() -> u32 {
    std::process::id()
}

/// Another session, in the other window.
const SECOND: u32 = 101;
const OTHER: u32 = 60;
const DONE: &str = r#"[{"success":true}]"#;

/// A few processes that are not in `/proc`: sessions in terminals, the children of pid 1.
#[derive(Clone)]
struct Processes {
    /// The name of the terminals.
    terminal: &'static str,
    /// The socket on which the terminal kitty listens.
    kitty: Option<String>,
    /// How often the children of each process were asked for.
    asked_children: Arc<Mutex<HashMap<u32, usize>>>,
}

impl Processes {
    fn of(terminal: &'static str) -> Processes {
        Processes { terminal, kitty: None, asked_children: Arc::default() }
    }

    fn of_kitty(socket: &Path) -> Processes {
        Processes { kitty: Some(format!("unix:{}", socket.display())), ..Processes::of("kitty") }
    }
}

impl ReadProcess for Processes {
    fn process(&self, pid: u32) -> Option<Process> {
        let in_one_window = self.terminal == "kitty";
        let (ppid, comm) = match pid {
            CLAUDE => (terminal(), "claude"),
            SECOND => (if in_one_window { terminal() } else { OTHER }, "claude"),
            OTHER => (1, self.terminal),
            _ if pid == terminal() => (1, self.terminal),
            _ => return None,
        };
        let id = ProcessId { pid, start: 1 };
        let comm = comm.into();
        Some(Process { id, ppid, comm, state: 'S', leader: pid, tty: 0, image: 0 })
    }

    fn argv(&self, _: u32) -> Vec<String> {
        Vec::new()
    }

    fn env(&self, _: u32) -> Environment {
        self.kitty.iter().map(|it| ("KITTY_LISTEN_ON", it.as_str())).collect()
    }

    fn children(&self, pid: u32) -> Vec<u32> {
        *self.asked_children.lock().unwrap().entry(pid).or_default() += 1;
        Vec::new()
    }
}

fn proc_of(processes: Processes) -> ProcFiles {
    ProcFiles::with(ProcRoot::new("/nonexistent"), processes)
}

/// The session's window on one workspace, another window with the focus on another one.
fn tree(con_id: Option<u64>) -> Vec<u8> {
    let ours = con_id.map_or_else(String::new, |id| {
        format!(r#"{{"id":{id},"type":"con","name":"ours","pid":{}}}"#, terminal())
    });
    let text = format!(
        r#"{{"type":"root","nodes":[{{"type":"output","name":"o","nodes":[
            {{"type":"workspace","id":1,"name":"1","nodes":[{ours}]}},
            {{"type":"workspace","id":2,"name":"2","nodes":[
                {{"id":9,"type":"con","name":"other","pid":60,"focused":true}}]}}]}}]}}"#
    );
    text.into_bytes()
}

fn window(change: &str, con_id: u64) -> Vec<u8> {
    let payload = format!(r#"{{"change":"{change}","container":{{"id":{con_id}}}}}"#);
    event(WINDOW, payload.as_bytes())
}

async fn world() -> (Mock, WindowManager) {
    world_of(Processes::of("foot")).await
}

async fn world_of(processes: Processes) -> (Mock, WindowManager) {
    let mock = Mock::saying(Says {
        tree: tree(Some(5)),
        version: r#"{"major":1,"minor":9,"variant":"sway"}"#,
        outcome: DONE,
        effect: window("focus", 5),
        ..Says::default()
    });
    let hints = SocketHints { configured: Some(mock.socket()), ..SocketHints::default() };
    let mut wm = WindowManager::new(WmConfig { hints, ..WmConfig::default() }, proc_of(processes));
    wm.connect().await.unwrap();
    // The fake says a word after a subscription.
    wm.next_event().await.unwrap();
    wm.read_windows().await.unwrap();
    (mock, wm)
}

async fn switch(wm: &mut WindowManager) -> Result<u64, SwitchError> {
    let switched = wm.switch(CLAUDE, &SwitchOptions::default()).await?;
    Ok(switched.place.window.unwrap().con_id)
}

#[tokio::test]
async fn when_nothing_happened_the_windows_are_not_read_again() {
    let (mock, mut wm) = world().await;
    assert_eq!(switch(&mut wm).await, Ok(5));
    assert_eq!(mock.asked(GET_TREE), 1);
    // The focus moved: the next one looks. It is where it should be, so there is no command.
    mock.change(|says| says.tree = tree(Some(5)));
    assert_eq!(switch(&mut wm).await, Ok(5));
    assert_eq!(mock.asked(GET_TREE), 2);
    // A title and a mark change nothing, and of the focus and of full screen the event tells all.
    mock.tell(&window("title", 9));
    mock.tell(&window("mark", 9));
    mock.tell(&window("focus", 9));
    mock.tell(&window("fullscreen_mode", 9));
    assert_eq!(switch(&mut wm).await, Ok(5));
    assert_eq!(mock.asked(GET_TREE), 2);
    mock.tell(&window("close", 9));
    mock.tell(&event(WORKSPACE, br#"{"change":"focus","current":{"id":2}}"#));
    assert_eq!(switch(&mut wm).await, Ok(5));
    assert_eq!(mock.asked(GET_TREE), 2);
}

#[tokio::test]
async fn after_other_changes_they_are() {
    for change in ["new", "move", "floating", "teleport"] {
        let (mock, mut wm) = world().await;
        mock.change(|says| {
            says.tree = tree(Some(6));
            says.effect = window("focus", 6);
        });
        mock.tell(&window(change, 9));
        assert_eq!(switch(&mut wm).await, Ok(6), "{change}");
        assert_eq!(mock.asked(GET_TREE), 2, "{change}");
    }
}

#[tokio::test]
async fn a_window_that_is_gone_is_an_error_or_its_successor_is_found() {
    let (mock, mut wm) = world().await;
    mock.change(|says| {
        says.outcome = r#"[{"success":false,"error":"No window matches given criteria"}]"#;
        says.tree = tree(Some(5));
    });
    let error = switch(&mut wm).await.unwrap_err();
    assert!(matches!(error, SwitchError::Closed(_)), "{error}");
    // It closed while the command was on its way, and the next window got its number: i3 says that
    // all went well.
    let (mock, mut wm) = world().await;
    let taken = [window("close", 5), window("new", 5), window("focus", 5)].concat();
    mock.change(|says| {
        says.tree = tree(None);
        says.effect = taken;
    });
    let error = switch(&mut wm).await.unwrap_err();
    assert!(matches!(error, SwitchError::Closed(_)), "{error}");
    assert_eq!(mock.asked(GET_TREE), 2);
}

#[tokio::test]
async fn a_command_that_does_nothing_is_no_success() {
    let (mock, mut wm) = world().await;
    mock.change(|says| says.effect = window("focus", 9));
    let error = switch(&mut wm).await.unwrap_err();
    assert!(matches!(error, SwitchError::NotSeen(_)), "{error}");
}

/// A kitty whose windows are numbered anew whenever it is asked; it tells which one it is to show.
fn kitty(socket: &Path) -> mpsc::Receiver<String> {
    let listener = UnixListener::bind(socket).unwrap();
    let (shown, told) = mpsc::channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (mut stream, mut ask) = (stream.unwrap(), Vec::new());
            while !ask.ends_with(b"\x1b\\") {
                let mut bytes = [0; 512];
                let count = stream.read(&mut bytes).unwrap();
                ask.extend_from_slice(&bytes[..count]);
            }
            let ask = String::from_utf8(ask).unwrap();
            let list = serde_json::json!([{ "tabs": [{ "windows": [
                { "id": number, "pid": CLAUDE }
            ] }] }]);
            if ask.contains("focus-window") {
                shown.send(ask).unwrap();
            }
            let answer = serde_json::json!({ "ok": true, "data": list.to_string() });
            stream.write_all(format!("\x1bP@kitty-cmd{answer}\x1b\\").as_bytes()).unwrap();
        }
    });
    told
}

#[tokio::test]
async fn in_the_successor_of_a_window_that_closed_its_own_tab_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("kitty");
    let shown = kitty(&socket);
    let (mock, mut wm) = world_of(Processes::of_kitty(&socket)).await;
    mock.change(|says| {
        says.tree = tree(Some(6));
        says.effect = [window("close", 5), window("focus", 6)].concat();
    });
    assert_eq!(switch(&mut wm).await, Ok(6));
    // The answer to the second question counts.
    assert!(shown.recv_timeout(crate::support::desk::DEADLINE).unwrap().contains("id:1"));
    assert!(shown.try_recv().is_err());
}

#[tokio::test]
async fn a_terminal_that_hangs_is_asked_once_for_all_its_sessions() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("kitty");
    let silent = UnixListener::bind(&socket).unwrap();
    let (mock, mut wm) = world_of(Processes::of_kitty(&socket)).await;
    let two = String::from_utf8(tree(Some(5)))
        .unwrap()
        .replace("\"pid\":60", &format!("\"pid\":{}", terminal()));
    mock.change(|says| says.tree = two.into_bytes());
    wm.read_windows().await.unwrap();
    for _ in 0..2 {
        for pid in [CLAUDE, SECOND] {
            assert_eq!(wm.locate(pid).await.unwrap().place.candidates, 2);
        }
        // The next scan.
        wm.forget_facts(true);
    }
    silent.set_nonblocking(true).unwrap();
    silent.accept().unwrap();
    assert!(silent.accept().is_err(), "it was asked again");
}

#[tokio::test]
async fn a_title_is_looked_at_for_the_sessions_of_its_window_only() {
    let processes = Processes::of("foot");
    let asked = processes.asked_children.clone();
    let mock = Mock::saying(Says {
        tree: tree(Some(5)),
        version: r#"{"major":1,"minor":9,"variant":"sway"}"#,
        ..Says::default()
    });
    let hints = SocketHints { configured: Some(mock.socket()), ..SocketHints::default() };
    let (reports, mut told) = tokio::sync::mpsc::channel(64);
    let config = WmConfig { hints, ..WmConfig::default() };
    let handle = desktop::spawn(config, proc_of(processes), reports, Now::read());
    let subject = |pid| TrackedSession {
        process: ProcessId { pid, start: 1 },
        display: None,
        authority: None,
        title: None,
    };
    handle.set_sessions([CLAUDE, SECOND].map(subject).into());
    // The fake tells of a focus when it is connected to, and that is looked at.
    crate::support::desk::eventually("two looks", async || {
        (mock.asked(GET_TREE) >= 2).then_some(())
    })
    .await;
    // What is known of all is looked up again now and then, which may fall between two titles.
    let (mut names, mut before) = (0_u32.., HashMap::new());
    crate::support::desk::eventually("a title for which only its own window is looked at", async || {
        let name = names.next().unwrap().to_string();
        let payload = format!(r#"{{"change":"title","container":{{"id":5,"name":"{name}"}}}}"#);
        mock.tell(&event(WINDOW, payload.as_bytes()));
        while !matches!(told.recv().await.unwrap(), DesktopReport::Title { title, .. } if title == name)
        {
        }
        let now = asked.lock().unwrap().clone();
        let before = std::mem::replace(&mut before, now.clone());
        let is_same = before.contains_key(&OTHER) && now[&OTHER] == before[&OTHER];
        (is_same && now[&terminal()] > before[&terminal()]).then_some(())
    })
    .await;
}
