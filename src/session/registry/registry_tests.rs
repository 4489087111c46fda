//! What the registry promises, one test a promise.

use super::observation::Lineage;
use super::remembered::RememberedSession;
use super::*;
use crate::session::info::Details;
use crate::session::state::failure::FailureKind;
use crate::session::state::snooze::Snooze;
use crate::session::state::{Reason, ReasonKind, StateName};
use chrono::TimeDelta;

const A: SessionKey = SessionKey::local(10, 1);

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_700_000_000_000 + milliseconds).unwrap()
}

fn observation(state: State, since: Timestamp) -> Observation {
    Observation {
        process: A.process,
        session_id: Some("one".into()),
        id_from: "session file".into(),
        lineage: Lineage::Own,
        transcript_from: Text::default(),
        cwd: "/w".into(),
        git_branch: None,
        verdict: Verdict { state, since, confidence: Confidence::Certain },
        claims: Vec::new(),
        suspended: false,
        turn_open: false,
        had_turn: true,
        preview: Text::default(),
        written_at: None,
        details: Details::default(),
        look_again_at: None,
        screen_due: None,
        is_watched: false,
        polls_transcript: false,
        watch: Vec::new(),
    }
}

fn asks() -> State {
    State::NeedsInput(Reason { kind: ReasonKind::Permission, detail: Some("Bash: ls".into()) })
}

fn state(registry: &Registry) -> StateName {
    registry.get(A).unwrap().state
}

#[test]
fn a_wait_is_shown_at_once_and_since_its_evidence() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(5));
    let seen = registry.apply(observation(asks(), at(1000)), at(1001));
    let Some(Change::Session { session }) = seen.change else { panic!("no change") };
    assert_eq!(session.waiting_since, Some(at(1000)));
    assert_eq!(
        (session.reason, session.detail.as_deref()),
        (Some(ReasonKind::Permission), Some("Bash: ls"))
    );
}

#[test]
fn nothing_new_is_no_change() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(5));
    assert_eq!(
        registry.apply(observation(State::Working, at(0)), at(10)),
        ObservationEffect::default()
    );
}

#[test]
fn a_gap_between_two_pieces_of_work_is_not_idle() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(0));
    assert_eq!(registry.apply(observation(State::Idle, at(1000)), at(1000)).change, None);
    assert_eq!((state(&registry), registry.due()), (StateName::Working, Some(at(1100))));
    registry.apply(observation(State::Working, at(1015)), at(1015));
    assert_eq!((state(&registry), registry.due()), (StateName::Working, None));
    assert!(registry.tick(at(2000)).is_empty());
}

#[test]
fn a_lasting_idle_is_believed_when_its_time_has_come() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(0));
    registry.apply(observation(State::Idle, at(1000)), at(1000));
    registry.apply(observation(State::Idle, at(1000)), at(1050));
    assert!(registry.tick(at(1099)).is_empty());
    assert_eq!(registry.tick(at(1100)).len(), 1);
    assert_eq!((state(&registry), registry.get(A).unwrap().since), (StateName::Idle, at(1000)));
}

#[test]
fn why_agrees_with_what_is_shown_while_idle_is_held_back() {
    let claim = |says: &str| Claim {
        source: Source::SessionFile,
        state: None,
        reason: None,
        at: None,
        confidence: Confidence::Certain,
        says: says.into(),
        outcome: Outcome::Won,
        because: Text::default(),
    };
    let failure = Failure {
        kind: FailureKind::Error,
        what: "API error".to_owned(),
        text: String::new(),
        resets_at: None,
        resets: None,
        continues: false,
    };
    let failed = Details { failure: Some(failure.into()), ..Details::default() };
    let mut registry = Registry::default();
    let busy = Observation { claims: vec![claim("busy")], ..observation(State::Working, at(0)) };
    registry.apply(busy, at(0));
    let idle = observation(State::Idle, at(1000));
    registry.apply(Observation { claims: vec![claim("idle")], details: failed, ..idle }, at(1000));
    let shown = |registry: &Registry| {
        let (info, record) = (registry.get(A).unwrap(), registry.record(A).unwrap());
        (info.state, record.claims[0].says.clone(), info.details.failure.is_some())
    };
    assert_eq!(shown(&registry), (StateName::Working, "busy".into(), false));
    registry.tick(at(1100));
    assert_eq!(shown(&registry), (StateName::Idle, "idle".into(), true));
}

#[test]
fn how_a_turn_ended_is_waited_for() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(0));
    let open = Observation { turn_open: true, ..observation(State::Idle, at(1000)) };
    registry.apply(open.clone(), at(1000));
    registry.tick(at(1200));
    assert_eq!((state(&registry), registry.due()), (StateName::Working, Some(at(1500))));
    // Its record comes.
    registry.apply(observation(State::Idle, at(1000)), at(1250));
    assert_eq!(state(&registry), StateName::Idle);
    // It never comes: an Esc before the first byte leaves none.
    registry.apply(observation(State::Working, at(2000)), at(2000));
    registry.apply(
        Observation { verdict: Verdict { since: at(3000), ..open.verdict }, ..open },
        at(3000),
    );
    assert_eq!(registry.tick(at(3500)).len(), 1);
    assert_eq!(state(&registry), StateName::Idle);
}

#[test]
fn a_session_that_was_never_used_has_not_finished() {
    let mut registry = Registry::default();
    let unused = |state, since| Observation { had_turn: false, ..observation(state, since) };
    let trust = State::NeedsInput(Reason { kind: ReasonKind::Trust, detail: None });
    registry.apply(unused(trust, at(0)), at(0));
    registry.apply(unused(State::Idle, at(1000)), at(6000));
    assert!(!registry.get(A).unwrap().unseen, "a dialog of the start was answered");
    registry.apply(observation(asks(), at(7000)), at(7000));
    registry.apply(observation(State::Idle, at(8000)), at(9000));
    assert!(registry.get(A).unwrap().unseen);
}

#[test]
fn a_clock_that_was_set_back_does_not_prolong_a_hold() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(0));
    registry.apply(observation(State::Idle, at(1000)), at(1000));
    assert_eq!(registry.tick(at(-3_600_000)).len(), 1);
    assert_eq!((state(&registry), registry.due()), (StateName::Idle, None));
}

#[test]
fn what_does_not_answer_is_unknown_and_nothing_else() {
    let mut registry = Registry::default();
    registry.apply(observation(asks(), at(0)), at(0));
    registry.apply(observation(State::Idle, at(1000)), at(6000));
    assert!(registry.get(A).unwrap().unseen);
    registry.mark_unreadable(A, at(7000));
    let info = registry.get(A).unwrap();
    assert_eq!((info.state, info.unseen, info.waiting_since), (StateName::Unknown, false, None));
}

/// As `agent-foreground` of 2.1.332 at a load of 10.
#[test]
fn a_gap_that_is_written_late_is_not_idle() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(0));
    assert_eq!(registry.apply(observation(State::Idle, at(1000)), at(1163)).change, None);
    assert_eq!((state(&registry), registry.due()), (StateName::Working, Some(at(1263))));
    registry.apply(observation(State::Working, at(1071)), at(1184));
    assert_eq!((state(&registry), registry.due()), (StateName::Working, None));
}

#[test]
fn an_idle_that_began_long_ago_needs_no_hold() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(0));
    registry.apply(observation(State::Idle, at(1000)), at(6000));
    assert_eq!(state(&registry), StateName::Idle);
}

#[test]
fn what_finished_unwatched_is_unseen_until_it_is_visited() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Working, at(0)), at(0));
    registry.apply(observation(State::Idle, at(1000)), at(6000));
    assert!(registry.get(A).unwrap().unseen);
    registry.apply(observation(State::Idle, at(1000)), at(7000));
    assert!(registry.get(A).unwrap().unseen);
    assert!(registry.set_focus(Some(A)).is_some());
    assert!(!registry.get(A).unwrap().unseen);
    registry.apply(observation(State::Working, at(8000)), at(8000));
    registry.apply(observation(State::Idle, at(9000)), at(9500));
    assert!(!registry.get(A).unwrap().unseen, "it finished under the user's eyes");
}

#[test]
fn a_session_that_finished_before_the_restart_is_unseen_after_it() {
    let remembered = |id: &str| {
        let session_id = id.into();
        BTreeMap::from([(A, RememberedSession { session_id, is_unseen: true, snooze: None })])
    };
    let found = |registry: &mut Registry, state: State| {
        registry.apply(observation(state, at(0)), at(5));
        registry.get(A).unwrap().unseen
    };
    // Known before or after it is seen, and another conversation of the same process is not meant.
    let mut registry = Registry::default();
    assert!(registry.remember(remembered("one")).is_empty());
    assert!(found(&mut registry, State::Idle));
    registry.acknowledge(A);
    assert!(!found(&mut registry, State::Idle), "it is remembered once");
    let mut registry = Registry::default();
    assert!(!found(&mut registry, State::Idle));
    assert_eq!(registry.remember(remembered("one")).len(), 1);
    assert!(registry.get(A).unwrap().unseen);
    let mut registry = Registry::default();
    registry.remember(remembered("other"));
    assert!(!found(&mut registry, State::Idle));
    // What it does may become known later than that it is there.
    let mut registry = Registry::default();
    registry.remember(remembered("one"));
    assert!(!found(&mut registry, State::Unknown));
    registry.forget_remembered();
    assert!(found(&mut registry, State::Idle));
    // Not what works, what the user looks at, and what is forgotten.
    let mut registry = Registry::default();
    registry.remember(remembered("one"));
    assert!(!found(&mut registry, State::Working));
    let mut registry = Registry::default();
    registry.set_focus(Some(A));
    registry.remember(remembered("one"));
    assert!(!found(&mut registry, State::Idle));
    let mut registry = Registry::default();
    registry.remember(remembered("one"));
    registry.forget_remembered();
    assert!(!found(&mut registry, State::Idle));
}

#[test]
fn what_nobody_can_look_at_is_not_unseen() {
    for kind in ["headless", "sdk", "interactive"] {
        let mut registry = Registry::default();
        let apply = |registry: &mut Registry, state: State, since| {
            let details = Details { kind: Some(kind.into()), ..Details::default() };
            registry.apply(Observation { details, ..observation(state, since) }, since);
        };
        apply(&mut registry, State::Working, at(0));
        apply(&mut registry, State::Idle, at(1000));
        registry.tick(at(2000));
        assert_eq!(registry.get(A).unwrap().unseen, kind == "interactive", "{kind}");
    }
}

#[test]
fn a_session_found_idle_is_not_unseen() {
    let mut registry = Registry::default();
    registry.apply(observation(State::Idle, at(0)), at(6000));
    assert!(!registry.get(A).unwrap().unseen);
}

fn labelled(pairs: &[(&str, &str)]) -> Registry {
    let mut registry = Registry::default();
    let labels = pairs.iter().map(|(id, label)| ((*id).to_owned(), (*label).to_owned()));
    registry.set_labels(labels.collect());
    registry.apply(observation(State::Idle, at(0)), at(0));
    registry
}

fn goes_on_to(registry: &mut Registry, id: &str, lineage: Lineage) -> ObservationEffect {
    let next =
        Observation { session_id: Some(id.into()), lineage, ..observation(State::Idle, at(0)) };
    registry.apply(next, at(10))
}

fn label(registry: &Registry) -> Option<&str> {
    registry.get(A).unwrap().label.as_deref()
}

#[test]
fn after_clear_the_label_goes_along() {
    let mut registry = labelled(&[("one", "api")]);
    let seen = goes_on_to(&mut registry, "two", Lineage::Own);
    assert_eq!(seen.carried, Some(("two".into(), "api".into())));
    assert_eq!(label(&registry), Some("api"));
}

#[test]
fn a_resumed_conversation_keeps_its_own_label_or_none() {
    let mut registry = labelled(&[("one", "api")]);
    assert_eq!(goes_on_to(&mut registry, "two", Lineage::Resumed).carried, None);
    assert_eq!(label(&registry), None);
    let mut registry = labelled(&[("one", "api"), ("two", "web")]);
    assert_eq!(goes_on_to(&mut registry, "two", Lineage::Own).carried, None);
    assert_eq!(label(&registry), Some("web"));
}

#[test]
fn a_label_edited_by_hand_is_shown() {
    let mut registry = labelled(&[("one", "api")]);
    let changes = registry.set_labels(Labels::from([("one".into(), "we\u{202e}b\n2".into())]));
    assert_eq!((changes.len(), label(&registry)), (1, Some("web 2")));
    assert!(registry.set_labels(Labels::new()).len() == 1 && label(&registry).is_none());
}

#[test]
fn what_is_gone_is_gone() {
    let mut registry = labelled(&[]);
    let gone = registry.remove(A);
    assert_eq!(gone, Some(Change::Gone { key: A, session_id: Some("one".into()) }));
    assert_eq!((registry.remove(A), registry.sessions().count()), (None, 0));
}

#[test]
fn a_place_that_is_known_before_its_session_is_kept_for_it() {
    let place = Place {
        workspace: Some("3: web".into()),
        output: None,
        window: None,
        candidates: 1,
        pane: None,
        how: Text::default(),
        confidence: Confidence::Certain,
    };
    let mut registry = Registry::default();
    assert_eq!(registry.set_place(A, Some(place)), None);
    registry.apply(observation(State::Idle, at(0)), at(0));
    assert_eq!(registry.get(A).unwrap().workspace.as_deref(), Some("3: web"));
}

/// Whether the session is set aside.
fn is_snoozed(registry: &Registry) -> bool {
    registry.get(A).unwrap().snoozed.is_some()
}

#[test]
fn a_snooze_ends_with_its_time_whatever_the_session_does() {
    let mut registry = Registry::default();
    registry.apply(observation(asks(), at(0)), at(0));
    let snooze = Snooze { until: Some(at(60_000)), state_since: None };
    assert!(registry.snooze(A, Some(snooze)).is_some());
    assert_eq!(registry.due(), Some(at(60_000)));
    registry.apply(observation(State::Working, at(5000)), at(5000));
    registry.apply(observation(asks(), at(9000)), at(9000));
    assert!(is_snoozed(&registry) && registry.tick(at(59_999)).is_empty());
    assert_eq!(registry.tick(at(60_000)).len(), 1);
    assert_eq!((is_snoozed(&registry), registry.due()), (false, None));
}

#[test]
fn a_snooze_of_a_wait_ends_with_it() {
    let mut registry = Registry::default();
    let snooze = Snooze { until: Some(at(60_000)), state_since: Some(at(0)) };
    registry.apply(observation(asks(), at(0)), at(0));
    registry.snooze(A, Some(snooze));
    registry.mark_unreadable(A, at(500));
    registry.apply(observation(asks(), at(0)), at(1000));
    assert!(is_snoozed(&registry), "it was unknown for a moment");
    registry.apply(observation(asks(), at(2000)), at(2000));
    assert_eq!((is_snoozed(&registry), registry.due()), (false, None));
    registry.snooze(A, Some(Snooze { until: None, state_since: Some(at(2000)) }));
    assert!(is_snoozed(&registry));
    assert!(registry.snooze(A, None).is_some(), "taken up again");
    assert!(registry.snooze(A, None).is_none());
    registry.snooze(A, Some(snooze));
    assert!(!is_snoozed(&registry), "of a state that is over");
    registry.remove(A);
    assert_eq!(registry.due(), None);
}

#[test]
fn a_snooze_survives_a_restart() {
    let snooze = Some(Snooze { until: Some(at(60_000)), state_since: Some(at(0)) });
    let session_id = "one".into();
    let remembered =
        BTreeMap::from([(A, RememberedSession { session_id, is_unseen: false, snooze })]);
    let mut registry = Registry::default();
    registry.remember(remembered.clone());
    registry.apply(observation(asks(), at(0)), at(5000));
    assert_eq!(registry.get(A).unwrap().snoozed, snooze);
    let mut registry = Registry::default();
    registry.apply(observation(asks(), at(0)), at(5000));
    assert_eq!(registry.remember(remembered).len(), 1);
    assert_eq!(registry.get(A).unwrap().snoozed, snooze);
    assert!(!registry.get(A).unwrap().unseen);
}

#[test]
fn work_without_a_sign_of_life_has_stalled() {
    let mut registry = Registry::default();
    let works = |written_at| Observation { written_at, ..observation(State::Working, at(0)) };
    let stalled = |registry: &Registry| registry.get(A).unwrap().stalled_since;
    registry.apply(works(Some(at(-9000))), at(1000));
    assert_eq!(registry.due(), None, "nobody wants to know");
    registry.set_stalled_after(Some(TimeDelta::seconds(10)));
    assert_eq!(registry.due(), Some(at(10_000)), "it began to work then");
    registry.apply(works(Some(at(5000))), at(5000));
    assert!(registry.tick(at(14_999)).is_empty());
    assert_eq!(registry.tick(at(15_000)).len(), 1);
    assert_eq!((stalled(&registry), registry.due()), (Some(at(5000)), None));
    registry.apply(works(Some(at(5000))), at(20_000));
    assert_eq!(stalled(&registry), Some(at(5000)));
    registry.apply(works(Some(at(20_001))), at(20_001));
    assert_eq!((stalled(&registry), registry.due()), (None, Some(at(30_001))));
    registry.tick(at(30_001));
    assert_eq!(registry.set_stalled_after(None).len(), 1);
    assert_eq!(stalled(&registry), None);
    registry.set_stalled_after(Some(TimeDelta::seconds(10)));
    registry.apply(observation(asks(), at(31_000)), at(31_000));
    assert_eq!((stalled(&registry), registry.due()), (None, None), "it waits for the user");
}
