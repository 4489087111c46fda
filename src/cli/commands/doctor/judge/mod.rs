//! Values in, findings out. Pure.

pub mod sessions;
pub mod settings;
pub mod system;
pub mod vmuxd;

use crate::protocol::finding::Finding;

/// The topics in the order of the page; others follow, in the order in which they come.
const TOPICS: &[&str] = &[
    "vmuxd",
    "configuration",
    "labels",
    "files",
    "processes",
    "sessions",
    "desktop",
    "terminals",
    "notifications",
    "hooks",
    "mcp",
    "programs",
    "service",
    "limits",
];

/// The findings by topic.
pub fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    let rank = |it: &Finding| TOPICS.iter().position(|topic| *topic == it.topic);
    findings.sort_by_key(|it| rank(it).unwrap_or(TOPICS.len()));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_stand_together() {
        let topics = ["limits", "new", "vmuxd", "limits", "files"].map(|it| Finding::ok(it, "x"));
        let ordered: Vec<String> = in_order(topics.into()).into_iter().map(|it| it.topic).collect();
        assert_eq!(ordered, ["vmuxd", "files", "limits", "limits", "new"]);
    }
}
