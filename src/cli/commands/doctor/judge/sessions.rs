//! The sessions as a whole: versions, labels, windows. Pure.

use crate::protocol::finding::Finding;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::session::state::{Confidence, StateName};
use crate::show::phrases;
use std::collections::BTreeMap;

/// How many sessions are named one by one.
const MAX_NAMED: usize = 5;

/// The programs whose windows show sessions, with how many sessions each: `xterm` → 2.
pub fn windows(programs: &BTreeMap<String, usize>) -> Option<Finding> {
    if programs.is_empty() {
        return None;
    }
    Some(Finding::ok("terminals", format!("windows of {}", counted(programs))))
}

/// How many sessions there are, of which versions, and what is odd about them.
pub fn sessions(sessions: &[SessionInfo]) -> Vec<Finding> {
    let topic = "sessions";
    let mut versions: BTreeMap<String, usize> = BTreeMap::new();
    let mut labels: BTreeMap<&str, Vec<&SessionInfo>> = BTreeMap::new();
    for session in sessions {
        let version = session.details.version.as_deref().map(|it| clean(it, 40));
        *versions.entry(version.unwrap_or_else(|| "unknown".to_owned())).or_default() += 1;
        if let Some(label) = &session.label {
            labels.entry(label).or_default().push(session);
        }
    }
    let waiting = sessions.iter().filter(|it| it.state == StateName::NeedsInput).count();
    let mut says = format!("{} found, {waiting} waiting for you", sessions.len());
    if !versions.is_empty() {
        says.push_str(&format!("; versions of Claude Code: {}", counted(&versions)));
    }
    let mut found = vec![Finding::ok(topic, says)];
    for (label, same) in labels.into_iter().filter(|(_, same)| same.len() > 1) {
        found.push(same_label(label, &same));
    }
    let unsure =
        |it: &&SessionInfo| it.confidence != Confidence::Certain || it.state == StateName::Unknown;
    found.extend(named(sessions.iter().filter(unsure), |session| {
        let says = format!(
            "{} (pid {}): {}",
            phrases::title(session),
            session.pid,
            phrases::state(session)
        );
        Finding::note(topic, format!("{says}, which is not certain"))
            .hint(format!("`vmux why {}`", session.pid))
    }));
    // A session without a terminal has no window either.
    let is_windowless = |it: &&SessionInfo| {
        let is_interactive = it.details.kind.as_deref().is_none_or(|kind| kind == "interactive");
        let has_window = it.place.as_ref().is_some_and(|place| place.window.is_some());
        it.host.is_none() && is_interactive && !has_window && it.details.team.is_none()
    };
    found.extend(named(sessions.iter().filter(is_windowless), |session| {
        let how = session.place.as_ref().map(|place| clean(&place.how, 100));
        let how = how.unwrap_or_else(|| "where it is shown is not known".to_owned());
        let says =
            format!("{} (pid {}) has no window: {how}", phrases::title(session), session.pid);
        let is_detached = session
            .place
            .as_ref()
            .and_then(|place| place.pane.as_ref())
            .is_some_and(|pane| pane.client_tty.is_none());
        let hint = match is_detached {
            true => format!("`vmux switch --attach {}` opens it in a terminal", session.pid),
            false => format!("`vmux doctor {}`", session.pid),
        };
        Finding::note(topic, says).hint(hint)
    }));
    found
}

/// That several sessions have one label: a query for it takes one of them, or is ambiguous.
fn same_label(label: &str, same: &[&SessionInfo]) -> Finding {
    let pids: Vec<String> = same.iter().map(|it| it.pid.to_string()).collect();
    let count = same.len();
    let says =
        format!("{count} sessions are called \"{}\": pids {}", clean(label, 60), pids.join(", "));
    Finding::note("sessions", says).hint("`vmux label PID NAME` calls one of them something else")
}

/// A finding for each of the first, and how many more there are.
fn named<'a>(
    mut sessions: impl Iterator<Item = &'a SessionInfo>,
    finding: impl Fn(&SessionInfo) -> Finding,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = sessions.by_ref().take(MAX_NAMED).map(finding).collect();
    let more = sessions.count();
    if more > 0 {
        found.push(Finding::note("sessions", format!("and {more} more like these")));
    }
    found
}

fn counted(of: &BTreeMap<String, usize>) -> String {
    let each: Vec<String> = of
        .iter()
        .map(|(name, count)| match count {
            1 => name.clone(),
            _ => format!("{name} ({count})"),
        })
        .collect();
    each.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::finding::Severity;
    use crate::session::info::sample;

    #[test]
    fn versions_are_counted_and_equal_labels_told() {
        let session = |pid, label: &str, version: &str| {
            let mut session = sample(pid, StateName::NeedsInput, 1);
            session.label = Some(label).filter(|it| !it.is_empty()).map(Into::into);
            session.details.version = Some(version.into());
            session.details.kind = Some("headless".into());
            session
        };
        let all = [session(1, "api", "2.1.9"), session(2, "api", "2.1.9"), session(3, "", "2.0.7")];
        let found = sessions(&all);
        assert_eq!(
            found[0].says,
            "3 found, 3 waiting for you; versions of Claude Code: 2.0.7, 2.1.9 (2)"
        );
        assert_eq!(found[1].says, "2 sessions are called \"api\": pids 1, 2");
        assert_eq!((found.len(), found[1].severity), (2, Severity::Note));
        assert_eq!(sessions(&[])[0].says, "0 found, 0 waiting for you");
    }

    #[test]
    fn of_many_sessions_without_a_window_a_few_are_named() {
        let all: Vec<_> = (1..=9).map(|pid| sample(pid, StateName::Idle, 1)).collect();
        let found = sessions(&all);
        assert_eq!(found.len(), 1 + MAX_NAMED + 1);
        assert_eq!(found.last().unwrap().says, "and 4 more like these");
    }

    #[test]
    fn programs_of_windows() {
        assert_eq!(windows(&BTreeMap::new()), None);
        let programs = BTreeMap::from([("kitty".to_owned(), 1), ("xterm".to_owned(), 2)]);
        assert_eq!(windows(&programs).unwrap().says, "windows of kitty, xterm (2)");
    }
}
