//! A thread that talks to the X server, so that an X server that hangs holds up nothing else.

use super::hidden::HiddenWindow;
use super::{WindowOwners, XDisplay, XError};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

enum XRequest {
    Owners(Vec<u32>, oneshot::Sender<Result<WindowOwners, XError>>),
    Socket(oneshot::Sender<Result<Option<String>, XError>>),
    Hidden(Vec<u32>, oneshot::Sender<Result<Vec<HiddenWindow>, XError>>),
    Attention(u32, bool, oneshot::Sender<Result<(), XError>>),
    WatchActivations(oneshot::Sender<Result<(), XError>>),
    Activated(Vec<u32>, Duration, oneshot::Sender<Result<Vec<u32>, XError>>),
}

/// Counts a request to the X server as pending until it is dropped.
struct Pending(Arc<AtomicUsize>);

impl Pending {
    fn new(count: &Arc<AtomicUsize>) -> Pending {
        count.fetch_add(1, Ordering::Relaxed);
        Pending(Arc::clone(count))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Which displays have a thread that waits for an answer. They get no second one meanwhile: a thread
/// that waits for the X server cannot be ended before its time is over.
#[derive(Debug, Default)]
pub struct XWorkers {
    pending: BTreeMap<String, Arc<AtomicUsize>>,
}

impl XWorkers {
    /// The same as [`XWorker::start`], unless an earlier one of this display still waits.
    pub fn start(
        &mut self,
        name: &str,
        authorities: Vec<PathBuf>,
        deadline: Duration,
    ) -> Result<XWorker, XError> {
        self.pending.retain(|_, pending| pending.load(Ordering::Relaxed) > 0);
        if self.pending.contains_key(name) {
            return Err(silent(name));
        }
        let worker = XWorker::start(name, authorities, deadline)?;
        self.pending.insert(name.to_owned(), Arc::clone(&worker.pending));
        Ok(worker)
    }
}

fn silent(name: &str) -> XError {
    format!("the X server {name} has not answered yet")
}

/// The X server of one display, for async code.
#[derive(Debug)]
pub struct XWorker {
    name: String,
    inbox: mpsc::Sender<(XRequest, Pending)>,
    /// Requests that are not answered yet.
    pending: Arc<AtomicUsize>,
    deadline: Duration,
    ended: bool,
}

impl XWorker {
    /// Starts a thread for the display `name`. It connects with the first request, and with the
    /// next one after a failure; it ends when this value is dropped. `authorities` are files that
    /// may open the display.
    pub fn start(
        name: &str,
        authorities: Vec<PathBuf>,
        deadline: Duration,
    ) -> Result<Self, XError> {
        let (inbox, requests) = mpsc::channel();
        let display = name.to_owned();
        std::thread::Builder::new()
            .name("x11".into())
            .spawn(move || serve(&display, &authorities, &requests))
            .map_err(|error| format!("no thread for the X server: {error}"))?;
        Ok(XWorker {
            name: name.to_owned(),
            inbox,
            pending: Arc::default(),
            deadline,
            ended: false,
        })
    }

    /// The display's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the thread has ended; then a new one has to be started.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The processes that own these windows.
    pub async fn owners(&mut self, windows: Vec<u32>) -> Result<WindowOwners, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Owners(windows, reply), answer).await
    }

    /// The socket that i3 publishes on the root window.
    pub async fn i3_socket(&mut self) -> Result<Option<String>, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Socket(reply), answer).await
    }

    /// The hidden windows of the programs that these windows belong to.
    pub async fn hidden_beside(&mut self, windows: Vec<u32>) -> Result<Vec<HiddenWindow>, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Hidden(windows, reply), answer).await
    }

    /// Has a window marked as urgent, or unmarked.
    pub async fn demand_attention(&mut self, window: u32, urgent: bool) -> Result<(), XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Attention(window, urgent, reply), answer).await
    }

    /// Listens to requests to activate a window, until [`XWorker::activated`].
    pub async fn watch_activations(&mut self) -> Result<(), XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::WatchActivations(reply), answer).await
    }

    /// Which of the windows were asked for since then. Waits for the first up to `within`, which is well
    /// below the deadline of an answer.
    pub async fn activated(
        &mut self,
        windows: Vec<u32>,
        within: Duration,
    ) -> Result<Vec<u32>, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Activated(windows, within, reply), answer).await
    }

    /// While an answer is overdue, nothing more is asked.
    async fn ask<T>(
        &mut self,
        request: XRequest,
        answer: oneshot::Receiver<Result<T, XError>>,
    ) -> Result<T, XError> {
        if self.pending.load(Ordering::Relaxed) > 0 {
            return Err(silent(&self.name));
        }
        let sent = self.inbox.send((request, Pending::new(&self.pending)));
        let answered = match sent {
            Ok(()) => timeout(self.deadline, answer).await,
            Err(_) => Ok(answer.await),
        };
        match answered {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                self.ended = true;
                Err("the X11 thread has ended".to_owned())
            }
            Err(_) => Err(format!(
                "the X server {} did not answer within {} ms",
                self.name,
                self.deadline.as_millis()
            )),
        }
    }
}

fn serve(name: &str, authorities: &[PathBuf], requests: &mpsc::Receiver<(XRequest, Pending)>) {
    let mut display: Option<XDisplay> = None;
    // A request no longer counts as pending when its answer is sent: the next may follow at once.
    while let Ok((request, pending)) = requests.recv() {
        if display.is_none() {
            display = match XDisplay::open(name, authorities) {
                Ok(open) => Some(open),
                Err(error) => {
                    drop(pending);
                    refuse(request, error);
                    continue;
                }
            };
        }
        let Some(open) = &display else { continue };
        match request {
            XRequest::Owners(windows, reply) => {
                let answer = open.owners(&windows);
                if answer.is_err() {
                    display = None;
                }
                drop(pending);
                // The caller may have given up.
                let _ = reply.send(answer);
            }
            XRequest::Hidden(windows, reply) => {
                let answer = open.hidden_beside(&windows);
                drop(pending);
                let _ = reply.send(answer);
            }
            XRequest::Socket(reply) => {
                let answer = open.i3_socket();
                drop(pending);
                let _ = reply.send(Ok(answer));
            }
            XRequest::Attention(window, urgent, reply) => {
                let answer = open.demand_attention(window, urgent);
                drop(pending);
                let _ = reply.send(answer);
            }
            XRequest::WatchActivations(reply) => {
                let answer = open.watch_activations();
                drop(pending);
                let _ = reply.send(answer);
            }
            XRequest::Activated(windows, within, reply) => {
                let answer = open.activated(&windows, within);
                if answer.is_err() {
                    // It may still listen.
                    display = None;
                }
                drop(pending);
                let _ = reply.send(answer);
            }
        }
    }
}

fn refuse(request: XRequest, error: XError) {
    match request {
        XRequest::Owners(_, reply) => drop(reply.send(Err(error))),
        XRequest::Hidden(_, reply) => drop(reply.send(Err(error))),
        XRequest::Socket(reply) => drop(reply.send(Err(error))),
        XRequest::Attention(_, _, reply) | XRequest::WatchActivations(reply) => {
            drop(reply.send(Err(error)));
        }
        XRequest::Activated(_, _, reply) => drop(reply.send(Err(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wm::x11::SOCKETS;
    use crate::wm::x11::testing::silent_display;

    #[tokio::test]
    async fn an_x_server_that_stays_silent_has_one_thread_only() {
        let (number, listener) = silent_display();
        let name = format!(":{number}");
        let mut workers = XWorkers::default();
        let short = Duration::from_millis(50);
        let mut first = workers.start(&name, Vec::new(), short).unwrap();
        let error = first.i3_socket().await.unwrap_err();
        assert!(error.contains("within 50 ms"), "{error}");
        // It still waits: nothing more is asked of it, and no other thread is started.
        assert!(first.i3_socket().await.unwrap_err().contains("not answered yet"));
        drop(first);
        for _ in 0..3 {
            assert!(workers.start(&name, Vec::new(), short).is_err());
        }
        let (stream, _) = listener.accept().unwrap();
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "another thread has connected");
        // It gets its answer, and may be asked again.
        drop(stream);
        while workers.start(&name, Vec::new(), short).is_err() {
            tokio::task::yield_now().await;
        }
        let _ = std::fs::remove_file(format!("{SOCKETS}/X{number}"));
    }
}
