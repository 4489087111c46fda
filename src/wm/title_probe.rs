//! The title probe: a title is written to the terminal, and the window that takes it is the one.
//!
//! It is seen by whoever looks, for some milliseconds, so it is done only between windows that
//! nothing else tells apart, only if configured, and its answer is kept as long as the window
//! lives. Terminals that keep a stack of titles (all that need the probe) restore the old one.

use super::ipc::events::Event;
use super::manager::Desk;
use std::io::Write;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Terminals take 1 to 40 ms; a tab that is not in view never does.
const TAKEN_WITHIN: Duration = Duration::from_millis(250);

/// Save the title, restore it (XTWINOPS of xterm, also of VTE, kitty, alacritty).
const SAVE: &str = "\x1b[22;2t";
const RESTORE: &str = "\x1b[23;2t";

/// Terminals that keep no stack of titles: theirs is written back.
const WITHOUT_STACK: &[&str] = &["urxvt", "urxvtd", "st", "sakura", "qterminal", "terminology"];

impl Desk {
    /// Which of these windows shows the terminal of a process.
    pub(in crate::wm) async fn probe(&mut self, pid: u32, windows: &[u64]) -> Option<u64> {
        let mut terminal = self.reader.terminal(pid)?.open(true)?;
        // What was said before is not the answer; that the stream ends is seen below.
        let _ = self.hear_all();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let token = format!("vmux {pid}.{}", now.map_or(0, |now| now.subsec_nanos()));
        terminal.write_all(format!("{SAVE}\x1b]2;{token}\x1b\\").as_bytes()).ok()?;
        let deadline = Instant::now() + TAKEN_WITHIN;
        let mut answer = None;
        loop {
            let link = self.link.as_mut()?;
            match timeout_at(deadline, link.events.next()).await {
                Ok(Ok(Event::Title { con_id, title })) if title.contains(&token) => {
                    answer = windows.contains(&con_id).then_some(con_id);
                    break;
                }
                Ok(Ok(event)) => self.keep(event),
                Ok(Err(_)) | Err(_) => break,
            }
        }
        let row = answer.and_then(|con_id| self.scene.window(con_id));
        let owner = row.and_then(|row| (self.reader.process)(row.pid?));
        let stackless = owner.is_some_and(|o| WITHOUT_STACK.contains(&o.comm.as_str()));
        let restore = match row.filter(|_| stackless) {
            Some(row) => {
                let title: String = row.title.chars().filter(|c| !c.is_control()).collect();
                format!("\x1b]2;{title}\x1b\\")
            }
            None => RESTORE.to_owned(),
        };
        if let Err(error) = terminal.write_all(restore.as_bytes()) {
            log::info!("the title of the terminal of {pid} could not be restored: {error}");
        }
        answer
    }
}
