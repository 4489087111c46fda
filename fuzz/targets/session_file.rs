//! A session file, at any moment of its being written.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vmux::claude::fuzzing::session_file(data));
