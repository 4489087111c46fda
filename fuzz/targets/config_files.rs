//! The history of prompts, the files of agent teams, and the arguments of processes, in any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vmux::claude::fuzzing::config_files(data));
