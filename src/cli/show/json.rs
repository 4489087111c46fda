//! JSON, for programs and for people.

use crate::cli::error::{Complaint, FAILED, Result};
use serde::Serialize;

/// `value` as JSON with a line break; for a person's eyes with indentation.
pub fn pretty<T: Serialize + ?Sized>(value: &T, indented: bool) -> Result<String> {
    let text = match indented {
        true => serde_json::to_string_pretty(value),
        false => serde_json::to_string(value),
    };
    text.map(|text| text + "\n").map_err(|error| Complaint::new(FAILED, error.to_string()))
}
