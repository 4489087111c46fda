//! What can be read: the sessions, their servers, what one shows, why it is in its state, the events.

use super::refusal::Refusal;
use crate::feed::View;
use crate::feed::stream::stream;
use crate::web::Web;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use vmux::protocol::request::{
    PeekRequest, PeekSource, PendingRequest, QueryRequest, Request, ServersRequest,
};

/// Every session, in the form of the event `state`.
pub async fn sessions(State(web): State<Arc<Web>>) -> Result<Response, Refusal> {
    let state = web.feed.look(|view: &View| view.sessions.map(|_| view.state())).await;
    let state = state.ok_or_else(Refusal::busy)?.ok_or_else(|| {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "vmuxd is not running")
            .hint("start it with `vmuxd &`")
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], state).into_response())
}

/// What an event stream begins with.
#[derive(Deserialize)]
pub struct EventsQuery {
    /// The id of the last event that the page had, where no header says it.
    after: Option<String>,
}

/// The events, for as long as the page is there.
pub async fn events(
    State(web): State<Arc<Web>>,
    query: Result<Query<EventsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Query(EventsQuery { after }) = query?;
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok()).map(str::to_owned);
    // A right that cannot be read is none.
    let allow = web.words().await.unwrap_or_default();
    let body = Body::from_stream(stream(web.feed.clone(), last.or(after), allow));
    // nginx would keep events until it has enough of them.
    let headers =
        [(header::CONTENT_TYPE.as_str(), "text/event-stream"), ("x-accel-buffering", "no")];
    Ok((headers, body).into_response())
}

/// Every server, after a fresh look.
pub async fn servers(State(web): State<Arc<Web>>) -> Result<Json<Value>, Refusal> {
    let answer = web.ask(Request::Servers(ServersRequest::default())).await?;
    Ok(Json(json!({"servers": answer.servers.unwrap_or_default()})))
}

/// Which session's prompts.
#[derive(Deserialize)]
pub struct PendingQuery {
    session: Option<String>,
}

/// What sessions ask, whole.
pub async fn pending(
    State(web): State<Arc<Web>>,
    query: Result<Query<PendingQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(PendingQuery { session }) = query?;
    let pending = PendingRequest { query: session, follow: false, all: false };
    let answer = web.ask(Request::Pending(pending)).await?;
    Ok(Json(json!({"prompts": answer.prompts.unwrap_or_default()})))
}

/// How much of what a session shows.
#[derive(Deserialize)]
pub struct PeekQuery {
    lines: Option<u32>,
    from: Option<PeekSource>,
}

/// The last lines of what a session shows.
pub async fn peek(
    State(web): State<Arc<Web>>,
    name: Result<Path<String>, PathRejection>,
    query: Result<Query<PeekQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let (Path(name), Query(PeekQuery { lines, from })) = (name?, query?);
    let answer = web.ask(Request::Peek(PeekRequest { query: name, lines, from })).await?;
    Ok(Json(json!({"peek": answer.peek, "note": answer.note})))
}

/// How the state of a session was decided.
pub async fn why(
    State(web): State<Arc<Web>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    let Path(query) = name?;
    let answer = web.ask(Request::Why(QueryRequest { query })).await?;
    Ok(Json(json!({"why": answer.why, "session": answer.session})))
}
