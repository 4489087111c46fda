//! Certificate and key: what speaks TLS.

use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vmux::cli::error::{CliError, CliResult, FAILED};
use vmux::client::error::plain;
use vmux::system::files::read_regular;

/// A larger file is no certificate.
const MAX_FILE: u64 = 1024 * 1024;

/// Reads both, in PEM.
pub fn acceptor(certificate: &Path, key: &Path) -> CliResult<TlsAcceptor> {
    let read = |path: &Path| {
        read_regular(path, MAX_FILE).map(|(bytes, _)| bytes).map_err(|error| failed(path, &error))
    };
    let wrong = |path: &Path, what: &str| failed(path, &io::Error::other(what.to_owned()));
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|it| !it.is_empty())
        .ok_or_else(|| wrong(certificate, "there is no certificate in it (PEM)"))?;
    let secret = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| wrong(key, "there is no private key in it (PEM)"))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| wrong(key, &format!("it does not fit the certificate: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn failed(path: &Path, error: &io::Error) -> CliError {
    CliError::new(FAILED, format!("{}: {}", path.display(), plain(error)))
}
