//! Labels on their way between the disk and the sessions.

use super::Hub;
use super::event::HubEvent;
use super::problems::ProblemSource;
use crate::daemon::blocking::pending::PendingCall;
use crate::daemon::clock::Now;
use crate::daemon::home::labels::writer::LabelOutcome;

impl Hub {
    /// A label moved with its process to another session, and is to be saved.
    pub(super) fn carry_label(&mut self, session_id: String, label: String) {
        self.label_overlay.insert(session_id, label);
        self.save_unsaved_labels();
    }

    /// Saves again what could not be saved.
    pub(super) fn retry_labels(&mut self) {
        if !self.label_overlay.is_saving() {
            self.save_unsaved_labels();
        }
    }

    fn save_unsaved_labels(&mut self) {
        for (session_id, label) in self.label_overlay.unsaved().clone() {
            let Some(written) = self.labels.set(session_id, label) else { return };
            self.label_overlay.set_saving(true);
            let hub = self.sender.clone();
            tokio::spawn(async move {
                if let Ok(outcome) = written.await {
                    let _ = hub.send(HubEvent::LabelWritten(outcome, None)).await;
                }
            });
        }
    }

    /// Reads the labels again.
    pub(super) fn reload_labels(&mut self, now: Now) {
        self.pending.labels = Some(PendingCall::of(now.monotonic, self.labels.reload()));
    }

    /// The labels were read, or will not be.
    pub(super) fn take_labels(&mut self, outcome: Option<LabelOutcome>) {
        let Some(outcome) = outcome else { return };
        self.problems.set(ProblemSource::Labels, outcome.error.clone());
        self.show_labels(outcome);
    }

    /// Shows the labels after a read or a write.
    pub(super) fn show_labels(&mut self, outcome: LabelOutcome) {
        let Some(labels) = self.label_overlay.merge(outcome) else { return };
        for change in self.registry.set_labels(labels) {
            self.publish(Some(change));
        }
    }
}
