//! `vmux events`: the event stream, one JSON object per line.

use crate::cli::error::{CliError, CliResult, UNREACHABLE};
use crate::cli::terminal::{Following, print};
use crate::client::connect::Endpoint;
use crate::protocol::event::Event;
use crate::session::registry::change::Change;
use crate::session::sanitize::clean;

/// Runs the command, until vmuxd or the reader ends.
pub fn run(endpoint: &Endpoint) -> CliResult {
    let mut client = endpoint.client()?;
    let socket = &endpoint.paths.socket;
    let lost = |error: &std::io::Error| CliError::unreachable(socket, error);
    client.subscribe().map_err(|error| lost(&error))?;
    let mut last = None;
    let mut following = Following::default();
    loop {
        if !following.wait(&client).map_err(|error| lost(&error))? {
            return Ok(());
        }
        let Some(line) = client.event().map_err(|error| lost(&error))? else {
            return Err(ended(last));
        };
        print(&(line.raw + "\n"))?;
        last = Some(line.event);
    }
}

fn ended(last: Option<Event>) -> CliError {
    let message = match last.map(|it| it.change) {
        Some(Change::Closed { reason }) => {
            format!("vmuxd ended the stream: {}", clean(&reason, 300))
        }
        _ => "vmuxd has ended".to_owned(),
    };
    CliError::new(UNREACHABLE, message).hint("call again for the state and what comes after it")
}
