//! A fake i3 that says odd things.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A fake i3. `odd` is sent as an event after a subscription; `tree` answers GET_TREE.
pub struct Mock {
    dir: tempfile::TempDir,
}

impl Mock {
    pub fn start(odd: Vec<u8>, tree: Vec<u8>) -> Mock {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("i3.sock")).unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (odd, tree) = (odd.clone(), tree.clone());
                std::thread::spawn(move || serve(stream, &odd, &tree));
            }
        });
        Mock { dir }
    }

    pub fn socket(&self) -> PathBuf {
        self.path().join("i3.sock")
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// A frame of the protocol.
pub fn frame(kind: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = b"i3-ipc".to_vec();
    out.extend((payload.len() as u32).to_ne_bytes());
    out.extend(kind.to_ne_bytes());
    out.extend(payload);
    out
}

/// An event.
pub fn event(number: u32, payload: &[u8]) -> Vec<u8> {
    frame(number | 1 << 31, payload)
}

fn serve(mut stream: UnixStream, odd: &[u8], tree: &[u8]) {
    let mut header = [0; 14];
    while stream.read_exact(&mut header).is_ok() {
        let number = |at: usize| u32::from_ne_bytes(header[at..at + 4].try_into().unwrap());
        let (length, kind) = (number(6), number(10));
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).unwrap();
        let answer = match kind {
            2 => {
                let mut answer = frame(2, br#"{"success":true}"#);
                if payload.starts_with(b"[\"output") {
                    answer.extend_from_slice(odd);
                    answer.extend(event(3, br#"{"change":"focus","container":{"id":7}}"#));
                }
                answer
            }
            4 => frame(4, tree),
            7 => frame(7, br#"{"major":4,"minor":99,"human_readable":"4.99"}"#),
            other => frame(other, b"[]"),
        };
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}
