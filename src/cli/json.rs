//! JSON, for programs and for people.

use crate::cli::error::{CliError, CliResult, FAILED};
use serde::Serialize;

/// `value` as JSON with a line break; `indented` for people.
pub fn pretty<T: Serialize + ?Sized>(value: &T, indented: bool) -> CliResult<String> {
    let text = match indented {
        true => serde_json::to_string_pretty(value),
        false => serde_json::to_string(value),
    };
    text.map(|text| text + "\n").map_err(|error| CliError::new(FAILED, error.to_string()))
}
