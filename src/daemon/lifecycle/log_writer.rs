//! Writes the log from a thread of its own, because the log may be a pipe that no program reads or a
//! file on a disk that hangs. Each line is waited for briefly, so that it is written if vmuxd dies
//! right afterwards; while a line hangs, the following ones are not waited for.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::time::Duration;

/// How many lines may wait to be written; more are dropped and counted.
const MAX_QUEUED_LINES: usize = 256;

/// How long the caller waits for its line to be written.
const LINE_TIMEOUT: Duration = Duration::from_millis(50);

/// A line, and the channel that reports that it is written.
type LogLine = (Vec<u8>, Sender<()>);

/// Queues lines for the thread that writes them. Its `write` never fails and never waits longer than
/// `LINE_TIMEOUT`.
pub struct NonBlockingWriter {
    lines: SyncSender<LogLine>,
    /// Reports the last line that was not written in time.
    late: Option<Receiver<()>>,
    dropped: usize,
}

impl NonBlockingWriter {
    /// Starts the thread that writes every line to `out`. Errors: no thread can be started.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<NonBlockingWriter> {
        let (lines, waiting) = sync_channel(MAX_QUEUED_LINES);
        std::thread::Builder::new()
            .name("vmux-log".to_owned())
            .stack_size(128 * 1024)
            .spawn(move || write(out, &waiting))?;
        Ok(NonBlockingWriter { lines, late: None, dropped: 0 })
    }
}

fn write(mut out: impl Write, waiting: &Receiver<LogLine>) {
    for (line, done) in waiting {
        // A log that cannot be written has no place left to report that.
        let _ = out.write_all(&line);
        let _ = done.send(());
    }
}

impl Write for NonBlockingWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut text = Vec::new();
        if self.dropped > 0 {
            let notice = format!("[{} lines of the log were lost]\n", self.dropped);
            text.extend_from_slice(notice.as_bytes());
        }
        text.extend_from_slice(line);
        let (done, written) = channel();
        if self.lines.try_send((text, done)).is_err() {
            self.dropped += 1;
            return Ok(line.len());
        }
        self.dropped = 0;
        let is_unwritten = |it: &Receiver<()>| it.try_recv() == Err(TryRecvError::Empty);
        if self.late.as_ref().is_some_and(is_unwritten)
            || written.recv_timeout(LINE_TIMEOUT).is_err()
        {
            self.late = Some(written);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a line only when the test allows it.
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
    fn lines_that_are_not_written_are_dropped_and_counted() {
        let (go, allowed) = channel();
        let (sender, written) = channel();
        let mut log = NonBlockingWriter::start(Slow(allowed, sender)).unwrap();
        // The thread has taken one of them out of the queue.
        for _ in 0..MAX_QUEUED_LINES + 101 {
            log.write_all(b"line\n").unwrap();
        }
        drop(go);
        let taken: Vec<String> = written.iter().take(MAX_QUEUED_LINES).collect();
        assert!(taken.iter().all(|line| line == "line\n"));
        // The first line that finds room again tells how many were dropped.
        let has_notice = |line: &String| line.contains(" lines of the log were lost]\n");
        loop {
            log.write_all(b"again\n").unwrap();
            if written.try_iter().any(|line| has_notice(&line)) {
                return;
            }
        }
    }
}
