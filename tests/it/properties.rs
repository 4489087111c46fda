//! What holds for any sequence of observations: the registry keeps its invariants, and whoever
//! listens ends with the daemon's state.

use proptest::prelude::*;
use std::collections::BTreeMap;
use vmux::protocol::event::{Change, Event, Mirror};
use vmux::session::Timestamp;
use vmux::session::info::{Details, SessionInfo};
use vmux::session::key::SessionKey;
use vmux::session::place::Place;
use vmux::session::registry::debounce::OPEN_TURN_HOLD;
use vmux::session::registry::observation::{Lineage, Observation};
use vmux::session::registry::{Labels, Registry};
use vmux::session::state::{Confidence, Reason, ReasonKind, State, StateName, Verdict};

/// Something that may happen to a registry.
#[derive(Debug, Clone)]
enum Step {
    See { who: u8, id: Option<u8>, state: u8, age: i64, own: bool, said: u8 },
    Unreadable(u8),
    Gone(u8),
    Place(u8, Option<u8>),
    Focus(Option<u8>),
    Acknowledge(u8),
    Labels(BTreeMap<u8, u8>),
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0u8..4;
    prop_oneof![
        6 => (who.clone(), prop::option::weighted(0.9, 0u8..5), 0u8..7, -200i64..4000, any::<bool>(), 0u8..3)
            .prop_map(|(who, id, state, age, own, said)| Step::See { who, id, state, age, own, said }),
        1 => who.clone().prop_map(Step::Unreadable),
        1 => who.clone().prop_map(Step::Gone),
        1 => (who.clone(), prop::option::of(0u8..3)).prop_map(|(who, place)| Step::Place(who, place)),
        1 => prop::option::of(who.clone()).prop_map(Step::Focus),
        1 => who.prop_map(Step::Acknowledge),
        1 => prop::collection::btree_map(0u8..5, 0u8..4, 0..4).prop_map(Step::Labels),
        2 => Just(Step::Tick),
    ]
}

/// Steps, and by how many milliseconds the clock moved before each: mostly on, sometimes it is set.
fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let pause = prop_oneof![
        12 => 0i64..150,
        3 => 0i64..5_000,
        1 => -7_200_000i64..0,
        1 => 0i64..7_200_000,
    ];
    prop::collection::vec((step(), pause), 1..120)
}

fn key(who: u8) -> SessionKey {
    SessionKey::local(100 + u32::from(who), 7)
}

fn state(kind: u8) -> State {
    let waits =
        |kind, detail: &str| State::NeedsInput(Reason { kind, detail: Some(detail.to_owned()) });
    match kind {
        0 | 1 => State::Working,
        2 => waits(ReasonKind::Permission, "Bash: ls"),
        3 => waits(ReasonKind::Question, "Which?"),
        4 | 5 => State::Idle,
        _ => State::Unknown,
    }
}

fn place(number: u8) -> Place {
    Place {
        workspace: (number > 0).then(|| number.to_string().into()),
        output: None,
        window: None,
        candidates: 1,
        pane: None,
        how: "".into(),
        confidence: Confidence::Certain,
    }
}

/// A registry, and the changes it told, as vmuxd counts them.
#[derive(Default)]
struct Told {
    registry: Registry,
    labels: Labels,
    changes: Vec<Change>,
}

impl Told {
    fn take(&mut self, step: &Step, now: Timestamp) {
        match step {
            Step::See { who, id, state: kind, age, own, said } => {
                let since = now - chrono::TimeDelta::milliseconds(*age);
                let seen = self.registry.apply(
                    Observation {
                        process: key(*who).process,
                        session_id: id.map(|id| format!("id-{id}").into()),
                        id_from: "".into(),
                        lineage: if *own { Lineage::Own } else { Lineage::Resumed },
                        transcript_from: "".into(),
                        cwd: "/w".into(),
                        git_branch: None,
                        verdict: Verdict {
                            state: state(*kind),
                            since,
                            confidence: Confidence::Certain,
                        },
                        claims: Vec::new(),
                        suspended: false,
                        turn_open: false,
                        had_turn: true,
                        preview: said.to_string().into(),
                        written_at: None,
                        details: Details::default(),
                        look_again_at: None,
                        screen_due: None,
                        is_watched: false,
                        polls_transcript: false,
                        watch: Vec::new(),
                    },
                    now,
                );
                self.changes.extend(seen.change);
                if seen.carried.is_some() {
                    // vmuxd saves it, and takes over what is saved then.
                    self.labels.extend(seen.carried);
                    self.changes.extend(self.registry.set_labels(self.labels.clone()));
                }
            }
            Step::Unreadable(who) => {
                self.changes.extend(self.registry.mark_unreadable(key(*who), now));
            }
            Step::Gone(who) => {
                self.changes.extend(self.registry.remove(key(*who)));
                assert_eq!(self.registry.get(key(*who)), None);
                assert_eq!(self.registry.record(key(*who)), None);
                assert_ne!(self.registry.focused(), Some(key(*who)));
            }
            Step::Place(who, number) => {
                self.changes.extend(self.registry.set_place(key(*who), number.map(place)));
            }
            Step::Focus(who) => self.changes.extend(self.registry.set_focus(who.map(key))),
            Step::Acknowledge(who) => {
                self.changes.extend(self.registry.acknowledge(key(*who)));
            }
            Step::Labels(labels) => {
                let text = |label: &u8| if *label == 0 { String::new() } else { label.to_string() };
                self.labels =
                    labels.iter().map(|(id, label)| (format!("id-{id}"), text(label))).collect();
                self.changes.extend(self.registry.set_labels(self.labels.clone()));
            }
            Step::Tick => {
                self.changes.extend(self.registry.tick(now));
                // What is still held will be due soon, however the clock was set.
                let due = self.registry.due();
                assert!(
                    due.is_none_or(|due| due > now && due - now <= OPEN_TURN_HOLD),
                    "{due:?} at {now}"
                );
            }
        }
    }

    /// What holds at any time.
    fn check(&self) {
        for session in self.registry.sessions() {
            let waits = session.state == StateName::NeedsInput;
            assert_eq!(session.waiting_since, waits.then_some(session.since), "{session:?}");
            assert_eq!(session.reason.is_some(), waits, "{session:?}");
            assert!(waits || session.detail.is_none(), "{session:?}");
            assert!(!session.unseen || session.state == StateName::Idle, "{session:?}");
            assert!(!session.unseen || self.registry.focused() != Some(session.key()));
            let label = session.session_id.as_ref().and_then(|id| self.labels.get(id.as_str()));
            let label = label.filter(|label| !label.is_empty());
            assert_eq!(session.label.as_deref(), label.map(String::as_str), "{session:?}");
            let workspace = session.place.as_ref().and_then(|place| place.workspace.as_ref());
            assert_eq!(session.workspace.as_ref(), workspace);
            assert!(self.registry.record(session.key()).is_some());
        }
    }
}

/// The line as a client reads it.
fn through_the_wire(seq: u64, change: Change) -> Event {
    let line = vmux::protocol::frame::encode(&Event { seq, change });
    serde_json::from_slice(&line).unwrap()
}

/// Whether it could move a cursor, end a line or turn the direction of writing.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_registry_keeps_its_promises(steps in steps()) {
        let mut told = Told::default();
        let mut now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        for (step, pause) in &steps {
            now += chrono::TimeDelta::milliseconds(*pause);
            told.take(step, now);
            told.check();
        }
    }

    #[test]
    fn whoever_joins_at_any_moment_ends_with_the_same_state(
        steps in steps(),
        joins in prop::collection::vec(0usize..120, 1..4),
    ) {
        let mut told = Told::default();
        let mut now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        let mut listeners: Vec<Mirror> = Vec::new();
        let (mut seq, mut sent) = (0, 0);
        for (index, (step, pause)) in steps.iter().enumerate() {
            for _ in joins.iter().filter(|join| **join == index) {
                let sessions = told.registry.sessions().cloned().collect();
                let mut mirror = Mirror::default();
                mirror.apply(through_the_wire(seq, Change::State { sessions, hosts: vec![] }));
                listeners.push(mirror);
            }
            now += chrono::TimeDelta::milliseconds(*pause);
            told.take(step, now);
            for change in &told.changes[sent..] {
                seq += 1;
                for mirror in &mut listeners {
                    mirror.apply(through_the_wire(seq, change.clone()));
                    prop_assert_eq!(mirror.seq, seq);
                }
            }
            sent = told.changes.len();
            let sessions: Vec<SessionInfo> = told.registry.sessions().cloned().collect();
            for mirror in &listeners {
                prop_assert_eq!(&mirror.sessions, &sessions);
            }
        }
    }

    #[test]
    fn clean_text_is_one_harmless_line(text in "\\PC*|.*|[\\x00-\\x{ffff}]*", limit in 0usize..60) {
        let clean = vmux::session::sanitize::clean(&text, limit);
        prop_assert!(clean.chars().count() <= limit.max(1));
        prop_assert!(!clean.chars().any(steers));
        prop_assert_eq!(clean.trim(), clean.as_str());
        prop_assert_eq!(&vmux::session::sanitize::clean(&clean, limit), &clean, "clean is clean");
    }
}
