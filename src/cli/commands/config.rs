//! `vmux config`: is the configuration right, and what could be in it?

use crate::cli::args::ConfigAction;
use crate::cli::error::{Complaint, FAILED, NO_MATCH, Result};
use crate::cli::show::human;
use crate::cli::show::status::Summary;
use crate::cli::show::status::escape::Escape;
use crate::cli::show::status::template::{UnknownName, render};
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::config::{Config, ConfigError, EXAMPLE};
use crate::session::sanitize::clean;

/// Run it.
pub fn run(action: &ConfigAction, endpoint: &Endpoint, output: &Output) -> Result {
    let path = match action {
        ConfigAction::Example => return print(EXAMPLE),
        ConfigAction::Check { file } => file.clone().unwrap_or_else(|| endpoint.paths.config()),
    };
    let name = human::directory(&path.to_string_lossy(), output.home.as_deref());
    let (config, warnings) = Config::load(&path).map_err(|error| match error {
        ConfigError::Io { error, .. } => Complaint::new(
            FAILED,
            format!("cannot read {name}: {}", clean(&error.to_string(), 200)),
        ),
        ConfigError::Faulty { faults, .. } => {
            let lines = faults.iter().map(ToString::to_string).collect();
            Complaint::new(NO_MATCH, format!("{name} has errors"))
                .hint("until they are put right, vmuxd keeps the configuration of before")
                .lines(lines)
        }
    })?;
    let template = config.status.template.as_deref().unwrap_or_default();
    if let Err(UnknownName(unknown)) = render(template, &Summary::default(), Escape::None) {
        return Err(Complaint::new(NO_MATCH, format!("{name} has errors"))
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

/// The configuration, or its defaults where it is faulty: vmuxd and `config check` complain of that.
pub fn load(endpoint: &Endpoint) -> Config {
    Config::load(&endpoint.paths.config()).map(|(config, _)| config).unwrap_or_default()
}
