//! `vmux stop`: end vmuxd.

use crate::cli::error::{Complaint, Result, UNREACHABLE};
use crate::client::connect::Endpoint;
use crate::client::dial::is_absent;
use crate::client::error::ClientError;
use crate::protocol::request::{Nothing, Request};

/// Run it: vmuxd has ended when this returns.
pub fn run(endpoint: &Endpoint) -> Result {
    let socket = &endpoint.paths.socket;
    let mut client = endpoint.connect().map_err(|error| match endpoint.unreachable(error) {
        ClientError::Unreachable { error, .. } if is_absent(&error) => {
            Complaint::new(UNREACHABLE, "vmuxd is not running")
        }
        other => other.into(),
    })?;
    let response = client
        .ask(&Request::Stop(Nothing {}))
        .map_err(|error| Complaint::unreachable(socket, &error))?;
    if !response.ok {
        return Err(endpoint.refused(response).into());
    }
    // It closes the connection as it ends; whatever else may come, there is no answer to wait for.
    let _ = client.event();
    Ok(())
}
