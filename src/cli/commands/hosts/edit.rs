//! `vmux hosts add` and `remove`: edit the configuration, which vmuxd reads at once.

use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::terminal::print;
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::config::edit::{EditError, with_host, without_host};
use crate::config::hosts::{HostConfig, is_destination, is_program};
use crate::protocol::request::{HostsRequest, Request};
use crate::session::key::HostName;
use crate::session::sanitize::clean;
use crate::system::files::read_regular;
use crate::system::replace::Replacement;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The largest configuration that is edited.
const MAX_FILE: u64 = 256 * 1024;

/// How long vmuxd may take to read a change, and how often it is asked.
const KNOWN_WITHIN: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// The mode of a new file.
const MODE: u32 = 0o600;

/// Adds a host.
pub fn add(name: &str, ssh: Option<&str>, program: Option<&str>, endpoint: &Endpoint) -> CliResult {
    let host_name = named(name)?;
    let host = HostConfig {
        ssh: ssh.unwrap_or(name).to_owned(),
        program: program.map(str::to_owned),
        enabled: true,
    };
    if !is_destination(&host.ssh) {
        return Err(CliError::usage("--ssh is host, user@host or ssh://user@host:port"));
    }
    if !host.program.as_deref().is_none_or(is_program) {
        return Err(CliError::usage("--program is an absolute path or one in ~, without spaces"));
    }
    edit(endpoint, host_name, |text, home| with_host(text, host_name, &host, home))?;
    wait_until_known(endpoint, |hosts| hosts.contains(&host_name));
    print(&format!("Added {host_name}. `vmux hosts check {host_name}` tries it.\n"))
}

/// Removes a host.
pub fn remove(name: &str, endpoint: &Endpoint) -> CliResult {
    let host_name = named(name)?;
    edit(endpoint, host_name, |text, home| without_host(text, host_name, home))?;
    wait_until_known(endpoint, |hosts| !hosts.contains(&host_name));
    print(&format!("Removed {host_name}.\n"))
}

/// Waits a moment until a vmuxd that runs has read the configuration: what follows in a script meets the
/// new hosts. None is started for this.
fn wait_until_known(endpoint: &Endpoint, is_so: impl Fn(&[HostName]) -> bool) {
    let deadline = Instant::now() + KNOWN_WITHIN;
    let Ok(mut client) = endpoint.connect() else { return };
    while Instant::now() < deadline {
        let Ok(reply) = client.ask(&Request::Hosts(HostsRequest::default())) else { return };
        let hosts = reply.hosts.unwrap_or_default();
        if is_so(&hosts.iter().map(|it| it.name).collect::<Vec<_>>()) {
            return;
        }
        thread::sleep(PAUSE);
    }
}

fn named(name: &str) -> CliResult<HostName> {
    HostName::new(name).map_err(|error| CliError::usage(error.to_string()))
}

fn edit(
    endpoint: &Endpoint,
    name: HostName,
    edit: impl FnOnce(&str, Option<&Path>) -> Result<String, EditError>,
) -> CliResult {
    let path = endpoint.paths.config();
    // What a link leads to is edited, and the link stays.
    let path = fs::canonicalize(&path).unwrap_or(path);
    let shown = clean(&path.display().to_string(), 200);
    let failed = |what: &str, error: &io::Error| {
        CliError::new(FAILED, format!("{what} {shown}: {}", plain(error)))
    };
    let text = read(&path).map_err(|error| failed("reading", &error))?;
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    let edited = edit(&text, home.as_deref()).map_err(|error| refused(error, name, &shown))?;
    write(&path, &edited).map_err(|error| failed("writing", &error).hint("nothing was changed"))
}

fn refused(error: EditError, name: HostName, path: &str) -> CliError {
    match error {
        EditError::Faulty => CliError::new(FAILED, format!("{path} has errors"))
            .hint("`vmux config check` lists them; correct them first"),
        EditError::Exists => CliError::new(NO_MATCH, format!("{name} is in {path} already"))
            .hint(format!("edit it there, or take it away with `vmux hosts remove {name}`")),
        EditError::Missing => CliError::new(NO_MATCH, format!("{name} is not in {path}"))
            .hint("`vmux hosts` lists those that are"),
        EditError::ByHand => CliError::new(FAILED, format!("{path} is written in another way"))
            .hint(format!("edit [hosts.{name}] by hand: `vmux config example` shows it")),
    }
}

fn read(path: &Path) -> io::Result<String> {
    match read_regular(path, MAX_FILE) {
        Ok((bytes, _)) => String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let mode = fs::metadata(path).map_or(MODE, |it| it.permissions().mode() & 0o777);
    let replacement = Replacement::write(path, text.as_bytes(), mode)?;
    replacement.file().sync_all()?;
    replacement.commit(path)
}
