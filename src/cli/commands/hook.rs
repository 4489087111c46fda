//! `vmux hook`: what the installed hooks call. It tells vmuxd and is done; it never fails, says
//! nothing, starts nothing, and waits for nobody.

use crate::client::dial::other_socket;
use crate::protocol::frame::encode;
use crate::protocol::request::{Hook, Request};
use crate::protocol::socket::Paths;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use serde::Deserialize;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A payload may hold a whole file that is written; more than this is not read.
const LONGEST: u64 = 8 * 1024 * 1024;

/// What is read of it.
#[derive(Deserialize)]
struct Payload {
    session_id: String,
    hook_event_name: String,
    tool_name: Option<String>,
}

/// Run it. Whatever goes wrong, the session that called it must not notice.
pub fn run() {
    let _ = tell();
}

fn tell() -> Option<()> {
    let mut text = Vec::new();
    std::io::stdin().lock().take(LONGEST).read_to_end(&mut text).ok()?;
    let payload: Payload = serde_json::from_slice(&text).ok()?;
    let pid = std::env::var("CLAUDE_PID").ok().and_then(|it| it.parse().ok());
    let request = Request::Hook(Hook {
        session_id: payload.session_id,
        event: payload.hook_event_name,
        tool: payload.tool_name,
        pid,
    });
    let paths = Paths::from_environment().ok()?;
    let mut stream = dial(&paths.socket).or_else(|| dial(&other_socket(&paths)?))?;
    stream.set_nonblocking(false).ok()?;
    stream.set_write_timeout(Some(Duration::from_millis(50))).ok()?;
    stream.write_all(&encode(&request)).ok()
}

/// Not blocking: a vmuxd that is suspended or drowning takes no more connections, and connect would
/// wait for it.
fn dial(path: &Path) -> Option<UnixStream> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).ok()?;
    connect(&socket, &SocketAddrUnix::new(path).ok()?).ok()?;
    Some(UnixStream::from(socket))
}
