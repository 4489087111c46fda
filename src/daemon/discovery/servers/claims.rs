//! Files in which projects write down where their servers listen: `.dev-ports.json`, and the
//! `.next/dev/lock` of Next.js. Pure.
//!
//! They are names and hints: whatever they say is checked, because the process may have ended, its pid
//! be another one's, or a second server have written over the first.

use crate::session::sanitize::clean;
use serde_json::Value;

/// The longest name that is taken, in characters.
const MAX_NAME: usize = 40;

/// The most entries of one file.
const MAX_CLAIMS: usize = 64;

/// What a file says of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortClaim {
    /// What the project calls it: `backend`.
    pub name: Option<String>,
    /// Its port.
    pub port: u16,
    /// Its process, if it says so.
    pub pid: Option<u32>,
}

/// What such a file says: `{"port": …, "process_id": …}`, or objects like that by their names. What is
/// not understood is left out.
pub fn parse(bytes: &[u8]) -> Vec<PortClaim> {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return Vec::new() };
    let Some(object) = value.as_object() else { return Vec::new() };
    if let Some(claim) = claim(None, &value) {
        return vec![claim];
    }
    let named = object.iter().filter_map(|(name, value)| claim(Some(name), value));
    named.take(MAX_CLAIMS).collect()
}

fn claim(name: Option<&String>, value: &Value) -> Option<PortClaim> {
    let number = |name: &str| value.get(name).and_then(Value::as_u64);
    let port = number("port").and_then(|it| u16::try_from(it).ok()).filter(|it| *it > 0)?;
    let pid = number("process_id").or_else(|| number("pid"));
    Some(PortClaim {
        name: name.map(|it| clean(it, MAX_NAME)).filter(|it| !it.is_empty()),
        port,
        pid: pid.and_then(|it| u32::try_from(it).ok()),
    })
}

/// What is wrong with the only claim of a file in the directory of a server that listens on another port:
/// the process that it names is gone, so whoever reads the file is led astray. If it
/// is among the claims that were `judged`, about servers on their own ports, [`fault`] tells it there.
pub fn lost(
    file: &str,
    claim: &PortClaim,
    port: u16,
    judged: &[PortClaim],
    lives: impl Fn(u32) -> bool,
) -> Option<String> {
    let is_alone = claim.name.is_none() && claim.port != port && !judged.contains(claim);
    let pid = claim.pid.filter(|pid| is_alone && !lives(*pid))?;
    Some(format!("{file} names port {} and pid {pid}, which is gone", claim.port))
}

/// What is wrong with a claim about the port on which a family of processes listens; none if it is
/// right. `lives`: whether there is a process with the pid that it names.
pub fn fault(
    file: &str,
    claim: &PortClaim,
    family: &[u32],
    lives: impl Fn(u32) -> bool,
) -> Option<String> {
    let pid = claim.pid.filter(|pid| !family.contains(pid))?;
    let state = match lives(pid) {
        true => "does not hold the port",
        false => "is gone",
    };
    let holder = family.first()?;
    Some(format!("{file} names pid {pid}, which {state}; port {} is held by {holder}", claim.port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: Option<&str>, port: u16, pid: Option<u32>) -> PortClaim {
        PortClaim { name: name.map(str::to_owned), port, pid }
    }

    #[test]
    fn both_forms_are_read_and_others_are_none() {
        let flat = br#"{"port": 54321, "host": "localhost", "url": "x", "timestamp": 1, "process_id": 4711}"#;
        assert_eq!(parse(flat), [claim(None, 54321, Some(4711))]);
        let nested = br#"{"backend": {"port": 8000, "pid": 7}, "web\u001b": {"port": 3000}, "x": 1,
            "y": {"port": 99999}, "z": {"port": "3"}}"#;
        let expected = [claim(Some("backend"), 8000, Some(7)), claim(Some("web"), 3000, None)];
        assert_eq!(parse(nested), expected);
        let lock =
            br#"{"pid":12,"port":3000,"hostname":"localhost","appUrl":"http://localhost:3000"}"#;
        assert_eq!(parse(lock), [claim(None, 3000, Some(12))]);
        for wrong in [&b""[..], b"[]", b"{", b"{}", b"null", b"{\"port\":0}", b"\xff"] {
            assert_eq!(parse(wrong), []);
        }
    }

    #[test]
    fn a_claim_is_checked() {
        let says = |pid, lives: bool| {
            fault(".dev-ports.json", &claim(None, 54321, pid), &[4800, 4801], |_| lives)
        };
        assert_eq!((says(Some(4801), true), says(None, false)), (None, None));
        let gone = ".dev-ports.json names pid 4711, which is gone; port 54321 is held by 4800";
        assert_eq!(says(Some(4711), false).as_deref(), Some(gone));
        assert!(says(Some(4711), true).unwrap().contains("which does not hold the port"));
    }

    #[test]
    fn a_file_that_names_a_server_that_is_gone_is_wrong_for_those_that_are_there() {
        let judged = [claim(None, 8002, Some(7))];
        let says = |claim: PortClaim, lives: bool| lost("f", &claim, 8000, &judged, |_| lives);
        let expected = "f names port 8001 and pid 7, which is gone";
        assert_eq!(says(claim(None, 8001, Some(7)), false).as_deref(), Some(expected));
        assert_eq!(says(claim(None, 8001, Some(7)), true), None);
        assert_eq!(says(claim(None, 8001, None), false), None);
        // That is for `fault` to say; and of several servers, one may not run.
        assert_eq!(says(claim(None, 8000, Some(7)), false), None);
        assert_eq!(says(claim(None, 8002, Some(7)), false), None);
        assert_eq!(says(claim(Some("backend"), 8001, Some(7)), false), None);
    }
}
