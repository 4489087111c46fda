//! Answers of the window manager. Every field may be absent, every word may be unknown.

use super::area::Area;
use super::lenient::{Flag, Number, Text, list};
use serde::Deserialize;

/// Answer to `GET_VERSION`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Version {
    /// First number.
    pub major: Number,
    /// Second number.
    pub minor: Number,
    /// Third number.
    pub patch: Number,
    /// For people; that of sway begins with `sway`, that of i3 with its number.
    pub human_readable: Text,
    /// `sway`; i3 has no such field.
    pub variant: Text,
}

/// One outcome of `RUN_COMMAND`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CommandOutcome {
    /// Whether the command did something.
    pub success: Flag,
    /// What went wrong.
    pub error: Text,
}

/// One row of `GET_WORKSPACES`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct WorkspaceRow {
    /// Its name.
    pub name: Text,
    /// Whether it has the focus.
    pub focused: Flag,
}

/// A node of `GET_TREE`; the answer is its root.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TreeNode {
    /// Container id.
    pub id: Number,
    /// `root`, `output`, `con`, `floating_con`, `workspace`, `dockarea`.
    #[serde(rename = "type")]
    pub kind: Text,
    /// Title of a window, name of a workspace or an output.
    pub name: Text,
    /// X11 window id.
    pub window: Number,
    /// Pid; only sway tells it.
    pub pid: Number,
    /// Whether it has the focus.
    pub focused: Flag,
    /// Ids of the children, the one that had the focus last first.
    #[serde(deserialize_with = "list")]
    pub focus: Vec<Number>,
    /// `splith`, `tabbed`, `stacked` …
    pub layout: Text,
    /// Where it is on the screen.
    pub rect: Area,
    /// Not 0 if it covers its output; a workspace of i3 always says 1.
    pub fullscreen_mode: Number,
    /// Name of a native Wayland application.
    pub app_id: Text,
    /// i3: `normal`, `dialog`, `utility`, `splash` …
    pub window_type: Text,
    /// Properties of an X11 window.
    pub window_properties: Option<Properties>,
    /// Tiled children.
    #[serde(deserialize_with = "list")]
    pub nodes: Vec<TreeNode>,
    /// Floating children.
    #[serde(deserialize_with = "list")]
    pub floating_nodes: Vec<TreeNode>,
}

/// Properties of an X11 window.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Properties {
    /// `WM_CLASS`, second part.
    pub class: Text,
    /// The window it belongs to, for a dialog.
    pub transient_for: Number,
}

impl Version {
    /// `i3 4.22` or `sway 1.7`.
    pub fn name(&self) -> String {
        let number = |n: &Number| n.0.unwrap_or(0);
        let name = if self.is_sway() { "sway" } else { "i3" };
        let (major, minor, patch) = (number(&self.major), number(&self.minor), number(&self.patch));
        match patch {
            0 => format!("{name} {major}.{minor}"),
            _ => format!("{name} {major}.{minor}.{patch}"),
        }
    }

    /// Whether this is sway.
    pub fn is_sway(&self) -> bool {
        let says = |text: &Text| text.0.as_deref().is_some_and(|text| text.contains("sway"));
        says(&self.variant) || says(&self.human_readable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_names() {
        let read = |json: &str| serde_json::from_str::<Version>(json).unwrap();
        let i3 = read(r#"{"major":4,"minor":22,"patch":0,"human_readable":"4.22 (2023)"}"#);
        assert_eq!((i3.name().as_str(), i3.is_sway()), ("i3 4.22", false));
        let sway =
            read(r#"{"major":1,"minor":7,"patch":2,"human_readable":"1.7","variant":"sway"}"#);
        assert_eq!((sway.name().as_str(), sway.is_sway()), ("sway 1.7.2", true));
    }
}
