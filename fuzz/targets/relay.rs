//! What another host sends: bytes in any pieces, through the link that reads them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::time::Duration;
use vmux::daemon::clock::Now;
use vmux::daemon::hosts::intake::{FarChange, MAX_SESSIONS};
use vmux::daemon::hosts::lines::LineBuffer;
use vmux::daemon::hosts::link::{Link, LinkAction};
use vmux::protocol::relay::{FarLine, NearLine};
use vmux::session::key::HostName;

fuzz_target!(|data: &[u8]| {
    let Some((size, data)) = data.split_first() else { return };
    let Ok(host) = HostName::new("gpu") else { return };
    let now = Now::read();
    let mut link = Link::new(host, now);
    link.tick(now);
    link.take_line(br#"{"relay":1,"version":"1","now":"2026-01-01T00:00:00Z"}"#, now);
    let mut buffer = LineBuffer::default();
    for piece in data.chunks(usize::from(*size) + 1) {
        let Ok(lines) = buffer.push(piece) else { break };
        for line in lines {
            let _ = (FarLine::parse(&line), NearLine::parse(&line));
            link.take_line(&line, now);
        }
        let changes = link.take_changes();
        assert!(changes.len() <= 2 * MAX_SESSIONS);
        for change in changes {
            match change {
                FarChange::Session(info) => {
                    assert!(info.host == Some(host) && info.details.transcript.is_none());
                    let text = format!("{}{:?}{:?}", info.preview, info.label, info.detail);
                    assert!(!text.contains(char::is_control), "{text:?}");
                }
                FarChange::Gone(key) => assert_eq!(key.host, Some(host)),
            }
        }
        let is_known = |it: &LinkAction| !matches!(it, LinkAction::Start);
        assert!(link.take_actions().iter().skip(1).all(is_known));
        let _ = (link.take_status(), link.deadline(now.boottime), link.deadline(Duration::MAX));
    }
});
