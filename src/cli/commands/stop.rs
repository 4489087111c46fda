//! `vmux stop`: ends vmuxd.

use crate::cli::error::{CliError, CliResult, UNREACHABLE};
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::dial::is_absent;
use crate::client::error::ClientError;
use crate::protocol::request::{Nothing, Request};
use serde_json::json;

/// Runs the command. When it returns, vmuxd has ended.
pub fn run(json: bool, endpoint: &Endpoint, output: &Output) -> CliResult {
    let socket = &endpoint.paths.socket;
    let mut client = endpoint.connect().map_err(|error| match endpoint.unreachable(error) {
        ClientError::Unreachable { error, .. } if is_absent(&error) => {
            CliError::new(UNREACHABLE, "vmuxd is not running")
        }
        other => other.into(),
    })?;
    let response = client
        .ask(&Request::Stop(Nothing {}))
        .map_err(|error| CliError::unreachable(socket, &error))?;
    if !response.ok {
        return Err(endpoint.refused(response).into());
    }
    // vmuxd closes the connection as it ends. Nothing else is expected.
    let _ = client.event();
    match json {
        true => print(&pretty(&json!({ "stopped": true }), output.terminal)?),
        false => Ok(()),
    }
}
