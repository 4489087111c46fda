//! Until when a request may be carried out. Who asked has been told otherwise by then, and may have acted
//! otherwise.

use super::Request;
use crate::protocol::response::{Code, Response};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A time by `CLOCK_BOOTTIME` of the machine that carries out a request, in milliseconds. That clock is
/// never set and goes on through suspensions; a sender on another machine learns from there what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BootTime(pub u64);

impl BootTime {
    /// The time at which the clock shows this.
    pub fn at(boottime: Duration) -> BootTime {
        BootTime(u64::try_from(boottime.as_millis()).unwrap_or(u64::MAX))
    }

    /// Whether it is past when the clock shows this.
    pub fn is_past(self, boottime: Duration) -> bool {
        BootTime::at(boottime) > self
    }

    /// What the clock shows then.
    pub fn since_boot(self) -> Duration {
        Duration::from_millis(self.0)
    }

    /// So much earlier.
    pub fn earlier(self, by: Duration) -> BootTime {
        BootTime(self.0.saturating_sub(BootTime::at(by).0))
    }
}

/// A request as it is sent, with its deadline.
#[derive(Debug, Serialize)]
pub struct TimedRequest<'a> {
    /// The request.
    #[serde(flatten)]
    pub request: &'a Request,
    /// Until when it may be carried out, if there is such a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<BootTime>,
}

impl Request {
    /// Whether it does what would surprise its user later. What only reads, or reports what has happened,
    /// may come as late as it likes, and so may the end of a vmuxd that did not answer.
    pub fn acts(&self) -> bool {
        match self {
            Request::List(_)
            | Request::Version(_)
            | Request::Subscribe(_)
            | Request::Stop(_)
            | Request::Why(_)
            | Request::Peek(_)
            | Request::Carriers(_)
            | Request::Servers(_)
            | Request::FreePort(_)
            | Request::Scan(_)
            | Request::Doctor(_)
            | Request::Hosts(_)
            | Request::Hook(_)
            | Request::Ask(_)
            | Request::Answered(_)
            | Request::Starting(_)
            | Request::Pending(_)
            | Request::Past(_)
            | Request::Table(_)
            | Request::Status(_) => false,
            Request::Switch(_)
            | Request::Label(_)
            | Request::Ack(_)
            | Request::Snooze(_)
            | Request::Select(_)
            | Request::Mark(_)
            | Request::StopServer(_)
            | Request::Answer(_)
            | Request::AnswerOnce(_)
            | Request::Reserve(_)
            | Request::New(_)
            | Request::Move(_)
            | Request::End(_)
            | Request::Send(_) => true,
        }
    }

    /// The refusal of this request after its deadline.
    pub fn too_late(&self) -> Response {
        let (code, what) = match self {
            Request::Send(_) => (Code::NotSent, "sent"),
            _ => (Code::TooLate, "done"),
        };
        let error = format!("the request came too late; nothing was {what}");
        Response::refused(code, error).hint("try again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::frame::{decode_timed, encode};
    use crate::protocol::request::{QueryRequest, SendRequest};

    #[test]
    fn a_deadline_is_the_last_moment_and_not_past() {
        let deadline = BootTime::at(Duration::from_millis(1500));
        assert_eq!(deadline, BootTime(1500));
        assert!(!deadline.is_past(Duration::from_millis(1500)));
        assert!(deadline.is_past(Duration::from_millis(1501)));
        assert_eq!(deadline.earlier(Duration::from_secs(1)), BootTime(500));
        assert_eq!(deadline.earlier(Duration::from_secs(2)), BootTime(0));
        assert_eq!(BootTime::at(Duration::MAX), BootTime(u64::MAX));
    }

    #[test]
    fn a_request_keeps_its_deadline_on_the_way() {
        let request = Request::Ack(QueryRequest { query: "api".to_owned() });
        for until in [Some(BootTime(7)), None] {
            let line = encode(&TimedRequest { request: &request, until });
            assert_eq!(decode_timed(&line), Ok((request.clone(), until)));
        }
        let untimed = encode(&TimedRequest { request: &request, until: None });
        assert_eq!(untimed, encode(&request));
        // What cannot be read is no deadline that has not passed.
        for until in ["\"7\"", "-1", "1e99", "{}"] {
            let line = format!(r#"{{"action":"ack","args":{{"query":"a"}},"until":{until}}}"#);
            assert!(decode_timed(line.as_bytes()).is_err(), "{until}");
        }
    }

    #[test]
    fn that_a_text_was_not_typed_is_told_as_ever() {
        let send = Request::Send(SendRequest::default());
        assert!(send.acts());
        assert_eq!(send.too_late().code, Some(Code::NotSent));
        let ack = Request::Ack(QueryRequest { query: "api".to_owned() });
        assert_eq!(ack.too_late().code, Some(Code::TooLate));
    }
}
