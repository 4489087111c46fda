//! What terminals, multiplexers, authority files and the kernel's socket tables answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vmux::proc::inet_sockets;
use vmux::proc::sock_diag;
use vmux::session::place::carrier::Connection;
use vmux::wm::locate::titles::{self, ExpectedTitle};
use vmux::wm::mux::zellij;
use vmux::wm::terminal::{bus, gtk, kitty, konsole};
use vmux::wm::x11::xauth;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    match kitty::parse(data) {
        Ok(tree) => drop(kitty::find(&tree, 42, 9, "unix:/k")),
        Err(error) => one_line(&error),
    }
    drop(kitty::find(&text, 42, 9, "unix:/k"));
    assert!(konsole::numbers(&text).len() <= text.len());
    assert!(konsole::numbered(&text, "").is_sorted());
    let bus = bus::sockets_only(&text);
    assert!(bus.is_empty() || bus.split(';').all(|part| part.starts_with("unix:")));
    assert!(gtk::text(&text).is_none_or(|title| title.len() < text.len()));
    let _ = gtk::number(&text);
    for used_last in [false, true] {
        if let Err(error) = zellij::check_shown(&text, "terminal_1", used_last) {
            one_line(&error);
        }
    }
    let mut read = 0;
    let _ = inet_sockets::parse_row(data);
    let _ = Connection::parse(&String::from_utf8_lossy(data));
    let _ = sock_diag::rows(data, &mut |row: &[u8]| {
        read += row.len();
        for kind in 0..4 {
            let value = sock_diag::attribute(row.get(16..).unwrap_or_default(), kind);
            assert!(value.is_none_or(|value| value.len() < row.len()));
        }
    });
    assert!(read <= data.len());
    assert!(xauth::cookies(data, 0).iter().map(Vec::len).sum::<usize>() <= data.len());
    let expected = ExpectedTitle::of_client(&text);
    assert!(expected == ExpectedTitle::Unknown || expected.fits(&text), "a title fits itself");
    assert!(!titles::shows(&text, "b") || titles::is_claudes(&text));
    let _ = ExpectedTitle::of_session(Some(&text)).fits(&format!("✳ {text}"));
});

fn one_line(error: &str) {
    assert!(!error.contains(char::is_control), "{error:?}");
}
