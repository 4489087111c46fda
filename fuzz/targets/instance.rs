//! What one vmuxd leaves to the next, and to those who look for it: the lock's text, the unseen sessions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vmux::daemon::home::unseen;
use vmux::protocol::instance::Instance;

fuzz_target!(|data: &[u8]| {
    if let Some(instance) = Instance::parse(data) {
        assert!(instance.pid > 0 && instance.socket.is_absolute());
        assert_eq!(Instance::parse(&instance.encode()), Some(instance));
    }
    let sessions = unseen::parse(data);
    assert_eq!(unseen::parse(&unseen::encode(&sessions)), sessions, "what is written is read");
});
