//! `vmux config`: checks the configuration, or prints an example.

use crate::cli::args::ConfigAction;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::show::phrases;
use crate::cli::show::status::Summary;
use crate::cli::show::status::escape::Escape;
use crate::cli::show::status::template::{UnknownName, render};
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
    let (config, warnings) = Config::load(&path).map_err(|error| match error {
        ConfigError::Io { error, .. } => {
            CliError::new(FAILED, format!("cannot read {name}: {}", clean(&error.to_string(), 200)))
        }
        ConfigError::Faulty { faults, .. } => {
            let lines = faults.iter().map(ToString::to_string).collect();
            CliError::new(NO_MATCH, format!("{name} has errors"))
                .hint("until they are put right, vmuxd keeps the configuration of before")
                .lines(lines)
        }
    })?;
    let template = config.status.template.as_deref().unwrap_or_default();
    if let Err(UnknownName(unknown)) = render(template, &Summary::default(), Escape::None) {
        return Err(CliError::new(NO_MATCH, format!("{name} has errors"))
            .hint("until they are put right, `vmux status` shows nothing")
            .lines(vec![format!("status.template: there is no {{{}}}", clean(&unknown, 60))]));
    }
    let mut text = match path.exists() {
        true => format!("{name} is right.\n"),
        false => format!("There is no {name}; every key has its default.\n"),
    };
    for warning in warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    print(&text)
}

/// The configuration, or the defaults if it is faulty, which vmuxd and `config check` report.
pub fn load(endpoint: &Endpoint) -> Config {
    Config::load(&endpoint.paths.config()).map(|(config, _)| config).unwrap_or_default()
}
