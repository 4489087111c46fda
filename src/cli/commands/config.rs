//! `vmux config`: checks the configuration, or prints an example.

use crate::cli::args::ConfigAction;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::show::phrases;
use crate::cli::show::status::Summary;
use crate::cli::show::status::escape::Escape;
use crate::cli::show::status::template::render;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::config::{Config, ConfigError, EXAMPLE};
use crate::session::sanitize::clean;

/// Runs the command.
pub fn run(action: &ConfigAction, endpoint: &Endpoint, output: &Output) -> CliResult {
    let path = match action {
        ConfigAction::Example => return print(EXAMPLE),
        ConfigAction::Check { file } => file.clone().unwrap_or_else(|| endpoint.paths.config()),
    };
    let name = phrases::directory(&path.to_string_lossy(), output.home.as_deref());
    let (template, faults, warnings) = match Config::load(&path) {
        Ok((config, warnings)) => (config.status.template, Vec::new(), warnings),
        Err(ConfigError::Faulty { faults, warnings, .. }) => (None, faults, warnings),
        Err(ConfigError::Io { error, .. }) => {
            let error = clean(&error.to_string(), 200);
            return Err(CliError::new(FAILED, format!("cannot read {name}: {error}")));
        }
    };
    let mut lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let mut hint = "until they are corrected, vmuxd keeps the configuration that it has";
    if let Some(Err(error)) = template.map(|it| render(&it, &Summary::default(), Escape::None)) {
        lines.push(format!("status.template: {error}"));
        hint = "until it is corrected, `vmux status` without --format shows nothing";
    }
    let warnings = warnings.iter().map(|it| format!("warning: {it}"));
    if !lines.is_empty() {
        lines.extend(warnings);
        return Err(CliError::new(NO_MATCH, format!("{name} has errors")).hint(hint).lines(lines));
    }
    let mut text = match path.exists() {
        true => format!("{name} is right.\n"),
        false => format!("There is no {name}; every key has its default.\n"),
    };
    warnings.for_each(|warning| text.push_str(&format!("{warning}\n")));
    print(&text)
}

/// The configuration, or the defaults if it is faulty, which vmuxd and `config check` report.
pub fn load(endpoint: &Endpoint) -> Config {
    Config::load(&endpoint.paths.config()).map(|(config, _)| config).unwrap_or_default()
}
