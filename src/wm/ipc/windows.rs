//! Finds the windows in the tree of containers.

use super::reply::TreeNode;

/// Name that i3 and sway give to the workspace of hidden scratchpad windows.
pub const SCRATCHPAD: &str = "__i3_scratch";

/// One window of the window manager.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowRow {
    /// Container id.
    pub con_id: u64,
    /// X11 window id.
    pub xid: Option<u32>,
    /// Pid of the process that owns the window: from sway, or later from the X server.
    pub pid: Option<u32>,
    /// Its title.
    pub title: String,
    /// `WM_CLASS`.
    pub class: String,
    /// Whether it belongs to another window: a dialog, a tool palette.
    pub secondary: bool,
    /// Whether it has the focus.
    pub focused: bool,
    /// Name of its workspace; none for a dock.
    pub workspace: Option<String>,
    /// Name of its output.
    pub output: Option<String>,
}

/// All windows below the root. Windows that belong to no workspace (docks) are left out.
pub fn windows(root: TreeNode) -> Vec<WindowRow> {
    let mut out = Vec::new();
    walk(root, None, None, &mut out);
    out
}

fn walk(node: TreeNode, output: Option<&str>, workspace: Option<&str>, out: &mut Vec<WindowRow>) {
    let kind = node.kind.0.as_deref();
    let name = node.name.0.unwrap_or_default();
    let (output, workspace) = match kind {
        Some("output") => (Some(name.as_str()), None),
        Some("workspace") => (output, Some(name.as_str())),
        _ => (output, workspace),
    };
    let leaf = node.nodes.is_empty() && node.floating_nodes.is_empty();
    let holds_window = node.window.0.is_some()
        || (leaf && node.pid.0.is_some() && matches!(kind, Some("con" | "floating_con")));
    if let (true, Some(con_id), Some(workspace)) = (holds_window, node.id.0, workspace) {
        let properties = node.window_properties.unwrap_or_default();
        let window_type = node.window_type.0;
        let plain = window_type.as_deref().is_none_or(|kind| matches!(kind, "normal" | "unknown"));
        out.push(WindowRow {
            con_id,
            xid: node.window.0.and_then(|xid| u32::try_from(xid).ok()).filter(|xid| *xid != 0),
            pid: node.pid.0.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 1),
            title: name.clone(),
            class: properties.class.0.unwrap_or_default(),
            secondary: properties.transient_for.0.is_some() || !plain,
            focused: node.focused.0,
            workspace: Some(workspace.to_owned()),
            output: output.map(str::to_owned),
        });
    }
    for child in node.nodes.into_iter().chain(node.floating_nodes) {
        walk(child, output, workspace, out);
    }
}
