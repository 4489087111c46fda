//! The lines between `vmux relay` on another host and the vmuxd that started it there over ssh: one
//! JSON object per line in both directions, told apart by a member. Pure.
//!
//! | line | from | meaning |
//! |---|---|---|
//! | `{"relay":1,"version":…,"now":…,"clock":…}` | far | the greeting; what a shell printed before it is skipped |
//! | `{"sync":"begin"}` | far | the full state follows, one `session` event for each session |
//! | `{"sync":"end"}` | far | it is complete: a session that was not told since `begin` has ended |
//! | `{"seq":…,"event":…}` | far | `session` or `gone`, as in the event stream |
//! | `{"id":7,"reply":{…}}` | far | the reply to the request with this id |
//! | `{"away":"…"}` | far | the far vmuxd does not answer; a full state follows once it does |
//! | `{"beat":3,"now":…,"clock":…}` | far | the answer to a heartbeat: its number, and the time there |
//! | `{"id":7,"until":…,"request":{…}}` | near | a request, as on the socket |
//! | `{"beat":3}` | near | a heartbeat |
//!
//! `clock` is what the clock of the far side shows by which it takes `until`: when a request that acts has
//! come too late, and is not carried out. A far side without `clock` is an older one, and gets no `until`.
//!
//! A line with other members belongs to a later version, and is ignored.

use super::event::Event;
use super::request::BootTime;
use super::response::Response;
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::Duration;

/// The version of these lines. The far side says its own in the greeting.
pub const RELAY: u32 = 1;

/// How often the near side sends a heartbeat, which the far side answers at once.
pub const BEAT_INTERVAL: Duration = Duration::from_secs(4);

/// A side that has sent nothing for this long counts as gone.
pub const SILENT_AFTER: Duration = Duration::from_secs(12);

/// The longest line of the far side, in bytes. The full state is sent one session a line, so only the
/// reply to `peek` comes near it.
pub const MAX_FAR_LINE: usize = 1024 * 1024;

/// How many bytes a shell may print before the greeting.
pub const MAX_NOISE: usize = 64 * 1024;

/// The longest error that is kept, in characters.
const MAX_ERROR: usize = 200;

/// The first line of the far side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// [`RELAY`] of the far side.
    pub relay: u32,
    /// The version of the far vmux.
    pub version: String,
    /// The time there.
    pub now: Timestamp,
    /// What the clock there shows that `until` of a request is meant by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<BootTime>,
}

/// Where the full state begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncLine {
    /// Which of both.
    pub sync: SyncMark,
}

/// The two ends of a full state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncMark {
    /// It follows.
    Begin,
    /// It is complete.
    End,
}

/// A request of the near side.
#[derive(Debug, Serialize, Deserialize)]
pub struct RelayRequest<'a> {
    /// Chosen by the near side; the reply carries the same.
    pub id: u64,
    /// Until when it may be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<BootTime>,
    /// The request, as on the socket.
    #[serde(borrow)]
    pub request: &'a RawValue,
}

/// The reply to a [`RelayRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelayReply {
    /// That of the request.
    pub id: u64,
    /// The reply, as on the socket.
    pub reply: Response,
}

/// A heartbeat of the near side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// One more each time.
    pub beat: u64,
}

/// The answer to a [`Beat`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeatReply {
    /// The number of the heartbeat.
    pub beat: u64,
    /// The time of the far side.
    pub now: Timestamp,
    /// What the clock there shows that `until` of a request is meant by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<BootTime>,
}

/// The far vmuxd does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// Why, in one line.
    pub away: String,
}

/// A line of the far side. Its texts are those of the far side: not cleaned.
#[derive(Debug, Clone, PartialEq)]
pub enum FarLine {
    /// It is there.
    Greeting(Greeting),
    /// A full state begins or ends.
    Sync(SyncMark),
    /// One of its sessions has changed or ended.
    Event(Box<Event>),
    /// It replies.
    Reply(Box<RelayReply>),
    /// It answers a heartbeat.
    Beat(BeatReply),
    /// Its vmuxd does not answer.
    Away(Away),
    /// A line of a later version.
    Unknown,
}

/// A line of the near side.
#[derive(Debug)]
pub enum NearLine<'a> {
    /// It asks.
    Request(RelayRequest<'a>),
    /// It is alive.
    Beat(Beat),
    /// A line of a later version.
    Unknown,
}

/// The members that tell the lines apart. Their values are looked at later.
#[derive(Deserialize)]
struct RelayOutline {
    relay: Option<IgnoredAny>,
    sync: Option<IgnoredAny>,
    event: Option<IgnoredAny>,
    reply: Option<IgnoredAny>,
    request: Option<IgnoredAny>,
    beat: Option<IgnoredAny>,
    away: Option<IgnoredAny>,
}

impl FarLine {
    /// Reads a line. The error says in one line that it is none of `vmux relay`.
    pub fn parse(line: &[u8]) -> Result<FarLine, String> {
        let outline: RelayOutline = read(line)?;
        Ok(match outline {
            RelayOutline { relay: Some(_), .. } => FarLine::Greeting(read(line)?),
            RelayOutline { reply: Some(_), .. } => FarLine::Reply(Box::new(read_reply(line)?)),
            // A later vmuxd may send an event that cannot be understood, which is no reason to hang up.
            RelayOutline { event: Some(_), .. } if is_own(line) => {
                read(line).map_or(FarLine::Unknown, |event| FarLine::Event(Box::new(event)))
            }
            RelayOutline { event: Some(_), .. } => FarLine::Unknown,
            RelayOutline { beat: Some(_), .. } => FarLine::Beat(read(line)?),
            RelayOutline { away: Some(_), .. } => FarLine::Away(read(line)?),
            RelayOutline { sync: Some(_), .. } => {
                read::<SyncLine>(line).map_or(FarLine::Unknown, |it| FarLine::Sync(it.sync))
            }
            _ => FarLine::Unknown,
        })
    }
}

impl NearLine<'_> {
    /// Reads a line. The error says in one line what is wrong with it.
    pub fn parse(line: &[u8]) -> Result<NearLine<'_>, String> {
        let outline: RelayOutline = read(line)?;
        Ok(match outline {
            RelayOutline { request: Some(_), .. } => NearLine::Request(read(line)?),
            RelayOutline { beat: Some(_), .. } => NearLine::Beat(read(line)?),
            _ => NearLine::Unknown,
        })
    }
}

/// The greeting in a line that a far shell may have printed something in front of; `None` if there is
/// none, as in a line that is a shell's alone.
pub fn greeting(line: &[u8]) -> Option<Greeting> {
    let mark = b"{\"relay\":";
    let at = line.windows(mark.len()).position(|it| it == mark)?;
    serde_json::from_slice(line.get(at..)?).ok()
}

/// Whether an event is about a session of the far side itself. Nothing else is read any further: the
/// names of hosts are kept for ever ([`crate::session::key::HostName`]), and are not for others to choose.
fn is_own(line: &[u8]) -> bool {
    /// A session, one of its servers, or the session that a server names.
    #[derive(Deserialize)]
    struct Outline {
        host: Option<IgnoredAny>,
        session: Option<Box<Outline>>,
        #[serde(default)]
        servers: Vec<Outline>,
    }
    impl Outline {
        fn names_host(&self) -> bool {
            let mut inner = self.session.as_deref().into_iter().chain(&self.servers);
            self.host.is_some() || inner.any(Outline::names_host)
        }
    }
    // Not flattened: serde keeps a copy of all that it flattens, here the whole event.
    #[derive(Deserialize)]
    struct EventOutline {
        event: String,
        host: Option<IgnoredAny>,
        session: Option<Box<Outline>>,
        #[serde(default)]
        servers: Vec<Outline>,
    }
    read::<EventOutline>(line).is_ok_and(|it| {
        let EventOutline { event, host, session, servers } = it;
        let names_host = Outline { host, session, servers }.names_host();
        matches!(&*event, "session" | "gone") && !names_host
    })
}

/// Whether it names a host anywhere.
fn names_host(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| name == "host" || names_host(value))
        }
        Value::Array(values) => values.iter().any(names_host),
        _ => false,
    }
}

/// A reply, without what names hosts or is not about sessions and servers.
fn read_reply(line: &[u8]) -> Result<RelayReply, String> {
    let mut whole: Value = read(line)?;
    if let Some(reply) = whole.get_mut("reply").and_then(Value::as_object_mut) {
        reply.retain(|name, value| match name.as_str() {
            "hosts" | "findings" | "daemon" => false,
            "session" => !names_host(value),
            _ => true,
        });
        for name in ["sessions", "servers"] {
            let values = reply.get_mut(name).and_then(Value::as_array_mut);
            values.into_iter().for_each(|it| it.retain(|it| !names_host(it)));
        }
    }
    serde_json::from_value(whole).map_err(|error| {
        format!("not a reply of vmux relay: {}", clean(&error.to_string(), MAX_ERROR))
    })
}

fn read<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| {
        // The error may quote the line.
        format!("not a line of vmux relay: {}", clean(&error.to_string(), MAX_ERROR))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::frame::encode;
    use crate::session::info::sample;
    use crate::session::registry::change::Change;
    use crate::session::state::StateName;

    fn now() -> Timestamp {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn check(line: &impl Serialize, expected: FarLine) {
        assert_eq!(FarLine::parse(&encode(line)), Ok(expected));
    }

    #[test]
    fn what_the_far_side_writes_is_read() {
        let clock = Some(BootTime(7));
        let greeting = Greeting { relay: RELAY, version: "1.2".to_owned(), now: now(), clock };
        check(&greeting, FarLine::Greeting(greeting.clone()));
        check(&SyncLine { sync: SyncMark::End }, FarLine::Sync(SyncMark::End));
        let session = Box::new(sample(7, StateName::Working, 1));
        let event = Event { seq: 3, change: Change::Session { session } };
        check(&event, FarLine::Event(Box::new(event.clone())));
        let reply = RelayReply { id: 9, reply: Response::done() };
        check(&reply, FarLine::Reply(Box::new(reply.clone())));
        let beat = BeatReply { beat: 1, now: now(), clock };
        check(&beat, FarLine::Beat(beat.clone()));
        let away = Away { away: "it ended".to_owned() };
        check(&away, FarLine::Away(away.clone()));
    }

    #[test]
    fn lines_of_a_later_version_are_no_error_and_garbage_is() {
        for line in [r#"{"new":1}"#, "{}", r#"{"event":"x","y":[{}]}"#, r#"{"sync":"later"}"#] {
            let read = FarLine::parse(line.as_bytes());
            let is_ignored = match &read {
                Ok(FarLine::Unknown) => true,
                Ok(FarLine::Event(event)) => event.change == Change::Unknown,
                _ => false,
            };
            assert!(is_ignored, "{line}: {read:?}");
        }
        for line in ["", "x", "[1]", r#"{"beat":"x"}"#, r#"{"reply":1,"id":2}"#, "{\"a\u{1b}"] {
            let error = FarLine::parse(line.as_bytes()).unwrap_err();
            assert!(!error.contains(char::is_control), "{error:?}");
        }
    }

    #[test]
    fn what_names_a_host_is_not_read() {
        let session = serde_json::to_value(sample(7, StateName::Working, 1)).unwrap();
        let mut of_other = session.clone();
        of_other["host"] = "x1".into();
        let mut with_server = session.clone();
        with_server["servers"] = serde_json::json!([{ "session": { "host": "x7", "pid": 7 } }]);
        for event in [
            serde_json::json!({ "seq": 1, "event": "session", "session": of_other }),
            serde_json::json!({ "seq": 1, "event": "session", "session": with_server }),
            serde_json::json!({ "seq": 1, "event": "gone", "pid": 7, "start": 1, "host": "x2" }),
            serde_json::json!({ "seq": 1, "event": "state", "sessions": [of_other] }),
            serde_json::json!({ "seq": 1, "event": "host", "host": { "name": "x3" } }),
        ] {
            check(&event, FarLine::Unknown);
        }
        let reply = |reply: Value| {
            let line = encode(&serde_json::json!({ "id": 1, "reply": reply }));
            let Ok(FarLine::Reply(reply)) = FarLine::parse(&line) else { panic!() };
            reply.reply
        };
        let hosts = serde_json::json!([{ "name": "x4" }]);
        let told = reply(serde_json::json!({
            "ok": true, "session": of_other, "sessions": [of_other], "hosts": hosts,
            "servers": [{ "host": "x5" }, { "session": { "host": "x6", "pid": 7 } }]
        }));
        let nothing =
            Response { sessions: Some(vec![]), servers: Some(vec![]), ..Response::done() };
        assert_eq!(told, nothing);
        assert!(reply(serde_json::json!({ "ok": true, "session": session })).session.is_some());
    }

    #[test]
    fn a_greeting_stands_behind_whatever_a_shell_printed() {
        let line = encode(&Greeting { relay: 2, version: String::new(), now: now(), clock: None });
        let noisy = [&b"Welcome! {\"x\":1} \x1b[0m"[..], &line].concat();
        assert_eq!(greeting(&noisy).map(|it| it.relay), Some(2));
        assert_eq!(greeting(b"{\"relay\":1}"), None, "it is not complete");
        assert_eq!(greeting(b"Last login: today"), None);
    }

    #[test]
    fn the_near_side_asks_and_is_alive() {
        let line = br#"{"id":7,"request":{"action":"list"}}"#;
        let Ok(NearLine::Request(request)) = NearLine::parse(line) else { panic!() };
        assert_eq!((request.id, request.request.get()), (7, r#"{"action":"list"}"#));
        assert_eq!(encode(&request).strip_suffix(b"\n"), Some(&line[..]));
        assert_eq!(request.until, None);
        let timed = br#"{"id":7,"until":1500,"request":{"action":"list"}}"#;
        let Ok(NearLine::Request(request)) = NearLine::parse(timed) else { panic!() };
        assert_eq!(request.until, Some(BootTime(1500)));
        assert_eq!(encode(&request).strip_suffix(b"\n"), Some(&timed[..]));
        let beat = encode(&Beat { beat: 3 });
        assert!(matches!(NearLine::parse(&beat), Ok(NearLine::Beat(Beat { beat: 3 }))));
        assert!(matches!(NearLine::parse(b"{\"later\":1}"), Ok(NearLine::Unknown)));
        assert!(NearLine::parse(b"x").is_err() && NearLine::parse(b"{\"request\":1}").is_err());
    }
}
