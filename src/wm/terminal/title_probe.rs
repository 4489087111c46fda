//! The title probe: a title is written to the terminal, and the window that takes it is the one.
//!
//! The user sees it for some milliseconds. So it is done only between windows that nothing else
//! tells apart, only if configured, and its answer is kept as long as the window lives. Terminals
//! that keep a stack of titles (all that need the probe) restore the old one.

use crate::proc::ProcFiles;
use crate::wm::ipc::events::WmEvent;
use crate::wm::windows::WindowTracker;
use std::io::Write;
use std::time::Duration;
use tokio::time::Instant;

/// Terminals take 1 to 40 ms; a tab that is not in view never takes a title.
const TITLE_WITHIN: Duration = Duration::from_millis(250);

/// Save the title, and restore it (XTWINOPS of xterm, also of VTE, kitty, alacritty).
pub(super) const SAVE: &str = "\x1b[22;2t";
pub(super) const RESTORE: &str = "\x1b[23;2t";

/// Terminals without a stack of titles: their old title is written back.
const WITHOUT_STACK: &[&str] = &["urxvt", "urxvtd", "st", "sakura", "qterminal", "terminology"];

/// Which of these windows shows the terminal of a process; `None` if none of them took the title.
pub async fn probe(
    tracker: &mut WindowTracker,
    proc: &ProcFiles,
    pid: u32,
    windows: &[u64],
) -> Option<u64> {
    let mut terminal = proc.terminal(pid)?.open(true)?;
    // Earlier events are not the answer. If the stream has ended, that is seen below.
    let _ = tracker.receive_all();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let token = format!("vmux {pid}.{}", now.map_or(0, |now| now.subsec_nanos()));
    terminal.write_all(format!("{SAVE}\x1b]2;{token}\x1b\\").as_bytes()).ok()?;
    let is_answer = |event: &WmEvent| match event {
        WmEvent::Title { title, .. } => title.contains(&token),
        _ => false,
    };
    let deadline = Instant::now() + TITLE_WITHIN;
    let answer = match tracker.take_event(deadline, is_answer).await {
        Ok(Some(WmEvent::Title { con_id, .. })) if windows.contains(&con_id) => Some(con_id),
        _ => None,
    };
    let row = answer.and_then(|con_id| tracker.table().get(con_id));
    let owner = row.and_then(|row| proc.process(row.pid?));
    let has_no_stack = owner.is_some_and(|it| WITHOUT_STACK.contains(&it.comm.as_str()));
    let restore = match row.filter(|_| has_no_stack) {
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
