//! Cutting the endless JSON of the i3bar protocol into its parts, whatever its line breaks.
//!
//! The protocol is a header object, then an array that never ends. Programs write it with a value
//! per line, or a block per line, or with the comma before or after; so it is cut by its brackets. What
//! is no text in a string, such as the name of a network in an old encoding, is replaced: it must not
//! take the other blocks with it.

/// The longest value that is believed; more is thrown away.
const LONGEST: usize = 1024 * 1024;

/// Cuts a stream into its values.
#[derive(Debug, Default)]
pub struct Cutter {
    /// Brackets that count as the stream's own: 1 once the endless array has begun.
    opened: bool,
    depth: usize,
    in_string: bool,
    escaped: bool,
    value: Vec<u8>,
}

impl Cutter {
    /// Take what was read; the objects (outside the endless array) and values (inside) that are
    /// complete by now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        bytes.iter().filter_map(|&byte| self.take(byte)).collect()
    }

    fn take(&mut self, byte: u8) -> Option<String> {
        if self.value.len() > LONGEST {
            *self = Cutter { opened: self.opened, ..Cutter::default() };
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
        Cutter::default().feed(text.as_bytes())
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
        assert_eq!(Cutter::default().feed(stream), [expected]);
        serde_json::from_str::<serde_json::Value>(expected).unwrap();
    }

    #[test]
    fn clicks_are_objects_in_the_array_and_may_come_in_pieces() {
        let mut cutter = Cutter::default();
        assert_eq!(cutter.feed(b"[\n{\"name\":\"vm"), [] as [&str; 0]);
        assert_eq!(cutter.feed(b"ux\",\"button\":1}\n,{"), ["{\"name\":\"vmux\",\"button\":1}"]);
        assert_eq!(cutter.feed(b"}"), ["{}"]);
    }

    #[test]
    fn garbage_is_survived() {
        cut("]]]]}}}}\u{0}abc,,,");
        let mut cutter = Cutter::default();
        cutter.feed(b"[[\"");
        for _ in 0..40 {
            assert!(cutter.feed(&[b'x'; 65536]).is_empty());
        }
        assert!(cutter.value.len() <= LONGEST + 1);
    }
}
