//! The labels that are shown: those on disk, and those that went along with their process and are
//! still on their way there.

use super::writer::Outcome;
use crate::daemon::blocking::pending::Errand;
use crate::daemon::hub::Hub;
use crate::daemon::hub::message::Input;
use crate::session::registry::Labels;

/// What is shown beside what is on disk.
#[derive(Debug, Default)]
pub struct ShownLabels {
    /// Went along, and are not on disk yet.
    carried: Labels,
    /// They are being saved.
    saving: bool,
    /// The number of the outcome that is shown.
    number: u64,
}

impl ShownLabels {
    /// The labels to show now that this came; `None` if a newer one came before, by another way.
    fn take(&mut self, outcome: Outcome) -> Option<Labels> {
        if outcome.number < self.number {
            return None;
        }
        self.number = outcome.number;
        let mut labels = outcome.labels;
        self.carried.retain(|session_id, _| !labels.contains_key(session_id));
        labels.extend(self.carried.clone());
        Some(labels)
    }

    /// The user says what the label of this session is.
    pub fn forget(&mut self, session_id: &str) {
        self.carried.remove(session_id);
    }

    /// An attempt to save came to its end.
    pub fn tried(&mut self) {
        self.saving = false;
    }
}

impl Hub {
    /// A label went along with its process to another session.
    pub(in crate::daemon) fn carry(&mut self, session_id: String, label: String) {
        self.shown_labels.carried.insert(session_id, label);
        self.save_carried();
    }

    /// Save once more what could not be saved.
    pub(in crate::daemon) fn heal_labels(&mut self) {
        if !self.shown_labels.saving {
            self.save_carried();
        }
    }

    fn save_carried(&mut self) {
        for (session_id, label) in self.shown_labels.carried.clone() {
            let Some(saved) = self.labels.set(session_id, label) else { return };
            self.shown_labels.saving = true;
            let hub = self.hub.clone();
            tokio::spawn(async move {
                if let Ok(outcome) = saved.await {
                    let _ = hub.send(Input::Saved(outcome, None)).await;
                }
            });
        }
    }

    /// Read the labels again.
    pub(in crate::daemon) fn reload_labels(&mut self) {
        self.errands.labels = Some(Errand::new(self.labels.reload()));
    }

    /// The labels were read, or will not be.
    pub(in crate::daemon) fn take_labels(&mut self, outcome: Option<Outcome>) {
        let Some(outcome) = outcome else { return };
        self.note_problem("labels", outcome.error.clone().map_or(Ok(()), Err));
        self.show_labels(outcome);
    }

    /// These are the labels now.
    pub(in crate::daemon) fn show_labels(&mut self, outcome: Outcome) {
        let Some(labels) = self.shown_labels.take(outcome) else { return };
        for change in self.registry.set_labels(labels) {
            self.tell(Some(change));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(number: u64, labels: &[(&str, &str)]) -> Outcome {
        let labels = labels.iter().map(|(id, label)| ((*id).to_owned(), (*label).to_owned()));
        Outcome { number, labels: labels.collect(), error: None }
    }

    #[test]
    fn an_older_outcome_never_wins_and_what_went_along_stays_until_it_is_saved() {
        let mut shown = ShownLabels::default();
        shown.carried.insert("new".to_owned(), "api".to_owned());
        let labels = shown.take(outcome(2, &[("old", "api")])).unwrap();
        assert_eq!(labels.get("new").map(String::as_str), Some("api"));
        assert!(shown.take(outcome(1, &[])).is_none());
        shown.take(outcome(3, &[("new", "api")])).unwrap();
        assert!(shown.carried.is_empty());
        // Taken away by hand later on, it is gone.
        assert!(shown.take(outcome(4, &[])).unwrap().is_empty());
    }
}
