#!/usr/bin/env bash
# ureq 3.5.1 (crate; rustls 0.23.46, rustls-webpki 0.103.16) with a certificate that `openssl req -x509`
# (OpenSSL 3) makes.
#
# Guess: a client whose only root is the server's own self-signed certificate talks to that server, as
# curl --cacert and Python's ssl do: what is trusted need not be proved.
# Seen: the handshake fails with CaUsedAsEndEntity. `openssl req -x509` writes CA:TRUE into what it makes, and
# webpki takes no certificate of an authority for that of a server, not even one that is itself the root.
# With `-addext basicConstraints=critical,CA:FALSE` the same client takes the same kind of certificate.
#
# Why it matters here: a user's own push server, or `vmux web`, has such a certificate as a rule, and
# "the system trusts it" is not enough for a client on rustls.
set -euo pipefail

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/src"

cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
ureq = { version = "=3.5.1", default-features = false, features = ["rustls"] }
rustls = { version = "=0.23.46", default-features = false }
rustls-webpki = "=0.103.16"
TOML
cat > "$work/src/main.rs" <<'RUST'
use ureq::tls::{Certificate, RootCerts, TlsConfig};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let root = Certificate::from_pem(&std::fs::read(&arguments[1]).unwrap()).unwrap();
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[root])).build();
    let config = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false).build();
    match ureq::Agent::from(config).get(&arguments[2]).call() {
        Ok(answer) => println!("HTTP {}", answer.status().as_u16()),
        Err(error) => println!("{error}"),
    }
}
RUST
CARGO_TARGET_DIR=$work/target CARGO_BUILD_JOBS=1 cargo build --quiet --manifest-path "$work/Cargo.toml"

cat > "$work/server.py" <<'PY'
import http.server, ssl, sys
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
cat > "$work/client.py" <<'PY'
import ssl, sys, urllib.error, urllib.request
context = ssl.create_default_context(cafile=sys.argv[1])
try:
    print("HTTP", urllib.request.urlopen(sys.argv[2], context=context).status)
except urllib.error.HTTPError as error:
    print("HTTP", error.code)
except OSError as error:
    print(error)
PY

ask() { # what each client says of a server with a certificate that is made with these options
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1 "$@" -keyout "$work/key.pem" -out "$work/cert.pem" 2> /dev/null
    rm -f "$work/port"
    mkfifo "$work/port"
    python3 "$work/server.py" "$work/cert.pem" "$work/key.pem" > "$work/port" 2> /dev/null & server=$!
    read -r -t 30 port < "$work/port"
    url=https://127.0.0.1:$port/
    of_python=$(python3 "$work/client.py" "$work/cert.pem" "$url")
    of_ureq=$("$work/target/debug/finding" "$work/cert.pem" "$url")
    kill "$server"
    wait "$server" 2> /dev/null || true
    server=
    echo "$* python: $of_python; ureq: $of_ureq"
}

plain=$(ask)
leaf=$(ask -addext basicConstraints=critical,CA:FALSE)
echo 'ureq 3.5.1 seen, with the certificate itself as the only root:'
echo "$plain"
echo "$leaf"
[[ $plain == *'python: HTTP 501; ureq: '*CaUsedAsEndEntity* && $leaf == *'python: HTTP 501; ureq: HTTP 501' ]] ||
    { echo 'CHANGED: only ureq refused, and only the certificate that says CA:TRUE' >&2; exit 1; }
