//! Replies that serve all who ask for the same before the next change of the sessions.

use super::frame::EncodedFrame;
use crate::protocol::request::Request;
use crate::session::Timestamp;

/// How many rendered texts are kept: a list, and a few bars.
const MAX_TEXTS: usize = 4;

/// The replies to `list`, `table` and `status`.
#[derive(Default)]
pub struct FrameCache {
    list: Option<(u32, EncodedFrame)>,
    /// The last one first.
    texts: Vec<TextFrame>,
}

/// A reply with a rendered text.
struct TextFrame {
    request: Request,
    problems: u32,
    /// From when until when its clocks show the same: the wall clock may be set back.
    from: Timestamp,
    until: Option<Timestamp>,
    frame: EncodedFrame,
}

impl FrameCache {
    /// The reply to `list` of a vmuxd with so many problems.
    pub fn list(&self, problems: u32) -> Option<EncodedFrame> {
        self.list.as_ref().filter(|it| it.0 == problems).map(|it| it.1.clone())
    }

    /// Keeps the reply to `list`.
    pub fn keep_list(&mut self, problems: u32, frame: EncodedFrame) {
        self.list = Some((problems, frame));
    }

    /// The reply to a request for a text.
    pub fn text(&self, request: &Request, problems: u32, now: Timestamp) -> Option<EncodedFrame> {
        let known = self.texts.iter().find(|it| it.request == *request)?;
        let is_time = known.from <= now && known.until.is_none_or(|then| now < then);
        let holds = known.problems == problems && is_time;
        holds.then(|| known.frame.clone())
    }

    /// Keeps the reply to a request for a text, which holds from the first of these times until a
    /// clock changes.
    pub fn keep_text(
        &mut self,
        request: Request,
        problems: u32,
        (from, until): (Timestamp, Option<Timestamp>),
        frame: EncodedFrame,
    ) {
        self.texts.retain(|it| it.request != request);
        self.texts.truncate(MAX_TEXTS - 1);
        self.texts.insert(0, TextFrame { request, problems, from, until, frame });
    }

    /// Keeps none: the sessions have changed.
    pub fn clear(&mut self) {
        *self = FrameCache::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::server::frame::SendBudget;
    use crate::protocol::request::StatusRequest;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn a_text_holds_until_a_clock_or_anything_else_changes() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let minute = now + TimeDelta::minutes(1);
        let request = |title| Request::Status(StatusRequest { title, ..Default::default() });
        let frame = SendBudget::default().frame(&"text");
        let mut cache = FrameCache::default();
        cache.keep_text(request(1), 0, (now, Some(minute)), frame.clone());
        assert!(cache.text(&request(1), 0, now).is_some());
        assert!(cache.text(&request(1), 0, minute).is_none());
        let set_back = now - TimeDelta::hours(1);
        assert!(cache.text(&request(1), 0, set_back).is_none(), "the clock was set back");
        assert!(cache.text(&request(1), 1, now).is_none());
        assert!(cache.text(&request(2), 0, now).is_none());
        for title in 2..9 {
            cache.keep_text(request(title), 0, (now, None), frame.clone());
        }
        assert_eq!(cache.texts.len(), MAX_TEXTS);
        assert!(cache.text(&request(8), 0, minute).is_some());
        cache.clear();
        assert!(cache.text(&request(8), 0, now).is_none());
    }
}
