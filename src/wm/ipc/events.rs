//! The connection on which the window manager reports events.

use super::IpcError;
use super::client::{connect, json, read_frame};
use super::frame::{self, FrameKind, IpcRequest};
use super::lenient::{Number, Text};
use super::reply::{CommandOutcome, TreeNode};
use super::windows::title_text;
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
pub enum WmEvent {
    /// Windows or workspaces are not where they were.
    Moved,
    /// A window appeared.
    New {
        /// Its container id.
        con_id: u64,
    },
    /// A window closed; i3 may give its id to another window at once.
    Closed {
        /// Its container id.
        con_id: u64,
    },
    /// A window got the focus.
    Focus {
        /// Its container id.
        con_id: u64,
    },
    /// A container covers its output, or does so no longer.
    FullScreen {
        /// Its container id.
        con_id: u64,
        /// As in the tree of containers.
        mode: u64,
    },
    /// A workspace got the focus, or the window in it that had it last.
    WorkspaceFocus {
        /// Its container id.
        con_id: u64,
    },
    /// A workspace was made, and is empty.
    WorkspaceNew(WorkspaceNode),
    /// A workspace was empty, and is gone.
    WorkspaceGone {
        /// Its container id.
        con_id: u64,
    },
    /// A window changed its title.
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

/// A workspace as it is told of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct WorkspaceNode {
    /// Its container id.
    pub id: Number,
    /// Its name.
    pub name: Text,
    /// The name of the output that it is on.
    pub output: Text,
    /// As in the tree of containers.
    pub layout: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WindowEvent {
    change: Text,
    container: Option<TreeNode>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WorkspaceEvent {
    change: Text,
    current: Option<WorkspaceNode>,
}

/// A stream of events. After an error it is of no more use.
#[derive(Debug)]
pub struct EventStream {
    stream: UnixStream,
    buffer: Vec<u8>,
}

impl EventStream {
    /// Connects and subscribes, within `deadline`.
    ///
    /// `output` is a subscription of its own: a sway that does not know it refuses the whole list.
    pub async fn open(path: &Path, deadline: Duration) -> Result<Self, IpcError> {
        let open = async {
            let mut stream = connect(path).await?;
            if !subscribe(&mut stream, br#"["window","workspace","shutdown"]"#).await? {
                return Err(IpcError::Protocol("it refused the subscription".into()));
            }
            subscribe(&mut stream, br#"["output"]"#).await?;
            Ok(EventStream { stream, buffer: Vec::new() })
        };
        timeout(deadline, open).await.map_err(|_| IpcError::Timeout(deadline.as_millis()))?
    }

    /// The next event. No event is lost if the future is dropped.
    pub async fn next(&mut self) -> Result<WmEvent, IpcError> {
        loop {
            if let Some(event) = self.take()? {
                return Ok(event);
            }
            self.stream.readable().await?;
            self.fill(UnixStream::try_read)?;
        }
    }

    /// An event that has already arrived.
    pub fn try_next(&mut self) -> Result<Option<WmEvent>, IpcError> {
        // tokio would read nothing of what arrived since it last asked the kernel what there is.
        let read_now = |stream: &UnixStream, chunk: &mut [u8]| {
            rustix::io::read(stream, chunk).map_err(std::io::Error::from)
        };
        loop {
            if let Some(event) = self.take()? {
                return Ok(Some(event));
            }
            if !self.fill(read_now)? {
                return Ok(None);
            }
        }
    }

    /// Reads the bytes that have arrived; false if there are none.
    fn fill(
        &mut self,
        read: impl Fn(&UnixStream, &mut [u8]) -> std::io::Result<usize>,
    ) -> Result<bool, IpcError> {
        let mut chunk = [0; 16 * 1024];
        match read(&self.stream, &mut chunk) {
            Ok(0) => Err(IpcError::Closed),
            Ok(count) => {
                self.buffer.extend_from_slice(&chunk[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The first event in the buffer, if it is complete.
    fn take(&mut self) -> Result<Option<WmEvent>, IpcError> {
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
    stream.write_all(&frame::encode(IpcRequest::Subscribe, names)).await?;
    loop {
        let (kind, answer) = read_frame(stream).await?;
        // Events that arrive before the answer do not matter: the windows are read afterwards.
        if kind == FrameKind::Reply(IpcRequest::Subscribe as u32) {
            return Ok(json::<CommandOutcome>(&answer)?.success.0);
        }
    }
}

/// Parses one frame. What is not understood is [`WmEvent::Other`] or, to be safe,
/// [`WmEvent::Moved`].
pub fn parse(kind: FrameKind, payload: &[u8]) -> WmEvent {
    let FrameKind::Event(number) = kind else { return WmEvent::Other };
    match number {
        WORKSPACE => return workspace_event(payload),
        OUTPUT => return WmEvent::Moved,
        SHUTDOWN => return WmEvent::Shutdown,
        WINDOW => {}
        _ => return WmEvent::Other,
    }
    let Ok(raw) = json::<WindowEvent>(payload) else { return WmEvent::Moved };
    let container = raw.container.unwrap_or_default();
    let con_id = container.id.0;
    match (raw.change.0.as_deref(), con_id) {
        (Some("new"), Some(con_id)) => WmEvent::New { con_id },
        (Some("close"), Some(con_id)) => WmEvent::Closed { con_id },
        (Some("focus"), Some(con_id)) => WmEvent::Focus { con_id },
        (Some("title"), Some(con_id)) => {
            WmEvent::Title { con_id, title: title_text(container.name.0.unwrap_or_default()) }
        }
        (Some("fullscreen_mode"), Some(con_id)) => {
            WmEvent::FullScreen { con_id, mode: container.fullscreen_mode.0.unwrap_or(0) }
        }
        (Some("urgent" | "mark"), _) => WmEvent::Other,
        _ => WmEvent::Moved,
    }
}

fn workspace_event(payload: &[u8]) -> WmEvent {
    let Ok(raw) = json::<WorkspaceEvent>(payload) else { return WmEvent::Moved };
    let workspace = raw.current.unwrap_or_default();
    match (raw.change.0.as_deref(), workspace.id.0) {
        (Some("focus"), Some(con_id)) => WmEvent::WorkspaceFocus { con_id },
        (Some("init"), Some(_)) => WmEvent::WorkspaceNew(workspace),
        (Some("empty"), Some(con_id)) => WmEvent::WorkspaceGone { con_id },
        (Some("urgent"), _) => WmEvent::Other,
        _ => WmEvent::Moved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(json: &str) -> WmEvent {
        parse(FrameKind::Event(WINDOW), json.as_bytes())
    }

    #[test]
    fn events_that_matter() {
        assert_eq!(
            window(r#"{"change":"focus","container":{"id":7}}"#),
            WmEvent::Focus { con_id: 7 }
        );
        assert_eq!(
            window(r#"{"change":"close","container":{"id":7}}"#),
            WmEvent::Closed { con_id: 7 }
        );
        assert_eq!(
            window(r#"{"change":"title","container":{"id":7,"name":"x"}}"#),
            WmEvent::Title { con_id: 7, title: "x".into() }
        );
        let urgent = r#"{"change":"urgent","container":{"id":7,"urgent":true}}"#;
        assert_eq!(window(urgent), WmEvent::Other);
        assert_eq!(
            parse(FrameKind::Event(SHUTDOWN), b"{\"change\":\"restart\"}"),
            WmEvent::Shutdown
        );
    }

    #[test]
    fn workspaces_that_come_and_go() {
        let event = |json: &str| parse(FrameKind::Event(WORKSPACE), json.as_bytes());
        assert_eq!(
            event(r#"{"change":"focus","current":{"id":7,"nodes":[{"id":8}]},"old":{"id":9}}"#),
            WmEvent::WorkspaceFocus { con_id: 7 }
        );
        assert_eq!(
            event(r#"{"change":"empty","current":{"id":7}}"#),
            WmEvent::WorkspaceGone { con_id: 7 }
        );
        let new = event(r#"{"change":"init","current":{"id":7,"name":"3: x","output":"eDP-1"}}"#);
        let WmEvent::WorkspaceNew(workspace) = new else { panic!("{new:?}") };
        assert_eq!(workspace.output.0.as_deref(), Some("eDP-1"));
        assert_eq!(event(r#"{"change":"urgent","current":{"id":7}}"#), WmEvent::Other);
        for odd in [r#"{"change":"rename","current":{"id":7}}"#, r#"{"change":"focus"}"#, "{"] {
            assert_eq!(event(odd), WmEvent::Moved, "{odd}");
        }
    }

    #[test]
    fn odd_events_do_no_harm() {
        assert_eq!(window("{oops"), WmEvent::Moved);
        assert_eq!(window(r#"{"change":"teleport","container":{"id":7}}"#), WmEvent::Moved);
        assert_eq!(window(r#"{"change":"focus","container":{"id":"x"}}"#), WmEvent::Moved);
        assert_eq!(window(r#"{"change":"focus"}"#), WmEvent::Moved);
        assert_eq!(parse(FrameKind::Event(99), b"{}"), WmEvent::Other);
        assert_eq!(parse(FrameKind::Reply(1), b"[]"), WmEvent::Other);
    }
}
