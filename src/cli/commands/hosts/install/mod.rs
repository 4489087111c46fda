//! `vmux hosts install`: copies vmux to another host, over the user's ssh.
//!
//! | file | job |
//! |---|---|
//! | [`plan`] | what is installed where, and the lines for the shell there; pure |
//! | [`remote`] | runs these lines |

pub mod plan;
pub mod remote;

use crate::cli::args::options::hosts::InstallArgs;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::json::pretty;
use crate::cli::terminal::question::confirmed;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::config::Config;
use crate::protocol::VERSION;
use crate::session::key::HostName;
use crate::session::sanitize::clean;
use plan::{DIRECTORY, NEEDED, PROGRAMS, Target};
use remote::Remote;
use serde_json::json;
use std::fs;
use std::io;
use std::path::Path;

/// A host, and what ssh is given to reach it.
struct InstallTarget<'a> {
    args: &'a InstallArgs,
    destination: &'a str,
}

/// A program that is installed.
struct InstalledProgram {
    name: &'static str,
    bytes: Vec<u8>,
}

/// Runs the command.
pub fn run(args: &InstallArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let name = HostName::new(&args.name).map_err(|error| CliError::usage(error.to_string()))?;
    let (config, _) = Config::load(&endpoint.paths.config())
        .map_err(|error| CliError::new(FAILED, clean(&error.to_string(), 300)))?;
    let destination = config.hosts.get(&name).map_or(name.as_str(), |it| it.ssh.as_str());
    let programs = programs(args.from.as_deref())?;
    let ours = machine(&programs)?;
    let options = &InstallTarget { args, destination };
    let remote = Remote { name: name.as_str(), destination };
    let target = Target::parse(&remote.run(&plan::probe_line(), &[])?)
        .map_err(|error| CliError::new(FAILED, format!("{name}: {error}")))?;
    if let Err((error, hint)) = plan::check(ours, &target) {
        return Err(CliError::new(FAILED, format!("{name}: {error}")).hint(hint));
    }
    let names: Vec<&str> = programs.iter().map(|it| it.name).collect();
    let size: usize = programs.iter().map(|it| it.bytes.len()).sum();
    let megabytes = size.div_ceil(1_000_000);
    let what = format!("{} ({megabytes} MB)", names.join(", "));
    let there = target.installed.as_deref().unwrap_or("no vmux");
    if !args.json {
        print(&format!(
            "{name} is {} {}, with {there} in ~/{DIRECTORY}.\n",
            target.system, target.machine
        ))?;
    }
    if args.dry_run {
        return report(options, output, &names, &target, "would be installed", &what);
    }
    let question = format!("Install {what} of version {VERSION} there?");
    let unasked = CliError::usage("there is no terminal to ask at").hint("--yes installs unasked");
    if !args.yes && !confirmed(&question, unasked)? {
        return Err(CliError::new(FAILED, "nothing was installed"));
    }
    install(&remote, &programs, &names)?;
    report(options, output, &names, &target, "installed", &what)
}

fn report(
    target_host: &InstallTarget,
    output: &Output,
    names: &[&str],
    target: &Target,
    done: &str,
    what: &str,
) -> CliResult {
    let InstallTarget { args, destination } = target_host;
    if args.json {
        let value = json!({
            "host": args.name, "directory": format!("~/{DIRECTORY}"), "programs": names,
            "version": VERSION, "before": target.installed, "result": done,
        });
        return print(&pretty(&value, output.terminal)?);
    }
    let mut text = format!("{}: {done} in ~/{DIRECTORY}: {what}\n", args.name);
    if target.installed.is_some() && !args.dry_run {
        text.push_str(&format!(
            "A vmuxd that runs there is still the old one: `ssh {destination} {DIRECTORY}/vmux stop` \
             ends it, and the new one begins by itself.\n"
        ));
    }
    print(&text)
}

/// Copies the programs beside their places, and then puts them there. What was begun in vain is taken
/// back.
fn install(remote: &Remote, programs: &[InstalledProgram], names: &[&str]) -> CliResult {
    let staging = format!(".vmux-install-{}", std::process::id());
    remote.run(&plan::begin_line(&staging), &[])?;
    let copy = || {
        for program in programs {
            remote.run(&plan::receive_line(&staging, program.name), &program.bytes)?;
        }
        remote.run(&plan::finish_line(&staging, names), &[]).map(drop)
    };
    copy().inspect_err(|_| {
        // The connection may have gone; then it stays, in a directory of its own.
        let _ = remote.run(&plan::undo_line(&staging), &[]);
    })
}

/// The programs to install: those beside this one, or in `from`.
fn programs(from: Option<&Path>) -> CliResult<Vec<InstalledProgram>> {
    let here = || std::env::current_exe().ok()?.parent().map(Path::to_path_buf);
    let directory = from.map(Path::to_path_buf).or_else(here);
    let unknown = || CliError::new(FAILED, "vmux cannot tell where it is installed");
    let directory = directory.ok_or_else(unknown)?;
    let mut found = Vec::new();
    for (index, name) in PROGRAMS.iter().copied().enumerate() {
        let path = directory.join(name);
        match fs::read(&path) {
            Ok(bytes) => found.push(InstalledProgram { name, bytes }),
            Err(error) if error.kind() == io::ErrorKind::NotFound && index >= NEEDED => {}
            Err(error) => {
                let error = format!("{}: {}", path.display(), plain(&error));
                return Err(CliError::new(FAILED, error)
                    .hint("--from names the directory with vmux and vmuxd"));
            }
        }
    }
    Ok(found)
}

/// The architecture that all the programs are for.
fn machine(programs: &[InstalledProgram]) -> CliResult<&'static str> {
    let mut machines: Vec<_> = programs.iter().map(|it| plan::machine_of(&it.bytes)).collect();
    machines.dedup();
    match machines.as_slice() {
        [Some(machine)] => Ok(machine),
        _ => Err(CliError::new(FAILED, "the programs are not of one known architecture")
            .hint("a wrapper in a shell script cannot be copied; --from names their directory")),
    }
}
