//! What a change of the sessions has as effects: subscribers, notifications and urgency hints.

use super::Hub;
use crate::daemon::desktop::urgency_hints::HintChange;
use crate::session::registry::change::Change;

impl Hub {
    /// Tells all who follow the sessions of a change, if there is one.
    pub(super) fn publish(&mut self, change: Option<Change>) {
        let Some(change) = change else { return };
        self.frames.clear();
        self.tracked.clear();
        self.notifier.send_change(&change);
        self.update_urgency_hints(&change);
        self.note_unseen(&change);
        self.note_record(&change);
        self.note_prompts(&change);
        self.subscribers.send(change);
    }

    fn update_urgency_hints(&mut self, change: &Change) {
        if !self.config.current.wm.urgency_hint {
            return;
        }
        let changes = match change {
            Change::Session { session } => {
                let is_focused = self.registry.focused() == Some(session.key());
                self.urgency_hints.update(session, is_focused)
            }
            Change::Gone { key, .. } => self.urgency_hints.end(*key).into_iter().collect(),
            _ => Vec::new(),
        };
        self.set_urgency_hints(changes);
    }

    /// Has the desktop task set and clear these hints.
    pub(super) fn set_urgency_hints(&self, changes: Vec<HintChange>) {
        for (window, is_urgent) in changes {
            self.desktop.set_urgent(window, is_urgent);
        }
    }
}
