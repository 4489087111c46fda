//! The thread that follows vmuxd. It blocks, as the client of the library does; what is asked of its
//! copy of the sessions is answered between two events.

use super::frame::{Frame, Recent};
use crate::metrics::waits::Waits;
use bytes::Bytes;
use chrono::Utc;
use rustix::fd::{AsFd, OwnedFd};
use std::cell::RefCell;
use std::sync::mpsc;
use tokio::sync::broadcast;
use vmux::client::connect::Endpoint;
use vmux::client::follow::Follower;
use vmux::protocol::event::StateEvent;
use vmux::session::info::SessionInfo;
use vmux::session::state::host::HostInfo;

/// What is asked of the copy.
pub type Question = Box<dyn FnOnce(&View) + Send>;

/// The data of the event that vmuxd is away.
const AWAY: &str = "{\"event\":\"away\"}";

/// What is known now.
pub struct View<'a> {
    /// The sessions; `None` while vmuxd is away.
    pub sessions: Option<&'a [SessionInfo]>,
    pub hosts: &'a [HostInfo],
    pub waits: &'a Waits,
    recent: &'a Recent,
    /// The full state after so many events, as it was sent last: many pages may begin at once.
    cached: &'a RefCell<Option<(u64, Bytes)>>,
}

impl View<'_> {
    /// The number of the last event.
    pub fn number(&self) -> u64 {
        self.recent.number()
    }

    /// What a page needs first: the events after the one that it had last, else the full state.
    pub fn beginning(&self, last: Option<&str>) -> Vec<Bytes> {
        let missed = last.and_then(|id| self.recent.after(id));
        missed.unwrap_or_else(|| vec![self.state_frame()])
    }

    fn state_frame(&self) -> Bytes {
        let mut cached = self.cached.borrow_mut();
        match &*cached {
            Some((number, bytes)) if *number == self.number() => bytes.clone(),
            _ => {
                let bytes = self.recent.state(&self.state());
                *cached = Some((self.number(), bytes.clone()));
                bytes
            }
        }
    }

    /// The full state as JSON, in the form of the event `state` of vmuxd.
    pub fn state(&self) -> String {
        let Some(sessions) = self.sessions else { return AWAY.to_owned() };
        let state = StateEvent::new(self.number(), sessions.iter(), self.hosts.to_vec());
        // Maps have texts as keys: there is nothing that could fail.
        serde_json::to_string(&state).unwrap_or_else(|_| AWAY.to_owned())
    }
}

/// Follows until the pages are gone.
pub fn run(
    endpoint: &Endpoint,
    frames: &broadcast::Sender<Frame>,
    questions: &mpsc::Receiver<Question>,
    woken: &OwnedFd,
) {
    let mut follower = Follower::new(endpoint).for_server();
    let run = format!("{:x}.{:x}", Utc::now().timestamp(), std::process::id());
    let mut recent = Recent::new(run);
    let mut waits = Waits::new(Utc::now());
    let cached = RefCell::new(None);
    let mut was_away = follower.sessions().is_none();
    loop {
        if let Some(sessions) = follower.sessions() {
            waits.see(sessions, follower.hosts(), Utc::now());
        }
        while let Ok(question) = questions.try_recv() {
            let (sessions, hosts) = (follower.sessions(), follower.hosts());
            question(&View { sessions, hosts, waits: &waits, recent: &recent, cached: &cached });
        }
        match follower.wait(&[woken.as_fd()], None) {
            Ok(told) if told.ready.first().is_some_and(|it| *it) => drain(woken),
            Ok(_) => {}
            // poll(2) fails for want of memory only. All that is known is what was known before.
            Err(_) => std::thread::sleep(std::time::Duration::from_secs(1)),
        }
        for line in follower.take_lines() {
            tell(frames, recent.add(&line));
        }
        let is_away = follower.sessions().is_none();
        if is_away && !was_away {
            tell(frames, recent.add(AWAY));
        }
        was_away = is_away;
    }
}

/// Nobody may be there to hear it.
fn tell(frames: &broadcast::Sender<Frame>, frame: Frame) {
    let _ = frames.send(frame);
}

fn drain(woken: &OwnedFd) {
    let mut buffer = [0; 256];
    while rustix::io::read(woken, &mut buffer).is_ok_and(|length| length > 0) {}
}
