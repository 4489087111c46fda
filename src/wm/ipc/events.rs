//! The connection on which the window manager tells what happens.

use super::IpcError;
use super::client::{json, read_frame};
use super::frame::{self, Kind, Request};
use super::lenient::Text;
use super::reply::{Outcome, Tree};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::time::timeout;

const WORKSPACE: u32 = 0;
const OUTPUT: u32 = 1;
const WINDOW: u32 = 3;
const SHUTDOWN: u32 = 6;

/// What happened, as far as it matters to vmux.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Windows or workspaces are not where they were.
    Moved,
    /// A window came.
    New {
        /// Its container id.
        con_id: u64,
    },
    /// A window is gone; i3 gives its number to another one, perhaps at once.
    Closed {
        /// Its container id.
        con_id: u64,
    },
    /// A window has the focus.
    Focus {
        /// Its container id.
        con_id: u64,
    },
    /// A window has another title.
    Title {
        /// Its container id.
        con_id: u64,
        /// The title.
        title: String,
    },
    /// The window manager restarts or ends.
    Shutdown,
    /// Something else.
    Other,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    change: Text,
    container: Option<Tree>,
}

/// A stream of events. It ends once, with an error, and is then to be opened anew.
#[derive(Debug)]
pub struct Events {
    stream: UnixStream,
    buffer: Vec<u8>,
}

impl Events {
    /// Connects and subscribes, within `deadline`.
    ///
    /// `output` is asked for by itself: a sway that does not know it refuses the whole list.
    pub async fn open(path: &Path, deadline: Duration) -> Result<Self, IpcError> {
        let open = async {
            let mut stream = UnixStream::connect(path)
                .await
                .map_err(|source| IpcError::Connect { path: path.display().to_string(), source })?;
            if !subscribe(&mut stream, br#"["window","workspace","shutdown"]"#).await? {
                return Err(IpcError::Protocol("it refused the subscription".into()));
            }
            subscribe(&mut stream, br#"["output"]"#).await?;
            Ok(Events { stream, buffer: Vec::new() })
        };
        timeout(deadline, open).await.map_err(|_| IpcError::Timeout(deadline.as_millis()))?
    }

    /// The next event. May be dropped while it waits without losing one.
    pub async fn next(&mut self) -> Result<Event, IpcError> {
        loop {
            if let Some(event) = self.take()? {
                return Ok(event);
            }
            self.stream.readable().await?;
            self.fill()?;
        }
    }

    /// An event that has already arrived.
    pub fn try_next(&mut self) -> Result<Option<Event>, IpcError> {
        loop {
            if let Some(event) = self.take()? {
                return Ok(Some(event));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Reads what has arrived; false when there is nothing.
    fn fill(&mut self) -> Result<bool, IpcError> {
        let mut chunk = [0; 16 * 1024];
        match self.stream.try_read(&mut chunk) {
            Ok(0) => Err(IpcError::Closed),
            Ok(count) => {
                self.buffer.extend_from_slice(&chunk[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// One event out of the buffer, if a whole one is there.
    fn take(&mut self) -> Result<Option<Event>, IpcError> {
        let Some(header) = self.buffer.first_chunk::<{ frame::HEADER }>() else {
            return Ok(None);
        };
        let (kind, length) = frame::decode(header)?;
        let end = frame::HEADER + length;
        if self.buffer.len() < end {
            return Ok(None);
        }
        let event = parse(kind, &self.buffer[frame::HEADER..end]);
        self.buffer.drain(..end);
        Ok(Some(event))
    }
}

async fn subscribe(stream: &mut UnixStream, names: &[u8]) -> Result<bool, IpcError> {
    stream.write_all(&frame::encode(Request::Subscribe, names)).await?;
    loop {
        let (kind, answer) = read_frame(stream).await?;
        // Events that arrive before the answer tell of a world that is read anew anyway.
        if kind == Kind::Reply(Request::Subscribe as u32) {
            return Ok(json::<Outcome>(&answer)?.success.0);
        }
    }
}

/// Reads one frame; whatever is not understood is [`Event::Other`] or, to be safe,
/// [`Event::Moved`].
fn parse(kind: Kind, payload: &[u8]) -> Event {
    let Kind::Event(number) = kind else { return Event::Other };
    match number {
        WORKSPACE | OUTPUT => return Event::Moved,
        SHUTDOWN => return Event::Shutdown,
        WINDOW => {}
        _ => return Event::Other,
    }
    let Ok(raw) = json::<Raw>(payload) else { return Event::Moved };
    let container = raw.container.unwrap_or_default();
    let con_id = container.id.0;
    match (raw.change.0.as_deref(), con_id) {
        (Some("new"), Some(con_id)) => Event::New { con_id },
        (Some("close"), Some(con_id)) => Event::Closed { con_id },
        (Some("focus"), Some(con_id)) => Event::Focus { con_id },
        (Some("title"), Some(con_id)) => {
            Event::Title { con_id, title: container.name.0.unwrap_or_default() }
        }
        (Some("urgent" | "mark" | "fullscreen_mode"), _) => Event::Other,
        _ => Event::Moved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(json: &str) -> Event {
        parse(Kind::Event(WINDOW), json.as_bytes())
    }

    #[test]
    fn events_that_matter() {
        assert_eq!(
            window(r#"{"change":"focus","container":{"id":7}}"#),
            Event::Focus { con_id: 7 }
        );
        assert_eq!(
            window(r#"{"change":"close","container":{"id":7}}"#),
            Event::Closed { con_id: 7 }
        );
        assert_eq!(
            window(r#"{"change":"title","container":{"id":7,"name":"x"}}"#),
            Event::Title { con_id: 7, title: "x".into() }
        );
        assert_eq!(parse(Kind::Event(SHUTDOWN), b"{\"change\":\"restart\"}"), Event::Shutdown);
    }

    #[test]
    fn odd_events_do_no_harm() {
        assert_eq!(window("{oops"), Event::Moved);
        assert_eq!(window(r#"{"change":"teleport","container":{"id":7}}"#), Event::Moved);
        assert_eq!(window(r#"{"change":"focus","container":{"id":"x"}}"#), Event::Moved);
        assert_eq!(window(r#"{"change":"focus"}"#), Event::Moved);
        assert_eq!(parse(Kind::Event(99), b"{}"), Event::Other);
        assert_eq!(parse(Kind::Reply(1), b"[]"), Event::Other);
    }
}
