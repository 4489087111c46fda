//! Phrases about a session: its title, what it does, for how long, where.

use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::info::server::ServerInfo;
use crate::session::sanitize::clean;
use crate::session::state::failure::Failure;
use crate::session::state::{Confidence, ReasonKind, StateName};
use crate::session::title;

/// What a list says that has no session.
pub const NO_SESSION: &str = "no Claude Code session is running";

/// What to do about it.
pub const NO_SESSION_HINT: &str = "start `claude` in a terminal and it appears here";

/// The longest text in one cell, in characters.
const MAX_TEXT: usize = 400;

/// The title: its label, else its name, else its directory, else its pid.
pub fn title(session: &SessionInfo) -> String {
    title::title(session, MAX_TEXT)
}

/// Its label, else its name, else nothing.
pub fn name(session: &SessionInfo) -> String {
    title::name(session, MAX_TEXT)
}

/// What it does, in about two words: `needs permission`, `working`, `finished`, `stopped`.
pub fn doing(session: &SessionInfo) -> &'static str {
    match (session.state, session.reason) {
        (StateName::NeedsInput, reason) => reason.unwrap_or(ReasonKind::Other).phrase(),
        (StateName::Working, _) => "working",
        (StateName::Idle, _) if session.failure().is_some() => {
            session.failure().map_or("failed", Failure::word)
        }
        (StateName::Idle, _) if session.unseen => "finished",
        (StateName::Idle, _) => "idle",
        (StateName::Unknown, _) if session.stale_since.is_some() => "out of reach",
        (StateName::Unknown, _) => "unknown",
    }
}

/// [`doing`], and what else holds: `idle (1 shell)`, `working?`, `working (suspended)`.
pub fn state(session: &SessionInfo) -> String {
    let mut text = doing(session).to_owned();
    if session.confidence != Confidence::Certain && session.state != StateName::Unknown {
        text.push('?');
    }
    let mut marks = Vec::new();
    if session.suspended {
        marks.push("suspended".to_owned());
    }
    if session.stalled_since.is_some() {
        marks.push("stalled".to_owned());
    }
    if session.snoozed.is_some() {
        marks.push("snoozed".to_owned());
    }
    marks.extend(count(session.details.background_shells, "shell"));
    marks.extend(count(session.details.subagents, "agent"));
    if !marks.is_empty() {
        text.push_str(&format!(" ({})", marks.join(", ")));
    }
    text
}

/// `1 session`, `2 sessions`.
pub fn sessions(number: usize) -> String {
    if number == 1 { "1 session".to_owned() } else { format!("{number} sessions") }
}

fn count(number: u32, what: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{number} {what}s")),
    }
}

/// What it waits for, or why it stopped before its work was done, in words; empty if it did neither, or
/// that is not known.
pub fn detail(session: &SessionInfo) -> String {
    match &session.detail {
        Some(detail) => clean(detail, MAX_TEXT),
        None => session.failure().map(|it| clean(&it.phrase(), MAX_TEXT)).unwrap_or_default(),
    }
}

/// The time from which its clock counts.
pub fn since(session: &SessionInfo) -> Timestamp {
    session.waiting_since.unwrap_or(session.since)
}

/// How long ago `since` was: `<1m`, `4m`, `2h 5m`, `3d 4h`. It changes at most once a minute.
pub fn clock(since: Timestamp, now: Timestamp) -> String {
    let minutes = (now - since).num_minutes();
    match (minutes / 60, minutes % 60) {
        _ if minutes < 1 => "<1m".to_owned(),
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) if hours < 24 => format!("{hours}h"),
        (hours, minutes) if hours < 24 => format!("{hours}h {minutes}m"),
        (hours, _) if hours % 24 == 0 => format!("{}d", hours / 24),
        (hours, _) => format!("{}d {}h", hours / 24, hours % 24),
    }
}

/// When [`clock`] changes next.
pub fn next_tick(since: Timestamp, now: Timestamp) -> Timestamp {
    let age = now - since;
    let step = if age.num_hours() < 24 {
        chrono::TimeDelta::minutes(age.num_minutes().max(0) + 1)
    } else {
        chrono::TimeDelta::hours(age.num_hours() + 1)
    };
    since.checked_add_signed(step).unwrap_or(now)
}

/// The ports of its servers, with a mark where something is wrong: `3000 8000!`.
pub fn ports(session: &SessionInfo) -> String {
    let port = |it: &ServerInfo| {
        let mark = if it.problems.is_empty() { "" } else { "!" };
        format!("{}{mark}", it.port)
    };
    session.servers.iter().map(port).collect::<Vec<_>>().join(" ")
}

/// A server in a line: `next dev on port 3000 (stale)`.
pub fn server(server: &ServerInfo) -> String {
    let kinds: Vec<&str> = server.problems.iter().map(|it| it.kind.phrase()).collect();
    let problems =
        if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    format!("{} on port {}{problems}", clean(&server.name, 60), server.port)
}

/// A directory, with `~` for `home`.
pub fn directory(path: &str, home: Option<&str>) -> String {
    let path = clean(path, 4096);
    let rest = home.filter(|home| home.len() > 1).and_then(|home| path.strip_prefix(home));
    match rest {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use chrono::{DateTime, TimeDelta};

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn clocks_are_short_and_calm() {
        let cases = [
            (-5, "<1m"),
            (0, "<1m"),
            (59, "<1m"),
            (60, "1m"),
            (3599, "59m"),
            (3600, "1h"),
            (7500, "2h 5m"),
            (86_400, "1d"),
            (86_400 * 3 + 3600 * 4 + 60, "3d 4h"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(clock(at(0), at(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_clock_reads_the_same_until_its_next_tick() {
        for seconds in [-70, -5, 0, 59, 60, 61, 3599, 7500, 86_399, 86_400, 90_000, 1_000_000] {
            let now = at(seconds);
            let tick = next_tick(at(0), now);
            let before = tick - TimeDelta::milliseconds(1);
            assert!(tick > now, "{seconds}");
            assert_eq!(clock(at(0), before), clock(at(0), now), "{seconds}");
            assert_ne!(clock(at(0), tick), clock(at(0), now), "{seconds}");
        }
    }

    #[test]
    fn directories_are_written_with_a_tilde() {
        let cases = [
            ("/home/u/src", Some("/home/u"), "~/src"),
            ("/home/u", Some("/home/u"), "~"),
            ("/home/user2", Some("/home/u"), "/home/user2"),
            ("/srv", Some("/"), "/srv"),
            ("/srv", None, "/srv"),
            ("/a\u{1b}[31m\nb", None, "/a [31m b"),
        ];
        for (path, home, expected) in cases {
            assert_eq!(directory(path, home), expected);
        }
    }

    #[test]
    fn what_ended_at_a_limit_has_not_finished() {
        let mut session = sample(7, StateName::Idle, 0);
        session.unseen = true;
        session.details.failure = Some(crate::session::state::failure::sample().into());
        assert_eq!(state(&session), "stopped");
        assert_eq!(detail(&session), "session limit, resets 7pm (Europe/Berlin)");
        session.state = StateName::Working;
        assert_eq!((state(&session).as_str(), detail(&session).as_str()), ("working", ""));
    }

    #[test]
    fn marks_are_words() {
        let mut session = sample(7, StateName::Working, 0);
        session.confidence = Confidence::Low;
        session.suspended = true;
        session.details.background_shells = 1;
        session.details.subagents = 2;
        assert_eq!(state(&session), "working? (suspended, 1 shell, 2 agents)");
    }
}
