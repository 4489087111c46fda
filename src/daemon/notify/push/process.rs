//! Sends messages to the phone through `vmux-push`, a program that is started for each of them.
//!
//! So vmuxd contains neither a TLS stack nor code that reads a server's answers. They would be a third
//! of its size, of no use to most users, and the part that a hostile server could attack.

use super::{PushFailure, SEND_TIMEOUT};
use crate::config::PushConfig;
use crate::daemon::notify::outbox::Delivery;
use crate::daemon::notify::text::PushMessage;
use crate::system::programs::sibling;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// How long the program may take. It gives up by itself before.
const PROCESS_TIMEOUT: Duration = Duration::from_secs(SEND_TIMEOUT.as_secs() + 2);

/// What the program reads on its standard input, where no other user can see it.
#[derive(Debug, Serialize, Deserialize)]
struct PushJob {
    push: PushConfig,
    message: PushMessage,
}

/// Starts `vmux-push` to send `message`, and waits for its result.
pub async fn send(push: PushConfig, message: PushMessage) -> Result<(), PushFailure> {
    let failed = |problem| {
        let problem = format!("no messages to the phone: {problem}");
        PushFailure { sent: Delivery::Again, problem }
    };
    let answer = timeout(PROCESS_TIMEOUT, ask(&PushJob { push, message })).await;
    let answer = answer.map_err(|_| failed("vmux-push does not end".to_owned()))?;
    let answer = answer.map_err(failed)?;
    serde_json::from_slice::<Option<PushFailure>>(&answer)
        .map_err(|_| failed("vmux-push failed".to_owned()))?
        .map_or(Ok(()), Err)
}

async fn ask(job: &PushJob) -> Result<Vec<u8>, String> {
    let program = sibling("vmux-push");
    let cannot = |error: io::Error| format!("cannot run {}: {error}", program.display());
    let job = serde_json::to_vec(job).map_err(|error| cannot(error.into()))?;
    let mut command = Command::new(&program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().map_err(cannot)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&job).await.map_err(cannot)?;
    }
    Ok(child.wait_with_output().await.map_err(cannot)?.stdout)
}

/// What `vmux-push` does: reads a `PushJob` from `input`, sends it, and writes the failure, or
/// `null`, to `output`. An error means that `input` is not a job.
pub fn deliver(input: impl Read, mut output: impl Write) -> io::Result<()> {
    let PushJob { push, message } = serde_json::from_reader(input)?;
    let failure = super::send(&push, &message, SEND_TIMEOUT).err();
    output.write_all(&serde_json::to_vec(&failure)?)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Trigger};

    #[test]
    fn what_failed_is_told_and_garbage_is_refused() {
        let text = "[notify.push]\nkind = \"ntfy\"\nurl = \"http://127.0.0.1:1/topic\"\n";
        let push = Config::parse(text, None).unwrap().0.notify.push.unwrap();
        let (title, text) = ("ü\n".to_owned(), "\"".to_owned());
        let job = PushJob {
            push,
            message: PushMessage {
                trigger: Trigger::Finished,
                title,
                text,
                link: None,
                token: None,
            },
        };
        let mut told = Vec::new();
        deliver(serde_json::to_vec(&job).unwrap().as_slice(), &mut told).unwrap();
        let failure: Option<PushFailure> = serde_json::from_slice(&told).unwrap();
        let failure = failure.unwrap();
        assert_eq!(failure.sent, Delivery::Again);
        assert!(failure.problem.contains("127.0.0.1:1"), "{}", failure.problem);
        for garbage in ["", "{}", "null", "\u{0}"] {
            assert!(deliver(garbage.as_bytes(), io::sink()).is_err());
        }
    }
}
