//! The token that signs a browser in, and what that browser shows from then on.
//!
//! A cookie alone would not do: browsers send it to every port of the same host (RFC 6265, 8.5), and a
//! server that a session runs is such a port. So a browser has a second key, which its page keeps in
//! storage that belongs to this one port (its origin), and shows both.

use rustix::rand::{GetRandomFlags, getrandom};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use subtle::ConstantTimeEq;
use vmux::cli::error::{CliError, CliResult, FAILED};
use vmux::client::error::plain;
use vmux::system::files::read_regular;
use vmux::system::replace::Replacement;

/// A larger file holds no keys.
const MAX_FILE: u64 = 4096;

/// A shorter key could be guessed.
const MIN_KEY: usize = 32;

/// What proves who asks.
pub struct Keys {
    /// Signs in, and is enough by itself: for programs, and to make a link of.
    pub token: String,
    /// What a browser that signed in has as a cookie.
    pub cookie: String,
    /// What the page in it keeps besides.
    pub page: String,
}

impl Keys {
    /// Reads them from `home`; those that are not there are made. Without a token, browsers have to sign
    /// in again.
    pub fn load(home: &Path) -> CliResult<Keys> {
        let failed = |error: io::Error| {
            let message = format!("the token in {}: {}", home.display(), plain(&error));
            CliError::new(FAILED, message).hint("delete web-token there, and start vmux web again")
        };
        std::fs::create_dir_all(home).map_err(failed)?;
        let (token, is_new) = words(&home.join("web-token"), false, 1).map_err(failed)?;
        let (browser, _) = words(&home.join("web-cookie"), is_new, 2).map_err(failed)?;
        match (<[String; 1]>::try_from(token), <[String; 2]>::try_from(browser)) {
            (Ok([token]), Ok([cookie, page])) => Ok(Keys { token, cookie, page }),
            _ => Err(failed(io::Error::other("it is not what vmux web has written"))),
        }
    }

    /// Whether this is the token.
    pub fn is_token(&self, shown: &str) -> bool {
        is_same(shown, &self.token)
    }

    /// Whether these are the cookie of a browser and the key of its page.
    pub fn is_browser(&self, cookie: &str, page: &str) -> bool {
        is_same(cookie, &self.cookie) & is_same(page, &self.page)
    }
}

/// Whether the texts are the same, in a time that does not tell where they differ.
fn is_same(shown: &str, key: &str) -> bool {
    shown.as_bytes().ct_eq(key.as_bytes()).into()
}

/// The words of the file: as many, one a line; new ones if it is not there, or they `must` be new. Also
/// whether they are.
fn words(path: &Path, must: bool, count: usize) -> io::Result<(Vec<String>, bool)> {
    let read = match must {
        true => Err(io::ErrorKind::NotFound.into()),
        false => read_regular(path, MAX_FILE),
    };
    match read {
        Ok((bytes, _)) => {
            let metadata = std::fs::metadata(path)?;
            let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
            if !is_own || metadata.mode() & 0o077 != 0 {
                return Err(io::Error::other("others than you can read or write it"));
            }
            let text = String::from_utf8(bytes).map_err(io::Error::other)?;
            let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            let is_good = |it: &String| it.len() >= MIN_KEY && it.bytes().all(is_plain);
            if words.len() != count || !words.iter().all(is_good) {
                return Err(io::Error::other("it is not what vmux web has written"));
            }
            Ok((words, false))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let words = (0..count).map(|_| random()).collect::<io::Result<Vec<_>>>()?;
            let text: String = words.iter().map(|it| format!("{it}\n")).collect();
            Replacement::write(path, text.as_bytes(), 0o600)?.commit(path)?;
            Ok((words, true))
        }
        Err(error) => Err(error),
    }
}

/// What needs no escape in a URL, a header or a cookie.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// 160 bits of the kernel, as text.
fn random() -> io::Result<String> {
    let mut bytes = [0_u8; 20];
    let length = getrandom(&mut bytes, GetRandomFlags::empty())?;
    if length != bytes.len() {
        return Err(io::Error::other("the kernel gave too few random bytes"));
    }
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keys_are_made_once_and_nobody_else_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        let first = Keys::load(&home).unwrap();
        let again = Keys::load(&home).unwrap();
        assert_eq!((&first.token, &first.cookie), (&again.token, &again.cookie));
        for name in ["web-token", "web-cookie"] {
            let mode = home.join(name).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert!(first.is_token(&first.token) && !first.is_token("") && !first.is_token("x"));
        assert!(first.is_browser(&first.cookie, &first.page));
        assert!(!first.is_browser(&first.cookie, "") && !first.is_browser("", &first.page));
        // One that others may have read is none.
        let may_read = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(home.join("web-token"), may_read(0o644)).unwrap();
        assert!(Keys::load(&home).err().unwrap().message.contains("others than you"));
        // A new token signs every browser out.
        std::fs::remove_file(home.join("web-token")).unwrap();
        let new = Keys::load(&home).unwrap();
        assert!(new.token != first.token && new.cookie != first.cookie && new.page != first.page);
    }

    #[test]
    fn a_file_that_is_no_token_is_not_taken_for_one() {
        let dir = tempfile::tempdir().unwrap();
        for wrong in ["", "short", "a b", &"ü".repeat(40), &"x ".repeat(3000)] {
            std::fs::write(dir.path().join("web-token"), wrong).unwrap();
            let error = Keys::load(dir.path()).err().unwrap();
            assert!(error.message.starts_with("the token in "), "{wrong:?}: {}", error.message);
        }
    }
}
