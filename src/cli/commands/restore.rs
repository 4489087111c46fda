//! `vmux restore`: lists the sessions that ran before, and starts them again.

use super::new::plan::{Plan, usual_place};
use super::new::{reserve_again, start};
use crate::cli::args::options::start::RestoreArgs;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::config::{Config, StartPlace};
use crate::protocol::request::{Nothing, Request};
use crate::session::info::start::PastSession;
use crate::session::query::name;
use crate::session::sanitize::clean;
use crate::session::title::last_part;
use crate::show::phrases;
use crate::show::width::{columns, cut, cut_left, pad};
use crate::system::terminal;
use chrono::Local;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &RestoreArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let past = endpoint.ask(&Request::Past(Nothing {}))?.past.unwrap_or_default();
    // A name means an ended one too.
    let is_listed = |it: &PastSession| it.lost || args.ended || !args.names.is_empty();
    let mut listed: Vec<PastSession> = past.into_iter().filter(is_listed).collect();
    if !args.names.is_empty() {
        listed = chosen(&args.names, &listed)?;
    } else if !args.all {
        if args.json {
            return print(&pretty(&listed, output.terminal)?);
        }
        return list(&listed, args.ended, output);
    }
    if listed.is_empty() {
        return Err(nothing(args.ended));
    }
    let config = load(endpoint);
    let place = args.place.map_or_else(|| usual_place(&config), StartPlace::from);
    let mut failed = 0;
    for session in &listed {
        if let Err(error) = restore(session, place, args.json, &config, endpoint, output) {
            failed += 1;
            let text = if args.json { error.json() } else { error.text() };
            // If standard error is closed, there is nowhere left to report it.
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }
    match failed {
        0 => Ok(()),
        // Each has said why.
        _ => Err(CliError::new(FAILED, "")),
    }
}

/// Those that are meant, in the order of the words.
fn chosen(words: &[String], past: &[PastSession]) -> CliResult<Vec<PastSession>> {
    let mut found = Vec::new();
    for word in words {
        let is_it = |it: &&PastSession| {
            let is_id = word.len() >= 4 && it.session_id.starts_with(word.as_str());
            let is_dir = it.cwd == word.trim_end_matches('/');
            is_id || is_dir || short_name(it).eq_ignore_ascii_case(word)
        };
        let meant: Vec<&PastSession> = past.iter().filter(is_it).collect();
        let quoted = clean(word, 60);
        match meant[..] {
            [one] => found.push(one.clone()),
            [] => {
                let error = format!("no session that ran before is called \"{quoted}\"");
                return Err(
                    CliError::new(NO_MATCH, error).hint("`vmux restore --ended` lists them")
                );
            }
            // The last one of several of the same name.
            [first, ..] if meant.iter().all(|it| it.cwd == first.cwd) => found.push(first.clone()),
            _ => {
                let lines = meant.iter().map(|it| format!("{}  {}", it.session_id, it.cwd));
                let error = format!("{} sessions are called \"{quoted}\"", meant.len());
                return Err(CliError::new(NO_MATCH, error)
                    .hint("name it by its id")
                    .lines(lines.map(|it| clean(&it, 200)).collect()));
            }
        }
    }
    Ok(found)
}

/// Its name, else the last part of its directory.
fn short_name(session: &PastSession) -> String {
    let name = session.name.clone().filter(|it| !it.is_empty());
    clean(&name.unwrap_or_else(|| last_part(&session.cwd).to_owned()), 60)
}

fn nothing(ended: bool) -> CliError {
    let error = CliError::new(NO_MATCH, "no session was cut off");
    match ended {
        true => CliError::new(NO_MATCH, "no session that ran before is known"),
        false => error.hint("`vmux restore --ended` lists those that you have ended"),
    }
}

fn list(past: &[PastSession], ended: bool, output: &Output) -> CliResult {
    if past.is_empty() {
        return Err(nothing(ended));
    }
    let widest_dir = if output.terminal { 40 } else { usize::MAX };
    let lines = lines(past, output.home.as_deref(), widest_dir);
    let cut_to = |line: &String| output.width.map_or_else(|| line.clone(), |it| cut(line, it));
    print(&(lines.iter().map(cut_to).collect::<Vec<_>>().join("\n") + "\n"))?;
    let all = if ended { "--ended --all" } else { "--all" };
    match output.terminal {
        true => {
            print(&format!("`vmux restore {all}` starts them again, `vmux restore NAME` one\n"))
        }
        false => Ok(()),
    }
}

/// A line for each, in columns: name, when it ran last, directory, what was said last.
fn lines(past: &[PastSession], home: Option<&str>, widest_dir: usize) -> Vec<String> {
    let dir_of = |it: &PastSession| cut_left(&phrases::directory(&it.cwd, home), widest_dir);
    let names: Vec<String> = past.iter().map(|it| cut(&short_name(it), 40)).collect();
    let dirs: Vec<String> = past.iter().map(dir_of).collect();
    let widest = |texts: &[String]| texts.iter().map(|it| columns(it)).max().unwrap_or(0);
    let (name_width, dir_width) = (widest(&names), widest(&dirs));
    let line = |(session, (name, dir)): (&PastSession, (&String, &String))| {
        let at = session.seen.with_timezone(&Local).format("%Y-%m-%d %H:%M");
        let (name, dir) = (pad(name, name_width), pad(dir, dir_width));
        format!("{name}  {at}  {dir}  {}", session.preview).trim_end().to_owned()
    };
    past.iter().zip(names.iter().zip(&dirs)).map(line).collect()
}

/// Claude Code's config directory without being told another one.
fn usual_config_dir() -> String {
    let named = std::env::var("CLAUDE_CONFIG_DIR").ok().filter(|it| !it.is_empty());
    let home = || std::env::home_dir().map(|it| it.join(".claude").display().to_string());
    named.or_else(home).unwrap_or_default()
}

/// Whether the conversation of a session is still there, in any of the folders that Claude Code has for
/// projects. If those cannot be read, Claude Code is to say what is wrong.
fn has_conversation(config_dir: &Path, session_id: &str) -> bool {
    let Ok(projects) = std::fs::read_dir(config_dir.join("projects")) else { return true };
    let file = format!("{session_id}.jsonl");
    projects.flatten().any(|it| it.path().join(&file).exists())
}

/// Starts one again.
fn restore(
    past: &PastSession,
    place: StartPlace,
    is_json: bool,
    config: &Config,
    endpoint: &Endpoint,
    output: &Output,
) -> CliResult {
    let shown = short_name(past);
    let failed = |why: String| CliError::new(FAILED, format!("{shown}: {why}"));
    let dir = PathBuf::from(&past.cwd);
    if !dir.is_dir() {
        return Err(failed(format!("its directory {} is gone", clean(&past.cwd, 200))));
    }
    // Claude Code would begin, and end a moment later.
    let config_dir = past.config_dir.clone().unwrap_or_else(usual_config_dir);
    if !has_conversation(Path::new(&config_dir), &past.session_id) {
        return Err(failed("its conversation is gone".to_owned())
            .hint("Claude Code deletes old ones after `cleanupPeriodDays`, 30 if not set"));
    }
    let base = name::check(&shown).map(|()| shown.clone()).ok();
    let base = base.or_else(|| name::from_directory(&shown)).unwrap_or_else(|| "session".into());
    let mut name = base.clone();
    let mut number = 1;
    let _held = loop {
        let why = match reserve_again(&name, &past.session_id, endpoint)? {
            Ok(held) => break held,
            Err(why) => why,
        };
        let runs = endpoint.sessions()?;
        if runs.iter().any(|it| it.session_id.as_deref() == Some(&past.session_id)) || number > 9 {
            return Err(failed(why));
        }
        number += 1;
        name = format!("{base}-{number}");
    };
    let plan = Plan {
        name,
        session_id: Some(past.session_id.clone()),
        is_resumed: true,
        dir,
        worktree: None,
        prompt: None,
        arguments: Vec::new(),
        place,
        config_dir: past.config_dir.clone().filter(|it| *it != usual_config_dir()),
        workspace: past.workspace.clone().filter(|_| place == StartPlace::Window),
        claude: config.start.claude.clone(),
        terminal: terminal::choose(config.switch.attach.clone()),
        waits: false,
    };
    if place == StartPlace::Background {
        return Err(failed("the background takes up no session".to_owned())
            .hint("`--in tmux` starts it detached"));
    }
    start(&plan, is_json, None, endpoint, output).map_err(|error| {
        let message = format!("{shown}: {}", error.message);
        CliError { message, ..error }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(name: &str, cwd: &str, preview: &str) -> PastSession {
        let seen = "2026-11-28T09:14:00Z";
        serde_json::from_value(serde_json::json!({
            "session_id": "a", "cwd": cwd, "name": name, "preview": preview, "seen": seen,
        }))
        .unwrap()
    }

    #[test]
    fn what_ran_before_stands_in_columns() {
        let all = [past("web", "/home/u/src/web", "Done."), past("docs", "/home/u/docs", "Which?")];
        let lines = lines(&all, Some("/home/u"), 40);
        let tail = |line: &String| line.split_once(":").unwrap().1[2..].to_owned();
        assert!(lines[0].starts_with("web   2026-") && lines[1].starts_with("docs  2026-"));
        assert_eq!(tail(&lines[0]), "  ~/src/web  Done.");
        assert_eq!(tail(&lines[1]), "  ~/docs     Which?");
    }

    #[test]
    fn a_conversation_is_looked_for_in_every_project() {
        let dir = tempfile::tempdir().unwrap();
        assert!(has_conversation(dir.path(), "a"));
        let project = dir.path().join("projects/-home-u-web");
        std::fs::create_dir_all(&project).unwrap();
        assert!(!has_conversation(dir.path(), "a"));
        std::fs::write(project.join("a.jsonl"), "").unwrap();
        assert!(has_conversation(dir.path(), "a") && !has_conversation(dir.path(), "b"));
    }

    #[test]
    fn of_a_long_directory_the_end_stays_on_a_terminal() {
        let long = past("web", "/home/u/a-very-long-directory-of-projects/and-more/of-it/web", "x");
        let long = std::slice::from_ref(&long);
        let text = lines(long, None, 40);
        assert!(text[0].ends_with("of-it/web  x") && text[0].len() < 70, "{text:?}");
        assert!(lines(long, None, usize::MAX)[0].contains(&long[0].cwd));
    }
}
