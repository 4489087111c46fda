//! The files of a process: `stat`, `cmdline`, `environ`, `status`, `children`; its program.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use vmux::claude::process;
use vmux::claude::process::bun_program::is_bun_program;
use vmux::proc::stat;

fuzz_target!(|data: &[u8]| {
    if let Some(process) = stat::parse_stat(data) {
        assert!(process.comm.len() <= data.len() * 3);
    }
    let argv = stat::parse_cmdline(data);
    let _ = process::is_session(&argv, None, "claude");
    let _ = process::is_session(&argv, Some(Path::new("/usr/bin/node")), "node");
    let _ = process::may_be_claude(data);
    let _ = stat::parse_environ(data);
    let _ = stat::parse_inner_pid(data);
    let _ = stat::parse_boottime_offset(data);
    let _ = stat::parse_pids(data).count();
    let read = |at: u64, length: usize| {
        assert!(length <= 64 * 1024, "a piece is small");
        let at = usize::try_from(at).ok()?;
        Some(data.get(at..at.checked_add(length)?)?.to_vec())
    };
    let _ = is_bun_program(data.len().try_into().unwrap(), &read);
});
