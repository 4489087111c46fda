//! sessions.json as anybody may have left it: what is taken from it can be resumed, and is harmless.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use vmux::daemon::home::record::parse;
use vmux::session::Timestamp;
use vmux::session::sanitize::clean;

fuzz_target!(|data: &[u8]| {
    let record = parse(data).unwrap_or_default().taken_over("boot");
    assert!(record.sessions.len() <= 100 && record.until.is_none());
    let past = record.past(|_| false);
    assert_eq!(past.len(), record.sessions.len());
    for session in past {
        let id = &session.session_id;
        assert!(id.len() == 36 && !id.contains(char::is_whitespace), "{id:?}");
        assert!(session.cwd.starts_with('/'));
        let texts = [session.name, session.tmux, session.workspace, Some(session.preview)];
        for text in texts.into_iter().flatten() {
            assert_eq!(text, clean(&text, 200));
        }
    }
    let now: Timestamp = serde_json::from_str("\"2026-11-28T21:00:00Z\"").expect("a time");
    let mut next = record.clone();
    next.update(&mut BTreeMap::new(), std::iter::empty(), now);
    assert!(next.sessions.len() <= record.sessions.len());
});
