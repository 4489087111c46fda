//! A thread that talks to the X server, so that an X server that hangs hangs nobody else.

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
    Attention(u32, bool, oneshot::Sender<Result<(), XError>>),
}

/// A question to the X server that is not answered yet; its end counts it out.
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

/// Which displays have a thread that waits for an answer: none gets a second one meanwhile, for a
/// thread that hangs in the X server cannot be ended.
#[derive(Debug, Default)]
pub struct XWorkers {
    out: BTreeMap<String, Arc<AtomicUsize>>,
}

impl XWorkers {
    /// The same as [`XWorker::start`], unless an earlier one of this display still waits.
    pub fn start(
        &mut self,
        name: &str,
        authorities: Vec<PathBuf>,
        deadline: Duration,
    ) -> Result<XWorker, XError> {
        self.out.retain(|_, out| out.load(Ordering::Relaxed) > 0);
        if self.out.contains_key(name) {
            return Err(silent(name));
        }
        let thread = XWorker::start(name, authorities, deadline)?;
        self.out.insert(name.to_owned(), Arc::clone(&thread.out));
        Ok(thread)
    }
}

fn silent(name: &str) -> XError {
    format!("the X server {name} has not answered yet")
}

/// The X server of one display, asked from async code.
#[derive(Debug)]
pub struct XWorker {
    name: String,
    inbox: mpsc::Sender<(XRequest, Pending)>,
    /// Questions that are not answered yet.
    out: Arc<AtomicUsize>,
    deadline: Duration,
    ended: bool,
}

impl XWorker {
    /// A thread for the display `name`. It connects when first asked, again after a failure, and
    /// ends with this value. `authorities` are files that may let it in.
    pub fn start(
        name: &str,
        authorities: Vec<PathBuf>,
        deadline: Duration,
    ) -> Result<Self, XError> {
        let (inbox, asked) = mpsc::channel();
        let display = name.to_owned();
        std::thread::Builder::new()
            .name("x11".into())
            .spawn(move || serve(&display, &authorities, &asked))
            .map_err(|error| format!("no thread for the X server: {error}"))?;
        Ok(XWorker { name: name.to_owned(), inbox, out: Arc::default(), deadline, ended: false })
    }

    /// The display's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the thread is gone; then a new one is to be started.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Who owns these windows.
    pub async fn owners(&mut self, windows: Vec<u32>) -> Result<WindowOwners, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Owners(windows, reply), answer).await
    }

    /// The socket that i3 publishes on the root window.
    pub async fn i3_socket(&mut self) -> Result<Option<String>, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Socket(reply), answer).await
    }

    /// Have a window marked as urgent, or not.
    pub async fn demand_attention(&mut self, window: u32, urgent: bool) -> Result<(), XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(XRequest::Attention(window, urgent, reply), answer).await
    }

    /// One that did not answer in time is asked again only once it has.
    async fn ask<T>(
        &mut self,
        ask: XRequest,
        answer: oneshot::Receiver<Result<T, XError>>,
    ) -> Result<T, XError> {
        if self.out.load(Ordering::Relaxed) > 0 {
            return Err(silent(&self.name));
        }
        let sent = self.inbox.send((ask, Pending::new(&self.out)));
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

fn serve(name: &str, authorities: &[PathBuf], asked: &mpsc::Receiver<(XRequest, Pending)>) {
    let mut display: Option<XDisplay> = None;
    // An answer is counted before it is given: whoever has it may ask the next question.
    while let Ok((ask, out)) = asked.recv() {
        if display.is_none() {
            display = match XDisplay::open(name, authorities) {
                Ok(open) => Some(open),
                Err(error) => {
                    drop(out);
                    refuse(ask, error);
                    continue;
                }
            };
        }
        let Some(open) = &display else { continue };
        match ask {
            XRequest::Owners(windows, reply) => {
                let answer = open.owners(&windows);
                if answer.is_err() {
                    display = None;
                }
                drop(out);
                // Whoever asked may have given up.
                let _ = reply.send(answer);
            }
            XRequest::Socket(reply) => {
                let answer = open.i3_socket();
                drop(out);
                let _ = reply.send(Ok(answer));
            }
            XRequest::Attention(window, urgent, reply) => {
                let answer = open.demand_attention(window, urgent);
                drop(out);
                let _ = reply.send(answer);
            }
        }
    }
}

fn refuse(ask: XRequest, error: XError) {
    match ask {
        XRequest::Owners(_, reply) => drop(reply.send(Err(error))),
        XRequest::Socket(reply) => drop(reply.send(Err(error))),
        XRequest::Attention(_, _, reply) => drop(reply.send(Err(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[tokio::test]
    async fn an_x_server_that_stays_silent_has_one_thread_only() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // XDisplay N listens on port 6000 + N.
        let name = format!("127.0.0.1:{}", listener.local_addr().unwrap().port() - 6000);
        let mut threads = XWorkers::default();
        let short = Duration::from_millis(50);
        let mut first = threads.start(&name, Vec::new(), short).unwrap();
        let error = first.i3_socket().await.unwrap_err();
        assert!(error.contains("within 50 ms"), "{error}");
        // It waits still: nothing more is asked of it, and no other is started.
        assert!(first.i3_socket().await.unwrap_err().contains("not answered yet"));
        drop(first);
        for _ in 0..3 {
            assert!(threads.start(&name, Vec::new(), short).is_err());
        }
        let (stream, _) = listener.accept().unwrap();
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "another thread has connected");
        // It gets its answer, and may be asked again.
        drop(stream);
        while threads.start(&name, Vec::new(), short).is_err() {
            tokio::task::yield_now().await;
        }
    }
}
