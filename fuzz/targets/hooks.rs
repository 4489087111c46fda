//! Claude Code's settings with our hooks put in and taken out again, and what a hook is told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use vmux::cli::hooks::entries::{EVENTS, entries, install, installed, remove};

fuzz_target!(|data: &[u8]| {
    let Ok(settings) = serde_json::from_slice::<Value>(data) else { return };
    let mut changed = settings.clone();
    let ours = entries("/usr/bin/vmux", EVENTS, false);
    if install(&mut changed, &ours).is_err() {
        assert_eq!(changed, settings, "what is not understood is left alone");
        return;
    }
    let mut names = installed(&changed);
    names.sort();
    let mut events: Vec<&str> = EVENTS.to_vec();
    events.sort();
    assert_eq!(names, events);
    let once = changed.clone();
    install(&mut changed, &ours).expect("again");
    assert_eq!(changed, once, "twice is once");
    remove(&mut changed).expect("out again");
    assert!(installed(&changed).is_empty());
    if installed(&settings).is_empty() && settings.get("hooks").is_some_and(has_something) {
        assert_eq!(changed, settings, "what was there before is there again");
    }
});

/// An empty `hooks` is not put back.
fn has_something(hooks: &Value) -> bool {
    hooks.as_object().is_some_and(|hooks| {
        !hooks.is_empty() && hooks.values().all(|it| it.as_array().is_some_and(|it| !it.is_empty()))
    })
}
