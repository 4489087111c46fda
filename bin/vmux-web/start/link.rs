//! The link with the token: opened, printed, as a QR code.

use super::address::Place;
use super::keys::Keys;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use vmux::cli::args::options::web::WebArgs;
use vmux::cli::error::{CliError, CliResult, FAILED};
use vmux::client::error::plain;
use vmux::system::programs::find_in_path;
use vmux::system::replace::Replacement;

/// Says where the page is, once it is served.
pub fn say(args: &WebArgs, base: &str, keys: &Keys, home: &Path, place: &Place) -> CliResult {
    print(&format!("vmux web: {base}\n"))?;
    if args.open || args.qr {
        show(args, base, keys, home)?;
    } else if base.starts_with("http") {
        note("`vmux web --open` opens the page, `vmux web --qr` prints the link to it");
    } else {
        note("`ssh -L` or a reverse proxy leads there: docs/web.md says how");
    }
    if args.qr && place.is_local() && base.starts_with("http:") {
        note("other devices do not reach this address: docs/web.md says how a phone does");
    }
    Ok(())
}

/// Opens the page at `base`, and prints the link, as the command line wants it.
pub fn show(args: &WebArgs, base: &str, keys: &Keys, home: &Path) -> CliResult {
    if !base.starts_with("http") {
        let message = format!("there is no link to {base}");
        let hint = "set url of [web] in the configuration to where browsers reach it";
        return Err(CliError::new(FAILED, message).hint(hint));
    }
    // Behind `#`: a browser sends that to nobody, and so no log has it.
    let link = format!("{base}/#token={}", keys.token);
    if args.qr {
        print(&code(&link)?)?;
        print(&format!("{link}\n"))?;
    }
    if args.open { open(&link, home) } else { Ok(()) }
}

/// The QR code of a text, for a terminal: two modules in a character.
fn code(text: &str) -> CliResult<String> {
    let code = QrCode::new(text)
        .map_err(|error| CliError::new(FAILED, format!("the QR code: {error}")))?;
    // Right on a dark terminal, as most are; scanners read the other way round too.
    let mut drawing = code.render::<Dense1x2>();
    drawing.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark);
    Ok(drawing.build() + "\n")
}

/// Opens the link in the user's browser. The arguments of a program can be read by everyone on this
/// machine, so the browser gets a file that only the user can read, which leads to the link.
fn open(link: &str, home: &Path) -> CliResult {
    let failed = |what: &str, error: &io::Error| {
        CliError::new(FAILED, format!("{what}: {}", plain(error)))
            .hint("`vmux web --qr` prints the link")
    };
    let file = home.join("web-open.html");
    let link = link.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let page = format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>vmux</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={link}\">\n"
    );
    Replacement::write(&file, page.as_bytes(), 0o600)
        .and_then(|it| it.commit(&file))
        .map_err(|error| failed("web-open.html", &error))?;
    let Some(program) = find_in_path("xdg-open") else {
        return Err(CliError::new(FAILED, "there is no xdg-open to open a browser with")
            .hint("`vmux web --qr` prints the link"));
    };
    let mut command = Command::new(program);
    command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut opening = command.spawn().map_err(|error| failed("xdg-open", &error))?;
    // It may last as long as the browser. Whoever serves meanwhile keeps no dead process.
    std::thread::spawn(move || opening.wait());
    Ok(())
}

fn print(text: &str) -> CliResult {
    let mut stdout = io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // What serves does not end because nobody reads where.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::output(&error)),
        _ => Ok(()),
    }
}

fn note(text: &str) {
    let _ = writeln!(io::stderr(), "hint: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_a_square_of_blocks() {
        let code = code("http://127.0.0.1:8689/#token=0123456789").unwrap();
        let lines: Vec<&str> = code.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.len() > 10 && lines.iter().all(|it| it.chars().count() == width), "{code}");
    }
}
