//! What tmux prints of panes and clients.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use vmux::wm::mux::tmux;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let Some(view) = tmux::parse(&text, 10, Path::new("/s")) else { return };
    assert!(view.panes.len() + view.clients.len() <= text.lines().count());
    for terminal in [None, Some(3), Some(u64::MAX)] {
        let rows = view.rows_of(&[], terminal);
        assert!(view.clients_of(&rows).len() <= view.clients.len());
    }
});
