//! What surrounds vmux: programs, the systemd unit, limits of the system. Pure.

use crate::protocol::finding::Finding;
use crate::session::sanitize::clean;
use crate::show::phrases;

/// Which programs are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgramsState {
    /// Those of vmux that are neither beside this one nor in PATH.
    pub missing: Vec<&'static str>,
    /// Launchers for `vmux switch --pick` that are installed.
    pub launchers: Vec<&'static str>,
    /// Whether notify-send is installed.
    pub has_notify_send: bool,
}

/// The unit for systemd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceState {
    /// systemd does not manage this user's services here; why, as a clause.
    NoManager(String),
    /// systemd knows no unit of this name.
    NotInstalled,
    /// It is installed.
    Installed {
        /// The file.
        path: String,
        /// `enabled`, `disabled`, `linked` …
        enabled: String,
        /// `active`, `inactive`, `failed` …
        active: String,
        /// What `systemd-analyze verify` says of it, one line each.
        faults: Vec<String>,
    },
}

/// A limit, and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitState {
    /// What is limited.
    pub what: &'static str,
    /// How much is used.
    pub used: u64,
    /// The limit; `None`: there is none.
    pub limit: Option<u64>,
    /// How it is raised.
    pub remedy: &'static str,
}

/// The programs; `None` if the disks of PATH do not answer.
pub fn programs(state: Option<&ProgramsState>, wants_push: bool) -> Vec<Finding> {
    let topic = "programs";
    let Some(state) = state else {
        let says = "a directory of PATH does not answer";
        return vec![Finding::problem(
            topic,
            says,
            "bring its file system back, or take it out of PATH",
        )];
    };
    let mut found = Vec::new();
    for name in &state.missing {
        let says = format!("{name} is neither beside vmux nor in PATH");
        let hint = "the programs of vmux belong in one directory: docs/install.md";
        found.push(match *name {
            "vmux-mcp" | "vmux-web" => Finding::note(topic, says).hint(hint),
            "vmux-push" if !wants_push => Finding::note(topic, says).hint(hint),
            _ => Finding::problem(topic, says, hint),
        });
    }
    if state.missing.is_empty() {
        found.push(Finding::ok(
            topic,
            "vmuxd, vmux-picker, vmux-push, vmux-mcp and vmux-web are found",
        ));
    }
    found.push(match state.launchers.is_empty() {
        false => Finding::ok(topic, format!("launchers: {}", state.launchers.join(", "))),
        true => Finding::note(
            topic,
            "no launcher is installed: `vmux switch --pick` asks on the terminal",
        )
        .hint("install rofi, fuzzel, wofi, tofi, bemenu, dmenu or fzf"),
    });
    if !state.has_notify_send {
        let says = "notify-send is not installed: errors of key bindings are not shown";
        found.push(
            Finding::note(topic, says).hint("it is in the package libnotify-bin, or libnotify"),
        );
    }
    found
}

/// The unit; `None` if systemd was not asked.
pub fn service(state: Option<&ServiceState>, home: Option<&str>) -> Vec<Finding> {
    let topic = "service";
    match state {
        None => vec![Finding::note(topic, "systemd does not answer")],
        Some(ServiceState::NoManager(why)) => {
            let says = format!("no systemd for this user ({}); vmux needs none", clean(why, 100));
            vec![Finding::ok(topic, says)]
        }
        Some(ServiceState::NotInstalled) => {
            let says = "no unit is installed; the first vmux starts vmuxd";
            vec![Finding::ok(topic, says)]
        }
        Some(ServiceState::Installed { path, enabled, active, faults }) => {
            let path = phrases::directory(path, home);
            let (enabled, active) = (clean(enabled, 40), clean(active, 40));
            let says = format!("{path} is {enabled} and {active}");
            let hint = "`journalctl --user -u vmuxd` tells why; `systemctl --user restart vmuxd`";
            let mut found = vec![match active.as_str() {
                "failed" => Finding::problem(topic, says, hint),
                _ => Finding::ok(topic, says),
            }];
            let hint =
                "`systemd-analyze --user verify` checks it; the packages bring one that is right";
            found.extend(faults.iter().map(|it| Finding::problem(topic, clean(it, 300), hint)));
            found
        }
    }
}

/// The limits; `None` if `/proc` does not answer.
pub fn limits(limits: Option<&Vec<LimitState>>) -> Vec<Finding> {
    let topic = "limits";
    let Some(limits) = limits else {
        return vec![Finding::note(topic, "/proc does not answer in time")];
    };
    let limited = limits.iter().filter_map(|it| Some((it, it.limit?)));
    let finding = |(state, limit): (&LimitState, u64)| {
        let says = format!("{}: {} of {limit}", state.what, state.used);
        // Nine tenths: what comes next may not find room.
        match u128::from(state.used) * 10 >= u128::from(limit) * 9 {
            true => Finding::problem(topic, says, state.remedy),
            false => Finding::ok(topic, says),
        }
    };
    limited.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::finding::Severity::{self, Note, Ok as Fine, Problem};

    fn kinds(found: &[Finding]) -> Vec<Severity> {
        found.iter().map(|it| it.severity).collect()
    }

    #[test]
    fn a_limit_that_is_nearly_reached_is_a_problem() {
        let limit = |used, limit| LimitState { what: "watches", used, limit, remedy: "raise it" };
        let found = limits(Some(&vec![
            limit(1, Some(100)),
            limit(90, Some(100)),
            limit(0, Some(0)),
            limit(u64::MAX, None),
        ]));
        assert_eq!(kinds(&found), [Fine, Problem, Problem]);
        assert_eq!(found[1].says, "watches: 90 of 100");
        assert_eq!(kinds(&limits(None)), [Note]);
    }

    #[test]
    fn vmux_push_is_missed_only_where_it_is_wanted() {
        let state = |missing: &[&'static str]| ProgramsState {
            missing: missing.to_vec(),
            launchers: vec!["fzf"],
            has_notify_send: true,
        };
        assert_eq!(kinds(&programs(Some(&state(&[])), true)), [Fine, Fine]);
        assert_eq!(kinds(&programs(Some(&state(&["vmux-push"])), false)), [Note, Fine]);
        assert_eq!(kinds(&programs(Some(&state(&["vmux-push"])), true)), [Problem, Fine]);
        assert_eq!(kinds(&programs(Some(&state(&["vmuxd"])), false)), [Problem, Fine]);
        assert_eq!(kinds(&programs(Some(&ProgramsState::default()), false)), [Fine, Note, Note]);
        assert_eq!(kinds(&programs(None, false)), [Problem]);
    }

    #[test]
    fn a_unit_that_has_failed_or_does_not_verify() {
        let unit = |active: &str, faults: &[&str]| ServiceState::Installed {
            path: "/h/.config/systemd/user/vmuxd.service".to_owned(),
            enabled: "enabled".to_owned(),
            active: active.to_owned(),
            faults: faults.iter().map(|it| (*it).to_owned()).collect(),
        };
        assert_eq!(kinds(&service(Some(&unit("active", &[])), None)), [Fine]);
        assert_eq!(kinds(&service(Some(&unit("failed", &[])), None)), [Problem]);
        assert_eq!(kinds(&service(Some(&unit("inactive", &["x"])), None)), [Fine, Problem]);
        assert_eq!(kinds(&service(Some(&ServiceState::NotInstalled), None)), [Fine]);
        let none = ServiceState::NoManager("no bus".to_owned());
        assert_eq!(kinds(&service(Some(&none), None)), [Fine]);
        let says = &service(Some(&unit("active", &[])), Some("/h"))[0].says;
        assert_eq!(says, "~/.config/systemd/user/vmuxd.service is enabled and active");
    }
}
