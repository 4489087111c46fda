//! For monitors: is all well? and the metrics for Prometheus.

use super::refusal::Refusal;
use crate::feed::View;
use crate::metrics::process::usage;
use crate::metrics::{of_daemon, of_sessions, text};
use crate::serve::guard::shows_key;
use crate::web::Web;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;
use prometheus_client::registry::Registry;
use rustix::net::sockopt::socket_peercred;
use serde_json::json;
use std::sync::Arc;
use vmux::protocol::request::{Nothing, Request as Question};
use vmux::protocol::response::DaemonInfo;

impl Web {
    /// Which vmuxd answers, and its pid, if it has one here: the one that it tells is that of its own PID
    /// namespace. `None` if none answers.
    async fn daemon(self: &Arc<Web>) -> Option<(DaemonInfo, Option<u32>)> {
        let web = Arc::clone(self);
        let ask = move || {
            let mut client = web.endpoint.connect().ok()?;
            let pid = socket_peercred(&client)
                .ok()
                .map(|it| it.pid.as_raw_nonzero().get().cast_unsigned());
            let answer = client.ask(&Question::Version(Nothing {})).ok()?;
            Some((answer.daemon?, pid))
        };
        self.apart(ask).await.ok()?
    }
}

/// 200 if vmuxd answers and has no problems, else 503. Who shows a key is told more.
pub async fn health(State(web): State<Arc<Web>>, request: Request) -> Response {
    let daemon = web.daemon().await.map(|(daemon, _)| daemon);
    let is_well = daemon.as_ref().is_some_and(|it| it.problems.is_empty());
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut body = json!({"ok": is_well});
    if shows_key(&web, &request) {
        let count = web.feed.look(|view: &View| view.sessions.map(<[_]>::len)).await.flatten();
        body["version"] = vmux::protocol::VERSION.into();
        body["vmuxd"] = json!(daemon);
        body["sessions"] = json!(count);
    }
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}

/// The text for Prometheus.
pub async fn metrics(State(web): State<Arc<Web>>) -> Result<Response, Refusal> {
    let (daemon, pid) = web.daemon().await.unzip();
    let usage = pid.flatten().and_then(usage);
    let registry = web.feed.look(|view: &View| {
        let mut registry = Registry::default();
        of_sessions(view, Utc::now(), &mut registry);
        registry
    });
    let mut registry = registry.await.ok_or_else(Refusal::busy)?;
    of_daemon(daemon.as_ref(), usage, &mut registry);
    let failed = |_| Refusal::failed("the metrics have no text");
    let text = text(&registry).map_err(failed)?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}
