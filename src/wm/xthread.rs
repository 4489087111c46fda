//! A thread that talks to the X server, so that an X server that hangs hangs nobody else.

use super::x11::{Display, Owners, XError};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

enum Ask {
    Owners(Vec<u32>, oneshot::Sender<Result<Owners, XError>>),
    Socket(oneshot::Sender<Result<Option<String>, XError>>),
    Attention(u32, bool, oneshot::Sender<Result<(), XError>>),
}

/// The X server of one display, asked from async code.
#[derive(Debug)]
pub struct XThread {
    name: String,
    authorities: Vec<PathBuf>,
    inbox: mpsc::Sender<Ask>,
    deadline: Duration,
    stuck: bool,
}

impl XThread {
    /// A thread for the display `name`. It connects when first asked, again after a failure, and
    /// ends with this value. `authorities` are files that may let it in.
    pub fn start(
        name: &str,
        authorities: Vec<PathBuf>,
        deadline: Duration,
    ) -> Result<Self, XError> {
        let (inbox, asked) = mpsc::channel();
        let (display, files) = (name.to_owned(), authorities.clone());
        std::thread::Builder::new()
            .name("x11".into())
            .spawn(move || serve(&display, &files, &asked))
            .map_err(|error| format!("no thread for the X server: {error}"))?;
        Ok(XThread { name: name.to_owned(), authorities, inbox, deadline, stuck: false })
    }

    /// Another thread for the same display, when this one is stuck.
    pub fn again(&self) -> Result<Self, XError> {
        XThread::start(&self.name, self.authorities.clone(), self.deadline)
    }

    /// The display's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a question was not answered in time; then a new thread is to be started.
    pub fn stuck(&self) -> bool {
        self.stuck
    }

    /// Who owns these windows.
    pub async fn owners(&mut self, windows: Vec<u32>) -> Result<Owners, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Owners(windows, reply), answer).await
    }

    /// The socket that i3 publishes on the root window.
    pub async fn i3_socket(&mut self) -> Result<Option<String>, XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Socket(reply), answer).await
    }

    /// Have a window marked as urgent, or not.
    pub async fn demand_attention(&mut self, window: u32, urgent: bool) -> Result<(), XError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Attention(window, urgent, reply), answer).await
    }

    async fn ask<T>(
        &mut self,
        ask: Ask,
        answer: oneshot::Receiver<Result<T, XError>>,
    ) -> Result<T, XError> {
        let gone = || "the X11 thread has ended".to_string();
        self.inbox.send(ask).map_err(|_| gone())?;
        match timeout(self.deadline, answer).await {
            Ok(answer) => answer.map_err(|_| gone())?,
            Err(_) => {
                self.stuck = true;
                Err(format!(
                    "the X server {} did not answer within {} ms",
                    self.name,
                    self.deadline.as_millis()
                ))
            }
        }
    }
}

fn serve(name: &str, authorities: &[PathBuf], asked: &mpsc::Receiver<Ask>) {
    let mut display: Option<Display> = None;
    while let Ok(ask) = asked.recv() {
        if display.is_none() {
            display = match Display::open(name, authorities) {
                Ok(open) => Some(open),
                Err(error) => {
                    refuse(ask, error);
                    continue;
                }
            };
        }
        let Some(open) = &display else { continue };
        match ask {
            Ask::Owners(windows, reply) => {
                let answer = open.owners(&windows);
                if answer.is_err() {
                    display = None;
                }
                // Whoever asked may have given up.
                let _ = reply.send(answer);
            }
            Ask::Socket(reply) => {
                let _ = reply.send(Ok(open.i3_socket()));
            }
            Ask::Attention(window, urgent, reply) => {
                let _ = reply.send(open.demand_attention(window, urgent));
            }
        }
    }
}

fn refuse(ask: Ask, error: XError) {
    match ask {
        Ask::Owners(_, reply) => drop(reply.send(Err(error))),
        Ask::Socket(reply) => drop(reply.send(Err(error))),
        Ask::Attention(_, _, reply) => drop(reply.send(Err(error))),
    }
}
