//! Which vmuxd has vmux's home: what it writes into its lock files, for those who look for it. Pure.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// The most bytes that such a file has: a pid and the longest path.
pub const MAX_INSTANCE_FILE: u64 = 8 * 1024;

/// A vmuxd: its process and its socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its pid, in its own PID namespace.
    pub pid: u32,
    /// The socket on which it answers.
    pub socket: PathBuf,
}

impl Instance {
    /// The content of the lock file: two lines, the pid and the path.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = format!("{}\n", self.pid).into_bytes();
        bytes.extend_from_slice(self.socket.as_os_str().as_bytes());
        bytes.push(b'\n');
        bytes
    }

    /// The same from the content; `None` if it is not complete, or empty as after a clean end.
    pub fn parse(bytes: &[u8]) -> Option<Instance> {
        let text = bytes.strip_suffix(b"\n")?;
        let end = text.iter().position(|byte| *byte == b'\n')?;
        let pid = str::from_utf8(&text[..end]).ok()?.parse().ok().filter(|pid| *pid > 0)?;
        let socket = PathBuf::from(OsStr::from_bytes(&text[end + 1..]));
        socket.is_absolute().then_some(Instance { pid, socket })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_a_torn_file_names_none() {
        let socket = PathBuf::from(OsStr::from_bytes(b"/run/a b \xff/vmuxd.sock"));
        let instance = Instance { pid: 4711, socket };
        let bytes = instance.encode();
        assert_eq!(Instance::parse(&bytes), Some(instance));
        for length in 0..bytes.len() {
            assert_eq!(Instance::parse(&bytes[..length]), None, "{length}");
        }
        for wrong in ["0\n/s\n", "-1\n/s\n", "x\n/s\n", "1\ns\n", "1\n\n", "99999999999\n/s\n"] {
            assert_eq!(Instance::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
