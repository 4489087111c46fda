//! What the window manager itself says, read by other means than the code under test.

use serde_json::Value;

/// A window of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub con_id: u64,
    pub xid: Option<u64>,
    pub workspace: String,
    pub output: String,
    pub focused: bool,
    pub title: String,
}

/// All windows of a tree.
pub fn windows(tree: &Value) -> Vec<Shown> {
    let mut found = Vec::new();
    walk(tree, "", "", &mut found);
    found
}

/// The workspace that has the focus.
pub fn focused_workspace(workspaces: &Value) -> String {
    let rows = workspaces.as_array().unwrap();
    let row = rows.iter().find(|row| row["focused"] == true).unwrap();
    row["name"].as_str().unwrap().to_owned()
}

fn walk(node: &Value, output: &str, workspace: &str, found: &mut Vec<Shown>) {
    let name = node["name"].as_str().unwrap_or_default();
    let (output, workspace) = match node["type"].as_str() {
        Some("output") => (name, workspace),
        Some("workspace") => (output, name),
        _ => (output, workspace),
    };
    let kids = |key: &str| node[key].as_array().cloned().unwrap_or_default();
    let leaf = kids("nodes").is_empty() && kids("floating_nodes").is_empty();
    if leaf && (node["window"].is_u64() || node["pid"].is_u64()) && !workspace.is_empty() {
        found.push(Shown {
            con_id: node["id"].as_u64().unwrap(),
            xid: node["window"].as_u64(),
            workspace: workspace.to_owned(),
            output: output.to_owned(),
            focused: node["focused"] == true,
            title: name.to_owned(),
        });
    }
    for child in kids("nodes").iter().chain(&kids("floating_nodes")) {
        walk(child, output, workspace, found);
    }
}
