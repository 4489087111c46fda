//! Keys that several sections have, and what they may be. Pure.

use crate::config::glob::expand;
use crate::config::section::Section;
use crate::config::value;
use crate::config::{MIN_ALERT_DELAY, Trigger};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) const INTERVAL_RANGE: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(3600);

pub(super) const DELAY_RANGE: RangeInclusive<Duration> =
    MIN_ALERT_DELAY..=Duration::from_secs(3600);

pub(super) const SNOOZE_RANGE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::MAX;

pub(super) const REMIND_RANGE: RangeInclusive<Duration> = Duration::ZERO..=Duration::MAX;

pub(super) const AFTER_RANGE: RangeInclusive<Duration> = Duration::ZERO..=Duration::MAX;

pub(super) const TRIGGERS: &[(&str, Trigger)] = &[
    ("needs_input", Trigger::NeedsInput),
    ("finished", Trigger::Finished),
    ("stalled", Trigger::Stalled),
    ("host", Trigger::Host),
];

pub(super) const TRIGGER_LIST: &str =
    "an array of \"needs_input\", \"finished\", \"stalled\" and \"host\"";

pub(super) fn duration(
    section: &Section,
    key: &'static str,
    range: RangeInclusive<Duration>,
    allowed: &str,
) -> Option<Duration> {
    section.get(key, allowed, |it| value::duration(it).filter(|it| range.contains(it)))
}

pub(super) fn flag(section: &Section, key: &'static str, default: bool) -> bool {
    section.get(key, "true or false", value::boolean).unwrap_or(default)
}

pub(super) fn triggers(section: &Section) -> Option<Vec<Trigger>> {
    section.get("on", TRIGGER_LIST, |it| value::some_of(it, TRIGGERS))
}

pub(super) fn path(section: &Section, key: &'static str, home: Option<&Path>) -> Option<PathBuf> {
    let allowed = "an absolute path or one in ~";
    section.get(key, allowed, |it| expand(it.as_str()?, home).map(PathBuf::from))
}
