//! Standard input and output, a line for each message. A line that cannot be read is answered here with the
//! error that JSON-RPC has for it: rmcp 3.11 reads over it, and its sender would wait for ever. That may
//! be proper JSON: half of a surrogate pair, as JavaScript writes a text that was cut within one, or a number
//! beyond all bounds.

use serde::Deserialize;
use serde_json::{Value, json};
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

const TOO_LONG: &str = "this line is longer than 4 MiB";

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
                Err(refused) => refusals.send(refused.answer()).await.is_ok(),
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

/// A line that cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    /// That of the request, if the line is one.
    id: Option<Value>,
    why: String,
}

/// As much of a message as its answer needs. The rest is not looked at, so this can often be read where
/// the message cannot.
#[derive(Deserialize)]
struct Request {
    id: Option<Value>,
}

impl Refused {
    /// Why this line cannot be read; `None` if it can.
    fn of(line: &[u8]) -> Option<Refused> {
        let error = serde_json::from_slice::<Value>(line).err()?;
        let request = serde_json::from_slice::<Request>(line).ok();
        let id = request.and_then(|it| it.id).filter(|it| it.is_string() || it.is_i64());
        Some(Refused { id, why: format!("this line cannot be read as JSON: {error}") })
    }

    /// The line that says so. Without `id` rather than with a null, which MCP does not know.
    fn answer(self) -> Vec<u8> {
        let error = json!({ "code": -32700, "message": self.why });
        let mut answer = json!({ "jsonrpc": "2.0", "error": error });
        if let Some(id) = self.id {
            answer["id"] = id;
        }
        format!("{answer}\n").into_bytes()
    }
}

/// The next line that says something; `None` at the end.
async fn next(input: &mut (impl AsyncBufRead + Unpin)) -> Option<Result<Vec<u8>, Refused>> {
    loop {
        let mut line = Vec::new();
        let length = input.take(MAX_LINE).read_until(b'\n', &mut line).await.ok()?;
        if length == 0 {
            return None;
        }
        let is_cut = line.len() as u64 == MAX_LINE && !line.ends_with(b"\n");
        if is_cut {
            skip(input).await?;
            return Some(Err(Refused { id: None, why: TOO_LONG.to_owned() }));
        }
        if !line.iter().all(u8::is_ascii_whitespace) {
            return Some(Refused::of(&line).map_or(Ok(line), Err));
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
        let mut told = Vec::new();
        while let Some(line) = next(&mut input).await {
            told.push(line.map_err(|it| (it.why.contains("4 MiB"), it.id)));
        }
        let refused = |is_long| Err((is_long, None));
        let passed = |text: &str| Ok(text.as_bytes().to_vec());
        let expected =
            [passed("{\"a\": 1}\n"), refused(false), refused(true), passed("[]\n"), refused(false)];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_cannot_be_read_is_answered_by_its_id() {
        let answer = |line: &[u8]| -> Value {
            let answer = Refused::of(line).unwrap().answer();
            assert_eq!(answer.iter().filter(|it| **it == b'\n').count(), 1);
            serde_json::from_slice(&answer).unwrap()
        };
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for rest in ["\"\\ud83d\"", "1e999", &deep] {
            let line = format!("{{\"id\": \"a\", \"params\": {rest}}}");
            let told = answer(line.as_bytes());
            assert_eq!((&told["id"], &told["error"]["code"]), (&json!("a"), &json!(-32700)));
        }
        assert_eq!(answer(b"{\"params\": \"\xff\", \"id\": 7}")["id"], 7);
        for line in
            ["{\"id\": 1", "{\"id\": {}, \"a\": 1e999}", "{\"a\": 1e999}", "\u{feff}{\"id\": 1}"]
        {
            assert_eq!(answer(line.as_bytes()).get("id"), None, "{line}");
        }
        assert_eq!(Refused::of(b"{\"id\": 1}"), None);
    }
}
