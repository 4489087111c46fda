//! `vmux version`: the versions of both sides, and what vmuxd says is wrong.

use crate::cli::error::CliResult;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::protocol::VERSION;
use crate::protocol::request::{Nothing, Request};
use crate::protocol::response::DaemonInfo;
use crate::session::sanitize::clean;
use serde::Serialize;

/// What `--json` prints.
#[derive(Serialize)]
struct Versions {
    vmux: &'static str,
    /// `None`: none runs, or it cannot be reached.
    vmuxd: Option<DaemonInfo>,
}

/// Runs the command. It never starts vmuxd: without one, only vmux has a version to print.
pub fn run(json: bool, endpoint: &Endpoint, output: &Output) -> CliResult {
    let endpoint = endpoint.clone().without_start();
    let response = endpoint.ask(&Request::Version(Nothing {}));
    let versions = Versions { vmux: VERSION, vmuxd: response.ok().and_then(|it| it.daemon) };
    match json {
        true => print(&pretty(&versions, output.terminal)?),
        false => print(&text(versions.vmuxd.as_ref())),
    }
}

fn text(vmuxd: Option<&DaemonInfo>) -> String {
    let mut text = format!("vmux {VERSION}\n");
    match vmuxd {
        None => text.push_str("vmuxd is not running, or cannot be reached\n"),
        Some(vmuxd) => {
            text.push_str(&format!("vmuxd {} (pid {})\n", clean(&vmuxd.version, 40), vmuxd.pid));
            for problem in &vmuxd.problems {
                text.push_str(&format!("problem: {}\n", clean(problem, 1000)));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_and_the_problems_of_vmuxd() {
        assert_eq!(text(None).lines().count(), 2);
        let problems = vec!["inotify:\u{1b} no more watches".to_owned()];
        let vmuxd = DaemonInfo { version: "9.9.9".to_owned(), protocol: 1, pid: 7, problems };
        let expected = "vmuxd 9.9.9 (pid 7)\nproblem: inotify: no more watches\n";
        assert_eq!(text(Some(&vmuxd)), format!("vmux {VERSION}\n{expected}"));
    }
}
