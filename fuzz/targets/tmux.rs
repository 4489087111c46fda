//! What a tmux server sends, and what it prints of panes and clients.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use vmux::wm::mux::tmux;
use vmux::wm::mux::tmux::protocol::Conversation;

fuzz_target!(|data: &[u8]| {
    let (mut whole, _) = Conversation::begin(&["list-panes"], 1).unwrap();
    let (mut pieces, _) = Conversation::begin(&["list-panes"], 1).unwrap();
    let at_once = whole.receive(data);
    let one_by_one = data.iter().try_fold(Vec::new(), |mut sent, byte| {
        sent.extend(pieces.receive(&[*byte])?);
        Ok(sent)
    });
    assert_eq!(at_once, one_by_one);
    let text = String::from_utf8_lossy(data);
    let Some(view) = tmux::parse(&text, 10, Path::new("/s")) else { return };
    assert!(view.panes.len() + view.clients.len() <= text.lines().count());
    for terminal in [None, Some(3), Some(u64::MAX)] {
        let rows = view.rows_of(&[], terminal);
        assert!(view.clients_of(&rows).len() <= view.clients.len());
    }
});
