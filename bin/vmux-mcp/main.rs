//! `vmux-mcp`: what `vmux mcp` starts: an MCP server for a Claude Code session, on standard input and
//! output. It asks vmuxd as `vmux` does.
//!
//! | file | job |
//! |---|---|
//! | [`lines`] | standard input and output, a line for each message |
//! | [`server`] | the requests of the protocol: tools, resources, prompts |
//! | [`tools`] | the tools: their schemas, and what they do |
//! | [`resources`] | what can be read as `vmux://…` |
//! | [`view`] | sessions, prompts and servers as a model reads them |
//! | [`find`] | the session that a tool call means |
//! | [`caller`] | the session that calls |
//! | [`rights`] | what the configuration allows, and when that changes |
//! | [`failure`] | what a model reads when something fails |
//!
//! Nothing but the protocol goes to standard output. Whatever may block runs beside the loop, on threads
//! that end with the process.

mod caller;
mod failure;
mod find;
mod lines;
mod resources;
mod rights;
mod server;
mod tools;
mod view;

use rights::Rights;
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use server::Server;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use vmux::client::connect::Endpoint;

const USAGE: &str = "\
Usage: vmux mcp

An MCP server for Claude Code, on standard input and output. `vmux mcp install` registers it;
docs/mcp.md describes its tools.
";

/// Threads for what may block: the calls that [`server::MAX_CALLS`] lets run, and standard input and
/// output.
const THREADS: usize = server::MAX_CALLS + 16;

fn main() -> ExitCode {
    match std::env::args_os().nth(1) {
        None if std::io::stdin().is_terminal() => {
            eprint!("vmux-mcp: it waits for a client that speaks MCP, not for you\n{USAGE}");
        }
        None => {}
        Some(option) if option == "--help" || option == "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(option) if option == "--version" || option == "-V" => {
            println!("vmux-mcp {}", vmux::protocol::VERSION);
            return ExitCode::SUCCESS;
        }
        Some(_) => {
            eprint!("vmux-mcp: it takes no arguments\n{USAGE}");
            return ExitCode::from(2);
        }
    }
    let endpoint = match Endpoint::from_environment(false) {
        Ok(endpoint) => endpoint,
        Err(error) => return complain(&error.to_string()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(THREADS)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("cannot start: {error}")),
    };
    let result = runtime.block_on(serve(endpoint));
    // A thread that waits for vmuxd or for standard input is not waited for.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

/// Serves until standard input ends.
async fn serve(endpoint: Endpoint) -> Result<(), String> {
    let rights = Arc::new(Rights::new(endpoint.paths.config()));
    let changes = rights.changes();
    let watcher = tokio::spawn(rights::watch(rights.clone()));
    let server = Server::new(endpoint, rights);
    let (lines, input, output) = lines::stdio();
    let running = match server.serve((input, output)).await {
        Ok(running) => running,
        Err(error) => {
            lines.finish().await;
            return match error {
                // It was only looked at.
                ServerInitializeError::ConnectionClosed(_) => Ok(()),
                error => Err(format!("the client does not begin as MCP says: {error}")),
            };
        }
    };
    let teller = tokio::spawn(server::tell_changes(running.peer().clone(), changes));
    let ended = running.waiting().await;
    teller.abort();
    watcher.abort();
    lines.finish().await;
    ended.map(drop).map_err(|error| error.to_string())
}

fn complain(error: &str) -> ExitCode {
    eprintln!("vmux-mcp: {}", vmux::session::sanitize::clean(error, 300));
    ExitCode::from(4)
}
