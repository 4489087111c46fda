//! The labels of the sessions of this machine, which belong to session ids.

use super::change::Change;
use super::observation::{Lineage, Observation};
use super::{Labels, MAX_LABEL, Registry};
use crate::session::key::SessionKey;
use crate::session::sanitize::clean;
use crate::session::shared::Text;

impl Registry {
    /// Puts the labels of the disk in force.
    pub fn set_labels(&mut self, labels: Labels) -> Vec<Change> {
        self.labels = labels;
        let keys: Vec<SessionKey> = self.entries.keys().copied().collect();
        keys.into_iter().filter_map(|key| self.relabel(key)).collect()
    }

    /// When a process begins a new conversation, its label follows, unless that conversation has a
    /// label already.
    pub(super) fn carry_label(&mut self, observation: &Observation) -> Option<(String, String)> {
        let new = observation.session_id.as_ref()?;
        let old = self.entries.get(&observation.process.into())?.info.session_id.as_ref()?;
        if old == new || observation.lineage != Lineage::Own || self.labels.contains_key(&**new) {
            return None;
        }
        let label = self.labels.get(&**old)?.clone();
        self.labels.insert(new.to_string(), label.clone());
        Some((new.to_string(), label))
    }

    fn relabel(&mut self, key: SessionKey) -> Option<Change> {
        let label = self.label_of(self.entries.get(&key)?.info.session_id.as_deref());
        self.edit(key, |info| info.label = label)
    }

    pub(super) fn label_of(&self, session_id: Option<&str>) -> Option<Text> {
        let label = clean(self.labels.get(session_id?)?, MAX_LABEL);
        (!label.is_empty()).then(|| label.into())
    }
}
