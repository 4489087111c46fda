//! Frames of the i3 IPC protocol: magic, length, type, payload. Numbers are in native byte order.

use super::IpcError;

/// Length of what precedes the payload, in bytes.
pub const HEADER: usize = 14;

/// Longest payload that is accepted, in bytes; a tree of 50 windows has 57 KB.
pub const MAX_PAYLOAD: usize = 32 * 1024 * 1024;

const MAGIC: &[u8; 6] = b"i3-ipc";
const EVENT_BIT: u32 = 1 << 31;

/// Requests to the window manager, with their numbers in the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum IpcRequest {
    /// Run commands.
    RunCommand = 0,
    /// List the workspaces.
    GetWorkspaces = 1,
    /// Ask for events.
    Subscribe = 2,
    /// The whole tree of containers.
    GetTree = 4,
    /// Name and version.
    GetVersion = 7,
}

/// The type of a frame from the window manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// The answer to a request of this number.
    Reply(u32),
    /// An event of this number.
    Event(u32),
}

/// A request as bytes.
pub fn encode(request: IpcRequest, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + payload.len());
    out.extend_from_slice(MAGIC);
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_ne_bytes());
    out.extend_from_slice(&(request as u32).to_ne_bytes());
    out.extend_from_slice(payload);
    out
}

/// Parses a header: the type of the frame and the length of its payload.
pub fn decode(header: &[u8; HEADER]) -> Result<(FrameKind, usize), IpcError> {
    let (magic, numbers) = header.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(IpcError::Protocol("bad magic".into()));
    }
    let number = |at: usize| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&numbers[at..at + 4]);
        u32::from_ne_bytes(bytes)
    };
    let length = number(0) as usize;
    if length > MAX_PAYLOAD {
        return Err(IpcError::Protocol(format!("a frame of {length} bytes")));
    }
    let kind = number(4);
    let kind = if kind & EVENT_BIT != 0 {
        FrameKind::Event(kind & !EVENT_BIT)
    } else {
        FrameKind::Reply(kind)
    };
    Ok((kind, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let frame = encode(IpcRequest::GetTree, b"x");
        let header: [u8; HEADER] = frame[..HEADER].try_into().unwrap();
        assert_eq!(decode(&header).unwrap(), (FrameKind::Reply(4), 1));
    }

    #[test]
    fn foreign_bytes_and_giants_are_refused() {
        assert!(decode(b"x3-ipc\0\0\0\0\0\0\0\0").is_err());
        let mut giant = *b"i3-ipc\xff\xff\xff\xff\0\0\0\0";
        assert!(decode(&giant).is_err());
        giant[6..10].copy_from_slice(&2u32.to_ne_bytes());
        giant[10..].copy_from_slice(&0x8000_0003u32.to_ne_bytes());
        assert_eq!(decode(&giant).unwrap(), (FrameKind::Event(3), 2));
    }
}
