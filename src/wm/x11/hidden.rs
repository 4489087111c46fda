//! Windows that their program keeps and does not show: a drop-down terminal that is rolled up. The
//! window manager does not know them.

use super::{XDisplay, XError};
use std::collections::HashSet;
use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, MapState, WindowClass};

/// A window at the top that its program does not show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HiddenWindow {
    /// Its X11 id.
    pub xid: u32,
    /// Its title; empty if it has none.
    pub title: String,
    /// Whether the window manager has managed it, and it belongs to no other window, as a dialog does.
    /// Toolkits keep windows that are never shown.
    pub was_shown: bool,
}

impl XDisplay {
    /// The hidden windows of the programs that these windows belong to.
    pub fn hidden_beside(&self, windows: &[u32]) -> Result<Vec<HiddenWindow>, XError> {
        self.read_hidden(windows).map_err(|error| error.to_string())
    }

    /// All questions of a kind are sent before the first answer is waited for. A window that is gone
    /// by then is left out.
    fn read_hidden(&self, windows: &[u32]) -> Result<Vec<HiddenWindow>, ReplyError> {
        let mask = !self.connection.setup().resource_id_mask;
        let clients: HashSet<u32> = windows.iter().map(|window| window & mask).collect();
        let mut candidates = self.connection.query_tree(self.root)?.reply()?.children;
        candidates.retain(|window| clients.contains(&(window & mask)));
        let mut asked = Vec::with_capacity(candidates.len());
        for window in candidates {
            asked.push((window, self.connection.get_window_attributes(window)?));
        }
        let is_hidden = |attributes: x11rb::protocol::xproto::GetWindowAttributesReply| {
            attributes.map_state == MapState::UNMAPPED
                && attributes.class == WindowClass::INPUT_OUTPUT
                && !attributes.override_redirect
        };
        let mut hidden: Vec<u32> = Vec::new();
        for (window, attributes) in asked {
            hidden.extend(attributes.reply().is_ok_and(is_hidden).then_some(window));
        }
        let state = self.atom(b"WM_STATE").unwrap_or_default();
        let name = self.atom(b"_NET_WM_NAME").unwrap_or_default();
        let mut asked = Vec::with_capacity(hidden.len());
        for window in hidden {
            let property = |atom: u32, length| {
                self.connection.get_property(false, window, atom, AtomEnum::ANY, 0, length)
            };
            let owner = u32::from(AtomEnum::WM_TRANSIENT_FOR);
            let answers = (property(state, 1)?, property(owner, 1)?, property(name, 1024)?);
            asked.push((window, answers));
        }
        let mut found = Vec::with_capacity(asked.len());
        for (xid, (state, owner, name)) in asked {
            let (Ok(state), Ok(owner), Ok(name)) = (state.reply(), owner.reply(), name.reply())
            else {
                continue;
            };
            found.push(HiddenWindow {
                xid,
                title: String::from_utf8_lossy(&name.value).into_owned(),
                was_shown: state.value_len > 0 && owner.value_len == 0,
            });
        }
        Ok(found)
    }
}
