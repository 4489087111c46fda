//! `cargo bench`: how fast, beside what it costs anyway. Everything in one run on one machine; the
//! ratios are what counts. `cargo bench -- list scan` runs these tables only.
//!
//! It runs in a PID namespace of its own, so that no process of the machine is listed or counted.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that fails may stop")]

mod bare;
mod baseline;
mod cpu;
mod crowd;
mod edges;
mod hosts;
mod idle;
mod list;
mod mcp;
mod pod;
mod processes;
mod scan;
mod servers;
#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use the rest")]
mod support;
mod table;
mod transcript;
mod web;

use support::world;

const TABLES: &[(&str, fn())] = &[
    ("list", list::run),
    ("thousand", list::thousand),
    ("crowd", crowd::run),
    ("scan", scan::run),
    ("servers", servers::run),
    ("transcript", transcript::run),
    ("idle", idle::idle),
    ("busy", idle::busy),
    ("edges", edges::run),
    ("hosts", hosts::run),
    ("ssh", hosts::over_ssh::run),
    ("mcp", mcp::run),
    ("web", web::run),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, socket, host] = &arguments[..]
        && word == hosts::far_ends::WORD
    {
        return hosts::far_ends::pass_on(socket, host);
    }
    pod::enter();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    table::machine();
    for (name, run) in TABLES {
        if wanted.is_empty() || wanted.iter().any(|it| it == name) {
            run();
        }
    }
}
