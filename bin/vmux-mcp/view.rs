//! Sessions, prompts and servers as a model reads them: few fields, short texts, nothing that hides or
//! pretends. Pure.

use serde_json::{Map, Value, json};
use vmux::protocol::prompt::{Prompt, PromptKind, harmless_value};
use vmux::session::Timestamp;
use vmux::session::info::SessionInfo;
use vmux::session::info::server::{ServerInfo, ServerProblemKind};
use vmux::session::sanitize::clean;
use vmux::session::state::evidence::Claim;
use vmux::session::state::{ReasonKind, StateName};
use vmux::session::title::title;

/// The longest title, in characters.
pub const MAX_TITLE: usize = 60;

/// The longest other text.
const MAX_TEXT: usize = 160;

/// The longest path. What is cut is its end.
const MAX_PATH: usize = 240;

/// The longest input of a prompt, as JSON.
const MAX_INPUT: usize = 4000;

/// The most prompts of one session; each is shown whole.
const MAX_PROMPTS: usize = 4;

/// The most of anything else that one session has: servers, claims.
const MAX_EACH: usize = 12;

/// What every list of sessions says of one. `own` is the caller's.
pub fn brief(session: &SessionInfo, own: Option<&SessionInfo>, now: Timestamp) -> Value {
    let mut it = Map::new();
    let mut set = |name: &str, value: Value| drop(it.insert(name.to_owned(), value));
    set("session", json!(session.key().to_string()));
    set("title", json!(title(session, MAX_TITLE)));
    if own.is_some_and(|own| own.key() == session.key()) {
        set("own", json!(true));
    }
    set("state", json!(state(session)));
    set("for", json!(duration(session.waiting_since.unwrap_or(session.since), now)));
    if let Some(host) = session.host {
        set("host", json!(host.as_str()));
    }
    set("directory", json!(clean(&session.cwd, MAX_PATH)));
    if let Some(branch) = &session.git_branch {
        set("branch", json!(clean(branch, MAX_TITLE)));
    }
    if let Some(waits_for) = waits_for(session) {
        set("waits_for", json!(waits_for));
    }
    if let Some(failure) = session.failure() {
        set("stopped", json!(clean(&failure.phrase(), MAX_TEXT)));
    }
    if session.state == StateName::Working
        && let Some(task) = &session.details.task
    {
        set("doing", json!(clean(task, MAX_TEXT)));
    }
    if session.snoozed.is_some() {
        set("set_aside_by_user", json!(true));
    }
    if session.stale_since.is_some() {
        set("host_out_of_reach", json!(true));
    }
    if !session.preview.is_empty() {
        set("last", json!(clean(&session.preview, MAX_TEXT)));
    }
    Value::Object(it)
}

/// All that is known of one session, beyond [`brief`].
pub fn details(session: &SessionInfo, now: Timestamp) -> Map<String, Value> {
    let mut it = Map::new();
    let details = &session.details;
    let texts = [
        ("session_id", &session.session_id),
        ("label", &session.label),
        ("name", &details.name),
        ("workspace", &session.workspace),
        ("kind", &details.kind),
        ("claude_version", &details.version),
        ("model", &details.model),
        ("permission_mode", &details.permission_mode),
        ("last_prompt", &details.last_prompt),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            it.insert(name.to_owned(), json!(clean(text, MAX_TEXT)));
        }
    }
    let counts =
        [("subagents", details.subagents), ("background_shells", details.background_shells)];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        it.insert(name.to_owned(), json!(count));
    }
    if let Some(tokens) = details.context_tokens {
        it.insert("context_tokens".to_owned(), json!(tokens));
    }
    if let Some(since) = session.stalled_since {
        it.insert("no_sign_of_life_for".to_owned(), json!(duration(since, now)));
    }
    it.insert("since".to_owned(), json!(session.since));
    it.insert("confidence".to_owned(), json!(session.confidence));
    if !session.servers.is_empty() {
        let servers = session.servers.iter().take(MAX_EACH).map(|it| server(it, now));
        it.insert("servers".to_owned(), servers.collect());
    }
    it
}

/// `needs_input`, `working`, `idle`, `unknown`; `finished` for one that is idle and was not looked at.
pub fn state(session: &SessionInfo) -> &'static str {
    match session.state {
        StateName::NeedsInput => "needs_input",
        StateName::Working => "working",
        StateName::Idle if session.unseen && session.failure().is_none() => "finished",
        StateName::Idle => "idle",
        StateName::Unknown => "unknown",
    }
}

/// `permission: Bash: git push`; nothing of a session that does not wait.
pub fn waits_for(session: &SessionInfo) -> Option<String> {
    if session.state != StateName::NeedsInput {
        return None;
    }
    let kind = match session.reason {
        Some(ReasonKind::Permission) => "permission",
        Some(ReasonKind::Question) => "an answer to a question",
        Some(ReasonKind::Plan) => "approval of a plan",
        Some(ReasonKind::Elicitation) => "input for an MCP server",
        Some(ReasonKind::Trust) => "trust in a directory",
        Some(ReasonKind::Dialog | ReasonKind::Other) | None => "a dialog",
    };
    Some(match &session.detail {
        Some(detail) => format!("{kind}: {}", clean(detail, MAX_TEXT)),
        None => kind.to_owned(),
    })
}

/// A prompt, with the input as it was asked for, up to a bound.
pub fn prompt(prompt: &Prompt) -> Value {
    let kind = match prompt.kind {
        PromptKind::Permission => "permission",
        PromptKind::Question => "question",
        PromptKind::Plan => "plan",
        PromptKind::Other => "other",
    };
    // vmuxd has done this; one of another version may not have.
    let whole = harmless_value(prompt.input.clone());
    let input = whole.to_string();
    let is_long = input.chars().count() > MAX_INPUT;
    let mut it = json!({
        "prompt": clean(&prompt.id, 80),
        "kind": kind,
        "tool": clean(&prompt.tool, MAX_TITLE),
        "directory": clean(&prompt.cwd, MAX_PATH),
        "input": if is_long { json!(clean(&input, MAX_INPUT)) } else { whole },
        "always_allows": prompt.always.iter().take(MAX_EACH).map(|it| clean(it, MAX_TEXT))
            .collect::<Vec<_>>(),
    });
    if is_long || prompt.cut {
        it["cut"] = json!("the input is longer than this: let the user answer it");
    }
    it
}

/// The prompts of a session, a bounded number.
pub fn prompts(prompts: &[Prompt]) -> Value {
    prompts.iter().take(MAX_PROMPTS).map(prompt).collect()
}

/// How the state was decided, in the words of `vmux why`.
pub fn claims(claims: &[Claim]) -> Value {
    let claim = |it: &Claim| {
        let says = clean(&it.says, MAX_TEXT);
        let because = clean(&it.because, MAX_TEXT);
        let source = serde_json::to_value(it.source).ok();
        let source = source.as_ref().and_then(Value::as_str).unwrap_or("other").to_owned();
        match because.is_empty() {
            true => format!("{source}: {says}"),
            false => format!("{source}: {says} ({because})"),
        }
    };
    claims.iter().take(MAX_EACH).map(claim).collect()
}

/// A server.
pub fn server(server: &ServerInfo, now: Timestamp) -> Value {
    let mut it = Map::new();
    let mut set = |name: &str, value: Value| drop(it.insert(name.to_owned(), value));
    if let Some(host) = server.host {
        set("host", json!(host));
    }
    set("port", json!(server.port));
    for (name, text) in [("url", &server.url), ("reached_with", &server.tunnel)] {
        if let Some(text) = text {
            set(name, json!(clean(text, MAX_PATH)));
        }
    }
    set("name", json!(clean(&server.name, MAX_TITLE)));
    if let Some(alias) = &server.alias {
        set("alias", json!(clean(alias, MAX_TITLE)));
    }
    set("directory", json!(clean(&server.cwd, MAX_PATH)));
    set("up_for", json!(duration(server.started_at, now)));
    set("pid", json!(server.pid));
    if let Some(session) = server.session {
        set("session", json!(session.to_string()));
    }
    if server.has(ServerProblemKind::Stale) {
        set("stale", json!(true));
    }
    let problems = server.problems.iter().take(MAX_EACH);
    let problems: Vec<String> =
        problems.map(|it| format!("{}: {}", it.kind.phrase(), clean(&it.says, MAX_TEXT))).collect();
    if !problems.is_empty() {
        set("problems", json!(problems));
    }
    Value::Object(it)
}

/// How long ago something was: `45s`, `12m`, `3h 5m`, `2d 4h`.
pub fn duration(since: Timestamp, now: Timestamp) -> String {
    let seconds = (now - since).num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..86_400 => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(fields: Value) -> SessionInfo {
        let mut it = json!({
            "pid": 10, "start": 7, "session_id": "a", "cwd": "/w/api", "git_branch": "main",
            "state": "idle", "since": "2026-11-28T10:00:00Z", "preview": "", "workspace": null,
        });
        for (name, value) in fields.as_object().unwrap() {
            it[name] = value.clone();
        }
        serde_json::from_value(it).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-28T10:12:30Z".parse().unwrap()
    }

    #[test]
    fn a_session_in_short() {
        let waits = session(json!({
            "state": "needs_input", "reason": "permission", "detail": "Bash: git push",
            "waiting_since": "2026-11-28T10:12:00Z", "preview": "I push now.",
        }));
        assert_eq!(
            brief(&waits, Some(&waits), now()),
            json!({
                "session": "10:7", "title": "api", "own": true, "state": "needs_input",
                "for": "30s", "directory": "/w/api", "branch": "main",
                "waits_for": "permission: Bash: git push", "last": "I push now.",
            })
        );
        let done = session(json!({"unseen": true}));
        assert_eq!(brief(&done, Some(&session(json!({"pid": 11}))), now())["state"], "finished");
    }

    #[test]
    fn texts_are_bounded_and_cannot_hide_anything() {
        let evil = format!("x\u{202e}\u{1b}[31m\n{}", "long ".repeat(1000));
        let session = session(json!({
            "cwd": evil, "git_branch": evil, "preview": evil, "label": evil, "model": evil,
            "last_prompt": evil,
        }));
        let mut shown = brief(&session, None, now());
        let all = details(&session, now());
        shown.as_object_mut().unwrap().extend(all);
        let text = shown.to_string();
        assert!(text.len() < 2000, "{}", text.len());
        assert!(!text.contains(['\u{202e}', '\u{1b}']) && !text.contains("\\u001b"), "{text}");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        for (at, text) in [
            ("2026-11-28T10:12:30Z", "0s"),
            ("2026-11-28T10:13:00Z", "0s"),
            ("2026-11-28T10:00:00Z", "12m"),
            ("2026-11-28T06:05:00Z", "4h 7m"),
            ("2026-11-26T06:05:00Z", "2d 4h"),
        ] {
            assert_eq!(duration(at.parse().unwrap(), now()), text);
        }
    }
}
