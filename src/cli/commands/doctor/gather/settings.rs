//! Reads the configuration of vmux and the settings of Claude Code.

use crate::cli::commands::config::{ConfigState, check};
use crate::cli::commands::doctor::ANSWER_WITHIN;
use crate::cli::commands::doctor::deadline::{Work, begin};
use crate::cli::commands::doctor::judge::settings::{HooksState, McpState};
use crate::cli::commands::hooks::settings_path;
use crate::cli::hooks::entries::{installed, programs};
use crate::cli::hooks::settings_file::SettingsFile;
use crate::client::connect::Endpoint;
use crate::system::files::read_regular;
use crate::system::programs::find_in_path;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Largest `.claude.json` that is read, in bytes: with history in it (1.0) it reaches megabytes.
const MAX_GLOBAL: u64 = 16 * 1024 * 1024;

/// Begins to read the configuration.
pub fn begin_config(endpoint: &Endpoint) -> Work<ConfigState> {
    let path = endpoint.paths.config();
    begin(ANSWER_WITHIN, move || check(&path))
}

/// Begins to read which program is registered with Claude Code as the MCP server of vmux, for every
/// session of the user.
pub fn begin_mcp() -> Work<McpState> {
    let var = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let dir = var("CLAUDE_CONFIG_DIR").or_else(|| var("HOME"));
    begin(ANSWER_WITHIN, move || {
        let read = |dir: PathBuf| read_regular(&dir.join(".claude.json"), MAX_GLOBAL).ok();
        let Some((bytes, _)) = dir.and_then(read) else { return McpState::default() };
        let settings: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let program = settings.pointer("/mcpServers/vmux/command").and_then(Value::as_str);
        let is_there = |it: &str| Path::new(it).is_file() || find_in_path(it).is_some();
        McpState {
            is_missing: program.is_some_and(|it| !is_there(it)),
            program: program.map(str::to_owned),
        }
    })
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
