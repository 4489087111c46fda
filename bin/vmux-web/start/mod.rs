//! From the command line to a server that runs.
//!
//! | file | job |
//! |---|---|
//! | [`address`] | where to listen, and whether that is allowed; pure |
//! | [`keys`] | the token, and what a browser that signed in shows instead |
//! | [`instance`] | one `vmux web` for each home |
//! | [`link`] | the link with the token: opened, printed, as a QR code |

pub mod address;
mod instance;
pub mod keys;
mod link;

use crate::api::router;
use crate::feed::Feed;
use crate::serve::listen::{Listener, serve};
use crate::web::Web;
use address::Place;
use keys::Keys;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use vmux::cli::args::options::web::WebArgs;
use vmux::cli::error::{CliError, CliResult, FAILED};
use vmux::client::connect::Endpoint;
use vmux::client::error::plain;
use vmux::config::Config;

/// How many requests to vmuxd run at once: each is a thread that waits.
const MAX_ASKING: usize = 8;

/// Serves until a signal; or shows the page of the `vmux web` that runs.
pub fn run(args: &WebArgs, no_start: bool) -> CliResult {
    let endpoint = Endpoint::from_environment(no_start)?;
    let home = &endpoint.paths.home;
    let (config, _) = Config::load(&endpoint.paths.config())
        .map_err(|error| CliError::new(FAILED, error.to_string()))?;
    let place = address::place(args, &config.web)?;
    let lock = match instance::take(home)? {
        instance::Taken::Mine(lock) => lock,
        instance::Taken::Other(base) if args.open || args.qr => {
            return link::show(args, &base, &Keys::load(home)?, home);
        }
        instance::Taken::Other(base) => {
            let hint = "`vmux web --open` opens its page";
            return Err(CliError::new(FAILED, format!("vmux web runs already: {base}")).hint(hint));
        }
    };
    let keys = Keys::load(home)?;
    // Started, if that is allowed; whether it answers later is what the page shows.
    let started = endpoint.client().map(drop);
    if endpoint.start {
        started?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MAX_ASKING)
        .build()
        .map_err(|error| CliError::new(FAILED, format!("starting: {}", plain(&error))))?;
    runtime.block_on(async {
        let tls = place.tls()?;
        let listener = Listener::bind(&place.socket, tls)?;
        let base = place.base(&config.web, listener.port());
        lock.tell(&base)?;
        let endpoint = endpoint.without_start();
        let feed = Feed::start(endpoint.clone())
            .map_err(|error| CliError::new(FAILED, format!("starting: {}", plain(&error))))?;
        let is_secure = base.starts_with("https:");
        let name = config.web.url.clone();
        let web = Arc::new(Web::new(endpoint, feed, keys, name, is_secure));
        link::say(args, &base, &web.keys, &web.endpoint.paths.home, &place)?;
        let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        let [Ok(mut interrupt), Ok(mut terminate)] = signals else {
            return Err(CliError::new(FAILED, "signals cannot be waited for"));
        };
        tokio::select! {
            () = serve(listener, router(web)) => {}
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

impl Place {
    /// What speaks TLS here; `None` for plain HTTP.
    fn tls(&self) -> CliResult<Option<tokio_rustls::TlsAcceptor>> {
        let Some((certificate, key)) = &self.tls else { return Ok(None) };
        crate::serve::tls::acceptor(certificate, key).map(Some)
    }
}
