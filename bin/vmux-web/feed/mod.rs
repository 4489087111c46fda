//! What vmuxd tells, for all pages at once: however many are open, vmuxd has one follower more.
//!
//! | file | job |
//! |---|---|
//! | [`follower`] | the thread that follows vmuxd, and answers what is asked of its copy |
//! | [`frame`] | the events as a browser reads them, and those of late; pure |
//! | [`stream`] | what one page gets |

mod follower;
pub mod frame;
pub mod stream;

pub use follower::View;

use follower::Question;
use frame::Frame;
use rustix::fd::OwnedFd;
use std::io;
use std::sync::{Arc, mpsc};
use tokio::sync::{broadcast, oneshot};
use vmux::client::connect::Endpoint;

/// How many events a page may be behind. Then it gets the full state instead.
const MAX_BEHIND: usize = 256;

/// The way to the thread that follows vmuxd.
#[derive(Clone)]
pub struct Feed {
    frames: broadcast::Sender<Frame>,
    questions: mpsc::SyncSender<Question>,
    wake: Arc<OwnedFd>,
}

impl Feed {
    /// Starts to follow.
    pub fn start(endpoint: Endpoint) -> io::Result<Feed> {
        let (frames, _) = broadcast::channel(MAX_BEHIND);
        let (questions, asked) = mpsc::sync_channel(1024);
        let (woken, wake) = rustix::pipe::pipe_with(
            rustix::pipe::PipeFlags::CLOEXEC | rustix::pipe::PipeFlags::NONBLOCK,
        )?;
        let to = frames.clone();
        std::thread::Builder::new()
            .name("follower".to_owned())
            .spawn(move || follower::run(&endpoint, &to, &asked, &woken))?;
        Ok(Feed { frames, questions, wake: Arc::new(wake) })
    }

    /// The events from now on.
    fn subscribe(&self) -> broadcast::Receiver<Frame> {
        self.frames.subscribe()
    }

    /// Looks at what is known now. `None` if that thread is gone, or has too much to do.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&View) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        // Who has asked may be gone by then.
        let question: Question = Box::new(move |view| drop(answer.send(look(view))));
        self.questions.try_send(question).ok()?;
        // A full pipe wakes it as well.
        let _ = rustix::io::write(&self.wake, &[0]);
        answered.await.ok()
    }
}
