//! Reads the configuration of vmux and the settings of Claude Code.

use crate::cli::commands::config::{ConfigState, check};
use crate::cli::commands::doctor::ANSWER_WITHIN;
use crate::cli::commands::doctor::deadline::{Work, begin};
use crate::cli::commands::doctor::judge::settings::HooksState;
use crate::cli::commands::hooks::settings_path;
use crate::cli::hooks::entries::{installed, programs};
use crate::cli::hooks::settings_file::SettingsFile;
use crate::client::connect::Endpoint;
use crate::system::programs::find_in_path;
use std::path::Path;

/// Begins to read the configuration.
pub fn begin_config(endpoint: &Endpoint) -> Work<ConfigState> {
    let path = endpoint.paths.config();
    begin(ANSWER_WITHIN, move || check(&path))
}

/// Begins to read the hooks. No result comes if it is not known where they are.
pub fn begin_hooks(home: Option<&str>) -> Work<HooksState> {
    let path = settings_path(None).ok();
    let home = home.map(str::to_owned);
    begin(ANSWER_WITHIN, move || {
        let Some(path) = path else {
            let events = Err("no home directory to find it in".to_owned());
            return HooksState { path: "settings.json".into(), events, missing: Vec::new() };
        };
        let found = SettingsFile::read(&path);
        let settings = match &found {
            Ok(found) => &found.settings,
            Err(error) => {
                let events = Err(error.to_string());
                return HooksState { path, events, missing: Vec::new() };
            }
        };
        let is_missing = |program: &String| match program.strip_prefix("~/") {
            Some(rest) => !home.as_ref().is_some_and(|home| Path::new(home).join(rest).is_file()),
            None if program.contains('/') => !Path::new(program).is_file(),
            None => find_in_path(program).is_none(),
        };
        let mut missing: Vec<String> = programs(settings).into_iter().filter(is_missing).collect();
        missing.sort();
        missing.dedup();
        HooksState { events: Ok(installed(settings)), missing, path }
    })
}
