//! Text in terminal columns: measured, cut, padded.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns `text` takes.
pub fn columns(text: &str) -> usize {
    // Nearly every text is this, and then the tables are not touched.
    if text.bytes().all(|it| matches!(it, b' '..=b'~')) {
        return text.len();
    }
    UnicodeWidthStr::width(text)
}

/// The beginning of `text` in at most `width` columns. `…` shows that it was cut.
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if columns(&kept) > width - 1 {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// The end of `text` in at most `width` columns. `…` shows that it was cut. For directories, whose end
/// says most: it is cut at a `/` if that leaves enough.
pub fn cut_left(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    let mut start = text.len();
    let mut used = 1;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        start = at;
    }
    let mut tail = &text[start..];
    while columns(tail) > width - 1 {
        tail = tail.get(tail.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
    }
    match tail.find('/') {
        Some(slash) if slash < tail.len() / 2 => format!("…{}", &tail[slash..]),
        _ => format!("…{tail}"),
    }
}

/// `text` followed by spaces up to `width` columns.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_takes_more_columns_than_given() {
        let texts = ["abc def", "日本語テキスト", "e\u{301}clair", "👩‍👩‍👧 family", "", "/a/b/c/日本"];
        for text in texts {
            for width in 0..12 {
                assert!(columns(&cut(text, width)) <= width, "{text} {width}");
                assert!(columns(&cut_left(text, width)) <= width, "{text} {width}");
                assert!(columns(&pad(&cut(text, width), width)) == width, "{text} {width}");
            }
        }
    }

    #[test]
    fn wide_characters_are_not_split() {
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("word word", 6), "word…");
    }

    #[test]
    fn directories_are_cut_at_a_slash() {
        assert_eq!(cut_left("~/src/very/long/path/api", 12), "…/path/api");
        assert_eq!(cut_left("~/src/averyveryverylongname", 12), "…erylongname");
        assert_eq!(cut_left("~/src", 5), "~/src");
    }
}
