//! What else a person wants to know of a session. Pure.

use crate::claude::process;
use crate::claude::process::teammate::Teammate;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::transcript::fold::TranscriptFacts;
use crate::session::Timestamp;
use crate::session::info::Details;
use crate::session::process::Candidate;
use crate::session::sanitize::clean;
use crate::session::shared::{SharedPath, Text};
use crate::session::state::failure::Failure;
use std::path::Path;

/// Longest version, model or mode, in characters.
const MAX_WORD_CHARS: usize = 60;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 120;

/// Where the details come from.
pub(crate) struct Sources<'a> {
    pub(crate) subject: &'a Candidate,
    pub(crate) file: Option<&'a SessionFile>,
    pub(crate) facts: Option<&'a TranscriptFacts>,
    pub(crate) version: Option<&'a str>,
    pub(crate) transcript: Option<&'a SharedPath>,
    pub(crate) config_dir: Option<&'a Path>,
    /// Subagents that are at work.
    pub(crate) subagents: u32,
    /// The tool in hand, if the session works.
    pub(crate) tool: Option<&'a str>,
    /// Why its last turn ended before its work was done.
    pub(crate) failure: Option<Box<Failure>>,
    /// What its arguments say, if it is a teammate of an agent team.
    pub(crate) mate: Option<&'a Teammate>,
    /// Pid of the process that leads its team.
    pub(crate) lead: Option<u32>,
    /// Whether its transcript is that of `claude -p`.
    pub(crate) is_print: bool,
}

/// Puts them together. Texts are clean.
pub(crate) fn details(from: &Sources<'_>) -> Details {
    let facts = from.facts;
    let word = |text: &str| Text::from(clean(text, MAX_WORD_CHARS));
    let long = |text: &str| Text::from(clean(text, MAX_NAME_CHARS));
    let (name, named_by_user) = name(from);
    Details {
        name,
        named_by_user,
        version: from.version.map(word),
        kind: Some(kind(from.subject, from.file, from.is_print).into()),
        parent_pid: from.lead.or_else(|| parent(from.subject)),
        agent_name: from.mate.map(|mate| long(&mate.name)),
        team: from.mate.and_then(|mate| mate.team.as_deref()).map(long),
        failure: from.failure.clone(),
        model: facts.and_then(|facts| facts.model.as_deref()).map(word),
        permission_mode: facts.and_then(|facts| facts.mode.as_deref()).map(word),
        last_prompt: facts.and_then(|facts| facts.prompt.clone()),
        task: facts
            .and_then(|facts| facts.task.clone())
            .or_else(|| from.tool.filter(|tool| !tool.is_empty()).map(Text::from)),
        background_shells: background_shells(from),
        subagents: from.subagents,
        context_tokens: facts.and_then(|facts| facts.tokens),
        transcript: from.transcript.cloned(),
        config_dir: from.config_dir.map(SharedPath::from),
    }
}

/// A name that a person chose, wherever it stands; else a generated title; else the name that
/// Claude Code made of the directory.
fn name(from: &Sources<'_>) -> (Option<Text>, bool) {
    let own = from.file.and_then(|file| Some((file.name.as_deref()?, file.named_by_user)));
    let title = from.facts.and_then(|facts| facts.title.as_ref());
    let title = title.map(|(text, by_user)| (&**text, *by_user));
    // The lead of its team knows it by this name.
    let mate = from.mate.map(|mate| (mate.name.as_str(), false));
    let best = own
        .filter(|(_, by_user)| *by_user)
        .or(title.filter(|(_, by_user)| *by_user))
        .or(mate)
        .or(title)
        .or(own);
    let name = best.map(|(name, _)| clean(name, MAX_NAME_CHARS)).filter(|name| !name.is_empty());
    let by_user = name.is_some() && best.is_some_and(|(_, by_user)| by_user);
    (name.map(Text::from), by_user)
}

/// `interactive`, `headless` (`-p`), `sdk` or `background`. `is_print`: its transcript says so.
pub(crate) fn kind(
    subject: &Candidate,
    file: Option<&SessionFile>,
    is_print: bool,
) -> &'static str {
    if file.and_then(|file| file.kind.as_deref()) == Some("bg") {
        return "background";
    }
    let entrypoint = file.and_then(|file| file.entrypoint.as_deref());
    // A nested session inherits the variable of the one around it.
    let nested = subject.env.get("CLAUDECODE").is_some();
    let env = subject.env.get("CLAUDE_CODE_ENTRYPOINT").filter(|_| !nested);
    match entrypoint.or(env) {
        Some("sdk-cli") => "headless",
        Some(entrypoint) if entrypoint.starts_with("sdk") => "sdk",
        _ if is_headless(subject) || prints(subject) || is_print => "headless",
        _ => "interactive",
    }
}

/// Whether `-p` or `--print` is among the options.
fn is_headless(subject: &Candidate) -> bool {
    options(subject).iter().any(|word| matches!(*word, "-p" | "--print"))
}

/// Whether nobody can look at it: without a terminal to draw on Claude Code prints its answers. Of
/// interest where the arguments are lost (node).
fn prints(subject: &Candidate) -> bool {
    has_lost_arguments(subject) && subject.shows_output == Some(false)
}

/// Whether it is `claude -p` although its arguments are lost: it has `begun` a conversation as only that
/// does. One of an earlier process may have been taken up again.
pub(crate) fn is_print(subject: &Candidate, begun: Option<Timestamp>) -> bool {
    has_lost_arguments(subject) && begun.is_some_and(|at| at >= subject.started_at)
}

/// Whether a node build may have overwritten its arguments.
fn has_lost_arguments(subject: &Candidate) -> bool {
    subject.argv.len() == 1
}

/// Whether it may be no session, such as `claude mcp serve` on node: its arguments are lost, a program
/// feeds it and reads from it, and none says that it is an SDK's.
pub(crate) fn may_be_no_session(subject: &Candidate) -> bool {
    let nested = subject.env.get("CLAUDECODE").is_some();
    let is_of_sdk = !nested && subject.env.get("CLAUDE_CODE_ENTRYPOINT").is_some();
    subject.is_fed && prints(subject) && !is_of_sdk
}

/// Whether it was started as `claude mcp serve` on node. Its arguments are lost, but not their length,
/// and the shell that started it, or the session above it, left the path of the program in `_`.
pub(crate) fn is_mcp_server(subject: &Candidate) -> bool {
    let Some(path) = subject.env.get("_").filter(|_| has_lost_arguments(subject)) else {
        return false;
    };
    subject.argv_bytes == "node\0".len() + path.len() + "\0mcp\0serve\0".len()
}

/// Whether a tool that is not allowed is refused at once. Lost arguments may name who is asked.
pub(crate) fn never_asks(subject: &Candidate, kind: &str) -> bool {
    kind == "headless" && !has_lost_arguments(subject) && !is_asked_by_tool(subject)
}

/// Whether it has its prompt from the start, answers that, and ends: headless, and not fed with
/// prompts (`--input-format stream-json`).
pub(crate) fn runs_once(subject: &Candidate) -> bool {
    let is_fed = |word: &&str| word.ends_with("stream-json") && !word.contains("output");
    let words = options(subject);
    let fed_by = words.iter().position(|word| word.starts_with("--input-format"));
    let is_fed = fed_by.is_some_and(|at| words[at..].iter().take(2).any(is_fed));
    // Where the arguments are lost: without a program that feeds it, only they can hold the prompt.
    (is_headless(subject) && !is_fed) || (prints(subject) && !subject.is_fed)
}

/// Whether a tool of an MCP server answers for the user (`--permission-prompt-tool`).
fn is_asked_by_tool(subject: &Candidate) -> bool {
    options(subject).iter().any(|word| word.starts_with("--permission-prompt-tool"))
}

/// The arguments that are options or their values.
fn options(subject: &Candidate) -> Vec<&str> {
    let words = process::words_of(subject).unwrap_or_default();
    words.into_iter().take_while(|word| *word != "--").collect()
}

/// Pid of the session whose tool started this one (from 2.1.220 on its environment tells).
fn parent(subject: &Candidate) -> Option<u32> {
    subject.env.get("CLAUDECODE")?;
    subject.env.get("CLAUDE_PID")?.parse().ok()
}

fn background_shells(from: &Sources<'_>) -> u32 {
    let known = from.facts.map_or(0, |facts| facts.shells.len());
    let known = u32::try_from(known).unwrap_or(u32::MAX);
    match from.file.and_then(|file| file.status.as_ref()) {
        Some(SessionStatus::Shell) => known.max(1),
        Some(SessionStatus::Idle) => 0,
        _ => known,
    }
}

/// The directory of a session: as its file says, else as the kernel says.
pub(crate) fn directory(
    subject: &Candidate,
    file: Option<&SessionFile>,
    facts: Option<&TranscriptFacts>,
) -> SharedPath {
    file.and_then(|file| file.cwd.clone())
        .or_else(|| subject.cwd.clone())
        .or_else(|| facts.and_then(|facts| facts.cwd.as_ref()).map(|it| Path::new(&**it).into()))
        .unwrap_or_else(|| Path::new("").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::{candidate, time};

    #[test]
    fn a_print_is_known_by_the_conversation_that_it_began() {
        let process = candidate(1);
        let check = |subject: &Candidate, begun: Option<i64>| {
            let is_print = is_print(subject, begun.map(time));
            (is_print, kind(subject, None, is_print))
        };
        assert_eq!(check(&process, Some(900)), (true, "headless"));
        assert_eq!(check(&process, None), (false, "interactive"));
        assert_eq!(check(&process, Some(-900)), (false, "interactive"), "it was taken up again");
        let argv = ["claude", "--continue"].map(str::to_owned).to_vec();
        let named = Candidate { argv: argv.into(), ..process };
        assert_eq!(check(&named, Some(900)), (false, "interactive"), "its arguments tell");
    }
}
