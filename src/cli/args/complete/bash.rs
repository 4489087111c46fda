//! Words and quoting of bash. Its completion cuts words at `:` and `=`, and inserts candidates as they
//! are (bash(1), Programmable Completion): what is quoted how is up to the program.

/// What was typed, up to the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The whole words, unquoted, without assignments in front and without the name of the program.
    pub before: Vec<String>,
    /// The word at the cursor, unquoted.
    pub current: String,
    /// The same as it was typed.
    pub raw: String,
    /// Whether a redirection comes before it.
    pub is_redirected: bool,
}

/// The quotes that are open at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    None,
    Single,
    Double,
}

/// Splits a line as bash does; variables and substitutions are left as they are.
pub fn split(line: &str) -> Line {
    let mut words: Vec<(String, String)> = Vec::new();
    let (mut word, mut raw) = (String::new(), String::new());
    let mut open = Open::None;
    let mut is_redirected = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (open, c) {
            (Open::None, c) if c.is_whitespace() => {
                if !raw.is_empty() {
                    words.push((std::mem::take(&mut word), std::mem::take(&mut raw)));
                    is_redirected = false;
                }
                continue;
            }
            (Open::None, '>' | '<') => {
                raw.clear();
                word.clear();
                is_redirected = true;
                continue;
            }
            (Open::None, '\'') => open = Open::Single,
            (Open::Single, '\'') | (Open::Double, '"') => open = Open::None,
            (Open::None, '"') => open = Open::Double,
            (Open::None | Open::Double, '\\') => {
                raw.push(c);
                let Some(next) = chars.next() else { break };
                if open == Open::Double && !matches!(next, '\\' | '"' | '$' | '`') {
                    word.push(c);
                }
                word.push(next);
                raw.push(next);
                continue;
            }
            (_, c) => word.push(c),
        }
        raw.push(c);
    }
    let is_assignment = |raw: &str| {
        let name = raw.split_once('=').map(|(name, _)| name);
        name.is_some_and(|it| !it.is_empty() && it.chars().all(|c| c.is_alphanumeric() || c == '_'))
    };
    let words = words.into_iter().skip_while(|(_, raw)| is_assignment(raw)).map(|(word, _)| word);
    Line { before: words.skip(1).collect(), current: word, raw, is_redirected }
}

/// What bash is to insert for `candidate` in place of `replaced`, the end of the word that was typed. The
/// candidate begins with what was typed.
pub fn insertion(candidate: &str, line: &Line, replaced: &str) -> String {
    let kept = line.raw.strip_suffix(replaced).unwrap_or_default();
    let (kept_text, open) = unquote(kept);
    let rest = candidate.strip_prefix(&kept_text).unwrap_or(candidate);
    quote(rest, open)
}

fn unquote(raw: &str) -> (String, Open) {
    let split = split(&format!("x {raw}"));
    let mut open = Open::None;
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match (open, c) {
            (Open::None | Open::Double, '\\') => drop(chars.next()),
            (Open::None, '\'') => open = Open::Single,
            (Open::None, '"') => open = Open::Double,
            (Open::Single, '\'') | (Open::Double, '"') => open = Open::None,
            _ => {}
        }
    }
    (split.current, open)
}

fn quote(text: &str, open: Open) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match (open, c) {
            (Open::Single, '\'') => out.push_str("'\\''"),
            (Open::Double, '\\' | '"' | '$' | '`') => out.extend(['\\', c]),
            // Within double quotes, history expansion has no escape.
            (Open::Double, '!') => out.push_str("\"'!'\""),
            (Open::Single | Open::Double, c) => out.push(c),
            (Open::None, c) if is_plain(c) => out.push(c),
            (Open::None, c) => out.extend(['\\', c]),
        }
    }
    out
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "_-./:@%+,=".contains(c) || (!c.is_ascii() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, before: &[&str], current: &str) {
        let split = split(line);
        assert_eq!((&split.before[..], split.current.as_str()), (&before.map_owned()[..], current));
    }

    trait Owned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl Owned for &[&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|it| (*it).to_owned()).collect()
        }
    }

    #[test]
    fn a_line_is_split_as_bash_does() {
        check("vmux ", &[], "");
        check("vmux sw", &[], "sw");
        check("A=1 b_2='x y' vmux switch my\\ la", &["switch"], "my la");
        check("vmux switch 'my la", &["switch"], "my la");
        check("vmux switch \"a\\\"b\\n", &["switch"], "a\"b\\n");
        check("vmux wait 'it'\\''s' host:o", &["wait", "it's"], "host:o");
        check("vmux switch a\\", &["switch"], "a");
        check("vmux list --format=pl", &["list"], "--format=pl");
        assert!(split("vmux list > fi").is_redirected && split("vmux list >").is_redirected);
        assert!(!split("vmux list > file --js").is_redirected);
    }

    #[track_caller]
    fn inserts(line: &str, replaced: &str, candidate: &str, expected: &str) {
        assert_eq!(insertion(candidate, &split(line), replaced), expected, "{line}");
    }

    #[test]
    fn what_is_inserted_is_quoted_as_the_word_is() {
        inserts("vmux switch my", "my", "my label", "my\\ label");
        inserts("vmux switch my\\ l", "my\\ l", "my label", "my\\ label");
        inserts("vmux switch 'my l", "my l", "it's", "it'\\''s");
        inserts(
            "vmux switch \"a",
            "a",
            "a $(rm) `x` \"y\" \\ !z",
            "a \\$(rm) \\`x\\` \\\"y\\\" \\\\ \"'!'\"z",
        );
        inserts("vmux switch ", "", "a;b|c&d*?~#'", "a\\;b\\|c\\&d\\*\\?\\~\\#\\'");
        inserts("vmux switch host:o", "o", "host:one two", "one\\ two");
        inserts("vmux switch 'host:o", "host:o", "host:one", "host:one");
        inserts("vmux list --format=p", "p", "--format=plain", "plain");
        inserts("vmux switch st", "st", "straße 日本", "straße\\ 日本");
    }
}
