//! The prompts that are open and can be answered, as a value with a function for each thing that
//! happens to them. Pure.
//!
//! A prompt belongs to one hook process of Claude Code, which waits for the answer to one call of a
//! tool. An answer goes to the hook of the prompt that it names, so it cannot reach another call.

use super::decide::decide;
use super::end::{End, Refusal};
use super::one_line::one_line;
use crate::protocol::prompt::{Decision, Prompt, PromptKind, UserAnswer, Way, harmless_value};
use crate::protocol::request::AskRequest;
use crate::session::Timestamp;
use crate::session::info::PromptBrief;
use crate::session::key::SessionKey;
use crate::session::process::ProcessId;
use crate::session::sanitize::{clean, harmless};
use crate::session::state::StateName;
use chrono::TimeDelta;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Most prompts that are open at once.
const MAX_OPEN: usize = 256;

/// Most prompts of one session that are open at once.
const MAX_OPEN_OF_SESSION: usize = 32;

/// Of how many prompts that are over it is known how they ended.
const MAX_OVER: usize = 64;

/// Most lines that say what `always` would allow, and the longest of them in characters.
const MAX_ALWAYS: (usize, usize) = (20, 500);

/// How long a session may be seen not to wait, once it was seen to.
const SETTLING: TimeDelta = TimeDelta::seconds(2);

/// How long its files may take to say that it waits. On a busy machine 2.1.332 wrote that five seconds after
/// it had started the hook.
const SAYS_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// Letters of an id: without those that look alike.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A prompt that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedPrompt {
    /// What it was.
    pub prompt: Prompt,
    /// What its hook was told to answer, if anything.
    pub decision: Option<Decision>,
    /// How it ended.
    pub end: End,
}

/// The prompts.
#[derive(Debug, Default)]
pub struct PromptStore {
    open: Vec<OpenPrompt>,
    over: VecDeque<(String, End)>,
    /// How many there were.
    count: u64,
    /// What makes ids of this vmuxd differ from those of others.
    seed: u64,
}

#[derive(Debug)]
struct OpenPrompt {
    prompt: Prompt,
    /// What the hook reports as the call.
    call: Option<String>,
    decision: Option<Decision>,
    /// Whether the session was seen to wait since.
    was_waiting: bool,
}

impl PromptStore {
    /// No prompts. `seed` differs for each vmuxd.
    pub fn new(seed: u64) -> PromptStore {
        PromptStore { seed, ..PromptStore::default() }
    }

    /// The prompts that are open, the oldest first.
    pub fn open_prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.open.iter().map(|it| &it.prompt)
    }

    /// The prompts of one session that are open, the oldest first.
    pub fn of_session(&self, session: SessionKey) -> impl Iterator<Item = &Prompt> {
        self.open_prompts().filter(move |it| it.session == session)
    }

    /// The prompt of `session` to be shown with it: the only one that is open and has no answer yet.
    pub fn brief(&self, session: SessionKey) -> Option<PromptBrief> {
        let mut open = self.open.iter().filter(|it| it.prompt.session == session);
        let only = open.next().filter(|it| it.decision.is_none())?;
        let call = one_line(&only.prompt);
        open.next().is_none().then(|| PromptBrief { id: only.prompt.id.clone(), call, token: None })
    }

    /// Whether a prompt has this id, or had it lately.
    pub fn knows(&self, id: &str) -> bool {
        self.open_prompts().any(|it| it.id == id) || self.over.iter().any(|it| it.0 == id)
    }

    /// How the prompt with this id ended, if it is over.
    pub fn end_of(&self, id: &str) -> Option<End> {
        self.over.iter().find(|it| it.0 == id).map(|it| it.1)
    }

    /// A hook of `session` asks. Returns the id of its prompt, and what it replaces; `None` if too many
    /// are open.
    pub fn ask(
        &mut self,
        asked: AskRequest,
        session: SessionKey,
        now: Timestamp,
    ) -> Option<(String, Vec<EndedPrompt>)> {
        // Another conversation asks nothing of the one before it. Within one, calls that may run at the
        // same time ask at the same time, each with a hook of its own (docs/answering.md).
        let replaced = self.end_where(End::Replaced, |it| {
            it.prompt.session == session && it.prompt.session_id != asked.report.session_id
        });
        if self.open.len() >= MAX_OPEN || self.of_session(session).count() >= MAX_OPEN_OF_SESSION {
            return None;
        }
        let id = self.new_id(&asked, session);
        let tool = clean(asked.report.tool.as_deref().unwrap_or_default(), 100);
        let (most, longest) = MAX_ALWAYS;
        let prompt = Prompt {
            id: id.clone(),
            session,
            session_id: harmless(&asked.report.session_id),
            kind: PromptKind::of_tool(&tool),
            tool,
            input: harmless_value(asked.input),
            cut: asked.cut,
            cwd: harmless(&asked.cwd),
            always: asked.always.iter().take(most).map(|it| clean(it, longest)).collect(),
            since: now,
            way: Way::Hook,
            why: None,
        };
        self.open.push(OpenPrompt {
            prompt,
            call: asked.report.input,
            decision: None,
            was_waiting: false,
        });
        Some((id, replaced))
    }

    /// An answer to the prompt `id`, or to the only one of `session`. Returns the id of the prompt and
    /// what its hook is to be told. No prompt is answered twice.
    pub fn answer(
        &mut self,
        session: Option<SessionKey>,
        id: Option<&str>,
        answer: &UserAnswer,
    ) -> Result<(String, Decision), Refusal> {
        let is_meant = |it: &OpenPrompt| {
            id.is_none_or(|id| it.prompt.id == id)
                && session.is_none_or(|session| it.prompt.session == session)
        };
        let meant: Vec<usize> =
            self.open.iter().enumerate().filter(|(_, it)| is_meant(it)).map(|it| it.0).collect();
        let found = match (meant[..].split_first(), id) {
            (Some((&one, [])), _) => one,
            (Some(_), _) => return Err(Refusal::Several),
            (None, None) => return Err(Refusal::NotWaiting),
            (None, Some(id)) => {
                return Err(self.end_of(id).map_or(Refusal::Unknown, Refusal::Over));
            }
        };
        let open = &mut self.open[found];
        if open.decision.is_some() {
            return Err(Refusal::BeingAnswered);
        }
        let decision =
            decide(&open.prompt, answer).map_err(|(why, hint)| Refusal::Unfit(why, hint))?;
        open.decision = Some(decision.clone());
        Ok((open.prompt.id.clone(), decision))
    }

    /// The hook of this prompt has passed on what it was told.
    pub fn answered(&mut self, id: &str) -> Option<EndedPrompt> {
        self.end_where(End::Answered, |it| it.prompt.id == id && it.decision.is_some()).pop()
    }

    /// The hook of this prompt has gone.
    pub fn hook_ended(&mut self, id: &str) -> Option<EndedPrompt> {
        self.end_where(End::HookEnded, |it| it.prompt.id == id).pop()
    }

    /// A session is in `state` since then, by its own files.
    pub fn session_is(
        &mut self,
        session: SessionKey,
        state: StateName,
        since: Timestamp,
    ) -> Vec<EndedPrompt> {
        if !is_over_in(state) {
            // One that waited before may have asked something else.
            let asked = self.open.iter_mut().filter(|it| it.prompt.session == session);
            for open in asked.filter(|it| it.prompt.since <= since) {
                open.was_waiting |= state == StateName::NeedsInput;
            }
            return Vec::new();
        }
        // A state from before the prompt is known late: the prompt came after it.
        self.end_where(End::AnsweredElsewhere, |it| {
            it.prompt.session == session && it.prompt.since < since && it.decision.is_none()
        })
    }

    /// A session is in `state` at `now`, whatever was missed before.
    pub fn review(
        &mut self,
        state: impl Fn(SessionKey) -> Option<StateName>,
        now: Timestamp,
    ) -> Vec<EndedPrompt> {
        self.end_where(End::AnsweredElsewhere, |it| {
            let patience = if it.was_waiting { SETTLING } else { SAYS_WITHIN };
            it.decision.is_none()
                && now - it.prompt.since > patience
                && state(it.prompt.session).is_none_or(is_over_in)
        })
    }

    /// A session has ended.
    pub fn session_ended(&mut self, session: SessionKey) -> Vec<EndedPrompt> {
        self.end_where(End::SessionEnded, |it| it.prompt.session == session)
    }

    /// A call of a tool has run in `session`: nothing asks for it any longer.
    pub fn call_ended(
        &mut self,
        session: SessionKey,
        tool: Option<&str>,
        call: Option<&str>,
    ) -> Vec<EndedPrompt> {
        self.end_where(End::AnsweredElsewhere, |it| {
            it.prompt.session == session
                && Some(it.prompt.tool.as_str()) == tool
                && it.call.as_deref() == call
                && it.decision.is_none()
        })
    }

    fn end_where(&mut self, end: End, is_meant: impl Fn(&OpenPrompt) -> bool) -> Vec<EndedPrompt> {
        let ended: Vec<OpenPrompt> = self.open.extract_if(.., |it| is_meant(it)).collect();
        let end = |OpenPrompt { prompt, decision, .. }: OpenPrompt| {
            if self.over.len() >= MAX_OVER {
                self.over.pop_front();
            }
            self.over.push_back((prompt.id.clone(), end));
            EndedPrompt { prompt, decision, end }
        };
        ended.into_iter().map(end).collect()
    }

    /// An id that stands for this hook, session, tool and input, and that no prompt had before.
    fn new_id(&mut self, asked: &AskRequest, session: SessionKey) -> String {
        loop {
            self.count += 1;
            let mut hasher = DefaultHasher::new();
            let hook = ProcessId { pid: asked.hook_pid, start: asked.hook_start };
            (self.seed, self.count, hook, session, &asked.report.tool).hash(&mut hasher);
            asked.input.to_string().hash(&mut hasher);
            let hash = hasher.finish();
            let letter = |at: u32| char::from(LETTERS[((hash >> (5 * at)) & 31) as usize]);
            let id: String = (0..7).map(letter).collect();
            // A number would be a pid, or a place in the list.
            if !self.knows(&id) && id.starts_with(|c: char| c.is_ascii_lowercase()) {
                return id;
            }
        }
    }
}

/// Whether a session in this state asks nothing.
fn is_over_in(state: StateName) -> bool {
    matches!(state, StateName::Working | StateName::Idle)
}
