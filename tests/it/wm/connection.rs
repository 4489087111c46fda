//! The connection to i3: found, lost, found again; odd answers, none, broken ones.

use crate::faults::Hurry;
use crate::support::desk::mock::{Mock, event, frame};
use crate::support::desk::{DEADLINE, Screen, proc_reader};
use rustix::process::Signal;
use std::time::Duration;
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::ipc::IpcError;
use vmux::wm::ipc::client::IpcClient;
use vmux::wm::ipc::events::{EventStream, WmEvent};
use vmux::wm::manager::{WindowManager, WmConfig};
use vmux::wm::switch::outcome::{SwitchError, SwitchOptions};

#[tokio::test]
async fn no_odd_frame_ends_the_stream_of_events() {
    let odd: &[(&str, Vec<u8>)] = &[
        ("unknown event", event(99, br#"{"change":"x"}"#)),
        ("unknown change", event(3, br#"{"change":"teleport","container":{"id":1}}"#)),
        ("unknown layout", event(3, br#"{"change":"move","container":{"layout":"spiral"}}"#)),
        (
            "numeric class",
            event(3, br#"{"change":"move","container":{"window_properties":{"class":7}}}"#),
        ),
        ("odd type", event(3, br#"{"change":"move","container":{"window_type":null,"nodes":7}}"#)),
        ("missing fields", event(3, b"{}")),
        ("a list", event(3, b"[]")),
        ("not JSON", event(3, b"{oops")),
        (
            "not UTF-8",
            event(3, b"{\"change\":\"title\",\"container\":{\"id\":1,\"name\":\"\xff\xfe\"}}"),
        ),
        ("empty", event(3, b"")),
        ("a stray reply", frame(1, b"[]")),
    ];
    for (name, bytes) in odd {
        let mock = Mock::start(bytes.clone(), b"{}".to_vec());
        let mut events = EventStream::open(&mock.socket(), DEADLINE).await.unwrap();
        let wait = async {
            loop {
                match events.next().await {
                    Ok(WmEvent::Focus { con_id: 7 }) => return,
                    Ok(_) => {}
                    Err(error) => panic!("{name}: {error}"),
                }
            }
        };
        assert!(tokio::time::timeout(DEADLINE, wait).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn bytes_that_are_another_protocol_end_it_once() {
    let mock = Mock::start(b"x3-ipc\x00\x00\x00\x00\x03\x00\x00\x80".to_vec(), b"{}".to_vec());
    let mut events = EventStream::open(&mock.socket(), DEADLINE).await.unwrap();
    assert!(matches!(events.next().await, Err(IpcError::Protocol(_))));
}

#[tokio::test]
async fn a_broken_tree_is_an_error_and_no_window() {
    let mock = Mock::start(Vec::new(), b"{\"nodes\":[{\"id\":1,\"name\":\"cut".to_vec());
    let config = WmConfig {
        hints: SocketHints { configured: Some(mock.socket()), ..SocketHints::default() },
        ..WmConfig::default()
    };
    let mut wm = WindowManager::new(config, proc_reader());
    wm.connect().await.unwrap();
    assert!(matches!(wm.read_windows().await, Err(IpcError::Json(_))));
    let error = wm.switch(std::process::id(), &SwitchOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("tree cannot be read"), "{error}");
}

#[tokio::test]
async fn too_deep_for_i3_itself() {
    let mut screen = Screen::new().await;
    screen.xterm("1", "one").await;
    let leaf = r#"{"type":"con","name":"leaf","swallows":[{"class":"^Never$"}]}"#;
    let mut layout = leaf.to_owned();
    for _ in 0..70 {
        layout = format!(r#"{{"type":"con","layout":"splitv","percent":1,"nodes":[{layout}]}}"#);
    }
    let file = screen.dir().join("deep.json");
    std::fs::write(&file, layout).unwrap();
    screen.workspace("2").await;
    screen.i3(&format!("append_layout {}", file.display())).await;
    let mut wm = WindowManager::new(screen.config(), proc_reader());
    wm.connect().await.unwrap();
    let pid = screen.pid("one").await;
    let error = wm.switch(pid, &SwitchOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("nested deeper"), "{error}");
    // The next question is answered all the same.
    screen.workspace("1").await;
    assert_eq!(screen.focused_workspace().await, "1");
}

#[tokio::test]
async fn without_a_window_manager() {
    let dir = tempfile::tempdir().unwrap();
    let stale = dir.path().join("stale.sock");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    let hints = SocketHints {
        i3sock: Some(stale.clone()),
        runtime_dir: Some(dir.path().to_owned()),
        ..SocketHints::default()
    };
    let mut wm = WindowManager::new(WmConfig { hints, ..WmConfig::default() }, proc_reader());
    let error = wm.connect().await.unwrap_err();
    assert!(error.contains("stale.sock") && error.contains("I3SOCK"), "{error}");
    let error = wm.switch(std::process::id(), &SwitchOptions::default()).await.unwrap_err();
    assert!(matches!(error, SwitchError::Unmanaged(_)), "{error}");
    let mut wm = WindowManager::new(WmConfig::default(), proc_reader());
    assert!(wm.connect().await.unwrap_err().contains("no window manager"));
}

#[tokio::test]
async fn the_socket_is_found_on_the_root_window_and_in_the_runtime_directory() {
    let screen = Screen::new().await;
    // A stale I3SOCK does not stop the search.
    let hints =
        SocketHints { i3sock: Some("/nonexistent/i3.sock".into()), ..SocketHints::default() };
    let displays = vec![screen.display.clone()];
    let mut wm =
        WindowManager::new(WmConfig { hints, displays, title_probe: false }, proc_reader());
    wm.connect().await.unwrap();
    assert!(wm.name().unwrap().starts_with("i3 4."));
    let run = tempfile::tempdir().unwrap();
    std::fs::create_dir(run.path().join("i3")).unwrap();
    std::os::unix::fs::symlink(screen.socket(), run.path().join("i3/ipc-socket.1")).unwrap();
    let hints = SocketHints { runtime_dir: Some(run.path().to_owned()), ..SocketHints::default() };
    let mut wm = WindowManager::new(WmConfig { hints, ..WmConfig::default() }, proc_reader());
    wm.connect().await.unwrap();
    // Which display it manages it tells itself.
    wm.read_windows().await.unwrap();
    assert_eq!(wm.x_trouble(), None);
}

#[tokio::test]
async fn windows_are_found_again_after_a_restart() {
    let mut screen = Screen::new().await;
    let old = screen.xterm("1", "one").await;
    let mut wm = screen.wm().await;
    screen.restart_i3().await;
    let pid = screen.pid("one").await;
    wm.switch(pid, &SwitchOptions::default()).await.unwrap();
    let found = wm.locate(pid).await.unwrap();
    assert_ne!(found.candidates(), [old]);
    assert_eq!(screen.focus().await, Some(found.candidates()[0]));
}

#[tokio::test]
async fn a_stopped_i3_costs_the_deadline_and_is_found_again() {
    let mut screen = Screen::new().await;
    screen.xterm("1", "one").await;
    let pid = screen.pid("one").await;
    // What a look takes, and another desk for the rest.
    let (mut wm, mut usual) = (screen.wm().await, screen.wm().await);
    let began = std::time::Instant::now();
    usual.read_windows().await.unwrap();
    let hurry = Hurry::after(began.elapsed());
    screen.signal(screen.i3_pid, Signal::STOP);
    let error = wm.switch(pid, &SwitchOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("no answer within 500 ms"), "{error}");
    hurry.assert_within(Duration::from_secs(3));
    screen.continue_i3().await;
    wm.switch(pid, &SwitchOptions::default()).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_late_is_not_taken_for_another() {
    let screen = Screen::new().await;
    let mut client =
        IpcClient::connect(&screen.socket(), Duration::from_millis(100)).await.unwrap();
    screen.signal(screen.i3_pid, Signal::STOP);
    assert!(matches!(client.tree().await, Err(IpcError::Timeout(_))));
    screen.signal(screen.i3_pid, Signal::CONT);
    assert!(matches!(client.version().await, Err(IpcError::Poisoned)));
}

#[tokio::test]
async fn tmux_panes_are_selected_without_a_window_manager() {
    let mut screen = Screen::new().await;
    let (one, two) = (screen.markers.script("one"), screen.markers.script("two"));
    screen.tmux_in("1", "s", &crate::support::desk::words(&["new-session", &one])).await;
    screen.pid("one").await;
    screen.tmux("s", &["new-window", &two]);
    let config = WmConfig {
        hints: SocketHints { configured: Some("/nonexistent".into()), ..SocketHints::default() },
        ..WmConfig::default()
    };
    let mut wm = WindowManager::new(config, proc_reader());
    let pid = screen.pid("one").await;
    let panes = ["list-windows", "-F", "#{window_index}#{window_active}"];
    // Where there are other sessions to go to, nothing is done.
    let needs_window = SwitchOptions { needs_window: true, ..SwitchOptions::default() };
    let error = wm.switch(pid, &needs_window).await.unwrap_err();
    assert!(matches!(error, SwitchError::PaneOnly { selected: false, .. }), "{error}");
    assert!(screen.tmux("s", &panes).contains("11"));
    let error = wm.switch(pid, &SwitchOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("only the tmux pane was selected"), "{error}");
    assert!(!error.is_near());
    let active = screen.tmux("s", &panes);
    assert!(active.contains("01"), "{active}");
}
