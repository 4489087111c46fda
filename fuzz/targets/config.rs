//! config.toml: a configuration, or faults that say where they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use vmux::config::Config;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Config::parse(text, Some(Path::new("/home/u"))) {
        Ok((_, warnings)) => {
            for warning in warnings {
                let _ = warning.to_string();
            }
        }
        Err(invalid) => {
            assert!(!invalid.faults.is_empty(), "no configuration and no fault");
            for fault in invalid.faults {
                let _ = fault.to_string();
            }
        }
    }
});
