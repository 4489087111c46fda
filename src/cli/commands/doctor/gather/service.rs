//! Asks systemd about the unit.

use crate::cli::commands::doctor::deadline::{Work, begin as begin_work, output};
use crate::cli::commands::doctor::judge::system::ServiceState;
use std::time::Duration;

/// The unit.
const UNIT: &str = "vmuxd.service";

/// How long systemd may take for each answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(1500);

/// Begins to ask.
pub fn begin() -> Work<ServiceState> {
    begin_work(ANSWER_WITHIN * 3, || {
        let properties = "--property=LoadState,FragmentPath,UnitFileState,ActiveState";
        let shown = match output("systemctl", &["--user", "show", UNIT, properties], ANSWER_WITHIN)
        {
            Ok(shown) if shown.status.success() => shown,
            Ok(failed) => {
                let said = String::from_utf8_lossy(&failed.stderr);
                let first = said.lines().next().unwrap_or("systemctl failed").to_owned();
                return ServiceState::NoManager(first);
            }
            Err(why) => return ServiceState::NoManager(why),
        };
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.unwrap_or_default().to_owned()
        };
        if value("LoadState") == "not-found" {
            return ServiceState::NotInstalled;
        }
        let path = value("FragmentPath");
        ServiceState::Installed {
            faults: faults(&path),
            path,
            enabled: value("UnitFileState"),
            active: value("ActiveState"),
        }
    })
}

/// What is wrong with the unit at `path`; other units are not vmux's.
fn faults(path: &str) -> Vec<String> {
    if !path.starts_with('/') {
        return Vec::new();
    }
    match output("systemd-analyze", &["--user", "verify", path], ANSWER_WITHIN) {
        Ok(said) => {
            let said = String::from_utf8_lossy(&said.stderr);
            said.lines().filter(|line| line.contains(UNIT)).map(str::to_owned).collect()
        }
        Err(_) => Vec::new(),
    }
}
