//! `vmux answer`, `allow` and `deny`: answers a prompt that is open.

use crate::cli::args::options::answer::{AllowArgs, AnswerArgs, AnsweredPrompt, DenyArgs};
use crate::cli::commands::hooks::settings_path;
use crate::cli::error::{CliError, CliResult};
use crate::cli::find::for_vmuxd;
use crate::cli::hooks::entries::answers;
use crate::cli::hooks::prompt_text::lines;
use crate::cli::hooks::settings_file::SettingsFile;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::ClientError;
use crate::protocol::prompt::UserAnswer;
use crate::protocol::request::{AnswerRequest, Request};
use crate::protocol::response::Response;
use crate::session::sanitize::clean;
use crate::show::phrases;
use chrono::Utc;
use serde_json::json;

/// What a hint advises that is of no use where it is done already.
const INSTALL: &str = "hooks install --answer";

/// What to do about a prompt that no hook waits for although it is installed.
const OLDER_THAN_HOOK: &str = "`vmux pending` says why; the hook is installed, for prompts that \
                               came after it";

/// An answer that is to be sent.
struct Given<'a> {
    query: &'a str,
    answer: UserAnswer,
    common: &'a AnsweredPrompt,
    /// The command, for the log of answers.
    door: &'static str,
}

/// Runs `vmux answer`.
pub fn run(args: &AnswerArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let message = args.message.clone();
    let answer = match (&args.words[..], &message) {
        ([word], _) if word == "deny" => UserAnswer::Deny { message },
        (_, Some(_)) => return Err(CliError::usage("--message belongs to deny")),
        ([word], _) if word == "allow" => UserAnswer::Allow { accept_edits: false },
        ([word], _) if word == "always" => UserAnswer::Always,
        (words, _) => UserAnswer::Reply(words.to_vec()),
    };
    let (query, common) = (&args.query, &args.common);
    send(&Given { query, answer, common, door: "vmux answer" }, endpoint, output)
}

/// Runs `vmux allow`.
pub fn allow(args: &AllowArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let answer = UserAnswer::Allow { accept_edits: args.accept_edits };
    let (query, common) = (&args.query.join(" "), &args.common);
    send(&Given { query, answer, common, door: "vmux allow" }, endpoint, output)
}

/// Runs `vmux deny`.
pub fn deny(args: &DenyArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let answer = UserAnswer::Deny { message: args.message.clone() };
    let (query, common) = (&args.query.join(" "), &args.common);
    send(&Given { query, answer, common, door: "vmux deny" }, endpoint, output)
}

fn send(given: &Given, endpoint: &Endpoint, output: &Output) -> CliResult {
    let request = AnswerRequest {
        query: Some(for_vmuxd(given.query, endpoint, output, false)?),
        prompt: given.common.prompt.clone(),
        answer: given.answer.clone(),
        door: Some(given.door.to_owned()),
    };
    let response =
        endpoint.ask(&Request::Answer(request)).map_err(|error| refused(error, output))?;
    let id = clean(response.prompt.as_deref().unwrap_or_default(), 40);
    if given.common.json {
        let value = json!({ "prompt": id, "session": response.session });
        return print(&pretty(&value, output.terminal)?);
    }
    say_told(&given.answer, &response)
}

/// Says which session was given the answer, after vmuxd has replied so.
pub fn say_told(answer: &UserAnswer, response: &Response) -> CliResult {
    let name = response.session.as_deref().map(phrases::title).unwrap_or_default();
    let answer = match answer {
        UserAnswer::Allow { accept_edits: false } => "allow",
        UserAnswer::Allow { accept_edits: true } => "allow, and accept edits",
        UserAnswer::Always => "always",
        UserAnswer::Deny { .. } => "deny",
        UserAnswer::Reply(_) => "your answer",
    };
    print(&format!("{name}: Claude Code was told: {answer}\n"))
}

/// Whether the hook that answers is installed, so that its installation is no advice.
fn has_hook() -> bool {
    let settings = settings_path(None).ok().and_then(|it| SettingsFile::read(&it).ok());
    settings.is_some_and(|it| answers(&it.settings))
}

/// The error, with the prompts that are open instead.
fn refused(mut error: ClientError, output: &Output) -> CliError {
    if let ClientError::Refused { response, .. } = &mut error
        && response.hint.as_deref().is_some_and(|it| it.contains(INSTALL))
        && has_hook()
    {
        response.hint = Some(OLDER_THAN_HOOK.to_owned());
    }
    let open = match &error {
        ClientError::Refused { response, .. } => response.prompts.clone().unwrap_or_default(),
        _ => Vec::new(),
    };
    let home = output.home.as_deref();
    let texts = open.iter().flat_map(|prompt| {
        let name = format!("pid {}", prompt.session.process.pid);
        lines(prompt, &name, Utc::now(), home)
    });
    let texts: Vec<String> = texts.collect();
    match texts.is_empty() {
        true => CliError::from(error),
        false => CliError::from(error).lines(texts),
    }
}
