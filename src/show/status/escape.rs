//! Escaping for each bar, so that it shows one line of cleaned text as it is, whatever characters it has.

use super::LEFT_TO_RIGHT_MARK;
use clap::ValueEnum;

/// Which escapes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Escape {
    /// None.
    #[default]
    None,
    /// Pango markup: waybar, i3bar and i3blocks with markup, rofi.
    Pango,
    /// polybar's format tags.
    Polybar,
    /// tmux's formats.
    Tmux,
    /// The inside of a JSON string.
    Json,
    /// i3blocks 1.4: JSON read without its escapes.
    I3blocks,
}

/// `text`, escaped.
pub fn escape(text: &str, escape: Escape) -> String {
    match escape {
        Escape::None => text.to_owned(),
        Escape::Pango => pango(text),
        Escape::Polybar => polybar(text),
        Escape::Tmux => text.replace(LEFT_TO_RIGHT_MARK, "").replace('#', "##"),
        Escape::Json => {
            let quoted = json(text);
            quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
        }
        Escape::I3blocks => i3blocks(text),
    }
}

/// A JSON string with its quotes.
pub fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn pango(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

/// polybar 3.6 has no escape for a literal `%{`: the brace is dropped. Nor does it know marks.
fn polybar(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|&c| c != LEFT_TO_RIGHT_MARK) {
        if c != '{' || !out.ends_with('%') {
            out.push(c);
        }
    }
    out
}

/// i3blocks 1.4 ends a string at the first quote and shows `\u0041` as it is written.
fn i3blocks(text: &str) -> String {
    let plain = |c| match c {
        '"' => '\'',
        '\\' => '/',
        c => c,
    };
    text.chars().map(plain).collect()
}

/// A shell command in a polybar action tag: a colon would end it.
pub fn polybar_action(command: &str) -> String {
    command.replace(':', "\\:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_takes_away_what_its_bar_acts_on() {
        let text = r##"<b>&'"\ %{F#f00}%%{{A1:x:} #[fg=red]#(rm) `{x}"##;
        let cases = [
            (Escape::None, text),
            (
                Escape::Pango,
                r##"&lt;b&gt;&amp;&#39;&quot;\ %{F#f00}%%{{A1:x:} #[fg=red]#(rm) `{x}"##,
            ),
            (Escape::Polybar, r##"<b>&'"\ %F#f00}%%A1:x:} #[fg=red]#(rm) `{x}"##),
            (Escape::Tmux, r###"<b>&'"\ %{F##f00}%%{{A1:x:} ##[fg=red]##(rm) `{x}"###),
            (Escape::Json, r##"<b>&'\"\\ %{F#f00}%%{{A1:x:} #[fg=red]#(rm) `{x}"##),
            (Escape::I3blocks, r##"<b>&''/ %{F#f00}%%{{A1:x:} #[fg=red]#(rm) `{x}"##),
        ];
        for (kind, expected) in cases {
            assert_eq!(escape(text, kind), expected, "{kind:?}");
        }
        assert_eq!(escape("", Escape::Json), "");
        assert_eq!(polybar_action("/a:b switch"), "/a\\:b switch");
    }
}
