//! Splits the endless JSON of the i3bar protocol into values.
//!
//! The protocol is a header object, then an array that never ends. Programs write one value a line, or
//! one block a line, with the comma before or after; so the stream is split by its brackets. In strings,
//! bytes that are not UTF-8 (such as the name of a network in an old encoding) are replaced, so that one
//! block does not make all others unreadable.

/// The longest value, in bytes. A longer one is dropped.
const MAX_VALUE: usize = 1024 * 1024;

/// Splits a stream into its values.
#[derive(Debug, Default)]
pub struct JsonSplitter {
    /// Whether the endless array has begun.
    opened: bool,
    depth: usize,
    in_string: bool,
    escaped: bool,
    value: Vec<u8>,
}

impl JsonSplitter {
    /// Takes bytes of the stream. Returns the values that are complete: objects before the endless
    /// array, and the elements of that array.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        bytes.iter().filter_map(|&byte| self.take(byte)).collect()
    }

    fn take(&mut self, byte: u8) -> Option<String> {
        if self.value.len() > MAX_VALUE {
            *self = JsonSplitter { opened: self.opened, ..JsonSplitter::default() };
        }
        if self.in_string {
            // JSON allows no control characters in strings.
            self.value.push(if byte < b' ' { b' ' } else { byte });
            self.in_string = self.escaped || byte != b'"';
            self.escaped = byte == b'\\' && !self.escaped;
            return None;
        }
        match byte {
            b'[' if self.depth == 0 && !self.opened => self.opened = true,
            b'[' | b'{' => {
                self.depth += 1;
                self.value.push(byte);
            }
            b']' | b'}' if self.depth > 0 => {
                self.depth -= 1;
                self.value.push(byte);
                if self.depth == 0 {
                    return Some(text(std::mem::take(&mut self.value)));
                }
            }
            b']' => self.opened = false,
            _ if self.depth == 0 => {}
            b'"' => {
                self.in_string = true;
                self.value.push(byte);
            }
            _ => self.value.push(byte),
        }
        None
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        JsonSplitter::default().feed(text.as_bytes())
    }

    #[test]
    fn i3status_writes_a_line_for_each_update() {
        let stream = "{\"version\":1}\n[\n[{\"a\":1},{\"b\":2}]\n,[{\"a\":2}]\n";
        let expected = ["{\"version\":1}", "[{\"a\":1},{\"b\":2}]", "[{\"a\":2}]"];
        assert_eq!(cut(stream), expected);
    }

    #[test]
    fn others_write_a_line_for_each_block() {
        assert_eq!(
            cut("{\"v\":1}[[],[{\"a\":1}\n,{\"b\":2}\n],"),
            ["{\"v\":1}", "[]", "[{\"a\":1}\n,{\"b\":2}\n]"]
        );
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        let stream = "[[{\"t\":\"]}\\\"[\"}],[{\"t\":\"\\\\\"}],";
        assert_eq!(cut(stream), ["[{\"t\":\"]}\\\"[\"}]", "[{\"t\":\"\\\\\"}]"]);
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        let stream = b"[[{\"t\":\"caf\xe9\x01\n\"},{\"u\":1}],";
        let expected = "[{\"t\":\"caf\u{fffd}  \"},{\"u\":1}]";
        assert_eq!(JsonSplitter::default().feed(stream), [expected]);
        serde_json::from_str::<serde_json::Value>(expected).unwrap();
    }

    #[test]
    fn clicks_are_objects_in_the_array_and_may_come_in_pieces() {
        let mut cutter = JsonSplitter::default();
        assert_eq!(cutter.feed(b"[\n{\"name\":\"vm"), [] as [&str; 0]);
        assert_eq!(cutter.feed(b"ux\",\"button\":1}\n,{"), ["{\"name\":\"vmux\",\"button\":1}"]);
        assert_eq!(cutter.feed(b"}"), ["{}"]);
    }

    #[test]
    fn garbage_is_survived() {
        cut("]]]]}}}}\u{0}abc,,,");
        let mut cutter = JsonSplitter::default();
        cutter.feed(b"[[\"");
        for _ in 0..40 {
            assert!(cutter.feed(&[b'x'; 65536]).is_empty());
        }
        assert!(cutter.value.len() <= MAX_VALUE + 1);
    }
}
