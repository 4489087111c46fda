//! The registry: the state of every session. Observations go in, changes come out; it reads no clock.
//!
//! It adds three rules of its own: a gap of a few milliseconds between two pieces of work is not shown
//! as idle, a label follows its process into a new conversation, and a snooze ends with its time or with
//! the state that it is about.

pub mod change;
pub mod debounce;
mod describe;
mod far;
mod labels;
pub mod observation;
pub mod remembered;
mod servers;
mod snoozes;
mod stalls;

use super::Timestamp;
use super::info::{PromptBrief, SessionInfo};
use super::key::SessionKey;
use super::place::Place;
use super::shared::Text;
use super::state::evidence::{Claim, Outcome, Source};
use super::state::failure::Failure;
use super::state::{Confidence, State, Verdict};
use change::Change;
use debounce::{HeldVerdict, hold_idle};
use describe::{change_between, describe, is_unseen, set_place, set_verdict};
use far::FarSessions;
use observation::Observation;
use remembered::Remembered;
use snoozes::Snoozes;
use stalls::Stalls;
use std::collections::BTreeMap;

/// The longest label, in characters.
pub const MAX_LABEL: usize = 100;

/// Session id → label.
pub type Labels = BTreeMap<String, String>;

/// All sessions, by key.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    entries: BTreeMap<SessionKey, Box<RegistryEntry>>,
    /// Idle prompts that are not shown yet.
    held: BTreeMap<SessionKey, HeldBack>,
    labels: Labels,
    /// Where processes are shown that are not a session yet, or not any more.
    places: BTreeMap<SessionKey, Box<Place>>,
    focused: Option<SessionKey>,
    remembered: Remembered,
    snoozes: Snoozes,
    stalls: Stalls,
    far: FarSessions,
}

/// An idle prompt that is not shown yet, and what is shown with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HeldBack {
    held: HeldVerdict,
    claims: Vec<Claim>,
    failure: Option<Box<Failure>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RegistryEntry {
    info: SessionInfo,
    record: Record,
}

/// How a session's state and identity were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Every claim, the one that decided first.
    pub claims: Vec<Claim>,
    /// Where the session id comes from.
    pub id_from: Text,
    /// Where the transcript was found.
    pub transcript_from: Text,
}

/// What an observation changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservationEffect {
    /// What to tell subscribers.
    pub change: Option<Change>,
    /// A label that followed its process: the new session id and the label, to be saved.
    pub carried: Option<(String, String)>,
}

impl Registry {
    /// Every session, ordered by key: those of this machine first.
    pub fn sessions(&self) -> impl Iterator<Item = &SessionInfo> {
        let own = self.entries.values().map(|entry| &entry.info);
        own.chain(self.far.values().map(|info| &**info))
    }

    /// One session.
    pub fn get(&self, key: SessionKey) -> Option<&SessionInfo> {
        let own = || self.entries.get(&key).map(|entry| &entry.info);
        if key.host.is_none() { own() } else { self.far.get(&key).map(|info| &**info) }
    }

    /// Whether there is a session of a process with this pid, on this machine.
    pub fn has_pid(&self, pid: u32) -> bool {
        self.entries.range(SessionKey::local(pid, 0)..=SessionKey::local(pid, u64::MAX)).count() > 0
    }

    /// How the state and identity of one session were found.
    pub fn record(&self, key: SessionKey) -> Option<&Record> {
        self.entries.get(&key).map(|entry| &entry.record)
    }

    /// Takes an observation of a session, at the time `now`.
    pub fn apply(&mut self, observation: Observation, now: Timestamp) -> ObservationEffect {
        let carried = self.carry_label(&observation);
        let key = SessionKey::from(observation.process);
        let focused = self.focused == Some(key);
        let before = self.entries.remove(&key);
        let held = self.held.remove(&key).map(|it| it.held);
        let (verdict, held) = match &before {
            Some(before) => {
                let shown = (&before.info, held.as_ref());
                hold_idle(shown, &observation.verdict, observation.turn_open, now)
            }
            None => (observation.verdict.clone(), None),
        };
        let label = self.label_of(observation.session_id.as_deref());
        let mut info = describe(&observation, &verdict, label);
        self.stalls.note(&mut info, observation.written_at, now);
        match &before {
            Some(before) => {
                set_place(&mut info, before.info.place.clone());
                info.prompt.clone_from(&before.info.prompt);
                info.servers.clone_from(&before.info.servers);
                info.unseen = is_unseen(&before.info, info.state, focused, observation.had_turn);
            }
            None => set_place(&mut info, self.places.remove(&key)),
        }
        if let Some(remembered) = self.remembered.recall(&info) {
            info.unseen |= remembered.has_finished(&info, focused);
            self.snoozes.set(key, remembered.snooze);
        }
        self.snoozes.mark(&mut info);
        // What is held back is not the reason for what is shown meanwhile.
        let claims = match (held, &before) {
            (Some(held), Some(before)) => {
                let (claims, failure) = (observation.claims, info.details.failure.take());
                self.held.insert(key, HeldBack { held, claims, failure });
                before.record.claims.clone()
            }
            _ => observation.claims,
        };
        let record = Record {
            claims,
            id_from: observation.id_from,
            transcript_from: observation.transcript_from,
        };
        let change = change_between(before.as_ref().map(|it| &it.info), &info);
        // An observation that changes nothing allocates nothing that stays: the heap does not fragment.
        let entry = Box::new(RegistryEntry { info, record });
        let kept = before.filter(|before| *before == entry);
        self.entries.insert(key, kept.unwrap_or(entry));
        ObservationEffect { change, carried }
    }

    /// Takes note that reading the files of a session hangs: its state is unknown.
    pub fn mark_unreadable(&mut self, key: SessionKey, now: Timestamp) -> Option<Change> {
        let entry = self.entries.get_mut(&key)?;
        self.held.remove(&key);
        entry.record.claims = vec![Claim {
            source: Source::Process,
            state: None,
            reason: None,
            at: Some(now),
            confidence: Confidence::Certain,
            says: "its files do not answer".into(),
            outcome: Outcome::Won,
            because: "a read of them has not come back".into(),
        }];
        let unknown =
            Verdict { state: State::Unknown, since: now, confidence: Confidence::Certain };
        self.edit(key, |info| {
            set_verdict(info, &unknown);
            info.unseen = false;
            info.details.failure = None;
        })
    }

    /// Removes a session, because its process has ended.
    pub fn remove(&mut self, key: SessionKey) -> Option<Change> {
        self.focused = self.focused.filter(|focused| *focused != key);
        self.held.remove(&key);
        self.snoozes.set(key, None);
        self.stalls.forget(key);
        let mut entry = self.entries.remove(&key)?;
        self.places.extend(entry.info.place.take().map(|place| (key, place)));
        Some(Change::Gone { key, session_id: entry.info.session_id })
    }

    /// Takes note of where a process is shown, whether it is a session already, not yet or not any
    /// more.
    pub fn set_place(&mut self, key: SessionKey, place: Option<Place>) -> Option<Change> {
        let place = place.map(Box::new);
        if self.entries.contains_key(&key) {
            return self.edit(key, |info| set_place(info, place));
        }
        match place {
            Some(place) => self.places.insert(key, place),
            None => self.places.remove(&key),
        };
        None
    }

    /// Takes note of the prompt of a session that can be answered from elsewhere.
    pub fn set_prompt(&mut self, key: SessionKey, prompt: Option<PromptBrief>) -> Option<Change> {
        self.edit(key, |info| info.prompt = prompt.map(Box::new))
    }

    /// Takes note that the user looks at this session now, or at none.
    pub fn set_focus(&mut self, key: Option<SessionKey>) -> Option<Change> {
        self.focused = key;
        key.and_then(|key| self.acknowledge(key))
    }

    /// The session that the user looks at.
    pub fn focused(&self) -> Option<SessionKey> {
        self.focused
    }

    /// Marks a session as seen. `None` if it was not marked as finished.
    pub fn acknowledge(&mut self, key: SessionKey) -> Option<Change> {
        self.edit(key, |info| info.unseen = false)
    }

    /// When [`Registry::tick`] has something to do.
    pub fn due(&self) -> Option<Timestamp> {
        let held = self.held.values().map(|it| it.held.due).min();
        [held, self.snoozes.due(), self.stalls.due()].into_iter().flatten().min()
    }

    /// Shows the idle verdicts that have lasted long enough, ends the snoozes whose time is over, and
    /// marks the sessions that have stalled.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Change> {
        let is_over = |(key, it): (&SessionKey, &HeldBack)| it.held.is_over(now).then_some(*key);
        let over: Vec<SessionKey> = self.held.iter().filter_map(is_over).collect();
        let mut changes: Vec<Change> =
            over.into_iter().filter_map(|key| self.release(key)).collect();
        for key in self.snoozes.end_elapsed(now) {
            changes.extend(self.edit(key, |_| {}));
        }
        for (key, sign) in self.stalls.take_stalled(now) {
            changes.extend(self.edit(key, |info| info.stalled_since = Some(sign)));
        }
        changes
    }

    fn release(&mut self, key: SessionKey) -> Option<Change> {
        let HeldBack { held, claims, failure } = self.held.remove(&key)?;
        self.entries.get_mut(&key)?.record.claims = claims;
        let focused = self.focused == Some(key);
        self.edit(key, |info| {
            let unseen = is_unseen(info, held.verdict.state.name(), focused, true);
            set_verdict(info, &held.verdict);
            info.unseen = unseen;
            info.details.failure = failure;
        })
    }

    fn edit(&mut self, key: SessionKey, edit: impl FnOnce(&mut SessionInfo)) -> Option<Change> {
        let entry = self.entries.get_mut(&key)?;
        let before = entry.info.clone();
        edit(&mut entry.info);
        self.snoozes.mark(&mut entry.info);
        change_between(Some(&before), &entry.info)
    }
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
