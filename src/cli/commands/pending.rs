//! `vmux pending`: the prompts that are open, whole.

use crate::cli::args::options::answer::PendingArgs;
use crate::cli::error::{CliError, CliResult, NOT_WAITING, UNREACHABLE};
use crate::cli::find::for_vmuxd;
use crate::cli::hooks::prompt_text::lines;
use crate::cli::json::pretty;
use crate::cli::terminal::{Following, Output, print};
use crate::client::connect::Endpoint;
use crate::protocol::prompt::Prompt;
use crate::protocol::request::{PendingRequest, Request};
use crate::session::info::SessionInfo;
use crate::show::phrases;
use chrono::Utc;

/// Runs the command.
pub fn run(args: &PendingArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    if args.follow {
        return follow(args, endpoint, output);
    }
    let words = args.query.join(" ");
    let query = match words.is_empty() {
        true => None,
        false => Some(for_vmuxd(&words, endpoint, output, false)?),
    };
    let is_of_one = query.is_some();
    let request = PendingRequest { query, follow: false, all: true };
    let prompts = endpoint.ask(&Request::Pending(request))?.prompts.unwrap_or_default();
    if args.json {
        return print(&pretty(&prompts, output.terminal)?);
    }
    if prompts.is_empty() && is_of_one {
        return Err(CliError::new(NOT_WAITING, "it asks nothing"));
    }
    if prompts.is_empty() && output.terminal {
        return print("no session asks anything\n");
    }
    print(&text(&prompts, &endpoint.sessions()?, output))
}

/// Prints what changes until vmuxd or the reader ends.
fn follow(args: &PendingArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let mut client = endpoint.client()?;
    let lost = |error: std::io::Error| CliError::unreachable(&endpoint.paths.socket, &error);
    let request = Request::Pending(PendingRequest { query: None, follow: true, all: false });
    client.send_and_follow(&request).map_err(lost)?;
    let mut shown: Vec<Prompt> = Vec::new();
    let mut following = Following::default();
    loop {
        if !following.wait(&client).map_err(lost)? {
            return Ok(());
        }
        let Some(response) = client.response().map_err(lost)? else {
            let error = CliError::new(UNREACHABLE, "vmuxd has ended");
            return Err(error.hint("call again for what is open now"));
        };
        if !response.ok {
            return Err(endpoint.refused(response).into());
        }
        let Some(open) = response.prompts else { continue };
        if args.json {
            print(&pretty(&open, false)?)?;
        } else {
            let is_in = |all: &[Prompt], one: &Prompt| all.iter().any(|it| it.id == one.id);
            let over = shown.iter().filter(|it| !is_in(&open, it));
            let over: String = over.map(|it| format!("{}  is over\n\n", it.id)).collect();
            let new: Vec<Prompt> = open.iter().filter(|it| !is_in(&shown, it)).cloned().collect();
            print(&over)?;
            if !new.is_empty() {
                print(&(text(&new, &endpoint.sessions()?, output) + "\n"))?;
            }
        }
        shown = open;
    }
}

fn text(prompts: &[Prompt], sessions: &[SessionInfo], output: &Output) -> String {
    let texts = prompts.iter().map(|prompt| {
        let session = sessions.iter().find(|it| it.key() == prompt.session);
        let name = session.map(phrases::title);
        let name = name.unwrap_or_else(|| format!("pid {}", prompt.session.process.pid));
        lines(prompt, &name, Utc::now(), output.home.as_deref()).join("\n") + "\n"
    });
    texts.collect::<Vec<_>>().join("\n")
}
