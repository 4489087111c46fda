//! The tree of containers, and what it is after an event.
//!
//! Events tell less than the tree does. Those that tell enough are applied here, so that the tree
//! need not be read again. i3 and sway say nothing of a new layout, of `swap`, and of `focus parent`,
//! so a tree that was kept up to date like this is to be read again all the same, when there is time.

use super::events::{WmEvent, WorkspaceNode};
use super::lenient::{Flag, Number, Text};
use super::reply::TreeNode;
use super::windows::{self, SCRATCHPAD, TreeContents};

/// All containers.
#[derive(Debug, Clone, Default)]
pub struct ContainerTree {
    root: TreeNode,
    /// Whether a workspace with windows got the focus, and none of these windows since. Mostly one of
    /// them follows, but the workspace may have the focus itself (sway 1.7, after `focus parent`).
    is_unsettled: bool,
}

impl ContainerTree {
    /// The tree that the window manager gave.
    pub fn new(root: TreeNode) -> Self {
        ContainerTree { root, is_unsettled: false }
    }

    /// The windows in it.
    pub fn contents(&self) -> TreeContents {
        windows::read(&self.root)
    }

    /// Whether it is known who has the focus. If not, an event is under way that tells, or none will.
    pub fn is_settled(&self) -> bool {
        !self.is_unsettled
    }

    /// Does to the tree what the event says happened. Returns whether the tree is now as the window
    /// manager's; where it may not be, it has to be read again.
    ///
    /// An event that had happened already when the tree was made does no harm if all that followed
    /// are applied too.
    pub fn apply(&mut self, event: &WmEvent) -> bool {
        match event {
            // sway says no more than this of a window that leaves the scratchpad.
            WmEvent::Focus { con_id } => {
                let scratchpad = self.root.workspace(SCRATCHPAD);
                let was_hidden = scratchpad.is_some_and(|it| it.find(*con_id).is_some());
                self.is_unsettled = false;
                self.root.unfocus();
                let focus = &mut |node: &mut TreeNode| node.focused = Flag(true);
                self.root.bring_to_front(*con_id, focus) && !was_hidden
            }
            WmEvent::WorkspaceFocus { con_id } => {
                self.is_unsettled = self.root.find(*con_id).is_some_and(|it| !it.is_empty());
                self.root.unfocus();
                self.root.bring_to_front(*con_id, &mut TreeNode::focus_last)
            }
            WmEvent::WorkspaceNew(workspace) => self.add_workspace(workspace),
            WmEvent::WorkspaceGone { con_id } => {
                let is_empty = self.root.find(*con_id).is_none_or(|it| it.is_empty());
                self.root.remove(*con_id);
                is_empty
            }
            WmEvent::Closed { con_id } => {
                self.root.remove(*con_id);
                true
            }
            // To cover all, a window also comes to the front of its workspace, without an event.
            WmEvent::FullScreen { con_id, mode } => {
                let found = self.root.find(*con_id);
                found.map(|node| node.fullscreen_mode = Number(Some(*mode))).is_some() && *mode == 0
            }
            WmEvent::Title { con_id, title } => {
                if let Some(node) = self.root.find(*con_id) {
                    node.name = Text(Some(title.clone()));
                }
                true
            }
            WmEvent::Other => true,
            WmEvent::Moved | WmEvent::New { .. } | WmEvent::Shutdown => false,
        }
    }

    /// Adds an empty workspace to its output.
    fn add_workspace(&mut self, workspace: &WorkspaceNode) -> bool {
        let Some(id) = workspace.id.0 else { return false };
        if self.root.find(id).is_some() {
            return true;
        }
        let is_its_output = |node: &&mut TreeNode| {
            node.is_of_kind("output") && node.name.0.is_some() && node.name == workspace.output
        };
        let Some(output) = self.root.nodes.iter_mut().find(is_its_output) else { return false };
        // i3 has a container for all workspaces of an output, beside those for docks.
        let holds_workspaces =
            |node: &TreeNode| node.nodes.iter().any(|child| child.is_of_kind("workspace"));
        let parent = match output.nodes.iter().position(holds_workspaces) {
            Some(index) => output.nodes.get_mut(index),
            None => Some(output).filter(|output| holds_workspaces(output)),
        };
        let Some(parent) = parent else { return false };
        parent.focus.push(workspace.id);
        parent.nodes.push(TreeNode {
            id: workspace.id,
            kind: Text(Some("workspace".to_owned())),
            name: workspace.name.clone(),
            layout: workspace.layout.clone(),
            ..TreeNode::default()
        });
        true
    }
}

impl TreeNode {
    fn is_of_kind(&self, kind: &str) -> bool {
        self.kind.0.as_deref() == Some(kind)
    }

    fn children(&mut self) -> impl Iterator<Item = &mut TreeNode> {
        self.nodes.iter_mut().chain(&mut self.floating_nodes)
    }

    /// The container of this id, here or below.
    fn find(&mut self, id: u64) -> Option<&mut TreeNode> {
        if self.id.0 == Some(id) {
            return Some(self);
        }
        self.children().find_map(|child| child.find(id))
    }

    /// The workspace of this name, here or below.
    fn workspace(&mut self, name: &str) -> Option<&mut TreeNode> {
        if self.is_of_kind("workspace") {
            return Some(self).filter(|it| it.name.0.as_deref() == Some(name));
        }
        self.children().find_map(|child| child.workspace(name))
    }

    /// Takes the focus from everything here.
    fn unfocus(&mut self) {
        self.focused = Flag(false);
        self.children().for_each(TreeNode::unfocus);
    }

    /// Puts the container of this id before all others, in each container that it is in, and gives it
    /// to `then`. Returns whether there is one.
    fn bring_to_front(&mut self, id: u64, then: &mut dyn FnMut(&mut TreeNode)) -> bool {
        if self.id.0 == Some(id) {
            then(self);
            return true;
        }
        let mut children = self.nodes.iter_mut().chain(&mut self.floating_nodes);
        let Some(child) = children.find_map(|it| it.bring_to_front(id, then).then_some(it.id))
        else {
            return false;
        };
        self.focus.retain(|other| *other != child);
        self.focus.insert(0, child);
        true
    }

    /// Gives the focus to the window here that had it last.
    fn focus_last(&mut self) {
        let order = std::mem::take(&mut self.focus);
        let last = order.iter().find_map(|id| self.children().position(|it| it.id == *id));
        self.focus = order;
        if let Some(child) = self.children().nth(last.unwrap_or(0)) {
            return child.focus_last();
        }
        self.focused = Flag(true);
    }

    /// Removes the container of this id, and those that hold nothing else. A workspace stays, and has
    /// the focus if that was in the last of its windows. Returns whether there was such a container,
    /// and whether the focus was in it.
    fn remove(&mut self, id: u64) -> Option<bool> {
        let (child, had_focus, is_gone) = self.children().find_map(|child| {
            if child.id.0 == Some(id) {
                return Some((child.id, child.has_focus(), true));
            }
            let had_focus = child.remove(id)?;
            Some((child.id, had_focus, child.is_spent()))
        })?;
        if is_gone {
            self.nodes.retain(|it| it.id != child);
            self.floating_nodes.retain(|it| it.id != child);
            self.focus.retain(|it| *it != child);
            self.focused.0 |= had_focus && self.is_of_kind("workspace") && self.is_empty();
        }
        Some(had_focus)
    }

    fn has_focus(&mut self) -> bool {
        self.focused.0 || self.children().any(TreeNode::has_focus)
    }

    fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.floating_nodes.is_empty()
    }

    /// Whether this is a container for others, and none is left.
    fn is_spent(&self) -> bool {
        let is_container = self.is_of_kind("con") || self.is_of_kind("floating_con");
        is_container && self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One output, two workspaces: tabs with the windows 11 and 12, beside them 13; and none.
    fn tree() -> ContainerTree {
        let json = r#"{"type":"root","nodes":[{"type":"output","name":"o","nodes":[
            {"type":"con","name":"content","focus":[1,2],"nodes":[
                {"type":"workspace","id":1,"name":"1","layout":"splith","focus":[10,13],"nodes":[
                    {"type":"con","id":10,"layout":"tabbed","focus":[11,12],"nodes":[
                        {"type":"con","id":11,"window":1,"focused":true},
                        {"type":"con","id":12,"window":2}]},
                    {"type":"con","id":13,"window":3}]},
                {"type":"workspace","id":2,"name":"2"}]}]}]}"#;
        ContainerTree::new(serde_json::from_str(json).unwrap())
    }

    fn after(events: &[WmEvent]) -> (Vec<u64>, Option<u64>, Option<String>) {
        let mut tree = tree();
        for event in events {
            assert!(tree.apply(event), "{event:?}");
        }
        let contents = tree.contents();
        let visible = contents.windows.iter().filter(|row| row.visible).map(|row| row.con_id);
        let focused = contents.windows.iter().find(|row| row.focused).map(|row| row.con_id);
        (visible.collect(), focused, contents.focused_workspace)
    }

    fn focus(con_id: u64) -> WmEvent {
        WmEvent::Focus { con_id }
    }

    #[test]
    fn a_window_that_gets_the_focus_comes_to_the_front() {
        assert_eq!(after(&[]), (vec![11, 13], Some(11), None));
        assert_eq!(after(&[focus(12)]), (vec![12, 13], Some(12), None));
        assert_eq!(after(&[focus(12), focus(13)]), (vec![12, 13], Some(13), None));
        assert!(!tree().apply(&focus(99)));
        let mut hidden = tree();
        hidden.root.find(1).unwrap().name = Text(Some(SCRATCHPAD.into()));
        assert!(!hidden.apply(&focus(12)));
    }

    #[test]
    fn workspaces_come_and_go() {
        let to = |con_id| WmEvent::WorkspaceFocus { con_id };
        assert_eq!(after(&[to(2)]), (vec![], None, Some("2".into())));
        assert_eq!(after(&[focus(12), to(2), to(1)]), (vec![12, 13], Some(12), None));
        let mut tree_of_two = tree();
        let mut is_settled = |event| (tree_of_two.apply(&event), tree_of_two.is_settled()).1;
        assert_eq!([to(2), to(1), focus(11)].map(&mut is_settled), [true, false, true]);
        let new = WmEvent::WorkspaceNew(WorkspaceNode {
            id: Number(Some(3)),
            name: Text(Some("3".into())),
            output: Text(Some("o".into())),
            layout: Text::default(),
        });
        let gone = WmEvent::WorkspaceGone { con_id: 2 };
        let all = [to(2), new.clone(), new.clone(), to(3), gone];
        assert_eq!(after(&all), (vec![], None, Some("3".into())));
        let WmEvent::WorkspaceNew(new) = new else { unreachable!() };
        let elsewhere = WorkspaceNode { output: Text(Some("p".into())), ..new };
        assert!(!tree().apply(&WmEvent::WorkspaceNew(elsewhere)));
        assert!(!tree().apply(&WmEvent::WorkspaceGone { con_id: 1 }));
    }

    #[test]
    fn windows_close_and_cover_others() {
        let closed = |con_id| WmEvent::Closed { con_id };
        assert_eq!(after(&[closed(11)]), (vec![12, 13], None, None));
        assert_eq!(after(&[closed(12), closed(11), focus(13)]), (vec![13], Some(13), None));
        let all = [closed(12), closed(13), closed(11), closed(11)];
        assert_eq!(after(&all), (vec![], None, Some("1".into())));
        let full = |mode| WmEvent::FullScreen { con_id: 12, mode };
        let mut covered = tree();
        assert!(!covered.apply(&full(1)));
        assert_eq!(covered.contents().windows.iter().filter(|row| row.visible).count(), 1);
        assert!(covered.apply(&full(0)));
        assert_eq!(covered.contents(), tree().contents());
    }

    #[test]
    fn what_an_event_does_not_tell_has_to_be_read() {
        for event in [WmEvent::Moved, WmEvent::New { con_id: 5 }, WmEvent::Shutdown] {
            assert!(!tree().apply(&event), "{event:?}");
        }
        assert!(ContainerTree::default().apply(&WmEvent::Other));
    }
}
