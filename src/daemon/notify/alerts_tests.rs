//! What is shown and sent, when, and when it is withdrawn.

use super::*;
use crate::config::Config;
use crate::session::info::sample;
use crate::session::state::snooze::Snooze;
use crate::session::state::{Confidence, ReasonKind};
use chrono::{DateTime, TimeDelta};

/// 1_800_000_000 is 08:00 UTC, here 10:00.
fn at(seconds: f64) -> LocalTime {
    let zone = chrono::FixedOffset::east_opt(2 * 3600).unwrap();
    let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap().with_timezone(&zone);
    start + TimeDelta::milliseconds((seconds * 1000.0) as i64)
}

const SEVEN: SessionKey = SessionKey::local(7, 0);

struct Scene {
    alerts: Alerts,
    session: SessionInfo,
}

impl Scene {
    /// Process 7 works, vmuxd begins at 0 with `text` under `[notify]`.
    fn new(text: &str) -> Scene {
        let text = format!("[notify]\ndesktop = true\n{text}");
        let config = Config::parse(&text, None).unwrap().0.notify;
        let mut scene = Scene {
            alerts: Alerts::new(config, at(0.0)),
            session: sample(7, StateName::Working, 1),
        };
        scene.session.session_id = None;
        scene.now(0.0);
        scene
    }

    /// At `seconds` the session is as it is; what is done by then.
    fn now(&mut self, seconds: f64) -> Vec<String> {
        let session = Box::new(self.session.clone());
        self.alerts.take(Change::Session { session }, at(seconds));
        self.done()
    }

    fn waits(&mut self, seconds: f64) -> Vec<String> {
        self.session.state = StateName::NeedsInput;
        self.session.reason = Some(ReasonKind::Permission);
        self.session.since = at(seconds).to_utc();
        self.session.waiting_since = Some(self.session.since);
        self.now(seconds)
    }

    fn works(&mut self, seconds: f64) -> Vec<String> {
        self.turns(StateName::Working, seconds)
    }

    fn finishes(&mut self, seconds: f64) -> Vec<String> {
        self.session.unseen = true;
        self.turns(StateName::Idle, seconds)
    }

    fn turns(&mut self, state: StateName, seconds: f64) -> Vec<String> {
        self.session.state = state;
        (self.session.reason, self.session.waiting_since) = (None, None);
        self.session.since = at(seconds).to_utc();
        self.now(seconds)
    }

    fn tick(&mut self, seconds: f64) -> Vec<String> {
        self.alerts.tick(at(seconds));
        self.done()
    }

    fn focus(&mut self, here: bool, seconds: f64) -> Vec<String> {
        self.alerts.focus(here.then_some(SEVEN), at(seconds));
        self.done()
    }

    fn due(&self) -> Option<f64> {
        self.alerts.due().map(|due| (due - at(0.0).to_utc()).num_milliseconds() as f64 / 1000.0)
    }

    /// Without the recalls, which are harmless at any time.
    fn done(&mut self) -> Vec<String> {
        let word = |action| match action {
            AlertAction::Show(_, notification) => Some(format!("show {}", notification.summary)),
            AlertAction::Withdraw(_) => Some("withdraw".to_owned()),
            AlertAction::Push(_, message) => Some(format!("push {}", message.title)),
            AlertAction::Recall(_) => None,
        };
        self.alerts.take_actions().into_iter().filter_map(word).collect()
    }
}

const WAITS: &str = "show vmux needs permission";
const ENDS: &str = "show vmux finished";

#[test]
fn a_wait_is_told_once_and_taken_back_when_it_is_over() {
    let mut scene = Scene::new("");
    assert_eq!(scene.waits(1.0), [""; 0]);
    assert_eq!(scene.due(), Some(1.3));
    assert_eq!(scene.tick(1.3), [WAITS]);
    assert_eq!((scene.now(2.0), scene.tick(99.0), scene.due()), (vec![], vec![], None));
    assert_eq!(scene.works(100.0), ["withdraw"]);
    assert_eq!(scene.tick(999.0), [""; 0]);
}

#[test]
fn what_is_over_at_once_disturbs_nobody() {
    let mut scene = Scene::new("");
    scene.waits(1.0);
    assert_eq!((scene.works(1.2), scene.due()), (vec![], None));
    scene.finishes(2.0);
    assert_eq!((scene.works(2.1), scene.due()), (vec![], None));
}

#[test]
fn each_wait_is_a_new_one() {
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    assert_eq!(scene.waits(2.0), ["withdraw"]);
    assert_eq!(scene.tick(2.3), [WAITS]);
}

#[test]
fn a_wait_that_cannot_be_seen_for_a_moment_is_the_same_one() {
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    let wait = scene.session.clone();
    assert_eq!(scene.turns(StateName::Unknown, 2.0), [""; 0]);
    scene.session = wait;
    assert_eq!((scene.now(3.0), scene.tick(4.0)), (vec![], vec![]));
}

#[test]
fn better_words_replace_what_is_shown() {
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    scene.session.detail = Some("Bash: ls".into());
    assert_eq!(scene.now(2.0), [WAITS]);
    scene.alerts.closed(SEVEN);
    scene.session.detail = Some("Bash: rm".into());
    assert_eq!(scene.now(3.0), [""; 0], "what was dismissed stays so");
}

#[test]
fn an_end_is_told_unless_somebody_looked() {
    let mut scene = Scene::new("");
    scene.finishes(1.0);
    assert_eq!(scene.tick(1.3), [ENDS]);
    scene.session.unseen = false;
    assert_eq!(scene.now(2.0), ["withdraw"]);
    scene.works(3.0);
    assert_eq!(scene.turns(StateName::Idle, 4.0), [""; 0]);
    assert_eq!(scene.tick(5.0), [""; 0]);
}

#[test]
fn an_answer_that_ends_a_turn_is_no_end_of_work() {
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    assert_eq!(scene.finishes(2.0), ["withdraw"]);
    assert_eq!(scene.tick(3.0), [""; 0]);
}

#[test]
fn nothing_is_told_of_the_session_in_front_of_the_user() {
    let mut scene = Scene::new("");
    scene.focus(true, 0.5);
    scene.waits(1.0);
    assert_eq!((scene.tick(1.3), scene.due()), (vec![], None));
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    assert_eq!(scene.focus(true, 2.0), ["withdraw"]);
    assert_eq!((scene.focus(false, 3.0), scene.tick(99.0)), (vec![], vec![]));
}

#[test]
fn what_waited_before_the_watch_began_is_not_told() {
    let waited = |config: &str, since: f64| {
        let mut scene = Scene::new(config);
        scene.waits(since);
        scene.alerts = Alerts::new(scene.alerts.config, at(0.0));
        scene.now(1.0);
        scene
    };
    let mut scene = waited("", -60.0);
    assert_eq!((scene.due(), scene.tick(9.0)), (None, vec![]));
    let mut scene = waited("remind_after = 60", -600.0);
    assert_eq!(scene.due(), Some(61.0));
    assert_eq!(scene.tick(61.0), ["show vmux needs permission for 11 min"]);
}

#[test]
fn a_guess_and_a_child_are_not_told() {
    let mut scene = Scene::new("");
    scene.session.confidence = Confidence::Low;
    scene.waits(1.0);
    assert_eq!(scene.due(), None);
    let mut scene = Scene::new("");
    scene.session.details.parent_pid = Some(1);
    scene.finishes(1.0);
    assert_eq!(scene.due(), None);
}

#[test]
fn one_that_still_waits_is_told_again() {
    let mut scene = Scene::new("remind_after = \"10m\"");
    scene.waits(1.0);
    assert_eq!(scene.tick(1.3), [WAITS]);
    assert_eq!(scene.tick(601.3), ["show vmux needs permission for 10 min"]);
    scene.focus(true, 700.0);
    assert_eq!(scene.due(), Some(1300.0));
    scene.focus(false, 701.0);
    assert_eq!(scene.tick(1300.0), ["show vmux needs permission for 21 min"]);
    scene.works(1301.0);
    assert_eq!(scene.due(), None);
}

#[test]
fn snoozed_is_told_later_if_it_still_waits() {
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    let state_since = Some(scene.session.since);
    let snoozed = Some(Snooze { until: None, state_since });
    scene.session.snoozed = snoozed;
    assert_eq!((scene.now(5.0), scene.due()), (vec!["withdraw".to_owned()], None));
    scene.session.snoozed = None;
    assert_eq!((scene.now(65.0), scene.due()), (vec![], Some(65.3)));
    assert_eq!(scene.tick(65.3), ["show vmux needs permission for 1 min"]);
    scene.session.snoozed = snoozed;
    scene.now(70.0);
    assert_eq!((scene.works(75.0), scene.due()), (vec![], None));
    scene.finishes(80.0);
    assert_eq!(scene.due(), None);
    scene.session.snoozed = None;
    scene.now(90.0);
    assert_eq!(scene.tick(90.3), [ENDS]);
}

#[test]
fn a_snooze_that_ends_after_a_restart_is_told() {
    let mut scene = Scene::new("");
    scene.session.snoozed = Some(Snooze { until: None, state_since: None });
    scene.waits(-60.0);
    scene.session.snoozed = None;
    scene.now(5.0);
    assert_eq!(scene.tick(5.3), ["show vmux needs permission for 1 min"]);
}

#[test]
fn a_delay_is_as_long_as_the_user_says() {
    let mut scene = Scene::new("after = \"20s\"");
    scene.waits(1.0);
    assert_eq!(scene.due(), Some(21.0));
    scene.works(20.0);
    assert_eq!(scene.due(), None);
}

#[test]
fn a_stalled_session_is_told_until_it_gives_a_sign() {
    let mut scene = Scene::new("stalled_after = 60");
    scene.session.stalled_since = Some(at(1.0).to_utc());
    scene.now(61.0);
    assert_eq!(scene.tick(61.3), ["show vmux gives no sign of life"]);
    scene.session.stalled_since = None;
    assert_eq!((scene.now(70.0), scene.due()), (vec!["withdraw".to_owned()], None));
}

#[test]
fn quiet_hours_hold_it_back_until_they_end() {
    // It is 10:00.
    let mut scene = Scene::new("quiet_hours = \"09:00-10:30\"");
    scene.waits(1.0);
    assert_eq!((scene.tick(1.3), scene.due()), (vec![], Some(1800.3)));
    assert_eq!(scene.tick(1800.3), ["show vmux needs permission"]);
    let mut scene = Scene::new("quiet_hours = \"09:00-10:30\"");
    scene.waits(1.0);
    scene.tick(1.3);
    scene.works(60.0);
    assert_eq!(scene.due(), None);
}

const PUSH: &str = "[notify.push]\nkind = \"ntfy\"\nurl = \"https://a/b\"\n";

#[test]
fn the_phone_is_told_of_what_lasts() {
    let mut scene = Scene::new(PUSH);
    scene.waits(1.0);
    assert_eq!(scene.tick(1.3), [WAITS]);
    assert_eq!(scene.due(), Some(61.0));
    assert_eq!(scene.tick(61.0), ["push vmux needs permission"]);
    assert_eq!(scene.tick(999.0), [""; 0]);
    scene.works(1000.0);
    scene.waits(1001.0);
    scene.tick(1001.3);
    scene.focus(true, 1002.0);
    scene.focus(false, 1003.0);
    assert_eq!(scene.due(), None, "it was looked at");
}

#[test]
fn what_ends_is_taken_back() {
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    scene.alerts.take(Change::Gone { key: SEVEN, session_id: None }, at(2.0));
    assert_eq!(scene.done(), ["withdraw"]);
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    scene.alerts.take(Change::State { sessions: vec![], hosts: vec![] }, at(2.0));
    assert_eq!(scene.done(), ["withdraw"]);
    let mut scene = Scene::new("");
    scene.waits(1.0);
    scene.tick(1.3);
    scene.alerts.configure(NotifyConfig::default());
    assert_eq!(scene.done(), ["withdraw"]);
}

#[test]
fn what_was_in_front_when_it_began_is_not_sent_to_the_phone_later() {
    let push = "[notify.push]\nkind = \"ntfy\"\nurl = \"https://ntfy.sh/x\"\nafter = \"60s\"\n";
    let mut scene = Scene::new(push);
    scene.focus(true, 0.5);
    scene.waits(1.0);
    assert_eq!(scene.tick(1.3), [""; 0]);
    scene.focus(false, 2.0);
    assert_eq!((scene.tick(99.0), scene.due()), (vec![], None));
}
