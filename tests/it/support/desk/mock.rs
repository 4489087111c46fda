//! A fake i3 that says odd things.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What it says.
pub struct Says {
    /// Sent as an event after a subscription.
    pub odd: Vec<u8>,
    /// Answers GET_TREE.
    pub tree: Vec<u8>,
    /// Answers GET_VERSION.
    pub version: &'static str,
    /// Answers RUN_COMMAND.
    pub outcome: &'static str,
    /// Sent to all that listen when a command comes, before it is answered.
    pub effect: Vec<u8>,
}

impl Default for Says {
    fn default() -> Says {
        Says {
            odd: Vec::new(),
            tree: b"{}".to_vec(),
            version: r#"{"major":4,"minor":99,"human_readable":"4.99"}"#,
            outcome: "[]",
            effect: Vec::new(),
        }
    }
}

/// What all its connections share.
struct State {
    says: Mutex<Says>,
    asked: Mutex<Vec<u32>>,
    listeners: Mutex<Vec<UnixStream>>,
}

/// A fake i3.
pub struct Mock {
    dir: tempfile::TempDir,
    state: Arc<State>,
}

impl Mock {
    pub fn start(odd: Vec<u8>, tree: Vec<u8>) -> Mock {
        Mock::saying(Says { odd, tree, ..Says::default() })
    }

    pub fn saying(says: Says) -> Mock {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("i3.sock")).unwrap();
        let state =
            State { says: Mutex::new(says), asked: Mutex::default(), listeners: Mutex::default() };
        let state = Arc::new(state);
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Mock { dir, state }
    }

    /// From now on it says something else.
    pub fn change(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.state.says.lock().unwrap());
    }

    /// Tells all that listen.
    pub fn tell(&self, bytes: &[u8]) {
        tell(&self.state, bytes);
    }

    /// How often it was asked this.
    pub fn asked(&self, kind: u32) -> usize {
        self.state.asked.lock().unwrap().iter().filter(|asked| **asked == kind).count()
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

fn tell(state: &State, bytes: &[u8]) {
    for listener in state.listeners.lock().unwrap().iter_mut() {
        // One that has gone away is told nothing.
        let _ = listener.write_all(bytes);
    }
}

fn serve(mut stream: UnixStream, state: &State) {
    let mut header = [0; 14];
    while stream.read_exact(&mut header).is_ok() {
        let number = |at: usize| u32::from_ne_bytes(header[at..at + 4].try_into().unwrap());
        let (length, kind) = (number(6), number(10));
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).unwrap();
        state.asked.lock().unwrap().push(kind);
        let says = state.says.lock().unwrap();
        let answer = match kind {
            0 => {
                tell(state, &says.effect);
                frame(0, says.outcome.as_bytes())
            }
            2 => {
                let mut answer = frame(2, br#"{"success":true}"#);
                if payload.starts_with(b"[\"output") {
                    answer.extend_from_slice(&says.odd);
                    answer.extend(event(3, br#"{"change":"focus","container":{"id":7}}"#));
                    state.listeners.lock().unwrap().push(stream.try_clone().unwrap());
                }
                answer
            }
            4 => frame(4, &says.tree),
            7 => frame(7, says.version.as_bytes()),
            other => frame(other, b"[]"),
        };
        drop(says);
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}
