//! Which window a program asks to have activated (EWMH, `_NET_ACTIVE_WINDOW`).
//!
//! The request is a message to the root window, which every client may listen to. It names the window,
//! also one that has the focus or is urgent already, of which the window manager then tells nothing. A
//! bell, which makes a window urgent as well, sends none.

use super::{XDisplay, XError};
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask};

/// Who else asks within this time after the first leaves it open which of them was meant.
const ALONE_FOR: Duration = Duration::from_millis(15);

impl XDisplay {
    /// Listens to such requests, until [`XDisplay::activated`]. Those that come after this are seen.
    pub fn watch_activations(&self) -> Result<(), XError> {
        self.listen(EventMask::SUBSTRUCTURE_NOTIFY).map_err(|error| error.to_string())
    }

    /// Which of the `windows` were asked for since [`XDisplay::watch_activations`], each once. Waits
    /// for the first up to `within`.
    pub fn activated(&self, windows: &[u32], within: Duration) -> Result<Vec<u32>, XError> {
        let mut found = Vec::new();
        let received = self.receive_activations(windows, within, &mut found);
        // What came until here would stay in memory.
        let done = self.listen(EventMask::NO_EVENT).map_err(|error| error.to_string());
        while let Ok(Some(_)) = self.connection.poll_for_event() {}
        received.and(done)?;
        Ok(found)
    }

    fn listen(&self, mask: EventMask) -> Result<(), ReplyError> {
        let attributes = ChangeWindowAttributesAux::new().event_mask(mask);
        self.connection.change_window_attributes(self.root, &attributes)?.check()
    }

    fn receive_activations(
        &self,
        windows: &[u32],
        within: Duration,
        found: &mut Vec<u32>,
    ) -> Result<(), XError> {
        let Some(message) = self.atom(b"_NET_ACTIVE_WINDOW") else { return Ok(()) };
        let mut deadline = Instant::now() + within;
        loop {
            let event = self.connection.poll_for_event().map_err(|error| error.to_string())?;
            match event {
                Some(Event::ClientMessage(event))
                    if event.type_ == message && windows.contains(&event.window) =>
                {
                    if found.is_empty() {
                        deadline = Instant::now() + ALONE_FOR;
                    }
                    if !found.contains(&event.window) {
                        found.push(event.window);
                    }
                }
                Some(_) => {}
                None => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    let stream = self.connection.stream();
                    if left.is_zero() || !stream.is_readable(left).map_err(|it| it.to_string())? {
                        return Ok(());
                    }
                }
            }
        }
    }
}
