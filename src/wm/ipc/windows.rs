//! Finds the windows in the tree of containers.

use super::area::Area;
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
    /// `WM_CLASS` of an X11 window, `app_id` of a native Wayland one.
    pub class: String,
    /// Whether it belongs to another window: a dialog, a tool palette.
    pub secondary: bool,
    /// The X11 window that it belongs to, for a dialog; some name none that the window manager knows.
    pub transient_for: Option<u32>,
    /// Whether it has the focus.
    pub focused: bool,
    /// Whether the user sees it: its workspace is shown on an output, and no tab or full-screen
    /// window hides it. A floating window may cover it all the same.
    pub visible: bool,
    /// Whether it floats over the windows that do not, by itself or in a container.
    pub floating: bool,
    /// Where it is on the screen, as it was last read.
    pub area: Area,
    /// How much of a floating window is on no output, in percent: sway lets it be moved away.
    pub off_screen: i64,
    /// The container that hides it in the scratchpad, if that holds several windows: i3 brings it
    /// into view only by this container.
    pub scratchpad_container: Option<u64>,
    /// Name of its workspace; none for a dock.
    pub workspace: Option<String>,
    /// Name of its output.
    pub output: Option<String>,
}

/// What the tree of containers says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeContents {
    /// All windows. Windows that belong to no workspace (docks) are left out.
    pub windows: Vec<WindowRow>,
    /// Name of the workspace that has the focus because it is empty.
    pub focused_workspace: Option<String>,
}

/// The windows below the root.
pub fn read(root: &TreeNode) -> TreeContents {
    let mut out = TreeContents::default();
    walk(
        root,
        Place { output: None, workspace: None, floating: None, shown: Shown::Yes },
        &mut out,
    );
    let is_output = |it: &&TreeNode| it.kind.0.as_deref() == Some("output");
    let screens: Vec<Area> = root.nodes.iter().filter(is_output).map(|it| it.rect).collect();
    if screens.iter().any(|it| it.width > 0 && it.height > 0) {
        for row in out.windows.iter_mut().filter(|row| row.floating && row.area.width > 0) {
            row.off_screen = 100 - row.area.percent_covered(&screens);
        }
    }
    out
}

/// Where in the tree a container is.
#[derive(Clone, Copy)]
struct Place<'a> {
    output: Option<&'a str>,
    workspace: Option<&'a str>,
    /// The container that floats.
    floating: Option<u64>,
    shown: Shown,
}

/// Whether the user sees a container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
    /// Only what is inside the container of this id, which is full-screen.
    Only(u64),
}

impl Shown {
    fn of_child(self, parent: &Parent, child: &TreeNode) -> Shown {
        match self {
            Shown::Yes if parent.hides(child) => Shown::No,
            Shown::Only(id) if child.id.0 == Some(id) => Shown::Yes,
            shown => shown,
        }
    }
}

/// What a container says of its children.
struct Parent {
    /// The child in front.
    front: Option<u64>,
    /// Whether only the child in front is seen.
    shows_one: bool,
}

impl Parent {
    fn of(node: &TreeNode) -> Parent {
        let is_workspace = |it: &TreeNode| it.kind.0.as_deref() == Some("workspace");
        let tiled = |id: &u64| node.nodes.iter().any(|it| it.id.0 == Some(*id));
        Parent {
            front: node.focus.iter().filter_map(|id| id.0).find(tiled),
            shows_one: matches!(node.layout.0.as_deref(), Some("tabbed" | "stacked"))
                || node.nodes.iter().any(is_workspace),
        }
    }

    fn hides(&self, child: &TreeNode) -> bool {
        let is_floating = child.kind.0.as_deref() == Some("floating_con");
        self.shows_one && !is_floating && self.front.is_some() && child.id.0 != self.front
    }
}

fn walk(node: &TreeNode, place: Place, out: &mut TreeContents) {
    let name = node.name.0.as_deref().unwrap_or_default();
    let kind = node.kind.0.as_deref();
    let mut inside = match kind {
        // i3 keeps the scratchpad on an output of its own, which is no screen.
        Some("output") if name == "__i3" => {
            Place { output: Some(name), workspace: None, shown: Shown::No, ..place }
        }
        Some("output") => Place { output: Some(name), workspace: None, ..place },
        Some("workspace") => Place { workspace: Some(name), ..place },
        Some("floating_con") => {
            // That of sway is the window itself.
            let inner = node.nodes.first().unwrap_or(node);
            Place { floating: inner.id.0, ..place }
        }
        _ => place,
    };
    if kind == Some("workspace") {
        if node.focused.0 {
            out.focused_workspace = Some(name.to_owned());
        }
        if let (Shown::Yes, Some(id)) = (inside.shown, full_screen(node)) {
            inside.shown = Shown::Only(id);
        }
    }
    let leaf = node.nodes.is_empty() && node.floating_nodes.is_empty();
    let holds_window = node.window.0.is_some()
        || (leaf && node.pid.0.is_some() && matches!(kind, Some("con" | "floating_con")));
    if let (true, Some(con_id), Some(workspace)) = (holds_window, node.id.0, inside.workspace) {
        let properties = node.window_properties.as_ref();
        let class = properties.and_then(|it| it.class.0.clone());
        let transient_for = properties.and_then(|it| it.transient_for.0);
        let window_type = node.window_type.0.as_deref();
        let plain = window_type.is_none_or(|kind| matches!(kind, "normal" | "unknown"));
        out.windows.push(WindowRow {
            con_id,
            xid: node.window.0.and_then(|xid| u32::try_from(xid).ok()).filter(|xid| *xid != 0),
            pid: node.pid.0.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 1),
            title: title_text(name.to_owned()),
            class: class.or_else(|| node.app_id.0.clone()).unwrap_or_default(),
            secondary: transient_for.is_some() || !plain,
            transient_for: transient_for.and_then(|xid| u32::try_from(xid).ok()),
            focused: node.focused.0,
            visible: inside.shown == Shown::Yes,
            floating: inside.floating.is_some(),
            area: node.rect,
            off_screen: 0,
            scratchpad_container: inside
                .floating
                .filter(|container| workspace == SCRATCHPAD && *container != con_id),
            workspace: Some(workspace.to_owned()),
            output: inside.output.map(str::to_owned),
        });
    }
    let parent = Parent::of(node);
    for child in node.nodes.iter().chain(&node.floating_nodes) {
        let shown = inside.shown.of_child(&parent, child);
        walk(child, Place { shown, ..inside }, out);
    }
}

/// A title as text. tabbed(1) gives its window a title in compound text, which i3 passes on with the
/// sequences that begin and end UTF-8 (`ESC % G`, `ESC % @`).
pub fn title_text(title: String) -> String {
    match title.contains('\u{1b}') {
        true => title.replace("\u{1b}%G", "").replace("\u{1b}%@", ""),
        false => title,
    }
}

/// The full-screen container in a workspace.
fn full_screen(node: &TreeNode) -> Option<u64> {
    node.nodes.iter().chain(&node.floating_nodes).find_map(|child| {
        let covers = child.fullscreen_mode.0.is_some_and(|mode| mode != 0);
        if covers { child.id.0 } else { full_screen(child) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(workspaces: &str, focus: &str) -> TreeContents {
        let json = format!(
            r#"{{"type":"root","nodes":[{{"type":"output","name":"o","nodes":[
                {{"type":"con","name":"content","focus":{focus},"nodes":[{workspaces}]}}]}}]}}"#
        );
        read(&serde_json::from_str(&json).unwrap())
    }

    fn visible(contents: &TreeContents) -> Vec<u64> {
        contents.windows.iter().filter(|row| row.visible).map(|row| row.con_id).collect()
    }

    #[test]
    fn a_title_in_compound_text_is_text() {
        assert_eq!(title_text("\u{1b}%G✳\u{1b}%@ alpha".into()), "✳ alpha");
        assert_eq!(title_text("a\u{1b}b".into()), "a\u{1b}b");
    }

    #[test]
    fn how_much_of_a_floating_window_is_off_the_screen() {
        let off = |outputs: &str, rect: &str| {
            let json = format!(
                r#"{{"type":"root","nodes":[{{"type":"output","name":"__i3","rect":{{}}}},{{"type":"output",
                {outputs}"nodes":[{{"type":"workspace","name":"1","floating_nodes":[{{"type":
                "floating_con","id":1,"nodes":[{{"type":"con","id":2,"window":7,"rect":{rect}}}]}}]}}]}}]}}"#
            );
            read(&serde_json::from_str(&json).unwrap()).windows[0].off_screen
        };
        let screen = r#""rect":{"x":0,"y":0,"width":1000,"height":1000},"#;
        assert_eq!(off(screen, r#"{"x":100,"y":100,"width":480,"height":240}"#), 0);
        assert_eq!(off(screen, r#"{"x":760,"y":100,"width":480,"height":240}"#), 50);
        assert_eq!(off(screen, r#"{"x":5000,"y":100,"width":480,"height":240}"#), 100);
        assert_eq!(off("", r#"{"x":5000,"y":100,"width":480,"height":240}"#), 0, "unknown outputs");
        assert_eq!(off(screen, "{}"), 0, "unknown window");
    }

    #[test]
    fn windows_that_the_user_sees() {
        let first = r#"{"type":"workspace","id":1,"name":"1","layout":"splith","fullscreen_mode":1,
            "nodes":[{"type":"con","id":11,"window":1},
                {"type":"con","id":12,"layout":"tabbed","focus":[14,13],"nodes":[
                    {"type":"con","id":13,"window":2},{"type":"con","id":14,"window":3}]}],
            "floating_nodes":[{"type":"floating_con","id":15,"nodes":[
                {"type":"con","id":16,"window":4}]}]}"#;
        let second = r#"{"type":"workspace","id":2,"name":"2","focused":true}"#;
        let both = format!("{first},{second}");
        let shown = read_json(&both, "[1,2]");
        assert_eq!(visible(&shown), [11, 14, 16]);
        assert_eq!(shown.focused_workspace.as_deref(), Some("2"));
        assert!(visible(&read_json(&both, "[2,1]")).is_empty());
        let full = first.replace(r#""id":13,"#, r#""id":13,"fullscreen_mode":1,"#);
        assert_eq!(visible(&read_json(&full, "[1]")), [13]);
        // The scratchpad, and a window manager that says nothing of the focus.
        let hidden = format!(
            r#"{{"type":"root","nodes":[{{"type":"output","name":"__i3",
            "nodes":[{first}]}}]}}"#
        );
        assert!(visible(&read(&serde_json::from_str(&hidden).unwrap())).is_empty());
        assert_eq!(visible(&read_json(first, "null")), [11, 14, 16]);
    }
}
