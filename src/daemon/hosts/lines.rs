//! The bytes of another host as lines: each of bounded length, and no more of them in a second than this
//! machine can bear. Pure.

use crate::protocol::relay::MAX_FAR_LINE;
use std::time::{Duration, Instant};

/// How many bytes a host may send at once: the full state of two thousand sessions, and more.
const BURST: f64 = 8.0 * 1024.0 * 1024.0;

/// How many bytes a second it may send after that.
const RATE: f64 = 1024.0 * 1024.0;

/// Bytes that are not a whole line yet.
#[derive(Debug, Default)]
pub struct LineBuffer {
    bytes: Vec<u8>,
    /// How many of them are known to have no line break.
    searched: usize,
}

/// A line is longer than [`MAX_FAR_LINE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTooLong;

impl LineBuffer {
    /// Adds what was read. Returns the whole lines, without their line breaks.
    pub fn push(&mut self, read: &[u8]) -> Result<Vec<Vec<u8>>, LineTooLong> {
        self.bytes.extend_from_slice(read);
        let mut lines = Vec::new();
        let mut begin = 0;
        let mut at = self.searched;
        while let Some(length) = self.bytes[at..].iter().position(|byte| *byte == b'\n') {
            lines.push(self.bytes[begin..at + length].to_vec());
            at += length + 1;
            begin = at;
        }
        self.bytes.drain(..begin);
        self.searched = self.bytes.len();
        if !lines.is_empty() {
            // What a long line took is given back.
            self.bytes.shrink_to(read.len() * 2);
        }
        let is_too_long = |length: usize| length > MAX_FAR_LINE;
        match is_too_long(self.bytes.len()) || lines.iter().any(|line| is_too_long(line.len())) {
            true => Err(LineTooLong),
            false => Ok(lines),
        }
    }

    /// How many bytes wait for their line break.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// How much may be read: a burst, then so much a second.
#[derive(Debug, Clone, Copy)]
pub struct ReadBudget {
    left: f64,
    at: Instant,
}

impl ReadBudget {
    /// The whole burst, at `now`.
    pub fn new(now: Instant) -> ReadBudget {
        ReadBudget { left: BURST, at: now }
    }

    /// Takes note that so many bytes were read.
    pub fn spend(&mut self, bytes: usize, now: Instant) {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * RATE;
        self.left = (self.left + earned).min(BURST) - bytes as f64;
        self.at = now;
    }

    /// When reading may go on; `None`: now.
    pub fn resumes_at(&self) -> Option<Instant> {
        (self.left < 0.0).then(|| self.at + Duration::from_secs_f64(-self.left / RATE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = b"one\n\nthree\nfo";
        for size in 1..text.len() {
            let mut buffer = LineBuffer::default();
            let mut lines = Vec::new();
            for piece in text.chunks(size) {
                lines.extend(buffer.push(piece).unwrap());
            }
            assert_eq!(lines, [&b"one"[..], b"", b"three"], "{size}");
            assert_eq!(buffer.len(), 2);
        }
    }

    #[test]
    fn a_line_without_end_is_given_up_at_its_limit() {
        let mut buffer = LineBuffer::default();
        let piece = [b'x'; 64 * 1024];
        let pushes = (1..).find(|_| buffer.push(&piece).is_err()).unwrap();
        assert_eq!(pushes, MAX_FAR_LINE / piece.len() + 1);
    }

    #[test]
    fn a_flood_is_read_slowly_and_a_burst_at_once() {
        let now = Instant::now();
        let mut budget = ReadBudget::new(now);
        budget.spend(BURST as usize, now);
        assert_eq!(budget.resumes_at(), None);
        budget.spend(RATE as usize, now);
        assert_eq!(budget.resumes_at(), Some(now + Duration::from_secs(1)));
        budget.spend(0, now + Duration::from_secs(3600));
        assert_eq!(budget.left, BURST);
    }
}
