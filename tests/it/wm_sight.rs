//! A switch looks at the windows anew only if something happened since they were read: a fake sway
//! counts the looks, and closes windows at the worst moment.

use crate::desk::mock::{Mock, Says, event};
use std::collections::BTreeMap;
use vmux::session::process::{Process, ProcessId};
use vmux::wm::desk::{Config, Desk};
use vmux::wm::discover::Hints;
use vmux::wm::outcome::{SwitchError, SwitchOptions};
use vmux::wm::reader::Reader;

const GET_TREE: u32 = 4;
const WINDOW: u32 = 3;
const CLAUDE: u32 = 100;
const TERMINAL: u32 = 50;
const DONE: &str = r#"[{"success":true}]"#;

/// A session in a terminal, the child of pid 1.
fn reader() -> Reader {
    let process = |pid, ppid, comm: &str| Process {
        id: ProcessId { pid, start: 1 },
        ppid,
        comm: comm.to_owned(),
        state: 'S',
        leader: pid,
        tty: 0,
    };
    Reader {
        root: "/nonexistent".into(),
        process: Box::new(move |pid| match pid {
            CLAUDE => Some(process(CLAUDE, TERMINAL, "claude")),
            TERMINAL => Some(process(TERMINAL, 1, "foot")),
            _ => None,
        }),
        env: Box::new(|_| BTreeMap::new()),
        argv: Box::new(|_| Vec::new()),
        children: Box::new(|_| Vec::new()),
    }
}

/// The session's window on one workspace, another window with the focus on another one.
fn tree(con_id: Option<u64>) -> Vec<u8> {
    let ours = con_id.map_or_else(String::new, |id| {
        format!(r#"{{"id":{id},"type":"con","name":"ours","pid":{TERMINAL}}}"#)
    });
    let text = format!(
        r#"{{"type":"root","nodes":[{{"type":"output","name":"o","nodes":[
            {{"type":"workspace","name":"1","nodes":[{ours}]}},
            {{"type":"workspace","name":"2","nodes":[
                {{"id":9,"type":"con","name":"other","pid":60,"focused":true}}]}}]}}]}}"#
    );
    text.into_bytes()
}

fn window(change: &str, con_id: u64) -> Vec<u8> {
    let payload = format!(r#"{{"change":"{change}","container":{{"id":{con_id}}}}}"#);
    event(WINDOW, payload.as_bytes())
}

async fn world() -> (Mock, Desk) {
    let mock = Mock::saying(Says {
        tree: tree(Some(5)),
        version: r#"{"major":1,"minor":9,"variant":"sway"}"#,
        outcome: DONE,
        effect: window("focus", 5),
        ..Says::default()
    });
    let hints = Hints { configured: Some(mock.socket()), ..Hints::default() };
    let mut desk = Desk::new(Config { hints, ..Config::default() }, reader());
    desk.connect().await.unwrap();
    // The fake says a word after a subscription.
    desk.event().await.unwrap();
    desk.look().await.unwrap();
    (mock, desk)
}

async fn switch(desk: &mut Desk) -> Result<u64, SwitchError> {
    let switched = desk.switch(CLAUDE, &SwitchOptions::default()).await?;
    Ok(switched.place.window.unwrap().con_id)
}

#[tokio::test]
async fn when_nothing_happened_the_windows_are_not_read_again() {
    let (mock, mut desk) = world().await;
    assert_eq!(switch(&mut desk).await, Ok(5));
    assert_eq!(mock.asked(GET_TREE), 1);
    // The focus moved: the next one looks. It is where it should be, so there is no command.
    mock.change(|says| says.tree = tree(Some(5)));
    assert_eq!(switch(&mut desk).await, Ok(5));
    assert_eq!(mock.asked(GET_TREE), 2);
    // A title and a mark change nothing.
    mock.tell(&window("title", 9));
    mock.tell(&window("mark", 9));
    assert_eq!(switch(&mut desk).await, Ok(5));
}

#[tokio::test]
async fn after_any_change_they_are() {
    for change in ["new", "close", "move", "floating", "teleport", "focus"] {
        let (mock, mut desk) = world().await;
        mock.change(|says| {
            says.tree = tree(Some(6));
            says.effect = window("focus", 6);
        });
        mock.tell(&window(change, 9));
        assert_eq!(switch(&mut desk).await, Ok(6), "{change}");
        assert_eq!(mock.asked(GET_TREE), 2, "{change}");
    }
}

#[tokio::test]
async fn a_window_that_is_gone_is_an_error_or_its_successor_is_found() {
    let (mock, mut desk) = world().await;
    mock.change(|says| {
        says.outcome = r#"[{"success":false,"error":"No window matches given criteria"}]"#;
        says.tree = tree(Some(5));
    });
    let error = switch(&mut desk).await.unwrap_err();
    assert!(matches!(error, SwitchError::Closed(_)), "{error}");
    // It closed while the command was on its way, and the next window got its number: i3 says that
    // all went well.
    let (mock, mut desk) = world().await;
    let taken = [window("close", 5), window("new", 5), window("focus", 5)].concat();
    mock.change(|says| {
        says.tree = tree(None);
        says.effect = taken;
    });
    let error = switch(&mut desk).await.unwrap_err();
    assert!(matches!(error, SwitchError::Closed(_)), "{error}");
    assert_eq!(mock.asked(GET_TREE), 2);
}

#[tokio::test]
async fn a_command_that_does_nothing_is_no_success() {
    let (mock, mut desk) = world().await;
    mock.change(|says| says.effect = window("focus", 9));
    let error = switch(&mut desk).await.unwrap_err();
    assert!(matches!(error, SwitchError::NotSeen(_)), "{error}");
}
