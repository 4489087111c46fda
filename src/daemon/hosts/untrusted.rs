//! What another host says is not trusted with more than its own sessions: its texts are cleaned and cut
//! here once more, and what would mean something on this machine is left out. Pure.

use crate::protocol::response::{Response, Why};
use crate::session::info::{Details, SessionInfo};
use crate::session::key::HostName;
use crate::session::place::{Pane, Place};
use crate::session::sanitize::{clean, harmless};
use crate::session::state::StateName;
use crate::session::state::failure::Failure;
use chrono::TimeDelta;

/// The longest path, in characters.
const MAX_PATH: usize = 1024;

/// The longest text that is shown in a line, in characters.
const MAX_LINE: usize = 400;

/// The longest name, label or id, in characters.
const MAX_NAME: usize = 200;

/// The longest word, such as a version, in characters.
const MAX_WORD: usize = 80;

/// The most lines of a `peek`, and the longest of them in characters.
const MAX_PEEK: (usize, usize) = (10_000, 2000);

/// The most claims of a `why`.
const MAX_CLAIMS: usize = 100;

/// The session `info` of `host`, whose times are `behind` too late here; `None` if it is not a session of
/// that host itself.
pub fn session(info: SessionInfo, host: HostName, behind: TimeDelta) -> Option<Box<SessionInfo>> {
    if info.host.is_some() || info.pid == 0 {
        return None;
    }
    let asks = info.state == StateName::NeedsInput;
    let mut info = Box::new(SessionInfo {
        host: Some(host),
        session_id: cut(info.session_id, MAX_NAME),
        cwd: path(&info.cwd),
        git_branch: cut(info.git_branch, MAX_NAME),
        reason: info.reason.filter(|_| asks),
        detail: cut(info.detail, MAX_LINE).filter(|_| asks),
        waiting_since: asks.then(|| info.waiting_since.unwrap_or(info.since)),
        stale_since: None,
        preview: clean(&info.preview, MAX_LINE),
        // Workspaces and windows there are not those of this machine.
        workspace: None,
        label: cut(info.label, MAX_NAME),
        place: info.place.and_then(|it| place(*it)),
        details: details(info.details),
        ..info
    });
    info.shift(behind);
    Some(info)
}

fn details(details: Details) -> Details {
    Details {
        name: cut(details.name, MAX_NAME),
        version: cut(details.version, MAX_WORD),
        kind: cut(details.kind, MAX_WORD),
        agent_name: cut(details.agent_name, MAX_NAME),
        team: cut(details.team, MAX_NAME),
        failure: details.failure.map(failure),
        model: cut(details.model, MAX_WORD),
        permission_mode: cut(details.permission_mode, MAX_WORD),
        last_prompt: cut(details.last_prompt, MAX_LINE),
        task: cut(details.task, MAX_LINE),
        // Files there, which must not be looked for here.
        transcript: None,
        config_dir: None,
        ..details
    }
}

fn failure(failure: Failure) -> Failure {
    Failure {
        what: clean(&failure.what, MAX_WORD),
        text: clean(&failure.text, MAX_LINE),
        resets: cut(failure.resets, MAX_WORD),
        ..failure
    }
}

/// Where it is shown there, as far as that can mean anything here: its tmux pane.
fn place(place: Place) -> Option<Box<Place>> {
    let pane = place.pane?;
    let pane = Pane {
        socket: path(&pane.socket),
        session_id: clean(&pane.session_id, MAX_WORD),
        session: clean(&pane.session, MAX_NAME),
        window_id: clean(&pane.window_id, MAX_WORD),
        pane_id: clean(&pane.pane_id, MAX_WORD),
        client_tty: cut(pane.client_tty, MAX_NAME),
    };
    Some(Box::new(Place {
        workspace: None,
        output: None,
        window: None,
        candidates: 0,
        pane: Some(pane),
        how: clean(&place.how, MAX_LINE),
        confidence: place.confidence,
    }))
}

/// A reply of `host` about one of its sessions.
pub fn response(response: Response, host: HostName, behind: TimeDelta) -> Response {
    Response {
        ok: response.ok,
        error: cut(response.error, MAX_LINE),
        code: response.code,
        hint: cut(response.hint, MAX_LINE),
        session: response.session.and_then(|it| session(*it, host, behind)),
        why: response.why.map(why),
        peek: response.peek.map(|mut peek| {
            peek.from = clean(&peek.from, MAX_WORD);
            peek.lines.truncate(MAX_PEEK.0);
            for line in &mut peek.lines {
                *line = harmless(first(line, MAX_PEEK.1));
            }
            peek
        }),
        note: cut(response.note, MAX_LINE),
        ..Response::default()
    }
}

fn why(mut why: Why) -> Why {
    why.claims.truncate(MAX_CLAIMS);
    for claim in &mut why.claims {
        claim.says = clean(&claim.says, MAX_LINE);
        claim.because = clean(&claim.because, MAX_LINE);
    }
    Why {
        id_from: clean(&why.id_from, MAX_LINE),
        transcript_from: clean(&why.transcript_from, MAX_LINE),
        // For the user to read, there.
        transcript: why.transcript.map(|it| path(&it.to_string_lossy()).into()),
        ..why
    }
}

fn cut(text: Option<String>, limit: usize) -> Option<String> {
    text.map(|text| clean(&text, limit))
}

fn path(text: &str) -> String {
    harmless(first(text, MAX_PATH))
}

/// Its first `limit` characters.
fn first(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::response::Peek;
    use crate::session::info::sample;
    use crate::session::place::Window;
    use crate::session::state::Confidence;

    fn host() -> HostName {
        HostName::new("gpu").unwrap()
    }

    fn hostile() -> SessionInfo {
        let evil = || "\u{1b}[31m\u{202e}x\n".repeat(10_000);
        let mut info = sample(7, StateName::NeedsInput, 1);
        info.detail = Some(evil());
        info.preview = evil();
        info.cwd = evil();
        info.label = Some(evil());
        info.workspace = Some("1".to_owned());
        info.details.transcript = Some("/etc/shadow".into());
        info.details.name = Some(evil());
        info.place = Some(Box::new(Place {
            workspace: Some("1".to_owned()),
            output: None,
            window: Some(Window { con_id: 7, xid: None, pid: 1, focused: true }),
            candidates: 1,
            pane: None,
            how: String::new(),
            confidence: Confidence::Certain,
        }));
        info
    }

    #[test]
    fn texts_are_clean_and_short_and_nothing_points_at_this_machine() {
        let info = session(hostile(), host(), TimeDelta::zero()).unwrap();
        let text = serde_json::to_string(&info).unwrap();
        assert!(text.len() < 8000, "{}", text.len());
        assert!(!text.contains("\\u001b") && !text.contains('\u{202e}') && !text.contains("\\n"));
        assert_eq!((&info.workspace, &info.place, &info.details.transcript), (&None, &None, &None));
        assert_eq!(info.host, Some(host()));
    }

    #[test]
    fn what_a_host_learned_from_others_is_not_taken() {
        let info = SessionInfo { host: Some(host()), ..sample(7, StateName::Idle, 1) };
        assert_eq!(session(info, host(), TimeDelta::zero()), None);
    }

    #[test]
    fn times_are_those_of_the_clock_here() {
        let there = sample(7, StateName::NeedsInput, 1);
        let here = session(there.clone(), host(), TimeDelta::minutes(-10)).unwrap();
        assert_eq!(here.waiting_since, there.waiting_since.map(|it| it - TimeDelta::minutes(10)));
    }

    #[test]
    fn of_a_reply_only_what_belongs_to_its_session_is_left() {
        let lines = vec!["\u{1b}[2Jx".to_owned(); 20_000];
        let reply = Response {
            peek: Some(Peek { from: "a\nb".to_owned(), lines }),
            sessions: Some(vec![hostile()]),
            error: Some("e\u{7}".to_owned()),
            ..Response::done()
        };
        let reply = response(reply, host(), TimeDelta::zero());
        let peek = reply.peek.unwrap();
        assert_eq!(
            (peek.lines.len(), &*peek.lines[0], &*peek.from),
            (10_000, "\u{fffd}[2Jx", "a b")
        );
        assert_eq!((reply.sessions, reply.error.as_deref()), (None, Some("e")));
    }
}
