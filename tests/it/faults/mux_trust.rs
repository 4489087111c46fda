//! A multiplexer's server is not trusted: it may be a program in a sandbox that only calls itself one.

use crate::support::desk::{Screen, need_root, words};
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;
use vmux::wm::mux::tmux::client::run;

/// A message of tmux's protocol: type, length, version 8, pid; then data.
fn message(kind: u32, data: &[u8]) -> Vec<u8> {
    let length = 16 + data.len() as u32;
    let header = [kind, length, 8, u32::MAX].map(u32::to_ne_bytes).concat();
    [&header, data].concat()
}

fn numbers(numbers: &[i32], text: &[u8]) -> Vec<u8> {
    let numbers: Vec<u8> = numbers.iter().flat_map(|it| it.to_ne_bytes()).collect();
    [&numbers, text].concat()
}

/// Asks a server in this process, which sends `said` at once, and closes when its client does.
async fn ask(socket: &Path, said: Vec<u8>) -> Result<String, String> {
    let listener = UnixListener::bind(socket).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // The client may have heard enough before this is through.
        let _ = stream.write_all(&said);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
    });
    let answer = run(std::process::id(), socket, &["list-panes"]).await;
    server.join().unwrap();
    answer
}

#[tokio::test]
async fn a_server_gets_no_file_and_no_command() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("written");
    let path = [target.as_os_str().as_encoded_bytes(), b"\0"].concat();
    let said = [
        // MSG_WRITE_OPEN, MSG_WRITE, MSG_WRITE_CLOSE, MSG_READ_OPEN of a file.
        message(303, &numbers(&[3, -1, 0], &path)),
        message(304, &numbers(&[3], b"text")),
        message(306, &numbers(&[3], b"")),
        message(300, &numbers(&[4, -1], b"/proc/self/environ\0")),
        // MSG_LOCK, MSG_SHELL and MSG_EXEC with a command.
        message(206, &[b"touch ", &path[..]].concat()),
        message(209, b"/bin/sh\0"),
        message(217, &[b"touch ", &path[..], b"/bin/sh\0"].concat()),
        message(303, &numbers(&[1, 1, 0], b"")),
        message(304, &numbers(&[1], b"out\n")),
        message(203, &numbers(&[0], b"")),
    ];
    let answer = ask(&dir.path().join("s"), said.concat()).await;
    assert_eq!(answer.as_deref(), Ok("out\n"));
    assert!(!target.exists());
}

#[tokio::test]
async fn nonsense_is_an_error_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    for (index, bytes) in [
        vec![b'x'; 4096],
        vec![0xff; 4096],
        vec![0; 4096],
        Vec::new(),
        message(304, b""),
        message(203, &numbers(&[0], b""))[..18].to_vec(),
        message(203, &numbers(&[1], b"")),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = ask(&dir.path().join(index.to_string()), bytes).await;
        said.push(answer.map_or_else(|error| error, |text| format!("ok: {text:?}")));
    }
    assert!(said.iter().all(|it| it.starts_with("tmux") && it.lines().count() == 1), "{said:#?}");
}

#[tokio::test]
async fn who_listens_must_be_the_server_that_was_found() {
    let mut screen = Screen::new().await;
    let argv = words(&["new-session", "-s", "s", &screen.markers.script("one")]);
    screen.tmux_in("1", "s", &argv).await;
    screen.pid("one").await;
    let socket = screen.dir().join("s");
    let pid = screen.tmux("s", &["display-message", "-p", "#{pid}"]).trim().parse().unwrap();
    let panes = ["list-panes", "-a", "-F", "#{session_name}"];
    assert_eq!(run(pid, &socket, &panes).await.as_deref(), Ok("s\n"));
    let error = run(1, &socket, &panes).await.unwrap_err();
    assert!(error.contains("another process than 1 listens there"), "{error}");
}

#[tokio::test]
async fn a_server_in_a_namespace_of_its_own_is_not_asked() {
    need_root("to begin a network namespace");
    let mut screen = Screen::new().await;
    let tmux = screen.tmux_argv("s");
    let session = words(&["new-session", "-s", "s", &screen.markers.script("inside")]);
    let argv = [words(&["xterm", "-e", "unshare", "--net"]), tmux, session].concat();
    screen.open("1", &argv).await;
    let found = screen.find("inside").await;
    assert_eq!(found.candidates(), [0; 0], "{found:?}");
    assert!(found.place.how.contains("has a net namespace of its own"), "{}", found.place.how);
}
