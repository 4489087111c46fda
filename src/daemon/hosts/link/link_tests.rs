//! The link, from its start to its end and back.

use super::status::STALE_KEPT;
use super::*;
use crate::protocol::event::Event;
use crate::protocol::relay::{Away, BeatReply, RELAY, RelayReply, SyncLine};
use crate::protocol::relay::{Greeting, SyncMark};
use crate::protocol::request::BootTime;
use crate::session::info::sample;
use crate::session::registry::change::Change;
use crate::session::state::StateName;
use crate::session::state::host::HostFaultKind;
use serde::Serialize;

struct Scene {
    link: Link,
    base: Instant,
    at: Duration,
}

impl Scene {
    fn new() -> Scene {
        let base = Instant::now();
        let mut scene =
            Scene { link: Link::new(host(), time(base, Duration::ZERO)), base, at: Duration::ZERO };
        scene.tick();
        assert_eq!(scene.link.take_actions(), [LinkAction::Start]);
        scene
    }

    fn now(&self) -> Now {
        time(self.base, self.at)
    }

    fn tick(&mut self) {
        self.link.tick(self.now());
    }

    /// Goes to when something is due, and does it.
    fn go_on(&mut self) {
        self.at = self.link.due().unwrap() - self.base;
        self.tick();
    }

    fn hear(&mut self, line: &impl Serialize) {
        let line = encode(line);
        self.link.take_line(line.strip_suffix(b"\n").unwrap(), self.now());
    }

    fn greet(&mut self) {
        self.greet_with(None);
    }

    fn greet_with(&mut self, clock: Option<BootTime>) {
        let now = self.now().wall;
        self.hear(&Greeting { relay: RELAY, version: "9.9\n".to_owned(), now, clock });
    }

    /// Tells these sessions, and that there are no others.
    fn tell(&mut self, pids: &[u32]) {
        self.hear(&SyncLine { sync: SyncMark::Begin });
        for pid in pids {
            let session = Box::new(sample(*pid, StateName::Idle, 1));
            self.hear(&Event { seq: 1, change: Change::Session { session } });
        }
        self.hear(&SyncLine { sync: SyncMark::End });
    }

    fn state(&mut self) -> (HostState, Option<HostFaultKind>) {
        (self.link.status.state, self.link.status.fault.as_ref().map(|it| it.kind))
    }

    fn beats(&mut self) -> usize {
        let is_beat = |it: &LinkAction| matches!(it, LinkAction::Send(_));
        self.link.take_actions().iter().filter(|it| is_beat(it)).count()
    }
}

fn host() -> HostName {
    HostName::new("gpu").unwrap()
}

fn time(base: Instant, at: Duration) -> Now {
    let wall = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    Now { monotonic: base + at, wall: wall + at, boottime: at }
}

#[test]
fn it_is_up_once_its_full_state_is_there() {
    let mut scene = Scene::new();
    scene.link.take_line(b"Welcome to Debian", scene.now());
    scene.greet();
    assert_eq!(scene.state().0, HostState::Connecting);
    scene.tell(&[1, 2]);
    assert_eq!(scene.state(), (HostState::Up, None));
    assert_eq!(scene.link.take_changes().len(), 2);
    assert_eq!(scene.link.take_status().unwrap().version.as_deref(), Some("9.9"));
    assert_eq!(scene.link.take_status(), None);
}

#[test]
fn a_silent_host_is_given_up_within_fifteen_seconds() {
    let mut scene = Scene::new();
    scene.greet();
    scene.tell(&[1]);
    let cut = scene.at;
    while scene.state().0 == HostState::Up {
        scene.go_on();
    }
    assert!(scene.at - cut <= Duration::from_secs(15), "{:?}", scene.at);
    assert_eq!(scene.state().1, Some(HostFaultKind::Silent));
    let actions = scene.link.take_actions();
    assert_eq!(actions.last(), Some(&LinkAction::HangUp), "{actions:?}");
    // Its own end changes nothing.
    scene.link.take_end(Some(255), "Connection refused", scene.now());
    assert_eq!(scene.state().1, Some(HostFaultKind::Silent));
}

#[test]
fn one_that_answers_is_kept() {
    let mut scene = Scene::new();
    scene.greet();
    scene.tell(&[]);
    for _ in 0..100 {
        let now = scene.now().wall;
        let beat = scene.link.measure.number();
        scene.hear(&BeatReply { beat, now, clock: None });
        scene.go_on();
    }
    assert_eq!(scene.state(), (HostState::Up, None));
    assert!(scene.at >= Duration::from_secs(380));
    assert_eq!(scene.beats(), 101);
}

#[test]
fn it_is_tried_again_ever_later_and_at_once_when_the_network_changes() {
    let mut scene = Scene::new();
    let mut last = Duration::ZERO;
    for _ in 0..9 {
        scene.link.take_end(Some(255), "Connection refused", scene.now());
        assert_eq!(scene.state(), (HostState::Down, Some(HostFaultKind::Refused)));
        let failed = scene.at;
        scene.go_on();
        assert_eq!(scene.link.take_actions(), [LinkAction::Start]);
        last = scene.at - failed;
    }
    assert!(last >= Duration::from_secs(45), "{last:?}");
    scene.link.take_end(Some(255), "Connection refused", scene.now());
    scene.at += Duration::from_secs(5);
    scene.link.take_network_change(scene.now());
    scene.tick();
    assert_eq!(scene.link.take_actions(), [LinkAction::Start]);
    // But not in a storm of changes.
    scene.link.take_end(Some(255), "Connection refused", scene.now());
    scene.link.take_network_change(scene.now());
    scene.tick();
    assert_eq!(scene.link.take_actions(), []);
    scene.at += MIN_PAUSE;
    scene.tick();
    assert_eq!(scene.link.take_actions(), [LinkAction::Start]);
}

#[test]
fn after_a_change_of_the_network_it_must_answer_soon() {
    let mut scene = Scene::new();
    scene.greet();
    scene.tell(&[]);
    scene.link.take_actions();
    scene.link.take_network_change(scene.now());
    scene.tick();
    assert_eq!(scene.beats(), 1);
    let begun = scene.at;
    while scene.state().0 == HostState::Up {
        scene.go_on();
    }
    assert_eq!(scene.at - begun, PROBE_WITHIN);
}

#[test]
fn its_sessions_are_kept_for_a_while_and_those_that_are_not_told_again_end() {
    let mut scene = Scene::new();
    scene.greet();
    scene.tell(&[1, 2]);
    scene.link.take_changes();
    scene.link.take_end(Some(255), "", scene.now());
    let lost = scene.at;
    assert!(scene.link.take_changes().is_empty());
    scene.go_on();
    scene.greet();
    scene.tell(&[2]);
    assert_eq!(scene.link.take_changes().len(), 2, "one is told, one has ended");
    scene.link.take_end(Some(255), "", scene.now());
    while scene.link.take_changes().is_empty() {
        scene.go_on();
        scene.link.take_end(Some(255), "", scene.now());
        assert!(scene.at < lost + STALE_KEPT * 2);
    }
    assert!(scene.at >= lost + STALE_KEPT);
}

#[test]
fn vmuxd_may_be_away_there_and_come_back() {
    let mut scene = Scene::new();
    scene.greet();
    scene.tell(&[1]);
    scene.hear(&Away { away: "it ended".to_owned() });
    assert_eq!(scene.state(), (HostState::Down, Some(HostFaultKind::NoVmuxd)));
    assert!(scene.link.is_open());
    scene.tell(&[1]);
    assert_eq!(scene.state(), (HostState::Up, None));
}

#[test]
fn garbage_is_given_up_and_tried_again_late() {
    let noise = vec![b'x'; 1000];
    let mut noisy = Scene::new();
    for _ in 0..100 {
        noisy.link.take_line(&noise, noisy.now());
    }
    let mut endless = Scene::new();
    endless.link.take_part(MAX_NOISE + 1, endless.now());
    let mut broken = Scene::new();
    broken.greet();
    broken.link.take_line(b"\x1b[2J", broken.now());
    let mut long = Scene::new();
    long.greet();
    long.link.take_long_line(long.now());
    for mut scene in [noisy, endless, broken, long] {
        assert_eq!(scene.state(), (HostState::Down, Some(HostFaultKind::Garbage)));
        assert!(scene.link.take_actions().contains(&LinkAction::HangUp));
        assert!(scene.link.due().unwrap() >= scene.now().monotonic + Duration::from_secs(7));
    }
}

#[test]
fn a_clock_that_is_found_to_be_wrong_moves_what_was_told() {
    let mut scene = Scene::new();
    scene.greet();
    scene.tell(&[1]);
    scene.link.take_actions();
    let ahead = TimeDelta::minutes(10);
    let beat = scene.link.measure.number();
    let now = scene.now().wall + ahead;
    scene.hear(&BeatReply { beat, now, clock: None });
    assert_eq!(scene.link.take_actions(), [LinkAction::Shift(-ahead)]);
    assert_eq!(scene.link.status.clock_ahead, Some(ahead));
}

#[test]
fn until_when_a_host_may_do_something_is_said_in_the_time_of_its_own_clock() {
    let mut scene = Scene::new();
    scene.greet_with(Some(BootTime(50_000)));
    scene.tell(&[]);
    assert!(scene.link.take_status().unwrap().takes_deadlines);
    let within = |scene: &Scene, seconds| {
        scene.link.deadline(scene.now().boottime + Duration::from_secs(seconds))
    };
    // A tenth less, for its clock may run slower.
    assert_eq!(within(&scene, 10), Some(BootTime(59_000)));
    scene.at += Duration::from_secs(1);
    let (beat, now) = (scene.link.measure.number(), scene.now().wall);
    scene.hear(&BeatReply { beat, now, clock: Some(BootTime(51_000)) });
    assert_eq!(within(&scene, 10), Some(BootTime(60_000)));
    // The next connection is to an older one.
    scene.link.take_end(Some(255), "", scene.now());
    scene.go_on();
    scene.greet();
    assert_eq!(within(&scene, 10), None);
    assert!(!scene.link.take_status().unwrap().takes_deadlines);
}

#[test]
fn a_reply_is_passed_on_clean() {
    let mut scene = Scene::new();
    scene.greet();
    scene.link.take_actions();
    let reply = Response { note: Some("a\u{1b}b".to_owned()), ..Response::done() };
    scene.hear(&RelayReply { id: 7, reply });
    let actions = scene.link.take_actions();
    let [LinkAction::Reply(7, reply)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(reply.note.as_deref(), Some("a b"));
}
