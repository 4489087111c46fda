//! What is read about servers: rows of the kernel's table of sockets, arguments, the index of git.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vmux::daemon::discovery::servers::claims;
use vmux::daemon::discovery::servers::git_index::each_file;
use vmux::proc::servers::listeners::parse_row;
use vmux::proc::servers::naming::{is_auxiliary, name};
use vmux::proc::servers::reload::{lacks_worker, reloading};
use vmux::proc::stat::parse_cmdline;

fuzz_target!(|data: &[u8]| {
    if let Some(listener) = parse_row(data) {
        assert!(data.len() >= 72);
        let _ = listener.address.to_string();
    }
    let argvs: Vec<Vec<String>> = data.split(|byte| *byte == b'\n').map(parse_cmdline).collect();
    let name = name(&argvs, &argvs);
    assert!(!name.is_empty() && name.chars().count() <= 60);
    assert!(!name.contains(char::is_control), "{name:?}");
    let _ = is_auxiliary(9229, &name, &argvs);
    let _ = reloading(&name, &argvs, false);
    for argv in &argvs {
        let _ = lacks_worker(argv);
    }
    for claim in claims::parse(data) {
        assert!(claim.port > 0);
        let name = claim.name.unwrap_or_default();
        assert!(!name.contains(char::is_control), "{name:?}");
    }
    for is_sha256 in [false, true] {
        let mut count = 0;
        let _ = each_file(data, is_sha256, |_| {
            count += 1;
            true
        });
        assert!(count * 62 <= data.len(), "an entry has 62 bytes at least");
    }
});
