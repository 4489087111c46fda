//! Claude Code's settings as a file: our hooks go in and out, and the file is as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::fs;
use vmux::cli::hooks::entries::{EVENTS, entries, install, installed, remove};
use vmux::cli::hooks::settings_file::SettingsFile;

fuzz_target!(|data: &[u8]| {
    let dir = tempfile::tempdir_in("/dev/shm").expect("a directory");
    let path = dir.path().join("settings.json");
    fs::write(&path, data).expect("a file");
    let Ok(before) = SettingsFile::read(&path) else { return };
    if !installed(&before.settings).is_empty() {
        return;
    }
    let mut changed = before.settings.clone();
    let answers = data.len() % 2 == 1;
    let wanted = entries("/usr/bin/vmux", EVENTS, answers);
    if install(&mut changed, &wanted).is_err() {
        return;
    }
    before.write(&changed, true).expect("written");
    let with = SettingsFile::read(&path).expect("what was written is read");
    assert_eq!(with.settings, changed);
    remove(&mut changed).expect("out again");
    with.restore(&changed).expect("restored");
    let after = SettingsFile::read(&path).expect("what was restored is read");
    assert_eq!(after.settings, changed);
    // A file without a value counts as an empty object, and becomes one.
    let is_blank = std::str::from_utf8(data).is_ok_and(|text| text.trim().is_empty());
    if changed == before.settings && !is_blank {
        assert_eq!(fs::read(&path).expect("a file"), data, "to the byte");
    }
});
