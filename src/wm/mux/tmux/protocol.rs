//! What is said on a tmux server's socket: one command, its output, its exit status. Pure.
//!
//! tmux's own client does what its server asks: it opens, reads and writes files, runs commands,
//! kills its parent. A server below a session is not trusted with that, so vmux speaks the protocol
//! itself and knows nothing but output and an exit status: every request to read or to write a file
//! is refused, and all else is ignored.
//!
//! Source: tmux-protocol.h, proc.c, client.c and file.c of tmux 2.6 to 3.7c, all of protocol
//! version 8. A message is a header of four 32-bit numbers in the machine's byte order (type, length
//! with the header, protocol version, pid) and its data. Up to 3.0a output comes as `STDOUT` and
//! `STDERR`, later as writes to the streams 1 and 2, which the client must first agree to.

/// Only this version exists since tmux 2.1 (2015).
const PROTOCOL_VERSION: u32 = 8;

const HEADER: usize = 16;

/// The longest message that tmux sends or takes, in bytes (`MAX_IMSGSIZE`).
const MAX_MESSAGE: usize = 16384;

/// The most output that is kept, in bytes. A server with 1,000 panes says 150 KB.
const MAX_OUTPUT: usize = 8 * 1024 * 1024;

/// The client can show UTF-8. Without it tmux prints `_` for tabs and for all that is not ASCII.
const CLIENT_UTF8: u32 = 0x10000;

/// `EPERM`: the answer to a request for a file.
const REFUSED: i32 = 1;

const STDOUT: i32 = 1;
const STDERR: i32 = 2;

/// The types of messages that mean something here.
mod kind {
    pub const VERSION: u32 = 12;
    pub const IDENTIFY_FLAGS: u32 = 100;
    pub const IDENTIFY_TERM: u32 = 101;
    pub const IDENTIFY_TTYNAME: u32 = 102;
    pub const IDENTIFY_DONE: u32 = 106;
    pub const IDENTIFY_CLIENTPID: u32 = 107;
    pub const IDENTIFY_CWD: u32 = 108;
    pub const COMMAND: u32 = 200;
    pub const DETACH: u32 = 201;
    pub const DETACHKILL: u32 = 202;
    pub const EXIT: u32 = 203;
    pub const EXITED: u32 = 204;
    pub const EXITING: u32 = 205;
    pub const SHUTDOWN: u32 = 210;
    pub const OLD_STDERR: u32 = 211;
    pub const OLD_STDOUT: u32 = 213;
    pub const READ_OPEN: u32 = 300;
    pub const READ_DONE: u32 = 302;
    pub const WRITE_OPEN: u32 = 303;
    pub const WRITE: u32 = 304;
    pub const WRITE_READY: u32 = 305;
}

/// Why a conversation cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The server speaks another protocol.
    #[error("it speaks version {0} of tmux's protocol, vmux speaks {PROTOCOL_VERSION}")]
    Version(u32),
    /// A message has an impossible length, or data that do not fit its type.
    #[error("it sent a message that is not of tmux's protocol")]
    Malformed,
    /// More output than any tmux has to say.
    #[error("it sent more than {} MiB", MAX_OUTPUT >> 20)]
    TooMuch,
    /// The arguments do not fit into one message.
    #[error("the command is too long for tmux")]
    TooLong,
    /// The server sent this client away.
    #[error("it closed the connection")]
    Closed,
}

/// How a command ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandResult {
    /// The exit status: 0 when all commands succeeded.
    pub status: i32,
    /// What it printed to standard output.
    pub output: Vec<u8>,
    /// What it printed to standard error: why it failed.
    pub error: Vec<u8>,
}

/// One command on its way through a server: bytes in, bytes out.
#[derive(Debug, Default)]
pub struct Conversation {
    received: Vec<u8>,
    result: CommandResult,
    finished: bool,
}

impl Conversation {
    /// Begins a conversation: what to send first. `pid` is this process, as the server's log
    /// shows it.
    pub fn begin<S: AsRef<[u8]>>(
        arguments: &[S],
        pid: u32,
    ) -> Result<(Conversation, Vec<u8>), ProtocolError> {
        let mut command = u32::try_from(arguments.len())
            .map_err(|_| ProtocolError::TooLong)?
            .to_ne_bytes()
            .to_vec();
        for argument in arguments {
            command.extend_from_slice(argument.as_ref());
            command.push(0);
        }
        if command.len() > MAX_MESSAGE - HEADER {
            return Err(ProtocolError::TooLong);
        }
        let mut bytes = Vec::new();
        put(&mut bytes, kind::IDENTIFY_FLAGS, &CLIENT_UTF8.to_ne_bytes());
        put(&mut bytes, kind::IDENTIFY_TERM, b"\0");
        put(&mut bytes, kind::IDENTIFY_TTYNAME, b"\0");
        put(&mut bytes, kind::IDENTIFY_CWD, b"/\0");
        put(&mut bytes, kind::IDENTIFY_CLIENTPID, &pid.to_ne_bytes());
        put(&mut bytes, kind::IDENTIFY_DONE, b"");
        put(&mut bytes, kind::COMMAND, &command);
        Ok((Conversation::default(), bytes))
    }

    /// Takes what the server sent, in pieces of any size; what to send back, often nothing.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ProtocolError> {
        self.received.extend_from_slice(bytes);
        let mut reply = Vec::new();
        let mut at = 0;
        while !self.finished {
            let Some(header) = self.received.get(at..at + HEADER) else { break };
            let [kind, length, version, _pid] = words(header);
            // The highest bit says that a file descriptor came along, as do the upper 16 bits in
            // versions that keep flags there.
            let length = (length & 0xffff) as usize;
            if !(HEADER..=MAX_MESSAGE).contains(&length) {
                return Err(ProtocolError::Malformed);
            }
            let Some(data) = self.received.get(at + HEADER..at + length) else { break };
            if kind == kind::VERSION || version & 0xff != PROTOCOL_VERSION {
                return Err(ProtocolError::Version(version & 0xff));
            }
            take(&mut self.result, &mut self.finished, kind, data, &mut reply)?;
            at += length;
        }
        self.received.drain(..at);
        Ok(reply)
    }

    /// Whether the command has ended.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// How it ended, once it has.
    pub fn into_result(self) -> CommandResult {
        self.result
    }
}

fn take(
    result: &mut CommandResult,
    finished: &mut bool,
    kind: u32,
    data: &[u8],
    reply: &mut Vec<u8>,
) -> Result<(), ProtocolError> {
    match kind {
        kind::WRITE_OPEN => {
            let (stream, rest) = number(data)?;
            let (descriptor, _) = number(rest)?;
            let is_output = stream == descriptor && matches!(stream, STDOUT | STDERR);
            put_answer(reply, kind::WRITE_READY, stream, if is_output { 0 } else { REFUSED });
        }
        kind::READ_OPEN => {
            let (stream, _) = number(data)?;
            put_answer(reply, kind::READ_DONE, stream, REFUSED);
        }
        kind::WRITE => {
            let (stream, text) = number(data)?;
            result.print(stream, text)?;
        }
        kind::OLD_STDOUT | kind::OLD_STDERR => {
            let text = old_output(data)?;
            result.print(if kind == kind::OLD_STDOUT { STDOUT } else { STDERR }, text)?;
        }
        kind::EXIT => {
            // Without data the command has succeeded.
            result.status = number(data).map_or(0, |(status, _)| status);
            *finished = true;
            put(reply, kind::EXITING, b"");
        }
        kind::SHUTDOWN | kind::DETACH | kind::DETACHKILL | kind::EXITED => {
            return Err(ProtocolError::Closed);
        }
        // Among them are LOCK, EXEC and SHELL, which would have a command run.
        _ => {}
    }
    Ok(())
}

impl CommandResult {
    fn print(&mut self, stream: i32, text: &[u8]) -> Result<(), ProtocolError> {
        if self.output.len() + self.error.len() + text.len() > MAX_OUTPUT {
            return Err(ProtocolError::TooMuch);
        }
        match stream {
            STDOUT => self.output.extend_from_slice(text),
            STDERR => self.error.extend_from_slice(text),
            _ => {}
        }
        Ok(())
    }
}

/// Up to 3.0a: a length of 64 bits, then a buffer of which that much is meant.
fn old_output(data: &[u8]) -> Result<&[u8], ProtocolError> {
    let (length, text) = data.split_first_chunk().ok_or(ProtocolError::Malformed)?;
    let length = usize::try_from(i64::from_ne_bytes(*length));
    length.ok().and_then(|length| text.get(..length)).ok_or(ProtocolError::Malformed)
}

fn put(bytes: &mut Vec<u8>, kind: u32, data: &[u8]) {
    // Every caller keeps to MAX_MESSAGE.
    let length = (HEADER + data.len()) as u32;
    for word in [kind, length, PROTOCOL_VERSION, u32::MAX] {
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    bytes.extend_from_slice(data);
}

fn put_answer(bytes: &mut Vec<u8>, kind: u32, stream: i32, error: i32) {
    put(bytes, kind, &[stream.to_ne_bytes(), error.to_ne_bytes()].concat());
}

fn number(data: &[u8]) -> Result<(i32, &[u8]), ProtocolError> {
    let (number, rest) = data.split_first_chunk().ok_or(ProtocolError::Malformed)?;
    Ok((i32::from_ne_bytes(*number), rest))
}

fn words(header: &[u8]) -> [u32; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(header.as_chunks::<4>().0) {
        *word = u32::from_ne_bytes(*bytes);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Conversation {
        Conversation::begin(&["list-panes", "-a"], 7).unwrap().0
    }

    fn message(kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, kind, data);
        bytes
    }

    fn words_of(numbers: &[i32], text: &str) -> Vec<u8> {
        let mut data: Vec<u8> = numbers.iter().flat_map(|it| it.to_ne_bytes()).collect();
        data.extend_from_slice(text.as_bytes());
        data
    }

    fn kinds(mut bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let mut kinds = Vec::new();
        while !bytes.is_empty() {
            let [kind, length, ..] = words(&bytes[..HEADER]);
            let length = length as usize;
            kinds.push((kind, bytes[HEADER..length].to_vec()));
            bytes = &bytes[length..];
        }
        kinds
    }

    #[test]
    fn it_says_who_it_is_and_what_to_do() {
        let (_, bytes) = Conversation::begin(&["kill-server", "a b"], 7).unwrap();
        let sent = kinds(&bytes);
        assert_eq!(sent.last().unwrap().0, kind::COMMAND);
        assert_eq!(sent.last().unwrap().1, words_of(&[2], "kill-server\0a b\0"));
        assert!(sent.contains(&(kind::IDENTIFY_CLIENTPID, 7u32.to_ne_bytes().to_vec())));
        let long = "x".repeat(MAX_MESSAGE);
        assert_eq!(Conversation::begin(&[long], 7).err(), Some(ProtocolError::TooLong));
    }

    #[test]
    fn output_comes_in_pieces_of_any_size() {
        let bytes = [
            message(kind::WRITE_OPEN, &words_of(&[1, 1, 0], "")),
            message(kind::WRITE, &words_of(&[1], "one\n")),
            message(kind::WRITE, &words_of(&[2], "oh")),
            message(kind::WRITE, &words_of(&[1], "two\n")),
            message(kind::EXIT, &words_of(&[1], "")),
        ]
        .concat();
        for size in [1, 5, 16, 1000] {
            let mut conversation = begun();
            let mut sent = Vec::new();
            for piece in bytes.chunks(size) {
                assert!(!conversation.is_finished());
                sent.extend(conversation.receive(piece).unwrap());
            }
            assert!(conversation.is_finished());
            let ready = (kind::WRITE_READY, words_of(&[1, 0], ""));
            assert_eq!(kinds(&sent), [ready, (kind::EXITING, Vec::new())]);
            let result = conversation.into_result();
            assert_eq!(result.output, b"one\ntwo\n");
            assert_eq!((result.status, result.error), (1, b"oh".to_vec()));
        }
    }

    #[test]
    fn output_as_old_versions_send_it() {
        let mut data = 3i64.to_ne_bytes().to_vec();
        data.extend_from_slice(b"onegarbage");
        let mut conversation = begun();
        conversation.receive(&message(kind::OLD_STDOUT, &data)).unwrap();
        conversation.receive(&message(kind::EXIT, b"")).unwrap();
        let expected = CommandResult { output: b"one".to_vec(), ..CommandResult::default() };
        assert_eq!(conversation.into_result(), expected);
        for length in [-1, 11, i64::MAX] {
            let data = [&length.to_ne_bytes()[..], b"onegarbage"].concat();
            let received = begun().receive(&message(kind::OLD_STDERR, &data));
            assert_eq!(received, Err(ProtocolError::Malformed));
        }
    }

    #[test]
    fn no_file_is_opened_and_no_command_is_run() {
        let refused = |kind, numbers: &[i32], answer: u32| {
            let reply = begun().receive(&message(kind, &words_of(numbers, "/etc/x\0"))).unwrap();
            assert_eq!(kinds(&reply), [(answer, words_of(&[numbers[0], REFUSED], ""))]);
        };
        refused(kind::WRITE_OPEN, &[3, -1, 0], kind::WRITE_READY);
        refused(kind::WRITE_OPEN, &[3, 1, 0], kind::WRITE_READY);
        refused(kind::READ_OPEN, &[3, -1], kind::READ_DONE);
        refused(kind::READ_OPEN, &[3, 0], kind::READ_DONE);
        for ignored in [206, 209, 214, 217, 99_999] {
            assert_eq!(begun().receive(&message(ignored, b"id\0sh\0")), Ok(Vec::new()));
        }
        // What was never agreed to goes nowhere.
        let mut conversation = begun();
        conversation.receive(&message(kind::WRITE, &words_of(&[3], "x"))).unwrap();
        assert_eq!(conversation.into_result(), CommandResult::default());
    }

    #[test]
    fn another_version_and_nonsense_end_it() {
        let mut other = message(kind::VERSION, b"");
        other[8..12].copy_from_slice(&9u32.to_ne_bytes());
        assert_eq!(begun().receive(&other), Err(ProtocolError::Version(9)));
        assert_eq!(begun().receive(&[b'x'; 64]), Err(ProtocolError::Malformed));
        let short = message(kind::WRITE, b"");
        assert_eq!(begun().receive(&short), Err(ProtocolError::Malformed));
        for last in [kind::SHUTDOWN, kind::DETACHKILL] {
            assert_eq!(begun().receive(&message(last, b"")), Err(ProtocolError::Closed));
        }
    }

    #[test]
    fn output_without_end_ends_it() {
        let data = [&1i32.to_ne_bytes()[..], &[b'x'; 16000]].concat();
        let flood = message(kind::WRITE, &data);
        let mut conversation = begun();
        let result = (0..1000).map(|_| conversation.receive(&flood)).find(Result::is_err);
        assert_eq!(result, Some(Err(ProtocolError::TooMuch)));
    }
}
