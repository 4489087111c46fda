//! Going to the first of several sessions that can be reached.

use super::far_switch::FarSwitch;
use super::{DesktopHandle, task_has_ended};
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::title::title;
use crate::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// After this long no other session is tried: with a window manager that hangs each attempt costs
/// half a second, and the client waits.
const MAX_SEARCH_TIME: Duration = Duration::from_secs(2);

/// How many characters of a session's title an error quotes.
const MAX_TITLE: usize = 40;

/// Where the attempts ended.
pub struct SwitchAttempts {
    /// The session that was reached; if none was, the first that was tried.
    pub target: SessionKey,
    /// Whether it was reached.
    pub result: Result<Switched, SwitchError>,
    /// The sessions that were tried in vain before one was reached, for the user.
    pub skipped: Option<String>,
}

/// Goes to the first of `targets` that can be reached; those of other hosts are in `far`. `None` if there
/// are no targets.
pub async fn switch_to_first(
    desktop: &DesktopHandle,
    far: &HashMap<SessionKey, FarSwitch>,
    targets: Vec<SessionInfo>,
    options: &SwitchOptions,
) -> Option<SwitchAttempts> {
    let options = SwitchOptions { needs_window: targets.len() > 1, ..options.clone() };
    let mut stop_at: Option<Instant> = None;
    let mut failed: Option<(SessionKey, SwitchError)> = None;
    let mut skipped: Vec<String> = Vec::new();
    for session in targets {
        let now = Instant::now();
        let stop_at = *stop_at.get_or_insert(now + MAX_SEARCH_TIME);
        if failed.is_some() && now >= stop_at {
            break;
        }
        let target = session.key();
        match switch(desktop, far, target, &options).await {
            Err(error) if !error.is_near() => {
                skipped.push(format!("{} was skipped: {error}", title(&session, MAX_TITLE)));
                failed.get_or_insert((target, error));
            }
            // With another tab or pane in view the user is in the right window all the same.
            result => {
                let skipped = (!skipped.is_empty()).then(|| skipped.join("; "));
                return Some(SwitchAttempts { target, result, skipped });
            }
        }
    }
    let (target, error) = failed?;
    let result = match error {
        // There is no better one: its pane is selected after all.
        SwitchError::PaneOnly { selected: false, .. } => {
            let options = SwitchOptions { needs_window: false, ..options };
            switch(desktop, far, target, &options).await
        }
        error => Err(error),
    };
    Some(SwitchAttempts { target, result, skipped: None })
}

async fn switch(
    desktop: &DesktopHandle,
    far: &HashMap<SessionKey, FarSwitch>,
    target: SessionKey,
    options: &SwitchOptions,
) -> Result<Switched, SwitchError> {
    match (target.host, far.get(&target)) {
        (_, Some(far)) => far.run(options).await,
        (Some(host), None) => Err(SwitchError::Far(format!("{host} is not configured any more"))),
        (None, None) => {
            let switched = desktop.switch(target.process, options.clone()).await;
            switched.unwrap_or_else(|_| Err(task_has_ended()))
        }
    }
}
