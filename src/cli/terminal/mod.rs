//! The terminal and the environment are read here, once, and passed on as values.

pub mod picker;
pub mod question;
pub mod screen;
pub mod stdio;
pub mod view;

use super::error::{CliError, CliResult};
use crate::cli::json::pretty;
use crate::client::Client;
use crate::client::dial::ANSWER_TIMEOUT;
use crate::client::follow::reader_is_gone;
use crate::config::column::Column;
use crate::config::{Config, Glyphs};
use crate::protocol::response::Response;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::order::Order;
use crate::session::sanitize::clean;
use crate::show::paint::{Paint, guess_glyphs};
use crate::show::table::Frame;
use clap::ValueEnum;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal that shows colours, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where output goes, and how it is to look.
#[derive(Debug, Clone)]
pub struct Output {
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// Columns to fit into, if there is a limit.
    pub width: Option<usize>,
    /// Colours and characters.
    pub paint: Paint,
    /// The user's home.
    pub home: Option<String>,
    /// Which of the sessions that wait comes first.
    pub order: Order,
    /// Rows of the terminal, if it is one.
    pub height: Option<usize>,
    /// Which columns a list has.
    pub columns: Vec<Column>,
}

impl Output {
    /// The output of this process.
    pub fn of_process(colour: Colour) -> Output {
        let terminal = std::io::stdout().is_terminal();
        let var = |name: &str| std::env::var(name).ok();
        let home = std::env::var("HOME").ok().filter(|home| home.starts_with('/'));
        let columns = var("COLUMNS").and_then(|it| it.parse().ok()).filter(|&it| it > 0);
        let size = if terminal { size() } else { None };
        let width = columns.or_else(|| size.map(|it| it.0));
        let height = size.map(|it| it.1).filter(|&it| it > 0);
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(var);
        // A program that reads the output expects the same characters wherever it runs.
        let glyphs = match terminal {
            true => guess_glyphs(locale.each_ref().map(Option::as_deref)),
            false => Glyphs::Unicode,
        };
        let paint = Paint { colour: wants(colour, terminal, var), glyphs };
        let columns = Column::DEFAULT.to_vec();
        Output { terminal, width, paint, home, order: Order::default(), height, columns }
    }

    /// The same as the user has configured it.
    pub fn configured(&self, config: &Config) -> Output {
        let glyphs = config.list.glyphs.unwrap_or(self.paint.glyphs);
        let columns = match config.list.columns.is_empty() {
            true => self.columns.clone(),
            false => Column::distinct(config.list.columns.iter().copied()),
        };
        let paint = Paint { glyphs, ..self.paint };
        Output { paint, order: config.switch.order, columns, ..self.clone() }
    }

    /// What a table must fit into.
    pub fn frame(&self) -> Frame<'_> {
        Frame {
            width: self.width,
            home: self.home.as_deref(),
            paint: self.paint,
            columns: &self.columns,
        }
    }
}

/// Waits for what vmuxd sends to one who follows it: at first for as long as an answer may take, then for
/// as long as it takes.
pub struct Following(Option<Duration>);

/// Nothing was sent yet.
impl Default for Following {
    fn default() -> Following {
        Following(Some(ANSWER_TIMEOUT))
    }
}

impl Following {
    /// Waits for the next message; false if the reader of standard output goes first.
    pub fn wait(&mut self, client: &Client) -> std::io::Result<bool> {
        Ok(client.is_buffered() || wait_readable(client, self.0.take())?)
    }
}

/// Waits until `source` can be read, for `within` at most, else for as long as it takes; false if the
/// reader of standard output goes first.
fn wait_readable(source: &impl AsFd, within: Option<Duration>) -> std::io::Result<bool> {
    let stdout = std::io::stdout();
    let deadline = within.map(|it| Instant::now() + it);
    loop {
        let mut fds =
            [PollFd::new(&stdout, PollFlags::empty()), PollFd::new(source, PollFlags::IN)];
        let left = deadline.map(|it| it.saturating_duration_since(Instant::now()));
        let left = left.and_then(|it| Timespec::try_from(it).ok());
        match poll(&mut fds, left.as_ref()) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(0) => return Err(std::io::ErrorKind::TimedOut.into()),
            Ok(_) if reader_is_gone(fds[0].revents()) => return Ok(false),
            Ok(_) => return Ok(true),
        }
    }
}

/// When it will be `tick`, if it is `now`.
pub fn instant(tick: Timestamp, now: Timestamp) -> Instant {
    Instant::now() + (tick - now).to_std().unwrap_or(Duration::ZERO)
}

/// Columns and rows of the terminal; `None` if standard output is none.
pub fn size() -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then(|| (size.ws_col.into(), size.ws_row.into()))
}

/// Whether to use colours: the flag decides, then NO_COLOR and CLICOLOR (no-color.org,
/// bixense.com/clicolors), then what the terminal is.
pub fn wants(colour: Colour, terminal: bool, var: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if set("NO_COLOR").is_some() => false,
        Colour::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Colour::Auto if set("CLICOLOR").as_deref() == Some("0") => false,
        Colour::Auto => terminal && set("TERM").is_some_and(|term| term != "dumb"),
    }
}

/// Writes to standard output and flushes. A reader that has gone is [`CliError::reader_gone`].
pub fn print(text: &str) -> CliResult {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| CliError::output(&error))
}

/// Prints the note of a response, if it has one.
pub fn print_note(response: &Response) -> CliResult {
    match &response.note {
        Some(note) => print(&format!("note: {}\n", clean(note, 400))),
        None => Ok(()),
    }
}

/// Says something beside the output, on standard error. If that is closed, there is nowhere left to say it.
pub fn say(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Says the note of a response, if it has one, where standard output is for something else.
pub fn say_note(note: Option<&str>) {
    if let Some(note) = note {
        say(&format!("note: {}", clean(note, 400)));
    }
}

/// Prints a session as JSON (`null`: none), and the note of the response on standard error.
pub fn print_session(
    session: Option<&SessionInfo>,
    response: &Response,
    output: &Output,
) -> CliResult {
    print(&pretty(&session, output.terminal)?)?;
    if let Some(note) = &response.note {
        say(&json!({ "note": clean(note, 400) }).to_string());
    }
    Ok(())
}

/// Writes lines to standard output and flushes.
pub fn print_lines(lines: &[String]) -> CliResult {
    let mut text = lines.join("\n");
    text.push('\n');
    print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(colour: Colour, terminal: bool, vars: &[(&str, &str)], expected: bool) {
        let var = |name: &str| {
            vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(wants(colour, terminal, var), expected, "{colour:?} {terminal} {vars:?}");
    }

    #[test]
    fn the_flag_then_the_environment_then_the_terminal() {
        let term = ("TERM", "xterm");
        check(Colour::Auto, true, &[term], true);
        check(Colour::Auto, false, &[term], false);
        check(Colour::Auto, true, &[], false);
        check(Colour::Auto, true, &[("TERM", "dumb")], false);
        check(Colour::Auto, true, &[term, ("NO_COLOR", "1")], false);
        check(Colour::Auto, true, &[term, ("NO_COLOR", "")], true);
        check(Colour::Auto, true, &[term, ("CLICOLOR", "0")], false);
        check(Colour::Auto, false, &[("CLICOLOR_FORCE", "1")], true);
        check(Colour::Auto, false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false);
        check(Colour::Always, false, &[("NO_COLOR", "1")], true);
        check(Colour::Never, true, &[term, ("CLICOLOR_FORCE", "1")], false);
    }
}
