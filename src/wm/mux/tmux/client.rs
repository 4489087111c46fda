//! Runs one command in a tmux server, over its socket.

use super::protocol::{CommandResult, Conversation};
use crate::session::sanitize::clean;
use crate::wm::dial::dial;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// tmux answers within 1 ms; one that is stopped never does.
const DEADLINE: Duration = Duration::from_millis(1500);

/// How much is read at once, in bytes.
const READ_SIZE: usize = 64 * 1024;

/// Runs a command in the server of pid `server` that listens on `socket`: what it printed.
///
/// Several commands stand in one, with `;` as an argument between them. The error is a clause for
/// the user: the server cannot be reached, is another process than `server`, does not answer, or
/// what it says of the command.
pub async fn run<S: AsRef<[u8]>>(
    server: u32,
    socket: &Path,
    arguments: &[S],
) -> Result<String, String> {
    let result = match timeout(DEADLINE, converse(server, socket, arguments)).await {
        Ok(result) => result?,
        Err(_) => {
            return Err(format!(
                "tmux (pid {server}) did not answer within {} ms: is it stopped? `kill -CONT` wakes it",
                DEADLINE.as_millis()
            ));
        }
    };
    if result.status != 0 {
        let said = clean(&String::from_utf8_lossy(&result.error), 200);
        return Err(match said.is_empty() {
            true => format!("tmux failed with status {}", result.status),
            false => format!("tmux says: {said}"),
        });
    }
    Ok(String::from_utf8_lossy(&result.output).into_owned())
}

async fn converse<S: AsRef<[u8]>>(
    server: u32,
    socket: &Path,
    arguments: &[S],
) -> Result<CommandResult, String> {
    let failed = |error: io::Error| {
        format!("tmux cannot be reached at {}: {error}", clean(&socket.display().to_string(), 200))
    };
    let mut stream = dial(socket).await.map_err(failed)?;
    check_peer(&stream, server).map_err(|error| failed(io::Error::other(error)))?;
    let (mut conversation, first) = Conversation::begin(arguments, std::process::id())
        .map_err(|error| format!("tmux: {error}"))?;
    stream.write_all(&first).await.map_err(failed)?;
    let mut buffer = vec![0; READ_SIZE];
    while !conversation.is_finished() {
        let length = stream.read(&mut buffer).await.map_err(failed)?;
        if length == 0 {
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        let reply = conversation
            .receive(&buffer[..length])
            .map_err(|error| format!("tmux (pid {server}): {error}"))?;
        if !reply.is_empty() {
            // A server that ends at once may be gone by now; its result is complete all the same.
            let written = stream.write_all(&reply).await;
            if !conversation.is_finished() {
                written.map_err(failed)?;
            }
        }
    }
    Ok(conversation.into_result())
}

/// Who listens must be the very process that was found above the session: a path alone may lead
/// to any other.
fn check_peer(stream: &UnixStream, server: u32) -> Result<(), String> {
    let peer = stream.peer_cred().map_err(|error| error.to_string())?;
    let pid = peer.pid().and_then(|pid| u32::try_from(pid).ok());
    if pid != Some(server) {
        return Err(format!("another process than {server} listens there"));
    }
    Ok(())
}
