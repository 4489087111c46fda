//! Whether a dialog is about the message of another session. Pure.

use super::candidates::{DIALOG_WITHIN, MAX_CALL_LAG};
use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::transcript::tool::ToolCall;
use crate::claude::verdict::Evidence;
use crate::session::Timestamp;
use chrono::TimeDelta;

/// The dialog about a message of another session opens within this time of its notice (0.08 and 0.75 s were
/// measured).
const MESSAGE_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// Whether the dialog may ask whether the message of another session may come in, which one that runs by
/// then has held: it opened at `opened`.
pub(in crate::claude::verdict) fn may_ask(e: &Evidence<'_>, opened: Timestamp) -> bool {
    e.message_held_at.is_some_and(|held| held >= opened - MESSAGE_WITHIN)
}

/// Whether the message is what the dialog is about, if it may be: which opened at `opened`, and belongs to
/// `call` or to it. None if that cannot be told.
pub(in crate::claude::verdict) fn asks(
    e: &Evidence<'_>,
    opened: Timestamp,
    call: Option<&ToolCall>,
) -> Option<bool> {
    let seen = e.screen.filter(|screen| screen.at >= opened);
    if let Some(is_shown) = seen.and_then(SeenScreen::holds_message) {
        return Some(is_shown);
    }
    let held = e.message_held_at?;
    match call {
        None => Some(true),
        // The dialog of the call was there first.
        Some(_) if held > opened + MAX_CALL_LAG => Some(false),
        Some(call) if call.at < opened - DIALOG_WITHIN => Some(true),
        Some(_) => None,
    }
}
