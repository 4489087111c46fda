//! What was on the screen of a real Claude Code, against what vmux makes of its files.
//!
//! `testdata/claude/corpus/VERSION/SCENARIO/truth.json` holds, for each named instant, what a
//! person saw in each session, the facts of `/proc`, the session files, and which transcripts
//! existed with what age. Each instant is built anew in a directory and looked at twice: by an
//! inspector that followed the session from the scenario's beginning, and by one that has just
//! begun (vmuxd restarted). `VMUX_CORPUS` names another folder of the same form.

#![allow(clippy::unwrap_used, reason = "a test that cannot build its world has failed")]

use crate::support::claude_world::{Instant, Session, World};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use vmux::claude::inspector::Inspector;
use vmux::session::process::ProcessId;
use vmux::session::registry::observation::Observation;
use vmux::session::state::State;

/// Instants whose truth the files do not hold: the case, what vmux says instead, and why nothing
/// better can be said.
const UNKNOWABLE: &[(&str, &str, &str)] = &[
    (
        "1.0.128 s11_subagent_perm t1_sub_permission",
        "unknown",
        "a subagent's transcript appears when it is over, so nothing shows its open call",
    ),
    (
        "1.0.128 s15_compact t1_compacting",
        "idle",
        "/compact leaves no trace while it runs, and this version writes no debug log",
    ),
    (
        "1.0.128 s16_multi t2_work_ask_idle",
        "unknown",
        "three transcripts, each made for its first prompt after all three processes had started: \
         nothing says which is whose",
    ),
    (
        "2.0.77 s15_compact t1_compacting",
        "idle",
        "/compact leaves no trace while it runs, except in the debug log, which these files lack",
    ),
    (
        "2.0.77 s16_multi t2_work_ask_idle (fresh)",
        "unknown",
        "three transcripts begun after all three processes had started: which is whose is in the \
         debug log and in the files' times of birth, which the corpus lacks",
    ),
];

#[test]
fn every_instant_of_the_corpus_is_judged_right() {
    let folder = std::env::var_os("VMUX_CORPUS").map(PathBuf::from);
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/claude/corpus");
    let mut score: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for scenario in scenarios(&folder.unwrap_or(default)) {
        judge(&scenario, &mut score, &mut wrong);
    }
    for (version, (right, all)) in &score {
        println!("{version}: {right} of {all} right");
    }
    assert!(!score.is_empty(), "the corpus is empty");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn judge(folder: &Path, score: &mut BTreeMap<String, (usize, usize)>, wrong: &mut Vec<String>) {
    let truth = crate::support::claude_world::read(folder);
    let world = World::new();
    let mut followed: BTreeMap<ProcessId, Inspector> = BTreeMap::new();
    for instant in &truth.instants {
        world.build(folder, instant);
        for (name, session) in &instant.sessions {
            let case = format!("{} {} {}", truth.version, truth.scenario, instant.label);
            let id = session.candidate(&world).process.id;
            let inspector = followed.entry(id).or_insert_with(|| Inspector::new(id));
            let ways = [
                ("followed", world.look(inspector, instant, session)),
                ("fresh", world.look(&mut Inspector::new(id), instant, session)),
            ];
            let counts = score.entry(truth.version.clone()).or_default();
            for (way, observation) in ways {
                let says = word(observation.as_ref());
                let mut complaints = complaints(instant, session, observation.as_ref());
                let known = UNKNOWABLE
                    .iter()
                    .find(|(what, _, _)| *what == case || *what == format!("{case} ({way})"));
                let want = known.map_or(session.want.as_str(), |(_, instead, _)| instead);
                if !fits(want, &says) {
                    complaints.push(format!("should be {want}, vmux says {says}"));
                }
                counts.1 += 1;
                counts.0 += usize::from(complaints.is_empty());
                let because = observation.map(|s| format!("{:?}", s.claims)).unwrap_or_default();
                wrong.extend(
                    complaints.iter().map(|c| format!("{case} ({way}): {name} {c}  {because}")),
                );
            }
        }
    }
}

/// What is wrong beside the state.
fn complaints(
    instant: &Instant,
    session: &Session,
    observation: Option<&Observation>,
) -> Vec<String> {
    let mut out = Vec::new();
    let Some(observation) = observation else { return out };
    let now = instant.now();
    if observation.verdict.since > now {
        out.push("began in the future".to_owned());
    }
    let of_file = session.session_id.as_deref().filter(|_| !instant.sessions_dir.is_empty());
    if let Some(id) = of_file
        && observation.session_id.as_deref() != Some(id)
    {
        out.push(format!("is session {id}, vmux says {:?}", observation.session_id));
    }
    if observation.claims.is_empty() {
        out.push("has no claims".to_owned());
    }
    out
}

fn word(observation: Option<&Observation>) -> String {
    let Some(observation) = observation else { return "other".to_owned() };
    if observation.suspended {
        return "suspended".to_owned();
    }
    match &observation.verdict.state {
        State::NeedsInput(reason) => format!("needs_input:{}", reason.kind.word()),
        state => state.name().word().to_owned(),
    }
}

/// `idle:dialog` is idle: the user has a menu open. `working:background_agent` is working.
fn fits(want: &str, says: &str) -> bool {
    match want.split_once(':') {
        Some((state @ ("idle" | "working"), _)) => state == says,
        _ => want == says,
    }
}

fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    list(folder).iter().flat_map(|version| list(version)).collect()
}
