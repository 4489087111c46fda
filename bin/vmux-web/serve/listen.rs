//! Listens, and serves each connection within limits.

use super::guests::{Guest, Guests};
use crate::start::address::Socket;
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::net::sockopt::set_tcp_user_timeout;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::TlsAcceptor;
use vmux::cli::error::{CliError, CliResult, FAILED};
use vmux::client::error::plain;

/// How long the headers of a request may take, and a TLS handshake; also, how long a connection may be
/// idle.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// The most bytes of headers, and the most headers.
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// How long what was sent may stay unacknowledged or unread, in milliseconds. A phone that leaves its
/// network says no word, and without this the kernel keeps its place for a quarter of an hour; that of a
/// browser that never reads, for ever (tcp(7), `TCP_USER_TIMEOUT`).
const SILENCE: u32 = 300_000;

/// Between two tries to accept where there is no descriptor left.
const PAUSE: Duration = Duration::from_millis(200);

/// A socket that is listened on.
pub struct Listener {
    socket: Listening,
    tls: Option<TlsAcceptor>,
}

enum Listening {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Listener {
    /// Listens. A Unix socket that a dead program has left is replaced.
    pub fn bind(socket: &Socket, tls: Option<TlsAcceptor>) -> CliResult<Listener> {
        let socket = match socket {
            Socket::Tcp(address) => bind_tcp(*address).map_err(|error| {
                let message = format!("cannot listen on {address}: {}", plain(&error));
                CliError::new(FAILED, message).hint("--listen names another address and port")
            })?,
            Socket::Unix(path) => bind_unix(path).map_err(|error| {
                let message = format!("cannot listen on {}: {}", path.display(), plain(&error));
                CliError::new(FAILED, message).hint("--unix names another path")
            })?,
        };
        Ok(Listener { socket, tls })
    }

    /// The port that it has; 0 if it has none.
    pub fn port(&self) -> u16 {
        match &self.socket {
            Listening::Tcp(listener) => listener.local_addr().map_or(0, |it| it.port()),
            Listening::Unix(..) => 0,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Listening::Unix(_, path) = &self.socket {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn bind_tcp(address: std::net::SocketAddr) -> io::Result<Listening> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(Listening::Tcp(TcpListener::from_std(listener)?))
}

fn bind_unix(path: &Path) -> io::Result<Listening> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if !meta.file_type().is_socket() => {
            return Err(io::Error::other("something else than a socket is there"));
        }
        Ok(_) if std::os::unix::net::UnixStream::connect(path).is_ok() => {
            return Err(io::Error::other("another program listens there"));
        }
        Ok(_) => std::fs::remove_file(path)?,
        Err(_) => {}
    }
    // From its first moment on it is for the user alone.
    let mask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(path);
    rustix::process::umask(mask);
    Ok(Listening::Unix(listener?, path.to_owned()))
}

/// Serves for ever.
pub async fn serve(listener: Listener, router: Router) {
    let guests = Guests::default();
    loop {
        let (router, tls) = (router.clone(), listener.tls.clone());
        let accepted = match &listener.socket {
            Listening::Tcp(socket) => socket.accept().await.map(|(stream, _)| {
                // An event is small, and is to be there at once.
                let _ = stream.set_nodelay(true);
                let _ = set_tcp_user_timeout(&stream, SILENCE);
                let guest = guests.arrive();
                tokio::spawn(greet(stream, tls, router, guest));
            }),
            Listening::Unix(socket, _) => socket.accept().await.map(|(stream, _)| {
                tokio::spawn(connection(stream, router, guests.arrive()));
            }),
        };
        if accepted.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn greet(
    stream: tokio::net::TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    guest: Arc<Guest>,
) {
    let Some(tls) = tls else { return connection(stream, router, guest).await };
    let stream = tokio::select! {
        stream = tokio::time::timeout(HEADER_TIME, tls.accept(stream)) => stream,
        () = guest.must_leave() => return,
    };
    if let Ok(Ok(stream)) = stream {
        connection(stream, router, guest).await;
    }
}

/// Serves one connection until it ends, or has to make room.
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    guest: Arc<Guest>,
) {
    let service = TowerToHyperService::new(router.layer(Extension(Arc::clone(&guest))));
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // `nc -N` and socat shut down their side when they have asked.
        .half_close(true)
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // What went wrong is between hyper and a program that has gone.
        _ = &mut serving => {}
        () = guest.must_leave() => {}
    }
}
