//! What is checked of each request before it is answered: for which name it asks, which page sends it,
//! and whether it shows a key.

use super::guests::Guest;
use super::names::{is_ours, is_same_origin};
use crate::api::refusal::Refusal;
use crate::web::Web;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The name of the cookie.
pub const COOKIE: &str = "vmux_web";

/// The header in which a page shows its key; an event stream, to which no header can be given, has it
/// as `key` in the query.
const PAGE_KEY: &str = "x-vmux-key";

/// What every answer says to the browser: which files the page may load (its own), that nothing may
/// show it in a frame, that nothing is kept.
const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Refuses what is not meant for this program or comes from a page of another one. For every request.
pub async fn is_for_us(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let mut response = match check_names(&request, web.url.as_deref()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in HEADERS.iter().copied() {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn check_names(request: &Request, url: Option<&str>) -> Result<(), Refusal> {
    let headers = request.headers();
    let host = text(headers, &header::HOST).unwrap_or_default();
    // One of several names, or one in the first line, may be what somebody on the way goes by
    // (RFC 9112, 3.2).
    let named = request.uri().authority().map_or(host, |it| it.as_str());
    let is_one = headers.get_all(header::HOST).iter().count() <= 1;
    if !is_one || !is_ours(host, url) || !is_ours(named, url) {
        return Err(Refusal::wrong_name());
    }
    let is_own = match (text(headers, &header::ORIGIN), headers.get("sec-fetch-site")) {
        (Some(origin), _) => is_same_origin(origin, host),
        (None, _) if headers.contains_key(header::ORIGIN) => false,
        // A link elsewhere leads to the page, and the page shows what it shows; no more than that.
        (None, Some(site)) => site != "cross-site" && site != "same-site" || is_navigation(headers),
        (None, None) => true,
    };
    if is_own { Ok(()) } else { Err(Refusal::other_page()) }
}

/// Whether the browser goes to a page, rather than a page asking for something.
fn is_navigation(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-mode").is_some_and(|it| it == "navigate")
}

/// Lets through who shows the token, or both keys of a browser that signed in.
pub async fn has_key(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    if !shows_key(&web, &request) {
        return Refusal::no_key().into_response();
    }
    match request.extensions().get::<Arc<Guest>>() {
        Some(guest) if guest.is_welcome() => next.run(request).await,
        _ => Refusal::too_many().into_response(),
    }
}

/// Whether a request shows a key.
pub fn shows_key(web: &Web, request: &Request) -> bool {
    let headers = request.headers();
    let bearer = text(headers, &header::AUTHORIZATION).and_then(|it| it.strip_prefix("Bearer "));
    if let Some(token) = bearer {
        return web.keys.is_token(token.trim());
    }
    let cookie = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let cookie = cookie
        .flat_map(|it| it.split(';'))
        .find_map(|it| it.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    let query = || request.uri().query()?.split('&').find_map(|it| it.strip_prefix("key="));
    let page = headers.get(PAGE_KEY).and_then(|it| it.to_str().ok()).or_else(query);
    web.keys.is_browser(cookie.unwrap_or_default(), page.unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
