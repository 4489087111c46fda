//! Lines of a transcript, whole and in pieces, and of a debug log.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vmux::claude::fuzzing::transcript(data));
