//! Following a file that grows: whole lines from near its end, then only what was appended.
//!
//! Device, inode, offset and a few bytes before the offset are remembered, so that a file that was
//! truncated or replaced is noticed. Buffers live as long as one read.

use crate::claude::input::long_line::LongLine;
use crate::claude::input::{self, FileStamp};
use std::fs::File;
use std::io;
use std::path::Path;

/// How much is read from the end of a file at first: enough for a turn of the usual size, so that
/// a large file costs what a small one does.
const FIRST_READ_BYTES: u64 = 64 * 1024;

/// How much is read next. Today's transcripts may end in metadata lines of up to 64 KB each
/// (docs/facts.md T6).
pub(crate) const SECOND_READ_BYTES: u64 = 512 * 1024;

/// How far back from the end a first read goes at most.
const MAX_FIRST_READ_BYTES: u64 = 32 * 1024 * 1024;

/// If more than this was appended since the last read, reading begins again near the end.
const MAX_CATCH_UP_BYTES: u64 = 8 * 1024 * 1024;

/// Lines longer than this are skipped. Of those that are longer than a piece, the long strings are cut.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// How much of an appended piece is read at once.
const PIECE_BYTES: u64 = 1024 * 1024;

/// How many bytes before the offset are remembered.
const SEAM_BYTES: u64 = SEAM_LENGTH as u64;
const SEAM_LENGTH: usize = 32;

/// Where reading of a file stands.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    stamp: Option<FileStamp>,
    /// Whole lines up to here were handed out.
    offset: u64,
    /// No line break between `offset` and here.
    scanned: u64,
    /// The line at `offset` is too long and is skipped.
    skipping: bool,
    seam: Vec<u8>,
    /// The first read began inside the file.
    inside: bool,
}

/// What a read of the file came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadOutcome {
    /// Nothing new.
    Same,
    /// Lines were handed out, or bytes were appended that make no whole line yet.
    Grown,
    /// The file is not there or cannot be read.
    Gone,
}

/// What receives the lines.
pub(crate) trait Lines {
    /// A whole line, without its line break (a carriage return before it may remain).
    fn line(&mut self, line: &[u8]);
    /// Forget the lines handed out so far: the file was replaced, or reading starts further back.
    fn restart(&mut self);
    /// Whether a first read of the last `length` bytes has come far enough back.
    fn is_enough(&self, length: u64) -> bool;
}

impl Tail {
    /// The stamp of the file at the last read.
    pub(crate) fn stamp(&self) -> Option<FileStamp> {
        self.stamp
    }

    /// Whether the file has a beginning that was not read.
    pub(crate) fn began_inside(&self) -> bool {
        self.inside
    }

    /// Reads what is new at `path` into `lines`.
    pub(crate) fn look(&mut self, path: &Path, lines: &mut impl Lines) -> ReadOutcome {
        let Some(now) = input::stamp(path) else {
            return self.lose(lines);
        };
        if self.stamp == Some(now) {
            return ReadOutcome::Same;
        }
        match self.read(path, lines) {
            Ok(()) => ReadOutcome::Grown,
            Err(_) => self.lose(lines),
        }
    }

    fn lose(&mut self, lines: &mut impl Lines) -> ReadOutcome {
        if self.stamp.is_some() {
            *self = Tail::default();
            lines.restart();
        }
        ReadOutcome::Gone
    }

    fn read(&mut self, path: &Path, lines: &mut impl Lines) -> io::Result<()> {
        let (file, now) = input::open(path)?;
        let before = self.stamp.replace(now);
        let same_file = before.is_some_and(|b| (b.device, b.inode) == (now.device, now.inode));
        let follows =
            same_file && now.size >= self.scanned && now.size - self.scanned <= MAX_CATCH_UP_BYTES;
        if !follows {
            return self.read_end(&file, now.size, lines);
        }
        // The bytes before the offset, and with them what was appended, unless a part of a line was
        // there already.
        let (seam, is_whole) = (self.seam.len(), self.offset == self.scanned);
        let new = if is_whole { PIECE_BYTES.min(now.size - self.offset) } else { 0 };
        let length = seam + usize::try_from(new).unwrap_or(0);
        let bytes = input::read_at(&file, self.offset - seam as u64, length)?;
        match bytes.strip_prefix(self.seam.as_slice()) {
            Some([]) => self.read_appended(&file, now.size, lines),
            Some(new) => {
                let begin = self.offset;
                self.take(None, new, lines);
                let end = usize::try_from(self.offset - begin).unwrap_or(0);
                if self.scanned < now.size {
                    return self.read_appended(&file, now.size, lines);
                }
                let kept = &bytes[..seam + end];
                self.seam.clear();
                self.seam.extend_from_slice(&kept[kept.len().saturating_sub(SEAM_LENGTH)..]);
                Ok(())
            }
            None => self.read_end(&file, now.size, lines),
        }
    }

    /// First read: from the end backwards until it is enough.
    fn read_end(&mut self, file: &File, size: u64, lines: &mut impl Lines) -> io::Result<()> {
        let mut length = FIRST_READ_BYTES.min(size);
        loop {
            lines.restart();
            let start = size - length;
            *self = Tail { stamp: self.stamp, offset: start, scanned: start, ..Tail::default() };
            // A line that began before `start` is passed over, unless one ends right there.
            self.inside = start > 0;
            self.skipping = start > 0 && input::read_at(file, start - 1, 1)? != b"\n";
            self.read_appended(file, size, lines)?;
            if lines.is_enough(length) || start == 0 || length >= MAX_FIRST_READ_BYTES {
                return Ok(());
            }
            length = if length < SECOND_READ_BYTES { SECOND_READ_BYTES } else { length * 4 }
                .min(MAX_FIRST_READ_BYTES)
                .min(size);
        }
    }

    fn read_appended(&mut self, file: &File, size: u64, lines: &mut impl Lines) -> io::Result<()> {
        while self.scanned < size {
            let length = usize::try_from(PIECE_BYTES.min(size - self.scanned)).unwrap_or(0);
            let bytes = input::read_at(file, self.scanned, length)?;
            if bytes.is_empty() {
                break;
            }
            let continues = !self.skipping && self.offset < self.scanned;
            let beginning = match continues && bytes.contains(&b'\n') {
                true => Some(self.beginning(file)?),
                false => None,
            };
            self.take(beginning, &bytes, lines);
        }
        let length = usize::try_from(SEAM_BYTES.min(self.offset)).unwrap_or(0);
        self.seam = input::read_at(file, self.offset - length as u64, length)?;
        Ok(())
    }

    /// Takes the next bytes of the file, perhaps after the `beginning` of the line they continue.
    fn take(&mut self, beginning: Option<LongLine>, bytes: &[u8], lines: &mut impl Lines) {
        self.scanned += bytes.len() as u64;
        self.split(beginning, bytes, lines);
        if !self.skipping && self.scanned - self.offset > MAX_LINE_BYTES {
            self.skipping = true;
        }
        if self.skipping {
            self.offset = self.scanned;
        }
    }

    /// The beginning of the line whose end has come, read again.
    fn beginning(&self, file: &File) -> io::Result<LongLine> {
        let mut beginning = LongLine::default();
        let mut at = self.offset;
        while at < self.scanned {
            let length = usize::try_from(PIECE_BYTES.min(self.scanned - at)).unwrap_or(0);
            let bytes = input::read_at(file, at, length)?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            beginning.take(&bytes);
            at += bytes.len() as u64;
        }
        Ok(beginning)
    }

    /// Hands out the lines that end in `bytes`, perhaps after the `beginning` of the first of them.
    fn split(&mut self, mut beginning: Option<LongLine>, bytes: &[u8], lines: &mut impl Lines) {
        let mut rest = bytes;
        let mut at = self.scanned - bytes.len() as u64;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            at += end as u64 + 1;
            if self.skipping {
                self.skipping = false;
            } else if let Some(mut long) = beginning.take() {
                long.take(line);
                if let Some(line) = long.end() {
                    lines.line(&line);
                }
            } else {
                lines.line(line);
            }
            self.offset = at;
            rest = &after[1..];
        }
        // The rest is read again once its end is there, so it is not kept.
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    #[derive(Default)]
    struct CollectedLines {
        lines: Vec<String>,
        restarts: usize,
        wants: usize,
    }

    impl Lines for CollectedLines {
        fn line(&mut self, line: &[u8]) {
            let line = String::from_utf8_lossy(line);
            self.lines.push(line.chars().take(40).collect());
        }
        fn restart(&mut self) {
            self.restarts += 1;
            self.lines.clear();
        }
        fn is_enough(&self, _: u64) -> bool {
            self.lines.len() >= self.wants
        }
    }

    struct World {
        _dir: tempfile::TempDir,
        path: std::path::PathBuf,
        tail: Tail,
        seen: CollectedLines,
    }

    impl World {
        fn new(content: impl AsRef<[u8]>) -> World {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x.jsonl");
            fs::write(&path, content).unwrap();
            World { _dir: dir, path, tail: Tail::default(), seen: CollectedLines::default() }
        }
        fn append(&self, content: impl AsRef<[u8]>) {
            let mut file = fs::OpenOptions::new().append(true).open(&self.path).unwrap();
            file.write_all(content.as_ref()).unwrap();
        }
        fn look(&mut self) -> ReadOutcome {
            self.tail.look(&self.path, &mut self.seen)
        }
        #[track_caller]
        fn check(&mut self, news: ReadOutcome, lines: &[&str]) {
            assert_eq!(self.look(), news);
            assert_eq!(self.seen.lines, lines);
        }
    }

    #[test]
    fn whole_lines_only() {
        let mut world = World::new("one\ntwo\nthr");
        world.check(ReadOutcome::Grown, &["one", "two"]);
        world.check(ReadOutcome::Same, &["one", "two"]);
        world.append("e");
        world.check(ReadOutcome::Grown, &["one", "two"]);
        world.append("e\nfour\r\n\nfive");
        world.check(ReadOutcome::Grown, &["one", "two", "three", "four\r", ""]);
        assert_eq!(world.seen.restarts, 1);
    }

    #[test]
    fn a_truncated_or_replaced_file_is_read_anew() {
        let mut world = World::new("one\ntwo\n");
        world.look();
        fs::write(&world.path, "x\n").unwrap();
        world.check(ReadOutcome::Grown, &["x"]);
        fs::write(&world.path, "longer than before\ny\n").unwrap();
        world.check(ReadOutcome::Grown, &["longer than before", "y"]);
        let other = world.path.with_extension("new");
        fs::write(&other, "longer than before\ny\nz\n").unwrap();
        fs::rename(&other, &world.path).unwrap();
        world.check(ReadOutcome::Grown, &["longer than before", "y", "z"]);
        assert_eq!(world.seen.restarts, 4);
    }

    #[test]
    fn a_file_may_go_and_come() {
        let mut world = World::new("one\n");
        world.look();
        fs::remove_file(&world.path).unwrap();
        world.check(ReadOutcome::Gone, &[]);
        fs::create_dir(&world.path).unwrap();
        world.check(ReadOutcome::Gone, &[]);
        fs::remove_dir(&world.path).unwrap();
        fs::write(&world.path, "").unwrap();
        world.check(ReadOutcome::Grown, &[]);
        world.append("two\n");
        world.check(ReadOutcome::Grown, &["two"]);
    }

    #[test]
    fn a_first_read_goes_back_until_it_is_enough() {
        let mut world = World::new(format!("first\n{}second\n", "x".repeat(100) + "\n").repeat(1));
        world.append(format!("{}\n", "m".repeat(900_000)));
        world.append("last\n");
        world.seen.wants = 2;
        world.look();
        assert_eq!(world.seen.lines.len(), 5, "went back to the beginning");
        let mut world = World::new("early\n");
        for _ in 0..3000 {
            world.append(format!("{}\n", "y".repeat(999)));
        }
        world.look();
        assert_eq!(world.seen.lines.len(), 65, "only the last 64 KiB, whole lines");
        assert!(world.seen.lines.iter().all(|line| line == &"y".repeat(40)));
    }

    #[test]
    fn a_line_without_end_is_never_held() {
        let mut world = World::new("one\n");
        world.look();
        for _ in 0..5 {
            world.append(vec![b'x'; 7 * 1024 * 1024]);
            world.look();
        }
        assert!(world.tail.skipping);
        world.append("\nafter\n");
        world.check(ReadOutcome::Grown, &["one", "after"]);
    }

    #[test]
    fn a_long_line_may_come_in_pieces() {
        let mut world = World::new("one\n");
        world.look();
        world.append(format!("{{\"a\":\"{}", "x".repeat(3 * 1024 * 1024)));
        world.look();
        world.append("\"}\nnext\n");
        world.look();
        assert_eq!(world.seen.lines.len(), 3);
        assert_eq!(world.seen.lines[1], format!("{{\"a\":\"{}", "x".repeat(34)));
        assert_eq!(world.seen.lines[2], "next");
    }
}
