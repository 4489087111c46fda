//! Frames of i3 and sway, and the tree in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vmux::wm::ipc::events::{self, WmEvent};
use vmux::wm::ipc::frame::{self, FrameKind, HEADER, MAX_PAYLOAD};
use vmux::wm::ipc::reply::{CommandOutcome, TreeNode, Version, WorkspaceRow};
use std::path::Path;
use vmux::wm::ipc::tree::ContainerTree;
use vmux::wm::locate::{editor, titles};

fuzz_target!(|data: &[u8]| {
    if let Some(header) = data.first_chunk::<HEADER>()
        && let Ok((_, length)) = frame::decode(header)
    {
        assert!(length <= MAX_PAYLOAD);
    }
    // The number of the event in the first byte.
    let event = data.split_first().map(|(first, json)| {
        let event = events::parse(FrameKind::Event(u32::from(*first)), json);
        if let WmEvent::Title { title, .. } = &event {
            assert!(title.len() < json.len() * 3);
        }
        event
    });
    for json in [data, data.get(HEADER..).unwrap_or_default()] {
        if let Ok(tree) = serde_json::from_slice::<TreeNode>(json) {
            let mut tree = ContainerTree::new(tree);
            let _ = event.as_ref().is_some_and(|event| tree.apply(event));
            let windows = tree.contents().windows;
            assert!(windows.iter().all(|row| row.workspace.is_some()));
            for row in &windows {
                let titles = [(row.class.as_str(), row.title.as_str())].into_iter();
                let _ = editor::window_of_folder(titles, Path::new("/a/b"), None);
                assert!(!titles::shows(&row.title, "b") || titles::is_claudes(&row.title));
            }
        }
        if let Ok(version) = serde_json::from_slice::<Version>(json) {
            let _ = version.name();
        }
        let _ = serde_json::from_slice::<Vec<CommandOutcome>>(json);
        let _ = serde_json::from_slice::<Vec<WorkspaceRow>>(json);
    }
});
