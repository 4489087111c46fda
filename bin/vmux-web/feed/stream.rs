//! What one page gets: who speaks, the full state or what it missed, then every event, and now and then
//! a sign of life.

use super::frame::{Frame, aside};
use super::{Feed, View};
use bytes::Bytes;
use chrono::{SecondsFormat, Utc};
use futures_core::Stream;
use futures_util::stream::unfold;
use serde_json::json;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

/// Between two signs of life. A page that hears none for longer than twice this has lost the connection.
pub const BEAT: Duration = Duration::from_secs(15);

/// A page on its way.
struct Page {
    feed: Feed,
    frames: broadcast::Receiver<Frame>,
    /// What is to be sent before anything else.
    next: VecDeque<Bytes>,
    /// The last event that the page got, or that was part of the state that it got.
    number: u64,
}

/// The stream for a page; `last` is the id of the event that it had last, `allow` what it may do.
pub fn stream(
    feed: Feed,
    last: Option<String>,
    allow: Vec<&'static str>,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    // From here on, so that nothing is missed between the state and the first event.
    let frames = feed.subscribe();
    let page = Page { feed, frames, next: VecDeque::new(), number: 0 };
    unfold((page, Some((last, allow))), |(mut page, mut begin)| async move {
        if let Some((last, allow)) = begin.take() {
            page.begin(last, Some(allow)).await?;
        }
        let bytes = page.read().await?;
        Some((Ok(bytes), (page, None)))
    })
}

impl Page {
    /// What comes first; for one that has just come, who speaks before that.
    async fn begin(&mut self, last: Option<String>, new: Option<Vec<&str>>) -> Option<()> {
        let look = move |view: &View| {
            (view.number(), view.beginning(last.as_deref()), view.sessions.is_some())
        };
        let (number, frames, live) = self.feed.look(look).await?;
        self.number = number;
        if let Some(allow) = new {
            let hello = json!({
                "event": "hello", "version": vmux::protocol::VERSION, "now": now(),
                "allow": allow, "beat": BEAT.as_secs(), "live": live,
                "home": std::env::home_dir(),
            });
            self.next.push_back(Bytes::from(format!("retry: 1000\ndata: {hello}\n\n")));
        }
        self.next.extend(frames);
        Some(())
    }

    /// The next bytes; `None` at the end.
    async fn read(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.next.pop_front() {
                return Some(bytes);
            }
            match tokio::time::timeout(BEAT, self.frames.recv()).await {
                Err(_) => return Some(aside(&json!({"event": "beat", "now": now()}).to_string())),
                Ok(Ok(frame)) if frame.number <= self.number => {}
                Ok(Ok(frame)) => {
                    self.number = frame.number;
                    return Some(frame.bytes);
                }
                // Too slow for that: the state has it all.
                Ok(Err(RecvError::Lagged(_))) => self.begin(None, None).await?,
                Ok(Err(RecvError::Closed)) => return None,
            }
        }
    }
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}
