//! What a terminal shows: the prompt box, the dialog, and what tmux is told to compare.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use vmux::claude::process::screen::shown::{Shown, shown};
use vmux::claude::process::screen::{Screen, dialog, prompt_box};
use vmux::wm::mux::tmux::keys::{Expected, condition, parse_look};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let screen = Screen::parse(&text);
    let texts = screen.texts();
    assert!(texts.iter().all(|row| !row.contains(char::is_control)));
    let says = shown(&screen);
    if dialog::find(&screen).is_ok() {
        assert_ne!(says, Some(Shown::Prompt), "it is no free prompt");
    }
    if let Some(found) = prompt_box::find(&screen) {
        assert_ne!(says, Some(Shown::Menu), "a menu takes the place of the box");
        assert!(texts.contains(&found.first_row));
        assert!(found.words.is_some() || !found.holds("x"), "a free box holds nothing");
        assert!(dialog::find(&screen).is_err(), "a screen ends in one of the two");
    }
    if let Ok(found) = dialog::find(&screen) {
        let rows = found.rows();
        assert!(rows.iter().all(|row| texts.contains(row)), "what is compared is on the screen");
        for command in ["", "ls", &text] {
            let _ = found.check("Bash", &json!({"command": command}));
            let _ = found.check("Write", &json!({"file_path": command, "content": command}));
            let _ = found.check("WebFetch", &json!({"url": command}));
        }
        let condition = condition(&Expected { rows, absent: vec!["x"] });
        // Nothing of the screen ends a pattern or begins a format.
        assert_eq!(condition.matches('{').count(), condition.matches('}').count());
        assert_eq!(condition.matches('#').count(), condition.matches("#{").count());
    }
    if let Some(look) = parse_look(&text, "%1") {
        assert!(text.ends_with(&look.text));
    }
});
