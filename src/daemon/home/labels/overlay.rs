//! The labels that are shown: those on disk, and above them those that moved with their process to
//! another session and are not saved yet.

use super::writer::LabelOutcome;
use crate::session::registry::Labels;

/// What is shown besides what is on disk.
#[derive(Debug, Default)]
pub struct LabelOverlay {
    unsaved: Labels,
    /// Whether a save of them is under way.
    is_saving: bool,
    /// The number of the outcome that is shown.
    shown: u64,
}

impl LabelOverlay {
    /// The labels to show after this outcome; `None` if a newer one is shown already.
    pub fn merge(&mut self, outcome: LabelOutcome) -> Option<Labels> {
        if outcome.number < self.shown {
            return None;
        }
        self.shown = outcome.number;
        let mut labels = outcome.labels;
        self.unsaved.retain(|session_id, _| !labels.contains_key(session_id));
        labels.extend(self.unsaved.clone());
        Some(labels)
    }

    /// Shows a label that is to be saved.
    pub fn insert(&mut self, session_id: String, label: String) {
        self.unsaved.insert(session_id, label);
    }

    /// Drops the unsaved label of this session: the user has set another one.
    pub fn forget(&mut self, session_id: &str) {
        self.unsaved.remove(session_id);
    }

    /// The labels that are not saved yet.
    pub fn unsaved(&self) -> &Labels {
        &self.unsaved
    }

    /// Whether a save is under way, after which the rest may be tried again.
    pub fn is_saving(&self) -> bool {
        self.is_saving
    }

    /// A save begins or ends.
    pub fn set_saving(&mut self, is_saving: bool) {
        self.is_saving = is_saving;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(number: u64, labels: &[(&str, &str)]) -> LabelOutcome {
        let labels = labels.iter().map(|(id, label)| ((*id).to_owned(), (*label).to_owned()));
        LabelOutcome { number, labels: labels.collect(), error: None }
    }

    #[test]
    fn an_older_outcome_never_wins_and_an_unsaved_label_stays_until_it_is_saved() {
        let mut overlay = LabelOverlay::default();
        overlay.insert("new".to_owned(), "api".to_owned());
        let labels = overlay.merge(outcome(2, &[("old", "api")])).unwrap();
        assert_eq!(labels.get("new").map(String::as_str), Some("api"));
        assert!(overlay.merge(outcome(1, &[])).is_none());
        overlay.merge(outcome(3, &[("new", "api")])).unwrap();
        assert!(overlay.unsaved().is_empty());
        // Removed by hand later on, it is gone.
        assert!(overlay.merge(outcome(4, &[])).unwrap().is_empty());
    }
}
