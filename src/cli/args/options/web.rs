//! The options of `vmux web`.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Options of `web`.
#[derive(Debug, Clone, Default, Args)]
pub struct WebArgs {
    /// Where to listen, instead of 127.0.0.1:8689; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Listen on this Unix socket instead, for a reverse proxy or `ssh -L`
    #[arg(long, value_name = "PATH", conflicts_with_all = ["listen", "tls_cert", "tls_key"])]
    pub unix: Option<PathBuf>,
    /// Open the page in a browser; if vmux web runs already, the page of that one
    #[arg(long)]
    pub open: bool,
    /// Print the link to the page, with the token, also as a QR code for a phone
    #[arg(long)]
    pub qr: bool,
    /// Serve HTTPS with this certificate chain, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Listen beyond this machine without TLS: whoever can read the network reads the token too
    #[arg(long)]
    pub insecure_lan: bool,
}

/// What the help says below the options.
pub const HELP: &str = "\
Examples:
  vmux web --open                 serve, and open the page
  vmux web --qr                   the link and its QR code, of the one that runs or of a new one
  vmux web --listen 192.168.1.7:8689 --tls-cert cert.pem --tls-key key.pem --qr
  vmux web --unix ~/.vmux/web.sock
  curl -H \"Authorization: Bearer $(cat ~/.vmux/web-token)\" http://127.0.0.1:8689/api/sessions

It runs until SIGINT or SIGTERM. A browser can only read, unless web.allow in the configuration says
what else it may do. Delete ~/.vmux/web-token to sign out every browser, and start vmux web again.
docs/web.md has the addresses, the events and the metrics.

Exit codes:
  0  ended by a signal; the page of the one that runs was opened, or its link printed
  2  the command line makes no sense
  3  vmuxd could not be started
  4  it cannot listen there, another one runs, or something that was needed failed";
