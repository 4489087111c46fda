//! `new`: begins a session for a client that cannot do it itself, such as one on another host. The work is
//! that of `vmux new`, which is started for it with the environment of vmuxd. `starting`: how far a start
//! has come.

use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::hosts::forward::named;
use crate::daemon::hub::requests::hosts::no_host;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::{NewRequest, Request};
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::info::start::{StartStep, StepName, StepState};
use crate::session::key::HostName;
use crate::session::query::name;
use crate::session::registry::change::Change;
use crate::session::sanitize::clean;
use crate::system::programs::sibling;
use crate::wm::mux::command::output;
use serde_json::Value;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;

/// A worktree of a large repository takes its time.
const BEGINS_WITHIN: Duration = Duration::from_secs(120);

/// The longest line that is passed on, in characters.
const MAX_LINE: usize = 400;

impl Hub {
    /// Begins a session, here or on another host, and replies when it runs.
    pub(in crate::daemon::hub::requests) fn begin(&mut self, args: NewRequest, reply: ReplySender) {
        if let Err(why) = check(&args) {
            return reply.send(&Response::refused(Code::BadRequest, why));
        }
        if let Some(host) = &args.host {
            let known = HostName::new(host).ok();
            let known = known.filter(|it| self.config.current.hosts.contains_key(it));
            let Some(host) = known else { return reply.send(&no_host(host)) };
            let there = NewRequest { host: None, ..args.clone() };
            let answer = self.hosts.ask(host, &Request::New(Box::new(there)), reply.until());
            tokio::spawn(async move {
                let response = answer.await.unwrap_or_else(|_| Response::ending());
                reply.send(&named(response, Some(host)));
            });
            return;
        }
        let mut command = Command::new(sibling("vmux"));
        let paths = &self.options.paths;
        command.args(arguments(&args)).stdin(Stdio::null());
        command.env("VMUX_SOCKET", &paths.socket).env("VMUX_HOME", &paths.home);
        command.env("VMUX_NO_START", "1");
        tokio::spawn(async move {
            reply.send(&match output("vmux", &mut command, BEGINS_WITHIN).await {
                Ok(output) => told(&output),
                Err(error) => Response::refused(Code::NotStarted, error),
            });
        });
    }

    /// Passes on how far a start has come.
    pub(in crate::daemon::hub::requests) fn tell_step(&mut self, step: StartStep) -> Response {
        if let Err(why) = name::check(&step.name) {
            return Response::refused(Code::BadRequest, why);
        }
        let session_id = step.session_id.map(|it| clean(&it, 40));
        // From now on the list shows who has it.
        let is_shown = matches!(step.step, StepName::Runs | StepName::Ready);
        let is_over = is_shown || step.state == StepState::Failed;
        if is_over {
            self.starts.reservations.release(&step.name, session_id.as_deref());
        }
        let step = StartStep { session_id, says: clean(&step.says, MAX_LINE), ..step };
        self.publish(Some(Change::Start { step: Box::new(step) }));
        Response::done()
    }
}

/// Whether its texts can be arguments of a program.
fn check(args: &NewRequest) -> Result<(), String> {
    name::check(&args.name)?;
    let texts = [&args.template, &args.dir, &args.worktree, &args.prompt, &args.place];
    let mut texts = texts.into_iter().flatten().chain(&args.args);
    match texts.any(|text| text.contains('\0')) {
        true => Err("a text of it has a NUL".to_owned()),
        false => Ok(()),
    }
}

/// The command line. Each value stands with its option in one argument, so that none can be an option.
fn arguments(args: &NewRequest) -> Vec<String> {
    let mut words = vec!["new".to_owned(), "--json".to_owned()];
    let options = [
        ("template", &args.template),
        ("worktree", &args.worktree),
        ("prompt", &args.prompt),
        ("in", &args.place),
    ];
    words.extend(options.iter().filter_map(|(name, value)| match value.as_deref() {
        Some("") if *name == "worktree" => Some(format!("--worktree={}", args.name)),
        value => value.map(|value| format!("--{name}={value}")),
    }));
    let home = args.template.is_none().then(|| "~".to_owned());
    words.extend(args.dir.clone().or(home).map(|dir| format!("--dir={dir}")));
    words.extend([args.name.clone(), "--".to_owned()]);
    words.extend(args.args.iter().cloned());
    words
}

/// The reply that `vmux new` is passed on as.
fn told(output: &Output) -> Response {
    let last = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let line = text.lines().rev().find(|line| line.starts_with('{'));
        line.and_then(|line| serde_json::from_str::<Value>(line).ok()).unwrap_or_default()
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let steps = Some(said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect());
    if output.status.success() {
        let session = last(&output.stdout)["session"].take();
        let session = serde_json::from_value::<SessionInfo>(session).ok().map(Box::new);
        return Response { session, steps, ..Response::done() };
    }
    let said = last(&output.stderr);
    let text = |key: &str| said[key].as_str().map(|it| clean(it, MAX_LINE));
    let error = text("error").unwrap_or_else(|| format!("vmux new ended: {}", output.status));
    Response { hint: text("hint"), steps, ..Response::refused(Code::NotStarted, error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_an_option() {
        let args = NewRequest {
            name: "web".to_owned(),
            dir: Some("--yes".to_owned()),
            worktree: Some(String::new()),
            prompt: Some("--dangerously".to_owned()),
            args: vec!["--model".to_owned(), "x".to_owned()],
            ..NewRequest::default()
        };
        assert_eq!(
            arguments(&args).join(" "),
            "new --json --worktree=web --prompt=--dangerously --dir=--yes web -- --model x"
        );
        assert!(check(&args).is_ok());
        let bad = |name: &str| NewRequest { name: name.to_owned(), ..args.clone() };
        assert!(check(&bad("--help")).is_err());
        let prompt = Some("a\0b".to_owned());
        assert!(check(&NewRequest { prompt, ..args.clone() }).is_err());
        let least = NewRequest { name: "web".to_owned(), ..NewRequest::default() };
        assert_eq!(arguments(&least).join(" "), "new --json --dir=~ web --");
    }
}
