//! Where to listen, and how that is reached: decided from the command line and the configuration. Pure.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use vmux::cli::args::options::web::WebArgs;
use vmux::cli::error::{CliError, CliResult};
use vmux::config::rights::web::WebConfig;

/// The port where none is named.
const PORT: u16 = 8689;

/// What is listened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Socket {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// Where to listen, and with which certificate and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub socket: Socket,
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// Decides it; an address beyond this machine needs TLS, or the word of the user that it is meant so.
pub fn place(args: &WebArgs, config: &WebConfig) -> CliResult<Place> {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    if let Some(path) = &args.unix {
        return Ok(Place { socket: Socket::Unix(path.clone()), tls: None });
    }
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
    let address = args.listen.or(config.listen).unwrap_or(default);
    if !address.ip().to_canonical().is_loopback() && tls.is_none() && !args.insecure_lan {
        let message = format!("{address} can be reached from other machines");
        return Err(CliError::usage(message).hint(
            "give --tls-cert and --tls-key, or --insecure-lan if whoever can read the network may \
             read the token",
        ));
    }
    Ok(Place { socket: Socket::Tcp(address), tls })
}

impl Place {
    /// The URL of the page without a closing slash: that of the configuration, else the address. `port`
    /// is the one that is listened on.
    pub fn base(&self, config: &WebConfig, port: u16) -> String {
        if let Some(url) = &config.url {
            return url.trim_end_matches('/').to_owned();
        }
        match &self.socket {
            Socket::Unix(path) => format!("unix:{}", path.display()),
            Socket::Tcp(address) => {
                let address = SocketAddr::new(reached_at(address.ip()), port);
                format!("{}://{address}", if self.tls.is_some() { "https" } else { "http" })
            }
        }
    }

    /// Whether no other machine can reach it by itself.
    pub fn is_local(&self) -> bool {
        match &self.socket {
            Socket::Unix(_) => true,
            Socket::Tcp(address) => address.ip().to_canonical().is_loopback(),
        }
    }
}

/// An address at which a server is reached that listens on this one: every address includes loopback.
fn reached_at(ip: IpAddr) -> IpAddr {
    if ip.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { ip }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(args: WebArgs, config: &str) -> Result<(String, bool), String> {
        let (config, _) = vmux::config::Config::parse(config, None).unwrap();
        let place = place(&args, &config.web).map_err(|error| error.message)?;
        Ok((place.base(&config.web, 8689), place.is_local()))
    }

    fn listen(address: &str) -> WebArgs {
        WebArgs { listen: Some(address.parse().unwrap()), ..WebArgs::default() }
    }

    #[test]
    fn it_serves_this_machine_unless_it_is_told_otherwise() {
        let here = Ok(("http://127.0.0.1:8689".to_owned(), true));
        assert_eq!(decide(WebArgs::default(), ""), here);
        let config = "[web]\nlisten = \"[::1]:8689\"\n";
        assert_eq!(decide(WebArgs::default(), config), Ok(("http://[::1]:8689".to_owned(), true)));
        assert_eq!(decide(listen("127.0.0.1:8689"), config), here);
        let url = "[web]\nurl = \"https://desk.example/\"\n";
        assert_eq!(decide(WebArgs::default(), url), Ok(("https://desk.example".to_owned(), true)));
    }

    #[test]
    fn other_machines_reach_it_only_on_purpose() {
        for address in ["0.0.0.0:8689", "192.168.1.7:8689", "[::]:8689", "[::ffff:10.0.0.1]:8689"] {
            let refused = decide(listen(address), "");
            assert!(refused.is_err_and(|it| it.contains("from other machines")), "{address}");
            let open = WebArgs { insecure_lan: true, ..listen(address) };
            assert!(decide(open, "").is_ok_and(|(_, local)| !local), "{address}");
        }
        assert!(decide(listen("[::ffff:127.0.0.1]:8689"), "").is_ok_and(|(_, local)| local));
        let (cert, key) = (Some("c".into()), Some("k".into()));
        let tls = WebArgs { tls_cert: cert, tls_key: key, ..listen("192.168.1.7:1") };
        assert_eq!(decide(tls, ""), Ok(("https://192.168.1.7:8689".to_owned(), false)));
    }
}
