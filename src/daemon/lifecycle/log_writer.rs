//! The log, which may be a pipe that nobody reads or a file on a disk that hangs: another thread
//! writes it. A line is waited for a moment, so that it is there when vmuxd dies right afterwards;
//! while one hangs, none is waited for.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::time::Duration;

/// How many lines may wait; more are lost, and counted.
const MOST_WAITING: usize = 256;

/// How long a line is waited for.
const MOMENT: Duration = Duration::from_millis(50);

/// A line, and whom to tell when it is written.
type Entry = (Vec<u8>, Sender<()>);

/// Takes lines.
pub struct Journal {
    entries: SyncSender<Entry>,
    /// The last line, if it was not written in time.
    hangs: Option<Receiver<()>>,
    lost: usize,
}

impl Journal {
    /// A journal of which a thread writes every line to `out`.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Journal> {
        let (entries, waiting) = sync_channel(MOST_WAITING);
        std::thread::Builder::new()
            .name("vmux-log".to_owned())
            .stack_size(128 * 1024)
            .spawn(move || write(out, &waiting))?;
        Ok(Journal { entries, hangs: None, lost: 0 })
    }
}

fn write(mut out: impl Write, waiting: &Receiver<Entry>) {
    for (line, done) in waiting {
        // There is nobody to tell that the log cannot be written.
        let _ = out.write_all(&line);
        let _ = done.send(());
    }
}

impl Write for Journal {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut text = Vec::new();
        if self.lost > 0 {
            let lost = format!("[{} lines of the log were lost]\n", self.lost);
            text.extend_from_slice(lost.as_bytes());
        }
        text.extend_from_slice(line);
        let (done, written) = channel();
        if self.entries.try_send((text, done)).is_err() {
            self.lost += 1;
            return Ok(line.len());
        }
        self.lost = 0;
        let hangs = |it: &Receiver<()>| it.try_recv() == Err(TryRecvError::Empty);
        if self.hangs.as_ref().is_some_and(hangs) || written.recv_timeout(MOMENT).is_err() {
            self.hangs = Some(written);
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
        let mut journal = Journal::start(Slow(allowed, sender)).unwrap();
        // One is in the hands of the thread.
        for _ in 0..MOST_WAITING + 101 {
            journal.write_all(b"line\n").unwrap();
        }
        drop(go);
        let taken: Vec<String> = written.iter().take(MOST_WAITING).collect();
        assert!(taken.iter().all(|line| line == "line\n"));
        // The first line that has room again tells how many had none.
        let told = |line: &String| line.contains(" lines of the log were lost]\n");
        loop {
            journal.write_all(b"again\n").unwrap();
            if written.try_iter().any(|line| told(&line)) {
                return;
            }
        }
    }
}
