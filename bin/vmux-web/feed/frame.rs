//! The events as a browser reads them (server-sent events), and those of late, for one that comes back.
//! Pure.

use bytes::Bytes;
use std::collections::VecDeque;

/// How many events are kept for browsers that come back, and how many bytes at most.
const MAX_KEPT: usize = 256;
const MAX_BYTES: usize = 512 * 1024;

/// One event, ready to be sent to every page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub number: u64,
    pub bytes: Bytes,
}

/// An event with an id, by which a browser that comes back says what it has. The data is one line.
pub fn event(run: &str, number: u64, data: &str) -> Bytes {
    Bytes::from(format!("id: {run}-{number}\ndata: {data}\n\n"))
}

/// An event without an id: a browser that comes back keeps the one that it has.
pub fn aside(data: &str) -> Bytes {
    Bytes::from(format!("data: {data}\n\n"))
}

/// The events of late.
pub struct Recent {
    /// Names this run of the program: numbers of another run mean nothing.
    run: String,
    number: u64,
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Recent {
    /// None so far.
    pub fn new(run: String) -> Recent {
        Recent { run, number: 0, frames: VecDeque::new(), bytes: 0 }
    }

    /// The number of the last event.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Adds an event, and returns it as it is sent.
    pub fn add(&mut self, data: &str) -> Frame {
        self.number += 1;
        let frame = Frame { number: self.number, bytes: event(&self.run, self.number, data) };
        self.bytes += frame.bytes.len();
        self.frames.push_back(frame.clone());
        while self.frames.len() > MAX_KEPT || self.bytes > MAX_BYTES {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.bytes -= oldest.bytes.len();
        }
        frame
    }

    /// The full state as an event: it takes the place of all that came before.
    pub fn state(&self, data: &str) -> Bytes {
        event(&self.run, self.number, data)
    }

    /// The events after the one with this id; `None` if some of them are not kept, or it is not one of
    /// this run.
    pub fn after(&self, id: &str) -> Option<Vec<Bytes>> {
        let (run, number) = id.rsplit_once('-')?;
        let number: u64 = number.parse().ok().filter(|_| run == self.run)?;
        let first = self.frames.front().map_or(self.number + 1, |it| it.number);
        if number > self.number || number + 1 < first {
            return None;
        }
        let later = self.frames.iter().filter(|it| it.number > number);
        Some(later.map(|it| it.bytes.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(frames: Vec<Bytes>) -> String {
        frames.iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect()
    }

    #[test]
    fn one_who_comes_back_gets_what_came_meanwhile() {
        let mut recent = Recent::new("r".to_owned());
        assert_eq!(recent.after("r-0").map(text).as_deref(), Some(""));
        recent.add("{\"a\":1}");
        recent.add("{\"a\":2}");
        assert_eq!(recent.after("r-2").map(text).as_deref(), Some(""));
        let told = recent.after("r-1").map(text);
        assert_eq!(told.as_deref(), Some("id: r-2\ndata: {\"a\":2}\n\n"));
        for unknown in ["r-3", "x-1", "", "r-", "r--1", "1", "r-18446744073709551615"] {
            assert!(recent.after(unknown).is_none(), "{unknown}");
        }
        assert_eq!(text(vec![recent.state("{}")]), "id: r-2\ndata: {}\n\n");
    }

    #[test]
    fn not_all_is_kept() {
        let mut recent = Recent::new("r".to_owned());
        (0..MAX_KEPT + 2).for_each(|_| drop(recent.add("{}")));
        assert!(recent.after("r-1").is_none());
        assert_eq!(recent.after("r-2").map(|it| it.len()), Some(MAX_KEPT));
        recent.add(&"x".repeat(MAX_BYTES));
        assert!(recent.after("r-250").is_none());
        assert_eq!(recent.after(&format!("r-{}", recent.number())).map(|it| it.len()), Some(0));
    }
}
