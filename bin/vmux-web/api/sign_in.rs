//! The token for a cookie, and for the key that the page keeps.

use super::refusal::Refusal;
use crate::serve::guard::COOKIE;
use crate::web::Web;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// For how long a browser keeps the cookie: a year, in seconds.
const AGE: u32 = 365 * 24 * 60 * 60;

/// What a page sends that was opened with the link.
#[derive(Deserialize)]
pub struct SignIn {
    token: String,
}

/// Gives a browser that shows the token its cookie and its key.
pub async fn sign_in(
    State(web): State<Arc<Web>>,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(shown) = body?;
    if !web.keys.is_token(&shown.token) {
        return Err(Refusal::wrong_token());
    }
    let secure = if web.is_secure { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={AGE}{secure}",
        web.keys.cookie
    );
    Ok(([(header::SET_COOKIE, cookie)], Json(json!({"key": web.keys.page}))).into_response())
}
