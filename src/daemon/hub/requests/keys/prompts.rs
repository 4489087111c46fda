//! The prompts that a key may answer: which ids they have, and which call the dialog on a screen is
//! about. Pure.

use crate::claude::process::screen::Screen;
use crate::claude::process::screen::dialog::{self, Dialog};
use crate::claude::transcript::conversation::AskedCall;
use crate::protocol::prompt::{Prompt, PromptKind, UserAnswer, Way, harmless_value};
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::sanitize::{clean, harmless};
use crate::session::state::{HELD_MESSAGE, NETWORK_REQUEST, ReasonKind, StateName};
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many ids are known.
const MAX_IDS: usize = 256;

/// Letters of an id: without those that look alike.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The ids that were told: of which session, and of which call of a tool.
#[derive(Debug, Default)]
pub struct KeyPrompts {
    ids: VecDeque<(String, SessionKey, String)>,
    seed: u64,
}

impl KeyPrompts {
    /// No ids. `seed` differs for each vmuxd.
    pub fn new(seed: u64) -> KeyPrompts {
        KeyPrompts { ids: VecDeque::new(), seed }
    }

    /// The session and the call that an id stands for.
    pub fn find(&self, id: &str) -> Option<(SessionKey, &str)> {
        let found = self.ids.iter().find(|it| it.0 == id)?;
        Some((found.1, &found.2))
    }

    /// The id of the prompt of a call: the same one each time.
    pub fn id_of(&mut self, session: SessionKey, call: &str) -> String {
        if let Some(known) = self.ids.iter().find(|it| (it.1, it.2.as_str()) == (session, call)) {
            return known.0.clone();
        }
        let mut count = 0u32;
        let id = loop {
            let mut hasher = DefaultHasher::new();
            (self.seed, "keys", session, call, count).hash(&mut hasher);
            let hash = hasher.finish();
            let letter = |at: u32| char::from(LETTERS[((hash >> (5 * at)) & 31) as usize]);
            let id: String = (0..7).map(letter).collect();
            // A number would be a pid, or a place in the list.
            if id.starts_with(|it: char| it.is_ascii_lowercase()) && self.find(&id).is_none() {
                break id;
            }
            count += 1;
        };
        if self.ids.len() >= MAX_IDS {
            self.ids.pop_front();
        }
        self.ids.push_back((id.clone(), session, call.to_owned()));
        id
    }
}

/// Whether a session is one that a key may answer, by its files.
pub fn may_ask(session: &SessionInfo) -> bool {
    session.host.is_none()
        && session.state == StateName::NeedsInput
        && session.reason == Some(ReasonKind::Permission)
        && !session.suspended
}

/// Why no key can answer what a session asks, by its files, as a clause; `None` if its screen decides.
/// `keys`: whether the configuration allows keys.
pub fn why_not(session: &SessionInfo, keys: bool) -> Option<String> {
    if let Some(host) = session.host {
        return Some(format!("it runs on {host}, where it can be answered"));
    }
    let why = match session.reason.filter(|_| !is_about_no_call(session)) {
        _ if session.suspended => "it is suspended",
        Some(ReasonKind::Permission) if keys => return None,
        Some(ReasonKind::Permission) => "no hook waits for it, and no keys are allowed",
        Some(ReasonKind::Question | ReasonKind::Plan) => "no hook waits for it",
        _ => "Claude Code calls no hook for it",
    };
    Some(why.to_owned())
}

/// Whether the dialog is about no call: a command that runs asks for the network, or a message may come in.
fn is_about_no_call(session: &SessionInfo) -> bool {
    let begins =
        |detail: &str| [NETWORK_REQUEST, HELD_MESSAGE].iter().any(|it| detail.starts_with(it));
    session.detail.as_deref().is_some_and(begins)
}

/// The dialog on a screen, and the one of these calls that it is about; why there is none, as a clause.
pub fn asked<'a>(
    screen: &str,
    calls: &'a [AskedCall],
) -> Result<(Dialog, &'a AskedCall), &'static str> {
    let dialog = dialog::find(&Screen::parse(screen))?;
    let mut fitting = calls.iter().filter(|it| dialog.check(&it.tool, &it.input).is_ok());
    let only = fitting.next().ok_or_else(|| {
        let mut why = calls.iter().filter_map(|it| dialog.check(&it.tool, &it.input).err());
        why.next().unwrap_or("its conversation has no call that the dialog could be about")
    })?;
    match fitting.next() {
        None => Ok((dialog, only)),
        Some(_) => Err("several of its calls look like the one in the dialog"),
    }
}

/// The key that gives an answer; what is wrong with the answer, and what to do.
pub fn key(
    answer: &UserAnswer,
    dialog: &Dialog,
) -> Result<&'static str, (&'static str, &'static str)> {
    let way = "by a key it can only be allowed once, or denied without a message";
    match answer {
        UserAnswer::Allow { accept_edits: false } => Ok("1"),
        UserAnswer::Deny { message: None } if dialog.has_escape => Ok("Escape"),
        UserAnswer::Deny { message: None } => {
            Err(("its dialog does not name a key for no", "go there"))
        }
        _ => Err((way, "`vmux hooks install --answer` makes more possible")),
    }
}

/// A prompt as it is told to clients.
pub fn prompt(id: String, session: &SessionInfo, call: &AskedCall) -> Prompt {
    let tool = clean(&call.tool, 100);
    Prompt {
        id,
        session: session.key(),
        session_id: harmless(session.session_id.as_deref().unwrap_or_default()),
        kind: PromptKind::of_tool(&tool),
        tool,
        input: harmless_value(call.input.clone()),
        cut: false,
        cwd: harmless(&session.cwd),
        always: Vec::new(),
        since: session.waiting_since.unwrap_or(session.since),
        way: Way::Keys,
        why: None,
    }
}

/// A prompt that only its terminal can answer: the call that asks, if it is the only one that could,
/// else what is known of the session.
pub fn unanswerable(
    session: &SessionInfo,
    calls: &[AskedCall],
    why: String,
    id_of: impl Fn(&str) -> Option<String>,
) -> Option<Prompt> {
    let kind = match session.reason {
        Some(ReasonKind::Permission) => PromptKind::Permission,
        Some(ReasonKind::Question) => PromptKind::Question,
        Some(ReasonKind::Plan) => PromptKind::Plan,
        _ => PromptKind::Other,
    };
    let mut fitting = calls.iter().filter(|it| PromptKind::of_tool(&it.tool) == kind);
    let only = fitting.next().filter(|_| fitting.next().is_none() && !is_about_no_call(session));
    let unknown = || AskedCall {
        id: format!("since {}", session.since.timestamp_millis()),
        tool: session
            .detail
            .as_deref()
            .map(str::to_owned)
            .or_else(|| session.reason.map(|it| it.phrase().to_owned()))
            .unwrap_or_default(),
        input: Value::Object(Map::new()),
    };
    let call = only.cloned().unwrap_or_else(unknown);
    let (way, why) = (Way::Terminal, Some(clean(&why, 300)));
    Some(Prompt { kind, way, why, ..prompt(id_of(&call.id)?, session, &call) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use serde_json::json;

    const SCREEN: &str = include_str!("../../../../../testdata/claude/screens/2.1.332/bash.ansi");

    fn call(id: &str, command: &str) -> AskedCall {
        AskedCall { id: id.into(), tool: "Bash".into(), input: json!({"command": command}) }
    }

    #[test]
    fn the_screen_says_which_call_asks() {
        let (one, two) = (call("a", "perl -e 'print 1'"), call("b", "perl -e 'print 2'"));
        let calls = [two.clone(), one.clone()];
        assert_eq!(asked(SCREEN, &calls).map(|it| it.1.id.clone()), Ok("a".into()));
        assert!(asked(SCREEN, std::slice::from_ref(&two)).is_err());
        assert!(asked(SCREEN, &[]).is_err());
        assert!(asked("", &calls).is_err());
        let twice = [one.clone(), AskedCall { id: "c".into(), ..one }];
        assert!(asked(SCREEN, &twice).unwrap_err().contains("several"));
        let (dialog, _) = asked(SCREEN, &calls).unwrap();
        assert_eq!(key(&UserAnswer::Allow { accept_edits: false }, &dialog), Ok("1"));
        assert_eq!(key(&UserAnswer::Deny { message: None }, &dialog), Ok("Escape"));
        for answer in [
            UserAnswer::Always,
            UserAnswer::Allow { accept_edits: true },
            UserAnswer::Deny { message: Some("x".into()) },
            UserAnswer::Reply(vec!["1".into()]),
        ] {
            assert!(key(&answer, &dialog).is_err(), "{answer:?}");
        }
    }

    #[test]
    fn a_request_for_the_network_is_about_no_call() {
        let mut session = sample(1, StateName::NeedsInput, 1);
        session.reason = Some(ReasonKind::Permission);
        let calls = [call("a", "curl one.example")];
        let told = |session: &SessionInfo| {
            let id_of = |call: &str| Some(call.to_owned());
            unanswerable(session, &calls, "x".to_owned(), id_of).unwrap()
        };
        assert_eq!(told(&session).tool, "Bash");
        session.detail = Some("Network request: one.example".into());
        assert_eq!(told(&session).tool, "Network request: one.example");
        assert_eq!(told(&session).input, json!({}));
        assert!(why_not(&session, true).is_some());
    }

    #[test]
    fn a_call_keeps_its_id() {
        let mut ids = KeyPrompts::new(7);
        let session = sample(1, StateName::NeedsInput, 1).key();
        let id = ids.id_of(session, "a");
        assert_eq!(ids.id_of(session, "a"), id);
        assert_ne!(ids.id_of(session, "b"), id);
        assert_eq!(ids.find(&id), Some((session, "a")));
        for number in 0..MAX_IDS {
            ids.id_of(session, &number.to_string());
        }
        assert_eq!(ids.find(&id), None);
    }
}
