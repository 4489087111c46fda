//! GNU screen: its server keeps a descriptor on the terminal of each attached display.
//!
//! A command that is sent to the server acts on the display whose terminal is the standard input
//! of the `screen` that sends it, else on the display that was used last. So the client that was
//! found is the one that is told. `-Q` prints what the command returns. The answer takes 5 ms, or
//! a second when `screen` misses the signal that the answer is there (seen in one of ten calls).

use super::command;
use super::generic::{GenericMux, MuxClient, PaneSelector, SessionTitles};
use crate::proc::files::ProcessNames;
use crate::proc::pts::{Pts, pts_number};
use crate::proc::{ProcFiles, unix_sockets};
use crate::session::sanitize::clean;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Longer than the second that an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_millis(2500);

/// Longest answer that an error quotes, in characters.
const MAX_QUOTED: usize = 100;

/// What a screen server shows, and to whom.
pub fn view(proc: &ProcFiles, names: &ProcessNames, server: u32, name: String) -> GenericMux {
    let clients = clients(proc, names, server);
    // The server tells each window its number at birth, and nothing else.
    let panes = GenericMux::panes(proc, server, "WINDOW");
    GenericMux { name, clients, panes, selector: PaneSelector::Screen(socket(proc, server)) }
}

/// The processes that show a screen server, one for each of its displays.
///
/// A display is `/dev/pts/N` among the server's open files; its client is the process called
/// `screen` that has the same terminal on its standard input.
fn clients(proc: &ProcFiles, names: &ProcessNames, server: u32) -> Vec<MuxClient> {
    // In the server's own devpts: a container has other terminals with the same numbers.
    let Some(instance) = proc.devpts(server) else { return Vec::new() };
    let display =
        |(_, target): &(u32, PathBuf)| Some(Pts { instance, number: pts_number(target)? });
    let displays: Vec<Pts> = proc.open_files(server).iter().filter_map(display).collect();
    if displays.is_empty() {
        return Vec::new();
    }
    let mut clients = Vec::new();
    for &pid in names.called("screen").iter().filter(|pid| **pid != server) {
        let Some(terminal) = proc.terminal(pid) else { continue };
        if displays.contains(&terminal) {
            let last_input = proc.last_input(pid);
            clients.push(MuxClient { pid, terminal: Some(terminal), last_input });
        }
    }
    clients
}

/// The server's socket, or its named pipe: `…/4711.name`.
fn socket(proc: &ProcFiles, server: u32) -> Option<PathBuf> {
    let start = format!("{server}.");
    let is_its = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))
    };
    let files = || proc.open_files(server).into_iter().map(|(_, target)| target);
    unix_sockets::listening(proc, server).into_iter().chain(files()).find(is_its)
}

/// The number of a window, and its hardstatus: the title that its program has set.
type Titled<'a> = (&'a str, &'a [u8]);

/// Brings a window into view on this terminal, and checks that it is. `number` is what the window was
/// born with: the commands `number` and `collapse` give it another one, which its title tells.
pub async fn select(
    socket: &Path,
    number: u32,
    terminal: Option<Pts>,
    titles: &SessionTitles,
) -> Result<(), String> {
    let screen = Screen { socket, terminal };
    let shown = screen.show(&number.to_string()).await;
    if let Some(own) = &titles.own {
        if shown.as_ref().is_ok_and(|hardstatus| has_title(hardstatus, own)) {
            return Ok(());
        }
        let list = screen.query(&["windows", &format!("%n %h{END}")]).await?;
        if let Some(now) = only_titled(&list, own) {
            return match has_title(&screen.show(now).await?, own) {
                true => Ok(()),
                false => Err("screen gives its windows other numbers meanwhile".to_owned()),
            };
        }
    }
    let hardstatus = shown?;
    match titles.others.iter().any(|other| has_title(&hardstatus, other)) {
        true => {
            Err("screen gave its windows other numbers, and it is not known which one it is"
                .to_owned())
        }
        false => Ok(()),
    }
}

/// Ends each window in the answer to `windows`. screen drops control characters from it.
const END: &str = "<vmux>";

/// The only window of a list `%n %h<vmux>…` that has this title.
fn only_titled<'a>(list: &'a [u8], title: &str) -> Option<&'a str> {
    let mut rest = list;
    let mut found = None;
    while let Some(end) = rest.windows(END.len()).position(|it| it == END.as_bytes()) {
        if let Some((number, hardstatus)) = numbered(&rest[..end])
            && has_title(hardstatus, title)
            && found.replace(number).is_some()
        {
            return None;
        }
        rest = &rest[end + END.len()..];
    }
    found
}

/// `%n %h`.
fn numbered(said: &[u8]) -> Option<Titled<'_>> {
    let said = said.trim_ascii_start();
    let digits = said.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&said[..digits]).ok().filter(|it| !it.is_empty())?;
    Some((number, said[digits..].strip_prefix(b" ").unwrap_or_default()))
}

/// Whether a hardstatus is Claude's title of the session that is called `title`.
///
/// Where screen reads UTF-8 it keeps the lowest byte of each character (4.9): U+2733 becomes `3`, what
/// is a control character then is dropped, and a NUL ends the text. Else it keeps the bytes.
fn has_title(hardstatus: &[u8], title: &str) -> bool {
    let said = hardstatus.trim_ascii_end();
    let lowest = title.chars().map(|c| c as u32 as u8).take_while(|byte| *byte != 0);
    let kept: Vec<u8> = lowest.filter(|byte| !is_control(*byte)).collect();
    let (kept, title) = (kept.trim_ascii_end(), title.as_bytes());
    // A glyph and a space are before it.
    let glyph_before = |title| said.strip_suffix(title)?.strip_suffix(b" ");
    let is_cut = !kept.is_empty() && glyph_before(kept).is_some_and(|glyph| glyph.len() <= 1);
    is_cut
        || glyph_before(title)
            .is_some_and(|glyph| !glyph.is_empty() && !glyph.iter().any(u8::is_ascii))
}

fn is_control(byte: u8) -> bool {
    byte < 0x20 || (0x7f..0xa0).contains(&byte)
}

/// A server, and the display that is to show something.
struct Screen<'a> {
    socket: &'a Path,
    terminal: Option<Pts>,
}

impl Screen<'_> {
    /// Shows the window that has this number now, and gives its hardstatus.
    async fn show(&self, number: &str) -> Result<Vec<u8>, String> {
        // With -X, screen would print a message over what the user reads if the window is in view
        // already.
        let answer = self.query(&["select", number]).await?;
        // `-p` has screen fill in what is shown (undocumented).
        let shown = self.query(&["echo", "-p", "%n %h"]).await?;
        let quoted = |said: &[u8]| clean(&String::from_utf8_lossy(said), MAX_QUOTED);
        match numbered(&shown) {
            Some((is, hardstatus)) if is == number => Ok(hardstatus.to_vec()),
            _ => Err(format!(
                "screen shows its window {}, not {number}: {}",
                quoted(&shown),
                quoted(&answer)
            )),
        }
    }

    async fn query(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        let (Some(dir), Some(name)) = (self.socket.parent(), self.socket.file_name()) else {
            return Err("the socket of screen was not found".into());
        };
        let mut command = Command::new("screen");
        command.env_remove("STY").env_remove("WINDOW").env("SCREENDIR", dir);
        command.arg("-S").arg(name).arg("-Q").args(words);
        // screen reads nothing from it.
        let stdin = self.terminal.and_then(|terminal| terminal.open(false));
        command.stdin(stdin.map_or_else(Stdio::null, Stdio::from));
        Ok(command::output("screen", &mut command, ANSWER_WITHIN).await?.stdout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_screen_keeps_of_a_title() {
        assert!(has_title(b"3 Fix alpha", "Fix alpha"));
        assert!(has_title(b"3 Fix alpha\r\n", "Fix alpha"));
        assert!(has_title(b" Fix \xe9t\xe9", "Fix été"), "a spinner is a control character");
        assert!(has_title(b"\xd0 Fix ", "Fix 😀 it"), "cut at the emoji");
        assert!(has_title("✳ Fix été".as_bytes(), "Fix été"), "it does not read UTF-8");
        assert!(!has_title(b"3 Fix alpha", "alpha"), "another one's name ends like it");
        assert!(!has_title(b"3 Fix alpha 2", "Fix alpha"));
        assert!(!has_title(b"Fix alpha", "Fix alpha"), "an ordinary title");
        assert!(!has_title(b"3 ", "") && !has_title(b"3 ", "😀"));
    }

    #[test]
    fn the_only_window_with_the_title() {
        let list =
            b"0 3 Fix gamma<vmux>1 <vmux>12 3 Fix alpha<vmux>3 3 Fix beta<vmux>4 3 Fix beta<vmux>";
        assert_eq!(only_titled(list, "Fix alpha"), Some("12"));
        assert_eq!(only_titled(list, "Fix gamma"), Some("0"));
        assert_eq!(only_titled(list, "Fix beta"), None, "two have it");
        assert_eq!(only_titled(list, "Fix delta"), None);
        assert_eq!(only_titled(b"", "Fix delta"), None);
    }
}
