//! A JSON line of any length, taken in pieces and kept short: of a long string, such as an image, only
//! the beginning is kept.

/// How much of a string is kept: more than any reader of transcripts looks at.
const MAX_STRING_BYTES: usize = 64 * 1024;

/// How long a line may be once its strings are cut.
const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;

/// What is kept of a line. A JSON value stays one, with shorter strings.
#[derive(Debug)]
pub(crate) struct LongLine {
    kept: Vec<u8>,
    place: Place,
    is_too_long: bool,
    max_string: usize,
    max_line: usize,
}

impl Default for LongLine {
    fn default() -> LongLine {
        LongLine::within(MAX_STRING_BYTES, MAX_LINE_BYTES)
    }
}

/// Where in the line the next byte stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Outside,
    /// In a string of which so many bytes were kept; none once it is cut.
    String(Option<usize>),
    /// In an escape sequence of such a string, of which so many bytes are to come; none if the next
    /// one tells.
    Escape(Option<usize>, Option<u8>),
}

impl LongLine {
    /// An empty line. Strings are cut that are longer than `max_string` bytes; a line that has more
    /// than `max_line` bytes all the same is not kept.
    pub(crate) fn within(max_string: usize, max_line: usize) -> LongLine {
        let place = Place::Outside;
        LongLine { kept: Vec::new(), place, is_too_long: false, max_string, max_line }
    }

    /// Takes the next piece of the line.
    pub(crate) fn take(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while !rest.is_empty() && !self.is_too_long {
            let length = match self.place {
                Place::Outside => self.outside(rest),
                Place::String(kept) => self.string(kept, rest),
                Place::Escape(kept, left) => self.escape(kept, left, rest[0]),
            };
            rest = &rest[length..];
        }
    }

    /// What was kept of the line; none if that is still too long.
    pub(crate) fn end(self) -> Option<Vec<u8>> {
        (!self.is_too_long).then_some(self.kept)
    }

    fn outside(&mut self, rest: &[u8]) -> usize {
        let quote = rest.iter().position(|byte| *byte == b'"');
        let length = quote.map_or(rest.len(), |at| at + 1);
        if quote.is_some() {
            self.place = Place::String(Some(0));
        }
        self.keep(&rest[..length]);
        length
    }

    fn string(&mut self, kept: Option<usize>, rest: &[u8]) -> usize {
        match rest[0] {
            b'"' => {
                self.place = Place::Outside;
                self.keep(b"\"");
                return 1;
            }
            b'\\' => {
                self.place = Place::Escape(self.keep_of_string(kept, b"\\"), None);
                return 1;
            }
            _ => {}
        }
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        let length = end.unwrap_or(rest.len());
        let mut plain = &rest[..length];
        let mut is_cut = false;
        if let Some(kept) = kept {
            // The cut must not divide a character. An escape sequence is never divided, because the
            // cut is made before a character that needs none.
            let room = self.max_string.saturating_sub(kept).min(length);
            let is_boundary = |byte: &u8| !matches!(byte, 0x80..=0xbf);
            if let Some(more) = plain[room..].iter().position(is_boundary) {
                plain = &plain[..room + more];
                is_cut = true;
            }
        }
        let kept = self.keep_of_string(kept, plain);
        self.place = Place::String(kept.filter(|_| !is_cut));
        length
    }

    fn escape(&mut self, kept: Option<usize>, left: Option<u8>, byte: u8) -> usize {
        let kept = self.keep_of_string(kept, &[byte]);
        let left = match left {
            // `\u0041`; every other sequence has two bytes (RFC 8259, section 7).
            None if byte == b'u' => 4,
            None => 0,
            Some(left) => left - 1,
        };
        self.place = match left {
            0 => Place::String(kept),
            left => Place::Escape(kept, Some(left)),
        };
        1
    }

    /// Keeps `bytes` unless the string is cut; how much is kept of it then.
    fn keep_of_string(&mut self, kept: Option<usize>, bytes: &[u8]) -> Option<usize> {
        let kept = kept?;
        self.keep(bytes);
        Some(kept + bytes.len())
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.is_too_long |= self.kept.len() + bytes.len() > self.max_line;
        match self.is_too_long {
            true => self.kept = Vec::new(),
            false => self.kept.extend_from_slice(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What is kept of a line that comes in pieces of `size` bytes.
    fn kept(line: &[u8], size: usize) -> Option<Vec<u8>> {
        let mut long = LongLine::default();
        line.chunks(size).for_each(|piece| long.take(piece));
        long.end()
    }

    fn check(line: &str, expected: &str) {
        for size in [1, 2, 7, 65_537, line.len()] {
            let kept = String::from_utf8(kept(line.as_bytes(), size).unwrap()).unwrap();
            assert!(kept == expected, "{size}: {} of {} bytes", kept.len(), expected.len());
        }
    }

    #[test]
    fn short_strings_stay() {
        for line in [r#"{"a":"\"\\","b":["\u00e9é",1]}"#, "no JSON \"", "\\\"", "x\"\\", "1"] {
            check(line, line);
        }
    }

    #[test]
    fn a_long_string_is_cut_and_what_follows_stays() {
        let image = "A".repeat(MAX_STRING_BYTES);
        let tail = r#"","b":"\"c\\","d":[{}]}"#;
        check(
            &format!(r#"{{"a":"{image}BCD\"\u0041\\{tail}"#),
            &format!(r#"{{"a":"{image}{tail}"#),
        );
    }

    #[test]
    fn no_character_and_no_escape_sequence_is_divided() {
        for unit in ["é", "語", "😀", "x\\n", "\\ud83d\\ude00y", "\\\\z"] {
            for lead in ["", "a", "ab", "abc", "abcd", "abcde"] {
                let text = format!("{lead}{}", unit.repeat(MAX_STRING_BYTES));
                let line = format!(r#"{{"a":"{text}","b":1}}"#);
                let kept = kept(line.as_bytes(), 10_000).unwrap();
                assert!(kept.len() < MAX_STRING_BYTES + 40, "{unit}: {}", kept.len());
                let value: Value = serde_json::from_slice(&kept).unwrap();
                assert_eq!(value["b"], 1, "{unit}");
            }
        }
    }

    #[test]
    fn what_is_long_without_long_strings_is_left_out() {
        let rows = vec![json!("a row"); MAX_LINE_BYTES / 8];
        assert_eq!(kept(Value::from(rows).to_string().as_bytes(), 100_000), None);
        let escapes = format!("\"{}\"", "\\n".repeat(MAX_LINE_BYTES));
        let mut line = LongLine::default();
        escapes.as_bytes().chunks(100_000).for_each(|piece| {
            line.take(piece);
            assert!(line.kept.capacity() <= 2 * MAX_LINE_BYTES);
        });
        assert_eq!(line.end(), None);
    }
}
