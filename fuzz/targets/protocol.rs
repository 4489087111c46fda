//! Lines of the protocol: requests as vmuxd reads them, replies and events as clients do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vmux::protocol::event::{Event, Mirror};
use vmux::protocol::frame;
use vmux::protocol::request::Request;
use vmux::protocol::response::Response;
use vmux::session::info::SessionInfo;
use vmux::session::query;

fuzz_target!(|data: &[u8]| {
    let mut mirror = Mirror::default();
    for line in data.split(|byte| *byte == b'\n') {
        match frame::decode(line) {
            Ok(request) => {
                let again = frame::encode(&request);
                assert_eq!(frame::decode(&again).as_ref(), Ok(&request));
                if let Request::Why(args) = &request {
                    let _ = query::find_first(&args.query, &mirror.sessions);
                }
            }
            Err(refusal) => {
                let text = refusal.error.unwrap_or_default();
                assert!(!text.contains('\n') && !text.contains('\u{1b}'), "{text:?}");
            }
        }
        if let Ok(response) = serde_json::from_slice::<Response>(line) {
            let again = frame::encode(&response);
            assert_eq!(serde_json::from_slice::<Response>(&again).ok(), Some(response));
        }
        if let Ok(event) = serde_json::from_slice::<Event>(line) {
            let frame = frame::encode(&event);
            assert_eq!(frame.iter().filter(|byte| **byte == b'\n').count(), 1);
            mirror.apply(event);
            let sorted = mirror.sessions.is_sorted_by_key(SessionInfo::key);
            assert!(sorted, "a mirror is in order");
        }
    }
});
