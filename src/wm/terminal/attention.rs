//! Of several windows of a terminal, the one that holds a tab: it asks for attention when the terminal
//! is told to show the tab, or takes the focus if it is in sight.

use super::Tab;
use crate::wm::ipc::events::WmEvent;
use crate::wm::windows::WindowTracker;
use std::time::Duration;
use tokio::time::Instant;

/// The window manager tells it within milliseconds, and a bell that comes later is not its effect.
const COMES_WITHIN: Duration = Duration::from_millis(200);

/// A bell in another window asks for attention, too: who else does so within this time after the
/// first leaves it open which it was.
const ALONE_FOR: Duration = Duration::from_millis(40);

/// Brings a tab into view, and gives the one of the `windows` that comes forward then, by its
/// container id. `None` if the tab cannot be brought into view, no window comes forward, or several
/// do. The one that has the focus already does not.
pub async fn window_of(tracker: &mut WindowTracker, tab: &Tab, windows: &[u64]) -> Option<u64> {
    // What came before is not its effect.
    tracker.receive_all().ok()?;
    if let Err(error) = super::select(tab).await {
        log::debug!("bringing a tab into view: {error}");
        return None;
    }
    let mut deadline = Instant::now() + COMES_WITHIN;
    let mut found = None;
    while let Some(event) = tracker.peek_event(deadline).await.ok()? {
        let (WmEvent::Urgent { con_id } | WmEvent::Focus { con_id }) = event else { continue };
        match found {
            _ if !windows.contains(&con_id) => {}
            None => {
                found = Some(con_id);
                deadline = Instant::now() + ALONE_FOR;
            }
            Some(first) if first == con_id => {}
            Some(_) => return None,
        }
    }
    found
}
