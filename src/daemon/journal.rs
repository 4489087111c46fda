//! The log, away from the loop: whoever reads it may stop reading, and a write to a full pipe takes
//! for ever.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

/// How many lines may wait; more are lost, and counted.
const MOST_WAITING: usize = 256;

/// How long the end of vmuxd waits for the last lines.
const LAST_LINES: Duration = Duration::from_millis(200);

enum Entry {
    Line(Vec<u8>),
    /// All before it was written.
    Mark(Sender<()>),
}

/// Takes lines, and never waits.
pub struct Journal {
    entries: SyncSender<Entry>,
    lost: usize,
}

/// Waits for the lines that are still to be written, when it is dropped.
pub struct Last(SyncSender<Entry>);

/// A journal of which a thread writes every line to `out`.
pub fn start(out: impl Write + Send + 'static) -> io::Result<(Journal, Last)> {
    let (entries, waiting) = sync_channel(MOST_WAITING);
    std::thread::Builder::new()
        .name("vmux-log".to_owned())
        .stack_size(128 * 1024)
        .spawn(move || write(out, &waiting))?;
    Ok((Journal { entries: entries.clone(), lost: 0 }, Last(entries)))
}

fn write(mut out: impl Write, waiting: &Receiver<Entry>) {
    for entry in waiting {
        match entry {
            // There is nobody to tell that the log cannot be written.
            Entry::Line(line) => drop(out.write_all(&line)),
            Entry::Mark(done) => drop(done.send(())),
        }
    }
}

impl Write for Journal {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut text = Vec::new();
        if self.lost > 0 {
            text.extend_from_slice(
                format!("[{} lines of the log were lost]\n", self.lost).as_bytes(),
            );
        }
        text.extend_from_slice(line);
        match self.entries.try_send(Entry::Line(text)) {
            Ok(()) => self.lost = 0,
            Err(_) => self.lost += 1,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Last {
    fn drop(&mut self) {
        let (done, written) = channel();
        if self.0.try_send(Entry::Mark(done)).is_ok() {
            let _ = written.recv_timeout(LAST_LINES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a line only when it is let.
    struct Slow(Receiver<()>, Sender<String>);

    impl Write for Slow {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            let _ = self.1.send(String::from_utf8_lossy(line).into_owned());
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_nobody_takes_are_lost_and_counted() {
        let (go, allowed) = channel();
        let (sender, written) = channel();
        let (mut journal, last) = start(Slow(allowed, sender)).unwrap();
        for _ in 0..MOST_WAITING + 100 {
            journal.write_all(b"line\n").unwrap();
        }
        drop(go);
        let taken: Vec<String> = written.iter().take(MOST_WAITING).collect();
        assert!(taken.iter().all(|line| line == "line\n"));
        journal.write_all(b"again\n").unwrap();
        drop(last);
        let rest: String = written.try_iter().collect();
        assert!(rest.contains(" lines of the log were lost]\nagain\n"), "{rest}");
    }
}
