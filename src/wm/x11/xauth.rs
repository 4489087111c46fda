//! Who may connect to an X server: the cookies of an authority file, and where such files are.
//!
//! A vmuxd that systemd started has neither `DISPLAY` nor `XAUTHORITY`, and display managers keep
//! the file in other places than `~/.Xauthority`. The window manager is connected, so the file that
//! its environment names is the right one; the file of a session may be.
//!
//! An authority file is a sequence of entries: family, address, display, name and data, the last
//! four preceded by their lengths. All numbers are two bytes, big-endian (libXau, `Xauth.h`).

use crate::session::process::Environment;
use crate::system::files::open_regular;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The kind of authorization that local X servers use.
pub const COOKIE: &[u8] = b"MIT-MAGIC-COOKIE-1";

/// How much of a file is read, in bytes; an entry takes about 50.
const MAX_FILE: u64 = 64 * 1024;

/// Families of a server on this host: `FamilyLocal`, `FamilyWild`.
const LOCAL_FAMILIES: &[u16] = &[256, 65535];

/// The authority file of a process with this environment.
pub fn file_of(env: &Environment) -> Option<PathBuf> {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    match set("XAUTHORITY") {
        Some(file) => Some(PathBuf::from(file)),
        None => Some(PathBuf::from(set("HOME")?).join(".Xauthority")),
    }
}

/// The beginning of an authority file; empty if it cannot be read or is not a regular file. A
/// session may name anything: a pipe would wait for its writer, and a device has no end.
pub fn read(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok((file, _)) = open_regular(file) {
        // Bytes that were read before an error count.
        let _ = file.take(MAX_FILE).read_to_end(&mut bytes);
    }
    bytes
}

/// The cookies for a display of this host. The host name is not compared: it may have changed since
/// the file was written, and the X server refuses a wrong cookie.
pub fn cookies(mut file: &[u8], display: u32) -> Vec<Vec<u8>> {
    let display = display.to_string();
    let mut found: Vec<Vec<u8>> = Vec::new();
    while let Some((fits, data)) = entry(&mut file, display.as_bytes()) {
        if fits && !found.iter().any(|known| known == data) {
            found.push(data.to_vec());
        }
    }
    found
}

/// Whether the next entry is for this display, and its data.
fn entry<'a>(file: &mut &'a [u8], display: &[u8]) -> Option<(bool, &'a [u8])> {
    let family = number(file)?;
    let _address = bytes(file)?;
    let (number, name, data) = (bytes(file)?, bytes(file)?, bytes(file)?);
    let is_here = number.is_empty() || number == display;
    Some((LOCAL_FAMILIES.contains(&family) && is_here && name == COOKIE, data))
}

fn number(file: &mut &[u8]) -> Option<u16> {
    let (head, rest) = file.split_first_chunk()?;
    *file = rest;
    Some(u16::from_be_bytes(*head))
}

fn bytes<'a>(file: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(file)?;
    let (head, rest) = file.split_at_checked(length.into())?;
    *file = rest;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(family: u16, parts: [&[u8]; 4]) -> Vec<u8> {
        let mut out = family.to_be_bytes().to_vec();
        for part in parts {
            out.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
            out.extend(part);
        }
        out
    }

    #[test]
    fn the_cookies_for_a_display() {
        let file = [
            written(256, [b"host", b"1", COOKIE, b"one"]),
            written(256, [b"host", b"2", COOKIE, b"two"]),
            written(0, [&[10, 0, 0, 1], b"1", COOKIE, b"remote"]),
            written(256, [b"host", b"1", b"XDM-AUTHORIZATION-1", b"other"]),
            written(65535, [b"", b"", COOKIE, b"any"]),
            written(256, [b"old host", b"1", COOKIE, b"one"]),
        ]
        .concat();
        assert_eq!(cookies(&file, 1), [b"one".to_vec(), b"any".to_vec()]);
        assert_eq!(cookies(&file, 2), [b"two".to_vec(), b"any".to_vec()]);
        // Cut anywhere: what is whole counts.
        for end in 0..file.len() {
            assert!(cookies(&file[..end], 1).len() <= 2);
        }
        assert_eq!(cookies(&[0xff; 7], 1), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_file_is_read_as_far_as_it_may_be_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("authority");
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        assert_eq!(read(&path).len(), 65536);
        assert!(read(Path::new("/dev/zero")).is_empty());
        assert!(read(dir.path()).is_empty());
        assert!(read(&dir.path().join("absent")).is_empty());
    }

    #[test]
    fn the_file_of_a_process() {
        let env = |pairs: &[(&str, &str)]| pairs.iter().copied().collect();
        let both = env(&[("XAUTHORITY", "/run/x"), ("HOME", "/home/u")]);
        assert_eq!(file_of(&both), Some("/run/x".into()));
        let home = env(&[("XAUTHORITY", ""), ("HOME", "/home/u")]);
        assert_eq!(file_of(&home), Some("/home/u/.Xauthority".into()));
        assert_eq!(file_of(&env(&[])), None);
    }
}
