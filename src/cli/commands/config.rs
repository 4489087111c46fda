//! `vmux config`: checks the configuration, or prints an example.

use crate::cli::args::ConfigAction;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::show::json::pretty;
use crate::cli::show::phrases;
use crate::cli::show::status::Summary;
use crate::cli::show::status::escape::Escape;
use crate::cli::show::status::template::render;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::config::{Config, ConfigError, EXAMPLE};
use crate::session::sanitize::clean;
use serde::{Serialize, Serializer};
use std::path::{Path, PathBuf};

/// What is in the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ConfigState {
    /// The file.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// Whether there is one.
    pub exists: bool,
    /// Why it cannot be read.
    #[serde(skip)]
    pub unreadable: Option<String>,
    /// What makes it unusable, one line each.
    pub errors: Vec<String>,
    /// What is wrong with the template of `vmux status`, which vmuxd does not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_error: Option<String>,
    /// Keys that mean nothing, one line each.
    pub warnings: Vec<String>,
    /// Whether it asks for messages to the phone.
    #[serde(skip)]
    pub wants_push: bool,
}

/// Runs the command.
pub fn run(action: &ConfigAction, endpoint: &Endpoint, output: &Output) -> CliResult {
    let (path, json) = match action {
        ConfigAction::Example => return print(EXAMPLE),
        ConfigAction::Check { file, json } => {
            (file.clone().unwrap_or_else(|| endpoint.paths.config()), *json)
        }
    };
    let state = check(&path);
    let name = phrases::directory(&path.to_string_lossy(), output.home.as_deref());
    if let Some(error) = &state.unreadable {
        return Err(CliError::new(FAILED, format!("cannot read {name}: {error}")));
    }
    let is_right = state.errors.is_empty() && state.template_error.is_none();
    if json {
        print(&pretty(&state, output.terminal)?)?;
        // All has been said.
        return if is_right { Ok(()) } else { Err(CliError::new(NO_MATCH, "")) };
    }
    if let ConfigAction::Check { file: Some(_), .. } = action
        && !state.exists
    {
        return Err(CliError::new(FAILED, format!("there is no {name}")));
    }
    let warnings = state.warnings.iter().map(|it| format!("warning: {it}"));
    if !is_right {
        let hint = match state.errors.is_empty() {
            false => "until they are corrected, vmuxd keeps the configuration that it has",
            true => "until it is corrected, `vmux status` without --format shows nothing",
        };
        let errors = state.errors.iter().chain(&state.template_error).cloned();
        let lines = errors.chain(warnings).collect();
        return Err(CliError::new(NO_MATCH, format!("{name} has errors")).hint(hint).lines(lines));
    }
    let mut text = match state.exists {
        true => format!("{name} is right.\n"),
        false => format!("There is no {name}; every key has its default.\n"),
    };
    warnings.for_each(|warning| text.push_str(&format!("{warning}\n")));
    print(&text)
}

/// Reads the configuration at `path`, and all that is wrong with it.
pub fn check(path: &Path) -> ConfigState {
    let mut state =
        ConfigState { path: path.to_owned(), exists: path.exists(), ..Default::default() };
    let (template, faults, warnings) = match Config::load(path) {
        Ok((config, warnings)) => {
            state.wants_push = config.notify.push.is_some();
            (config.status.template, Vec::new(), warnings)
        }
        Err(ConfigError::Faulty { faults, warnings, .. }) => (None, faults, warnings),
        Err(ConfigError::Io { error, .. }) => {
            state.unreadable = Some(clean(&error.to_string(), 200));
            return state;
        }
    };
    state.errors = faults.iter().map(ToString::to_string).collect();
    state.warnings = warnings.iter().map(ToString::to_string).collect();
    let rendered = template.map(|it| render(&it, &Summary::default(), Escape::None));
    let error = rendered.and_then(Result::err);
    state.template_error = error.map(|error| format!("status.template: {error}"));
    state
}

/// A path may have any bytes, and none may make the whole output fail.
fn as_text<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    path.to_string_lossy().serialize(to)
}

/// The configuration, or the defaults if it is faulty, which vmuxd and `config check` report.
pub fn load(endpoint: &Endpoint) -> Config {
    Config::load(&endpoint.paths.config()).map(|(config, _)| config).unwrap_or_default()
}
