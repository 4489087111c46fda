//! A connection for requests, each answered before the next is sent.

use super::IpcError;
use super::frame::{self, FrameKind, HEADER, IpcRequest};
use super::reply::{CommandOutcome, TreeNode, Version, WorkspaceRow};
use crate::wm::dial::dial;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// A connection to i3 or sway.
#[derive(Debug)]
pub struct IpcClient {
    stream: UnixStream,
    deadline: Duration,
    poisoned: bool,
}

impl IpcClient {
    /// Connects. This call and every later one on the connection takes at most `deadline`.
    pub async fn connect(path: &Path, deadline: Duration) -> Result<Self, IpcError> {
        let stream = timeout(deadline, connect(path)).await;
        let stream = stream.map_err(|_| IpcError::Timeout(deadline.as_millis()))??;
        Ok(IpcClient { stream, deadline, poisoned: false })
    }

    /// Pid of the window manager, from the kernel.
    pub fn peer_pid(&self) -> Option<u32> {
        let pid = self.stream.peer_cred().ok()?.pid()?;
        u32::try_from(pid).ok()
    }

    /// Whether the connection can still be used.
    pub fn usable(&self) -> bool {
        !self.poisoned
    }

    /// Name and version: `i3 4.22`, `sway 1.7`.
    pub async fn version(&mut self) -> Result<Version, IpcError> {
        json(&self.ask(IpcRequest::GetVersion, b"").await?)
    }

    /// The tree of containers.
    pub async fn tree(&mut self) -> Result<TreeNode, IpcError> {
        json(&self.ask(IpcRequest::GetTree, b"").await?)
    }

    /// The workspaces.
    pub async fn workspaces(&mut self) -> Result<Vec<WorkspaceRow>, IpcError> {
        json(&self.ask(IpcRequest::GetWorkspaces, b"").await?)
    }

    /// Runs commands; gives one outcome for each.
    pub async fn run(&mut self, commands: &str) -> Result<Vec<CommandOutcome>, IpcError> {
        json(&self.ask(IpcRequest::RunCommand, commands.as_bytes()).await?)
    }

    /// Sends a request; gives the payload of the answer.
    pub async fn ask(&mut self, request: IpcRequest, payload: &[u8]) -> Result<Vec<u8>, IpcError> {
        if self.poisoned {
            return Err(IpcError::Poisoned);
        }
        // Poisoned until the answer is complete: the caller may drop the future before that.
        self.poisoned = true;
        let answer = timeout(self.deadline, self.exchange(request, payload))
            .await
            .map_err(|_| IpcError::Timeout(self.deadline.as_millis()))??;
        self.poisoned = false;
        Ok(answer)
    }

    async fn exchange(&mut self, request: IpcRequest, payload: &[u8]) -> Result<Vec<u8>, IpcError> {
        self.stream.write_all(&frame::encode(request, payload)).await?;
        loop {
            let (kind, answer) = read_frame(&mut self.stream).await?;
            // An event or a stray reply is skipped.
            if kind == FrameKind::Reply(request as u32) {
                return Ok(answer);
            }
        }
    }
}

/// Connects; waits while the queue of the window manager is full, for the caller's deadline.
pub(super) async fn connect(path: &Path) -> Result<UnixStream, IpcError> {
    let failed = |source| IpcError::Connect { path: path.display().to_string(), source };
    dial(path).await.map_err(failed)
}

/// Reads one whole frame.
pub(super) async fn read_frame(stream: &mut UnixStream) -> Result<(FrameKind, Vec<u8>), IpcError> {
    let mut header = [0; HEADER];
    stream.read_exact(&mut header).await?;
    let (kind, length) = frame::decode(&header)?;
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await?;
    Ok((kind, payload))
}

/// Parses an answer. Bytes that are not UTF-8 become U+FFFD.
pub(super) fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, IpcError> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(error) => match std::str::from_utf8(bytes) {
            Ok(_) => Err(IpcError::Json(error.to_string())),
            Err(_) => serde_json::from_str(&String::from_utf8_lossy(bytes))
                .map_err(|error| IpcError::Json(error.to_string())),
        },
    }
}
