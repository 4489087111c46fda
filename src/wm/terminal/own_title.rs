//! A title that a terminal is told to give a window for a moment: of several windows, the one that
//! takes it is the one with the tab.
//!
//! Nothing is written to the terminal of the session, as with [`super::title_probe`], so it is done
//! without being asked for; but only for a switch, which goes there, where nothing else tells.

use super::{Tab, kitty, konsole, title_mark};
use crate::wm::ipc::events::WmEvent;
use crate::wm::windows::WindowTracker;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// A window takes the title within 5 ms (kitty 0.26, konsole 22.12, on sway 1.7).
const TITLE_WITHIN: Duration = Duration::from_millis(250);

/// Longer than it takes to have it shown and taken back.
const ENDS_WITHIN: Duration = Duration::from_secs(3);

/// Whether the terminal of this tab can be told.
pub fn can_be_told(tab: &Tab) -> bool {
    matches!(tab, Tab::Kitty { .. } | Tab::Konsole { main: Some(_), .. })
}

/// Which of the `windows`, by container ids, has this tab in front; `None` if none of them took the
/// title. When this returns, or is given up, the title is that of before.
pub async fn find(tracker: &mut WindowTracker, tab: &Tab, windows: &[u64]) -> Option<u64> {
    let mark = title_mark::title(&title_mark::random()?)?;
    // Earlier events are not the answer. If the stream has ended, that is seen below.
    let _ = tracker.receive_all();
    let (seen, is_seen) = oneshot::channel::<()>();
    // A task of its own also takes it back if nobody waits for the answer any more.
    let mut showing = tokio::spawn(show(tab.clone(), mark.clone(), async move {
        let _ = timeout(TITLE_WITHIN, is_seen).await;
    }));
    let is_answer =
        |event: &WmEvent| matches!(event, WmEvent::Title { title, .. } if title.contains(&mark));
    let answer = tokio::select! {
        answer = tracker.take_event(Instant::now() + ENDS_WITHIN, is_answer) => answer,
        _ = &mut showing => return None,
    };
    drop(seen);
    let _ = showing.await;
    match answer {
        Ok(Some(WmEvent::Title { con_id, .. })) => windows.contains(&con_id).then_some(con_id),
        _ => None,
    }
}

/// Has the window of a tab show this title until `is_seen` is done.
async fn show(tab: Tab, title: String, is_seen: impl Future<Output = ()>) {
    let shown = match &tab {
        Tab::Kitty { process, address, id, .. } => {
            kitty::show_title(*process, address, *id, &title, is_seen).await
        }
        Tab::Konsole { bus, service, main: Some(main), .. } => {
            konsole::show_title(bus, service, *main, &title, is_seen).await
        }
        Tab::Konsole { .. } | Tab::Gtk(_) => Ok(()),
    };
    if let Err(error) = shown {
        log::info!("a title that tells windows apart: {error}");
    }
}
