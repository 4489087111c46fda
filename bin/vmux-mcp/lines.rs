//! Standard input and output, a line for each message. A line that is no JSON is answered here with the
//! error that JSON-RPC has for it: rmcp 3.11 reads over it, and its sender would wait for ever. One that is
//! JSON, but that serde_json does not take, is mended.

use serde_json::Value;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex,
};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinHandle;

/// The longest line, in bytes. The longest text that a tool takes is far shorter.
const MAX_LINE: u64 = 4 * 1024 * 1024;

/// How many bytes, and how many lines, are on their way at most.
const BUFFER: usize = 64 * 1024;
const MAX_LINES: usize = 64;

/// Without `id`: MCP knows no null.
const NO_JSON: &str = "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\
    \"message\":\"this line is not JSON, or longer than 4 MiB\"}}\n";

/// What a text has where a character was that cannot be read: U+FFFD.
const UNREADABLE: &[u8] = b"\\ufffd";

/// The tasks that read and write lines.
pub struct Lines {
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

/// What the server reads and writes instead of standard input and output.
pub fn stdio() -> (Lines, DuplexStream, DuplexStream) {
    let (mut checked, input) = duplex(BUFFER);
    let (output, said) = duplex(BUFFER);
    let (sender, mut lines) = channel::<Vec<u8>>(MAX_LINES);
    let refusals = sender.clone();
    let reader = tokio::spawn(async move {
        let mut stdin = BufReader::new(tokio::io::stdin());
        while let Some(line) = next(&mut stdin).await {
            let is_passed = match line {
                Ok(line) => checked.write_all(&line).await.is_ok(),
                Err(NotJson) => refusals.send(NO_JSON.into()).await.is_ok(),
            };
            if !is_passed {
                break;
            }
        }
    });
    tokio::spawn(pass_on(BufReader::new(said), sender));
    let writer = tokio::spawn(async move {
        let mut stdout = tokio::io::stdout();
        while let Some(line) = lines.recv().await {
            if stdout.write_all(&line).await.is_err() || stdout.flush().await.is_err() {
                break;
            }
        }
    });
    (Lines { reader, writer }, input, output)
}

impl Lines {
    /// Waits until all that was said is written. The server must have ended.
    pub async fn finish(self) {
        self.reader.abort();
        let _ = self.writer.await;
    }
}

async fn pass_on(mut said: BufReader<DuplexStream>, lines: Sender<Vec<u8>>) {
    loop {
        let mut line = Vec::new();
        match said.read_until(b'\n', &mut line).await {
            Ok(length) if length > 0 => {}
            _ => return,
        }
        if lines.send(line).await.is_err() {
            return;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct NotJson;

/// A line as it can be read.
fn read(line: Vec<u8>) -> Result<Vec<u8>, NotJson> {
    let is_read = |line: &[u8]| serde_json::from_slice::<Value>(line).is_ok();
    if is_read(&line) {
        return Ok(line);
    }
    let mended = mended(&line);
    if is_read(&mended) { Ok(mended) } else { Err(NotJson) }
}

/// The same line with U+FFFD for each half of a surrogate pair, and for bytes that are no UTF-8. JSON
/// allows the former: `JSON.stringify` writes it where a text was cut within a character.
fn mended(line: &[u8]) -> Vec<u8> {
    let line = String::from_utf8_lossy(line);
    let mut rest = line.as_bytes();
    let mut mended = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let pair = unit(rest).zip(rest.get(6..).and_then(unit));
        let length = match (unit(rest), pair) {
            (_, Some((0xd800..0xdc00, 0xdc00..0xe000))) => 12,
            (Some(0xd800..0xe000), _) => {
                mended.extend(UNREADABLE);
                rest = &rest[6..];
                continue;
            }
            // Another escape: what stands behind it begins none.
            _ if rest[0] == b'\\' => 2.min(rest.len()),
            _ => 1,
        };
        mended.extend(&rest[..length]);
        rest = &rest[length..];
    }
    mended
}

/// The code of the `\uXXXX` that a text begins with.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    u16::from_str_radix(str::from_utf8(digits).ok().filter(|_| is_hex)?, 16).ok()
}

/// The next line that says something; `None` at the end.
async fn next(input: &mut (impl AsyncBufRead + Unpin)) -> Option<Result<Vec<u8>, NotJson>> {
    loop {
        let mut line = Vec::new();
        let length = input.take(MAX_LINE).read_until(b'\n', &mut line).await.ok()?;
        if length == 0 {
            return None;
        }
        let is_cut = line.len() as u64 == MAX_LINE && !line.ends_with(b"\n");
        if is_cut {
            skip(input).await?;
            return Some(Err(NotJson));
        }
        if !line.iter().all(u8::is_ascii_whitespace) {
            return Some(read(line));
        }
    }
}

/// Reads over the rest of a line.
async fn skip(input: &mut (impl AsyncBufRead + Unpin)) -> Option<()> {
    loop {
        let buffer = input.fill_buf().await.ok().filter(|it| !it.is_empty())?;
        let end = buffer.iter().position(|it| *it == b'\n');
        let length = end.map_or(buffer.len(), |it| it + 1);
        input.consume(length);
        if end.is_some() {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_can_be_read_is_passed_on() {
        let long = vec![b'1'; usize::try_from(MAX_LINE).unwrap() + 5];
        let text = [b"{\"a\": 1}\n \r\nno\n" as &[u8], &long, b"\n[]\n{", b"\"b\""].concat();
        let mut input = BufReader::new(&text[..]);
        assert_eq!(next(&mut input).await, Some(Ok(b"{\"a\": 1}\n".to_vec())));
        assert_eq!(next(&mut input).await, Some(Err(NotJson)));
        assert_eq!(next(&mut input).await, Some(Err(NotJson)));
        assert_eq!(next(&mut input).await, Some(Ok(b"[]\n".to_vec())));
        assert_eq!(next(&mut input).await, Some(Err(NotJson)));
        assert_eq!(next(&mut input).await, None);
    }

    #[test]
    fn characters_that_were_cut_are_replaced() {
        for (line, is) in [
            (r#"["\ud83d"]"#, r#"["\ufffd"]"#),
            (r#"["\ude00\ud83d\ude00\uD83Dx"]"#, r#"["\ufffd\ud83d\ude00\ufffdx"]"#),
            (r#"["\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#),
            (r#"["\\ud83d \" \u0041", "\udfff"]"#, r#"["\\ud83d \" \u0041", "\ufffd"]"#),
        ] {
            assert_eq!(read(line.into()), Ok(is.into()), "{line}");
        }
        assert_eq!(read(b"[\"\xff\"]".to_vec()), Ok("[\"\u{fffd}\"]".into()));
        let whole = r#"["\ud83d\ude00", "é\n"]"#;
        assert_eq!(read(whole.into()), Ok(whole.into()));
        let deep = [vec![b'['; 200], vec![b']'; 200]].concat();
        for no_json in [&b"[\"\\ud8"[..], b"[\"\\", b"\\u+123", b"[1e999]", &deep, b"\xff[]"] {
            assert_eq!(read(no_json.to_vec()), Err(NotJson), "{no_json:?}");
        }
    }

    #[test]
    fn the_refusal_is_one_line_of_json() {
        let told: Value = serde_json::from_str(NO_JSON).unwrap();
        assert_eq!(told["error"]["code"], -32700);
        assert_eq!(NO_JSON.matches('\n').count(), 1);
    }
}
