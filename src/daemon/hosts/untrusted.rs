//! What another host says is not trusted with more than its own sessions: its texts are cleaned and cut
//! here once more, and what would mean something on this machine is left out. Pure.

use crate::protocol::response::{Response, Why};
use crate::session::info::server::{ServerInfo, ServerProblem};
use crate::session::info::start::StartStep;
use crate::session::info::{Details, SessionInfo};
use crate::session::key::{HostName, SessionKey};
use crate::session::place::carrier::{Carriers, MAX_CARRIERS, TmuxSession};
use crate::session::place::{Pane, Place};
use crate::session::sanitize::{clean, harmless};
use crate::session::shared::Text;
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

/// The most servers of a reply, and how many problems, addresses and processes of each are kept.
const MAX_SERVERS: (usize, usize) = (2000, 64);

/// The most steps of a start.
const MAX_STEPS: usize = 16;

/// The most claims of a `why`.
const MAX_CLAIMS: usize = 100;

/// The session `info` of `host`, whose times are `behind` too late here; `None` if it is not a session of
/// that host itself.
pub fn session(info: SessionInfo, host: HostName, behind: TimeDelta) -> Option<Box<SessionInfo>> {
    if info.host.is_some() || info.pid == 0 {
        return None;
    }
    let asks = info.state == StateName::NeedsInput;
    // Every field is named, so that a new one cannot slip through.
    let mut info = Box::new(SessionInfo {
        host: Some(host),
        pid: info.pid,
        start: info.start,
        session_id: cut_text(info.session_id, MAX_NAME),
        cwd: path(&info.cwd).into(),
        git_branch: cut_text(info.git_branch, MAX_NAME),
        state: info.state,
        reason: info.reason.filter(|_| asks),
        detail: cut_text(info.detail, MAX_LINE).filter(|_| asks),
        since: info.since,
        waiting_since: asks.then(|| info.waiting_since.unwrap_or(info.since)),
        confidence: info.confidence,
        suspended: info.suspended,
        unseen: info.unseen,
        snoozed: info.snoozed,
        stalled_since: info.stalled_since,
        // It can be answered there only.
        prompt: None,
        stale_since: None,
        preview: clean(&info.preview, MAX_LINE).into(),
        // Workspaces and windows there are not those of this machine.
        workspace: None,
        label: cut_text(info.label, MAX_NAME),
        place: info.place.and_then(|it| place(*it)),
        servers: servers(info.servers.into_vec(), host).into(),
        details: details(info.details),
    });
    info.shift(behind);
    Some(info)
}

/// The servers of `host` itself.
fn servers(told: Vec<ServerInfo>, host: HostName) -> Vec<ServerInfo> {
    let own = told.into_iter().filter(|it| it.host.is_none()).take(MAX_SERVERS.0);
    own.map(|it| server(it, host)).collect()
}

fn server(mut told: ServerInfo, host: HostName) -> ServerInfo {
    told.addresses.truncate(MAX_SERVERS.1);
    told.holders.truncate(MAX_SERVERS.1);
    told.problems.truncate(MAX_SERVERS.1);
    let is_link = |it: &String| it.starts_with("http://") || it.starts_with("https://");
    let problem = |it: ServerProblem| ServerProblem { says: clean(&it.says, MAX_LINE), ..it };
    ServerInfo {
        host: Some(host),
        port: told.port,
        addresses: told.addresses,
        url: cut(told.url, MAX_LINE).filter(is_link),
        tunnel: None,
        name: clean(&told.name, MAX_NAME),
        auxiliary: told.auxiliary,
        pid: told.pid,
        start: told.start,
        holders: told.holders,
        started_at: told.started_at,
        cwd: path(&told.cwd),
        session: told.session.map(|it| SessionKey { host: Some(host), ..it }),
        session_id: cut(told.session_id, MAX_NAME),
        alias: cut(told.alias, MAX_NAME),
        by: told.by,
        confidence: told.confidence,
        problems: told.problems.into_iter().map(problem).collect(),
    }
}

fn details(details: Details) -> Details {
    Details {
        name: cut_text(details.name, MAX_NAME),
        version: cut_text(details.version, MAX_WORD),
        kind: cut_text(details.kind, MAX_WORD),
        agent_name: cut_text(details.agent_name, MAX_NAME),
        team: cut_text(details.team, MAX_NAME),
        failure: details.failure.map(|it| Box::new(failure(*it))),
        model: cut_text(details.model, MAX_WORD),
        permission_mode: cut_text(details.permission_mode, MAX_WORD),
        last_prompt: cut_text(details.last_prompt, MAX_LINE),
        task: cut_text(details.task, MAX_LINE),
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
        pane: Some(Box::new(pane)),
        how: clean(&place.how, MAX_LINE).into(),
        confidence: place.confidence,
    }))
}

/// A reply of `host` about one of its sessions, or its servers.
pub fn response(response: Response, host: HostName, behind: TimeDelta) -> Response {
    // Sessions go with servers, and are not asked for otherwise.
    let owners = response.sessions.filter(|_| response.servers.is_some()).map(|told| {
        let own = told.into_iter().take(MAX_SERVERS.0);
        own.filter_map(|it| session(it, host, behind)).map(|it| *it).collect()
    });
    let mut servers = response.servers.map(|it| servers(it, host));
    servers.iter_mut().flatten().for_each(|it| it.shift(behind));
    Response {
        ok: response.ok,
        error: cut(response.error, MAX_LINE),
        code: response.code,
        hint: cut(response.hint, MAX_LINE),
        sessions: owners,
        servers,
        port: response.port,
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
        carriers: response.carriers.map(|it| Box::new(carriers(*it))),
        steps: response.steps.map(|it| it.into_iter().take(MAX_STEPS).map(step).collect()),
        note: cut(response.note, MAX_LINE),
        ..Response::default()
    }
}

/// A step of a start there.
fn step(step: StartStep) -> StartStep {
    StartStep {
        name: clean(&step.name, MAX_NAME),
        session_id: cut(step.session_id, MAX_NAME),
        step: step.step,
        state: step.state,
        says: clean(&step.says, MAX_LINE),
        done: step.done,
        of: step.of,
    }
}

/// What carries a session. Paths and ids in it are checked where they are used.
fn carriers(mut told: Carriers) -> Carriers {
    told.carriers.truncate(MAX_CARRIERS);
    for carrier in &mut told.carriers {
        carrier.shows = cut(carrier.shows.take(), MAX_NAME);
    }
    told.tmux = told.tmux.map(|it| TmuxSession {
        program: path(&it.program),
        socket: path(&it.socket),
        session_id: clean(&it.session_id, MAX_WORD),
        session: clean(&it.session, MAX_NAME),
    });
    told
}

fn why(mut why: Why) -> Why {
    why.claims.truncate(MAX_CLAIMS);
    for claim in &mut why.claims {
        claim.says = clean(&claim.says, MAX_LINE).into();
        claim.because = clean(&claim.because, MAX_LINE).into();
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

fn cut_text(text: Option<Text>, limit: usize) -> Option<Text> {
    text.map(|text| clean(&text, limit).into())
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
        info.detail = Some(evil().into());
        info.preview = evil().into();
        info.cwd = evil().into();
        info.label = Some(evil().into());
        info.workspace = Some("1".into());
        info.details.transcript = Some("/etc/shadow".into());
        info.details.name = Some(evil().into());
        info.place = Some(Box::new(Place {
            workspace: Some("1".into()),
            output: None,
            window: Some(Window { con_id: 7, xid: None, pid: 1, focused: true }),
            candidates: 1,
            pane: None,
            how: "".into(),
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
    fn its_servers_are_its_own_and_clean() {
        let server = |host: Option<&str>, url: &str| -> ServerInfo {
            serde_json::from_value(serde_json::json!({
                "host": host, "port": 3000, "addresses": vec!["::1"; 1000], "url": url,
                "name": "x\n\u{1b}[31m", "pid": 7, "cwd": "/\u{202e}", "session": { "pid": 7, "start": 1 },
                "tunnel": "rm -r /", "started_at": "2026-11-20T16:00:00Z", "by": "process",
                "problems": [{ "kind": "stale", "says": "a\u{7}\n".repeat(10_000) }],
            }))
            .unwrap()
        };
        let told = vec![
            server(None, "javascript:alert(1)"),
            server(None, "http://localhost:3000/"),
            server(Some("box"), ""),
        ];
        let mut info = hostile();
        info.servers = told.clone().into();
        let info = session(info, host(), TimeDelta::minutes(1)).unwrap();
        let reply = Response { servers: Some(told), ..Response::done() };
        let reply = response(reply, host(), TimeDelta::minutes(1)).servers.unwrap();
        assert_eq!(reply, info.servers.to_vec());
        let urls: Vec<Option<&str>> = reply.iter().map(|it| it.url.as_deref()).collect();
        assert_eq!(urls, [None, Some("http://localhost:3000/")]);
        let server = &reply[0];
        assert_eq!((server.host, server.session.unwrap().host), (Some(host()), Some(host())));
        assert_eq!((server.addresses.len(), &server.tunnel), (64, &None));
        assert_eq!(server.started_at.to_rfc3339(), "2026-11-20T16:01:00+00:00");
        let text = serde_json::to_string(server).unwrap();
        assert!(text.len() < 2000 && !text.contains("\\u001b") && !text.contains('\u{202e}'));
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
