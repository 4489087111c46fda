//! The page: files that are part of the program. They tell nothing of any session, so everyone may have
//! them; what the page shows it asks for.

use super::refusal::Refusal;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header;
use axum::response::{IntoResponse, Response};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, type and content of every file that the page loads.
const FILES: &[(&str, &str, &str)] = &[
    ("style.css", STYLE, include_str!("../page/style.css")),
    ("app.js", SCRIPT, include_str!("../page/app.js")),
    ("connection.js", SCRIPT, include_str!("../page/connection.js")),
    ("list.js", SCRIPT, include_str!("../page/list.js")),
    ("detail.js", SCRIPT, include_str!("../page/detail.js")),
    ("prompt.js", SCRIPT, include_str!("../page/prompt.js")),
    ("words.js", SCRIPT, include_str!("../page/words.js")),
    ("quiet.svg", SVG, include_str!("../page/quiet.svg")),
    ("waiting.svg", SVG, include_str!("../page/waiting.svg")),
    ("away.svg", SVG, include_str!("../page/away.svg")),
    ("manifest.json", "application/manifest+json", include_str!("../page/manifest.json")),
];

/// The page itself.
pub async fn page() -> Response {
    ([(header::CONTENT_TYPE, HTML)], include_str!("../page/index.html")).into_response()
}

/// A file that it loads.
pub async fn file(name: Result<Path<String>, PathRejection>) -> Result<Response, Refusal> {
    let Path(name) = name?;
    let found = FILES.iter().find(|(known, ..)| *known == name);
    let (_, kind, content) = found.ok_or_else(Refusal::no_path)?;
    Ok(([(header::CONTENT_TYPE, *kind)], *content).into_response())
}
