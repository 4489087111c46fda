//! `peek`: what a session shows now, or what was said last in its conversation.

use crate::claude::transcript::conversation;
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::daemon::hub::Hub;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::{PeekRequest, PeekSource};
use crate::protocol::response::{Code, Peek, Response};
use crate::session::sanitize::clean;
use crate::wm::switch::peek::ScreenSource;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How many lines there are without another number: more than most terminals show.
const DEFAULT_LINES: usize = 100;

/// How many lines there are at most.
const MAX_LINES: usize = 10_000;

/// How long a disk may take. The terminals have deadlines of their own.
const READ_WITHIN: Duration = Duration::from_secs(3);

/// The longest error that is quoted, in characters.
const MAX_QUOTED: usize = 200;

impl Hub {
    /// Replies with the last lines of the session that the query means.
    pub(super) fn peek(&mut self, args: &PeekRequest, reply: ReplySender) {
        let session = match self.find_only(&args.query) {
            Ok(session) => session,
            Err(refusal) => return reply.send(&refusal),
        };
        let count = args.lines.map_or(DEFAULT_LINES, |it| it.min(MAX_LINES as u32) as usize);
        let is_message = args.from == Some(PeekSource::Message);
        let screen = (args.from != Some(PeekSource::Transcript) && !is_message)
            .then(|| self.desktop.screen_source(session.key().process));
        let transcript = session.details.transcript.as_deref().map(std::path::Path::to_owned);
        let transcript = transcript.filter(|_| args.from != Some(PeekSource::Screen));
        let pool = self.pool.clone();
        tokio::spawn(async move {
            let (peek, why) = match screen {
                Some(source) => read_screen(source, count).await,
                None => (None, None),
            };
            let peek = match (peek, transcript) {
                (Some(peek), _) => Ok(peek),
                (None, Some(path)) => read_transcript(&pool, path, count, is_message).await,
                (None, None) => {
                    Err(why.clone().unwrap_or_else(|| "it has no transcript yet".to_owned()))
                }
            };
            reply.send(&match peek {
                Ok(peek) => {
                    let note = why.map(|why| format!("not what is on its screen: {why}"));
                    Response { peek: Some(peek), session: Some(session), note, ..Response::done() }
                }
                Err(why) => Response::refused(Code::NotReadable, why),
            });
        });
    }
}

/// What the screen shows, or why that cannot be told.
async fn read_screen(
    source: oneshot::Receiver<Option<ScreenSource>>,
    count: usize,
) -> (Option<Peek>, Option<String>) {
    let Some(source) = source.await.ok().flatten() else {
        let why = "its terminal cannot be asked for its text: tmux, zellij and kitty can";
        return (None, Some(why.to_owned()));
    };
    match source.last_lines(count).await {
        Ok(lines) => (Some(Peek { from: source.name(), lines }), None),
        Err(why) => (None, Some(clean(&why, MAX_QUOTED))),
    }
}

/// What was said last; `is_message`: by Claude alone.
async fn read_transcript(
    pool: &ThreadPool,
    path: PathBuf,
    count: usize,
    is_message: bool,
) -> Result<Peek, String> {
    let read = pool.call(move || match is_message {
        true => conversation::last_message(&path),
        false => conversation::last_lines(&path, count),
    });
    match timeout(READ_WITHIN, read).await {
        Ok(Ok(Ok(lines))) => Ok(Peek { from: "transcript".to_owned(), lines }),
        Ok(Ok(Err(error))) => Err(format!("its transcript cannot be read: {error}")),
        Ok(Err(_)) | Err(_) => Err("its transcript does not answer: the disk hangs".to_owned()),
    }
}
