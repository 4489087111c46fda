//! Of several windows of a terminal, the one that holds a tab: the terminal asks for it to be activated
//! when it is told to show the tab ([`crate::wm::x11::activation`]), or takes a title that the terminal is
//! told to give it ([`own_title`]), or it gets the title of the tab.

use super::{Tab, own_title};
use crate::wm::locate::titles::{is_claudes, shows};
use crate::wm::windows::WindowTracker;
use std::time::Duration;
use tokio::time::Instant;

/// The terminal has sent its request when it has answered, or does so within milliseconds.
const COMES_WITHIN: Duration = Duration::from_millis(200);

/// A title follows the tab a little later than its request.
const TITLE_WITHIN: Duration = Duration::from_millis(150);

/// Who else gets such a title within this time after the first leaves it open which it was.
const ALONE_FOR: Duration = Duration::from_millis(40);

/// What became of a tab that a terminal was told to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabShown {
    /// The window that it is in, by its container id, and how that is known.
    pub window: Option<(u64, &'static str)>,
    /// Whether the terminal did as it was told.
    pub told: Result<(), String>,
}

/// Brings a tab into view, and tells which of the `windows` it is in, by container ids. `title` is that
/// of the session in it, without a glyph, if it is known.
pub async fn show_tab(
    tracker: &mut WindowTracker,
    tab: &Tab,
    windows: &[u64],
    title: Option<&str>,
) -> TabShown {
    // What was reported before is not its effect.
    let is_connected = tracker.receive_all().is_ok();
    let before = titles_of(tracker, windows);
    let focused = focused_of(tracker, windows);
    let xids: Vec<(u64, u32)> = windows
        .iter()
        .filter_map(|con_id| Some((*con_id, tracker.table().get(*con_id)?.xid?)))
        .collect();
    let listens = !xids.is_empty() && watch(tracker).await;
    let told = super::select(tab).await;
    let mut window = None;
    if listens {
        // It is asked in any case: this ends the listening.
        let within = if told.is_ok() { COMES_WITHIN } else { ALONE_FOR };
        let asked = activated(tracker, &xids, within).await;
        window = asked.map(|con_id| (con_id, "its terminal brought it forward for the session"));
    }
    if window.is_none() && told.is_ok() && listens && tab.is_silent_with_focus() {
        let _ = tracker.receive_all();
        let now = titles_of(tracker, windows);
        let focused = focused_of(tracker, windows).filter(|it| focused == Some(*it));
        let fits = |con_id: &u64| now.iter().any(|(id, it)| id == con_id && fits(it, title));
        window = focused.filter(fits).map(|con_id| (con_id, "its terminal left it in front"));
    }
    if window.is_none() && told.is_ok() && is_connected && own_title::can_be_told(tab) {
        let took = own_title::find(tracker, tab, windows).await;
        window =
            took.map(|con_id| (con_id, "it took a title that its terminal gave it for a moment"));
    }
    if window.is_none() && told.is_ok() && is_connected {
        let within = if listens { Duration::ZERO } else { TITLE_WITHIN };
        let retitled = wait_for_title(tracker, &before, title, within).await;
        window =
            retitled.map(|con_id| (con_id, "it got a title of Claude's with the session's tab"));
    }
    TabShown { window, told }
}

async fn watch(tracker: &mut WindowTracker) -> bool {
    let Some(x) = tracker.connected().ok().and_then(|connection| connection.x.as_mut()) else {
        return false;
    };
    x.watch_activations().await.is_ok()
}

/// The only one of the windows that was asked for.
async fn activated(
    tracker: &mut WindowTracker,
    xids: &[(u64, u32)],
    within: Duration,
) -> Option<u64> {
    let x = tracker.connected().ok()?.x.as_mut()?;
    let asked = x.activated(xids.iter().map(|(_, xid)| *xid).collect(), within).await.ok()?;
    let [only] = asked[..] else { return None };
    xids.iter().find(|(_, xid)| *xid == only).map(|(con_id, _)| *con_id)
}

/// Container ids and titles.
type Titles = Vec<(u64, String)>;

fn titles_of(tracker: &WindowTracker, windows: &[u64]) -> Titles {
    let title = |con_id: &u64| Some((*con_id, tracker.table().get(*con_id)?.title.clone()));
    windows.iter().filter_map(title).collect()
}

/// The one of the windows that has the focus.
fn focused_of(tracker: &WindowTracker, windows: &[u64]) -> Option<u64> {
    let focused = tracker.table().focused()?.con_id;
    windows.contains(&focused).then_some(focused)
}

async fn wait_for_title(
    tracker: &mut WindowTracker,
    before: &Titles,
    title: Option<&str>,
    within: Duration,
) -> Option<u64> {
    let windows: Vec<u64> = before.iter().map(|(con_id, _)| *con_id).collect();
    tracker.receive_all().ok()?;
    let mut deadline = Instant::now() + within;
    while retitled(before, &titles_of(tracker, &windows), title).is_empty() {
        tracker.peek_event(deadline).await.ok()??;
    }
    deadline = Instant::now() + ALONE_FOR;
    while tracker.peek_event(deadline).await.ok()?.is_some() {}
    match retitled(before, &titles_of(tracker, &windows), title)[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// The windows that have a title of Claude's now (with the session's, if that is known), and had none
/// before. A spinner that turns in a title is nothing new.
fn retitled(before: &Titles, now: &Titles, title: Option<&str>) -> Vec<u64> {
    let had = |con_id: u64| before.iter().any(|(id, it)| *id == con_id && fits(it, title));
    let new = now.iter().filter(|(con_id, it)| fits(it, title) && !had(*con_id));
    new.map(|(con_id, _)| *con_id).collect()
}

/// Whether a window has a title of Claude's; the session's, if that is known.
fn fits(window: &str, title: Option<&str>) -> bool {
    match title {
        Some(title) => shows(window, title),
        None => is_claudes(window),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_that_got_the_title_of_the_tab() {
        let titles = |all: [&str; 3]| (1..).zip(all.map(str::to_owned)).collect::<Titles>();
        let before = titles(["bash", "✳ Claude Code", "✳ Fix it"]);
        let now = titles(["Tilix: ✳ Claude Code", "⠂ Claude Code", "⠐ Fix it"]);
        assert_eq!(retitled(&before, &now, None), [1]);
        assert!(retitled(&before, &now, Some("Fix it")).is_empty());
        assert!(retitled(&before, &before, None).is_empty());
        let now = titles(["bash", "✳ Fix it", "✳ Fix it"]);
        assert_eq!(retitled(&before, &now, Some("Fix it")), [2]);
        assert!(retitled(&before, &now, None).is_empty(), "it had a title of Claude's");
        let now = titles(["✳ Fix it", "✳ Fix it", "✳ Fix it"]);
        assert_eq!(retitled(&before, &now, Some("Fix it")), [1, 2], "not known which");
    }
}
