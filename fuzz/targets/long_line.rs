//! A record of a transcript whose long strings are cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vmux::claude::fuzzing::long_line(data));
