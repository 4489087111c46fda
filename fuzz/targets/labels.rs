//! labels.json as anybody may have left it: a label that is set is there, and nothing is lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use std::fs;
use vmux::daemon::home::labels::store::LabelStore;

fuzz_target!(|data: &[u8]| {
    let dir = tempfile::tempdir_in("/dev/shm").expect("a directory");
    let path = dir.path().join("labels.json");
    fs::write(&path, data).expect("a file");
    let before = serde_json::from_slice::<Map<String, Value>>(data);
    let mut store = LabelStore::new(path.clone(), None);
    let _ = store.reload();
    store.set("session", "label").expect("a label is set, whatever was there");
    let text = fs::read(&path).expect("a file");
    let after: Map<String, Value> = serde_json::from_slice(&text).expect("an object");
    assert_eq!(after.get("session"), Some(&Value::from("label")));
    match before {
        Ok(before) => {
            for (id, value) in before.iter().filter(|(id, _)| *id != "session") {
                assert_eq!(after.get(id), Some(value), "{id} is as it was");
            }
        }
        Err(_) if data.trim_ascii().is_empty() => {}
        Err(_) => {
            let kept = fs::read(dir.path().join("labels.json.damaged-1")).expect("a copy");
            assert_eq!(kept, data);
        }
    }
});
