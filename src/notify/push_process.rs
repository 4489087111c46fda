//! The program that takes a message to its server: `vmux-push`, started for each one.
//!
//! vmuxd holds neither a TLS stack nor anything that reads what a server answers: that is a third of
//! its size, of no use to most, and to a stranger at the other end of the line it is all there is to
//! attack.

use super::outbox::Sent;
use super::push::{self, DEADLINE, Failure};
use super::text::Message;
use crate::config::Push;
use crate::system::programs::sibling;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// How long the program may take: it gives up by itself before.
const PATIENCE: Duration = Duration::from_secs(DEADLINE.as_secs() + 2);

/// What the program is given, on its standard input: no other user may see it.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    push: Push,
    message: Message,
}

/// Have it sent.
pub async fn send(push: Push, message: Message) -> Result<(), Failure> {
    let failed = |problem| {
        let problem = format!("no messages to the phone: {problem}");
        Failure { sent: Sent::Again, problem }
    };
    let answer = timeout(PATIENCE, ask(&Order { push, message })).await;
    let answer = answer.map_err(|_| failed("vmux-push does not end".to_owned()))?;
    let answer = answer.map_err(failed)?;
    serde_json::from_slice::<Option<Failure>>(&answer)
        .map_err(|_| failed("vmux-push failed".to_owned()))?
        .map_or(Ok(()), Err)
}

async fn ask(order: &Order) -> Result<Vec<u8>, String> {
    let program = sibling("vmux-push");
    let cannot = |error: io::Error| format!("cannot run {}: {error}", program.display());
    let order = serde_json::to_vec(order).map_err(|error| cannot(error.into()))?;
    let mut command = Command::new(&program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().map_err(cannot)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&order).await.map_err(cannot)?;
    }
    Ok(child.wait_with_output().await.map_err(cannot)?.stdout)
}

/// What `vmux-push` does: sends what `input` says, and tells `output` what came of it.
pub fn deliver(input: impl Read, mut output: impl Write) -> io::Result<()> {
    let Order { push, message } = serde_json::from_reader(input)?;
    let failure = push::send(&push, &message, DEADLINE).err();
    output.write_all(&serde_json::to_vec(&failure)?)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Occasion};

    #[test]
    fn what_failed_is_told_and_garbage_is_refused() {
        let text = "[notify.push]\nkind = \"ntfy\"\nurl = \"http://127.0.0.1:1/topic\"\n";
        let push = Config::parse(text, None).unwrap().0.notify.push.unwrap();
        let (title, text) = ("ü\n".to_owned(), "\"".to_owned());
        let order = Order { push, message: Message { occasion: Occasion::Finished, title, text } };
        let mut told = Vec::new();
        deliver(serde_json::to_vec(&order).unwrap().as_slice(), &mut told).unwrap();
        let failure: Option<Failure> = serde_json::from_slice(&told).unwrap();
        let failure = failure.unwrap();
        assert_eq!(failure.sent, Sent::Again);
        assert!(failure.problem.contains("127.0.0.1:1"), "{}", failure.problem);
        for garbage in ["", "{}", "null", "\u{0}"] {
            assert!(deliver(garbage.as_bytes(), io::sink()).is_err());
        }
    }
}
