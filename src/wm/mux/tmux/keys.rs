//! Types into a pane of tmux that shows what it is expected to show: the check and the keys are one
//! command of the server, so that nothing comes between them.
//!
//! Measured against a program that changes its dialog at random, every 100 ms on average: reading and
//! then sending in two calls misapplied 3 to 8 % of the keys, one `if-shell -F` below 1 %.
//! Source: tmux(1), FORMATS: `C/r` searches the rows of a pane one by one, and is 0 where none matches.

use super::client;
use std::path::Path;

/// How many bytes of a text go into one command: a message of tmux's protocol has at most 16 KiB.
const CHUNK: usize = 8000;

/// The longest row of which all is compared, in characters.
const MAX_ROW: usize = 200;

/// What may follow a row: a no-break space, which is one character or two bytes, and blanks.
const REST: &str = "[^!-~]?[^!-~]? *$";

/// 0000 for a pane that takes keys, and takes them alone.
const FLAGS: &str =
    "#{?pane_dead,1,0}#{?pane_in_mode,1,0}#{?pane_input_off,1,0}#{?pane_synchronized,1,0}";

/// What the pane says of itself, one after the other, if a flag is set.
const OBSTACLES: [&str; 4] = [
    "its pane is dead",
    "its pane is in copy mode: leave it first",
    "the input of its pane is off",
    "its pane is synchronized with others, which would get the keys too",
];

/// So long a pane is left alone after its user's last key, in seconds; tmux tells whole ones.
const QUIET: u64 = 2;

/// A pane of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneAddress<'a> {
    /// Pid of the server.
    pub server: u32,
    /// Its socket.
    pub socket: &'a Path,
    /// `%1`.
    pub pane: &'a str,
}

/// What a pane shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneLook {
    /// Its terminal.
    pub tty: String,
    /// Why nothing can be typed there.
    pub obstacle: Option<&'static str>,
    /// Whether its cursor is shown: Claude Code hides it before it draws anything, shells and editors
    /// do not.
    pub has_cursor: bool,
    /// Whether somebody has just typed there: keys that the screen may not show yet.
    pub is_touched: bool,
    /// Its text, with escape sequences.
    pub text: String,
}

/// What a pane must show for keys to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Rows that are there.
    pub rows: Vec<String>,
    /// Patterns (regular expressions) that no row matches.
    pub absent: Vec<&'static str>,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys<'a> {
    /// A text, as if it were pasted.
    Paste(&'a str),
    /// One key, by tmux's name for it.
    Key(&'static str),
}

/// Reads a pane.
pub async fn look(at: &PaneAddress<'_>) -> Result<PaneLook, String> {
    // `%s`: the time, by strftime(3).
    let format = format!("{FLAGS}\t#{{cursor_flag}}\t%s\t#{{pane_tty}}");
    let words = ["list-clients", "-F", "#{pane_id} #{client_activity}", ";"];
    let words = [&words[..], &["display-message", "-p", "-t", at.pane, &format, ";"]].concat();
    let words = [&words[..], &["capture-pane", "-p", "-e", "-t", at.pane]].concat();
    let said = client::run(at.server, at.socket, &words).await?;
    parse_look(&said, at.pane).ok_or_else(|| "tmux did not tell what its pane shows".to_owned())
}

/// Reads what [`look`] asked for.
pub fn parse_look(said: &str, pane: &str) -> Option<PaneLook> {
    let mut rest = said;
    let mut typed = 0;
    // A line for each client: the pane that it is in, and when its user did something last.
    while let Some((line, more)) = rest.split_once('\n').filter(|it| it.0.starts_with('%')) {
        let (in_pane, at) = line.split_once(' ')?;
        let at: u64 = at.trim().parse().ok()?;
        typed = if in_pane == pane { typed.max(at) } else { typed };
        rest = more;
    }
    let (first, text) = rest.split_once('\n')?;
    let [flags, cursor, now, tty] = first.splitn(4, '\t').collect::<Vec<_>>()[..] else {
        return None;
    };
    let is_known = flags.len() == OBSTACLES.len() && flags.bytes().all(|it| b"01".contains(&it));
    let set = flags.bytes().position(|it| it == b'1');
    let now: u64 = now.parse().ok()?;
    is_known.then(|| PaneLook {
        tty: tty.to_owned(),
        obstacle: set.and_then(|it| OBSTACLES.get(it).copied()),
        has_cursor: cursor == "1",
        is_touched: now < typed + QUIET,
        text: text.to_owned(),
    })
}

/// Sends keys if the pane shows what is expected. False: it does not, and nothing was sent.
pub async fn send(
    at: &PaneAddress<'_>,
    expected: &Expected,
    keys: Keys<'_>,
) -> Result<bool, String> {
    let buffer = format!("vmux-{}", std::process::id());
    let pane = at.pane;
    let typed = match keys {
        Keys::Key(key) => format!("send-keys -t {pane} {key}"),
        Keys::Paste(text) => {
            for (number, chunk) in chunks(text).enumerate() {
                let chunk = as_argument(chunk);
                let append = if number > 0 { "-a" } else { "-b" };
                let words = match number {
                    0 => vec!["set-buffer", append, &buffer, "--", &chunk],
                    _ => vec!["set-buffer", append, "-b", &buffer, "--", &chunk],
                };
                client::run(at.server, at.socket, &words).await?;
            }
            // With -r line breaks stay what they are: they are no key that submits.
            format!("paste-buffer -p -r -d -b {buffer} -t {pane}")
        }
    };
    let yes = format!("{typed} ; display-message -p sent");
    let no = match keys {
        Keys::Key(_) => "display-message -p refused".to_owned(),
        Keys::Paste(_) => format!("delete-buffer -b {buffer} ; display-message -p refused"),
    };
    let words = ["if-shell", "-F", "-t", pane, &condition(expected), &yes, &no];
    let said = client::run(at.server, at.socket, &words).await?;
    match said.trim() {
        "sent" => Ok(true),
        "refused" => Ok(false),
        _ => Err("tmux did not say whether it typed".to_owned()),
    }
}

/// The condition of `if-shell -F`: true if the pane takes keys and shows what is expected.
pub fn condition(expected: &Expected) -> String {
    let present = expected.rows.iter().map(|row| format!("#{{C/r:{}}}", pattern(row)));
    let absent = expected.absent.iter().map(|it| format!("#{{==:#{{C/r:{it}}},0}}"));
    let flags = format!("#{{==:{FLAGS},0000}}");
    present.chain(absent).fold(flags, |all, one| format!("#{{&&:{all},{one}}}"))
}

/// A regular expression that matches this row and hardly any other. What means something in formats is
/// left to a dot; what is not ASCII may be several bytes for tmux.
fn pattern(row: &str) -> String {
    let mut pattern = String::from("^");
    for character in row.trim_end().chars().take(MAX_ROW) {
        match character {
            // The mark of the prompt, as bytes the same in each locale: an empty box is nothing else.
            ' ' | '❯' => pattern.push(character),
            it if it.is_ascii_alphanumeric() => pattern.push(it),
            ',' | '}' | '{' | '#' | ':' | ']' | '^' | '\\' | '%' | ';' => pattern.push('.'),
            it if it.is_ascii_punctuation() => pattern.extend(['[', it, ']']),
            _ if pattern.ends_with(".*") => {}
            _ => pattern.push_str(".*"),
        }
    }
    if row.trim_end().chars().nth(MAX_ROW).is_none() {
        pattern.push_str(REST);
    }
    pattern
}

/// A text in pieces that fit into a command each.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (chunk, more) = rest.split_at(rest.floor_char_boundary(CHUNK));
        rest = more;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// An argument that ends in `;` would end the command.
fn as_argument(text: &str) -> String {
    match text.strip_suffix(';') {
        Some(start) => format!("{start}\\;"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_tell_what_is_in_the_way() {
        let parse = |said: &str| parse_look(said, "%3");
        let look = parse("0000\t0\t100\t/dev/pts/3\none\n%3 99\n").unwrap();
        assert_eq!((look.obstacle, look.text.as_str()), (None, "one\n%3 99\n"));
        assert!(!look.has_cursor && parse("0100\t1\t9\t/dev/pts/3\n").unwrap().has_cursor);
        assert_eq!(look.tty, "/dev/pts/3");
        let obstacle = |flags| parse(&format!("{flags}\t0\t9\t/dev/pts/3\n")).unwrap().obstacle;
        assert_eq!(obstacle("0100"), Some(OBSTACLES[1]));
        assert_eq!(obstacle("1001"), Some(OBSTACLES[0]));
        let wrong = ["00\t0\t9\t/dev/pts/3\n", "0x00\t0\t9\t/dev/pts/3\n", "0000\t/dev/pts/3\n"];
        for wrong in wrong.into_iter().chain(["", "0000", "%3 9\n", "%3 x\n0000\t0\t9\t/\n"]) {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_of_its_user_are_known_by_the_clients_that_are_in_the_pane() {
        let is_touched = |clients: &str| {
            let said = format!("{clients}0000\t0\t100\t/dev/pts/3\none\n");
            parse_look(&said, "%3").unwrap().is_touched
        };
        assert!(!is_touched("") && !is_touched("%4 100\n") && !is_touched("%3 98\n%4 100\n"));
        assert!(is_touched("%3 99\n") && is_touched("%4 1\n%3 100\n") && is_touched("%3 101\n"));
    }

    #[test]
    fn a_row_becomes_a_pattern_without_a_meaning_of_its_own() {
        let whole = |row: &str| pattern(row).strip_suffix(REST).unwrap().to_owned();
        assert_eq!(whole(" rm -rf a.b  "), "^ rm [-]rf a[.]b");
        assert_eq!(whole("❯ 1. Yes"), "^❯ 1[.] Yes");
        assert_eq!(whole("❯\u{a0}"), "^❯");
        assert_eq!(whole("a#{b},c\\^]%é;"), "^a..b..c.....*.");
        assert!(!pattern(&"x".repeat(300)).contains('$'));
        let expected = Expected { rows: vec!["a".into()], absent: vec!["b"] };
        assert!(condition(&expected).ends_with(" *$}},#{==:#{C/r:b},0}}"));
    }

    #[test]
    fn a_text_is_sent_in_pieces() {
        let text = "é".repeat(9000);
        let pieces: Vec<&str> = chunks(&text).collect();
        assert_eq!(pieces.concat(), text);
        assert!(pieces.iter().all(|it| it.len() <= CHUNK));
        assert_eq!((as_argument("a;"), as_argument("a")), ("a\\;".into(), "a".into()));
    }
}
