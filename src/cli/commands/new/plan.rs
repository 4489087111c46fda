//! What `vmux new` is to do: the command line, the template and the configuration in one.

use crate::cli::args::options::start::NewArgs;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::client::start::command::unfit;
use crate::config::{Config, StartPlace, Template};
use crate::session::query::name;
use crate::session::sanitize::clean;
use crate::session::title::last_part;
use crate::show::phrases;
use crate::system::programs::find_in_path;
use crate::system::terminal;
use std::path::{Path, PathBuf};

/// A session that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its id; none of one in the background, which chooses it itself.
    pub session_id: Option<String>,
    /// Whether the session of this id is taken up again.
    pub is_resumed: bool,
    /// The directory.
    pub dir: PathBuf,
    /// The branch of the worktree that it is to have.
    pub worktree: Option<String>,
    /// Its first prompt.
    pub prompt: Option<String>,
    /// More arguments for Claude Code.
    pub arguments: Vec<String>,
    /// Where it begins.
    pub place: StartPlace,
    /// The workspace for its window.
    pub workspace: Option<String>,
    /// Claude Code's config directory, if it is not that of the environment.
    pub config_dir: Option<String>,
    /// The program that the configuration names.
    pub claude: Option<PathBuf>,
    /// The user's terminal.
    pub terminal: Vec<String>,
    /// Whether to wait until it is ready.
    pub waits: bool,
}

/// Where a session begins, if neither the command line nor a template says it.
pub fn usual_place(config: &Config) -> StartPlace {
    let found = || match find_in_path("tmux") {
        Some(_) => StartPlace::Tmux,
        None => StartPlace::Window,
    };
    config.start.place.unwrap_or_else(found)
}

/// The plan, but for its session id. The name is not known to be free yet; the second value says whether the
/// user has named it.
pub fn plan(args: &NewArgs, config: &Config) -> CliResult<(Plan, bool)> {
    let template = template(args, config)?;
    let dir = directory(args.dir.as_deref().or(template.dir.as_deref()))?;
    let branch = args.worktree.clone().or_else(|| template.worktree.then(String::new));
    let name = name_of(args, &dir, branch.as_deref())?;
    let place = args.place.map(StartPlace::from).or(template.place);
    let place = place.unwrap_or_else(|| usual_place(config));
    let workspace = args.workspace.clone().or(template.workspace);
    if place == StartPlace::Background && args.workspace.is_some() {
        return Err(CliError::usage("what runs in the background has no window on a workspace"));
    }
    let mut arguments = template.args;
    arguments.extend(args.args.iter().cloned());
    if let Some((why, hint)) = unfit(&arguments) {
        return Err(CliError::usage(why).hint(hint));
    }
    let plan = Plan {
        session_id: None,
        is_resumed: false,
        dir,
        worktree: branch.map(|it| if it.is_empty() { name.clone() } else { it }),
        prompt: args.prompt.clone().or(template.prompt).filter(|it| !it.trim().is_empty()),
        arguments,
        config_dir: None,
        workspace: workspace.filter(|_| place != StartPlace::Background),
        place,
        claude: config.start.claude.clone(),
        terminal: terminal::choose(config.switch.attach.clone()),
        waits: args.wait,
        name,
    };
    Ok((plan, args.name.is_some()))
}

fn template(args: &NewArgs, config: &Config) -> CliResult<Template> {
    let Some(name) = &args.template else { return Ok(Template::default()) };
    config.start.templates.get(name).cloned().ok_or_else(|| {
        let name = clean(name, 40);
        let error = CliError::usage(format!("no template is called \"{name}\""));
        let known: Vec<&str> = config.start.templates.keys().map(String::as_str).collect();
        match known.is_empty() {
            true => error.hint("[new.NAME] in the configuration makes one"),
            false => error.hint(format!("there are {}", known.join(", "))),
        }
    })
}

/// The directory, absolute. It must be there.
fn directory(given: Option<&Path>) -> CliResult<PathBuf> {
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    let given = match given {
        None => std::env::current_dir().map_err(|_| {
            CliError::new(FAILED, "the current directory is gone").hint("--dir names another one")
        })?,
        Some(path) => match (path.strip_prefix("~"), home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_owned(),
        },
    };
    let dir = std::path::absolute(&given).unwrap_or(given);
    let shown = clean(&dir.display().to_string(), 200);
    match std::fs::metadata(&dir) {
        Ok(it) if it.is_dir() => Ok(dir),
        Ok(_) => Err(CliError::new(FAILED, format!("{shown} is no directory"))),
        Err(error) => {
            let why = crate::client::error::plain(&error);
            Err(CliError::new(FAILED, format!("{shown}: {why}"))
                .hint("`mkdir -p` makes a directory; --dir names another one"))
        }
    }
}

fn name_of(args: &NewArgs, dir: &Path, branch: Option<&str>) -> CliResult<String> {
    if let Some(name) = &args.name {
        return match name::check(name) {
            Ok(()) => Ok(name.clone()),
            Err(why) => {
                let name = clean(name, 60);
                Err(CliError::usage(format!("\"{name}\" cannot be a name: {why}")))
            }
        };
    }
    let branch = branch.filter(|it| !it.is_empty()).map(last_part);
    let template = args.template.as_deref().filter(|_| args.dir.is_none());
    let text = dir.to_string_lossy();
    let sources = [branch, template, Some(last_part(&text))];
    sources.into_iter().flatten().find_map(name::from_directory).ok_or_else(|| {
        let shown = phrases::directory(&text, None);
        CliError::usage(format!("{} gives no name", clean(&shown, 100)))
            .hint("say one: `vmux new NAME`")
    })
}
