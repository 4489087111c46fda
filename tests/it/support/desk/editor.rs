//! Windows of this process, as an editor opens them.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, CreateWindowAux, PropMode, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// A window; dropping it closes it.
#[derive(Debug)]
pub struct EditorWindow {
    x: RustConnection,
    window: u32,
}

impl EditorWindow {
    /// With this title.
    pub fn open(display: &str, title: &str) -> EditorWindow {
        let (x, screen) = x11rb::connect(Some(display)).unwrap();
        let (root, window) = (x.setup().roots[screen].root, x.generate_id().unwrap());
        let (class, none) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        x.create_window(0, window, root, 0, 0, 100, 100, 0, class, 0, &none).unwrap();
        let editor = EditorWindow { x, window };
        editor.set(AtomEnum::WM_CLASS, "code\0Code\0");
        editor.retitle(title);
        editor.x.map_window(window).unwrap();
        editor.x.flush().unwrap();
        editor
    }

    /// Gives it another title.
    pub fn retitle(&self, title: &str) {
        self.set(AtomEnum::WM_NAME, title);
        self.x.flush().unwrap();
    }

    fn set(&self, property: AtomEnum, text: &str) {
        let (mode, kind) = (PropMode::REPLACE, AtomEnum::STRING);
        self.x.change_property8(mode, self.window, property, kind, text.as_bytes()).unwrap();
    }
}
