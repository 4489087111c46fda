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
use std::time::{Duration, Instant};
use vmux::protocol::request::{Nothing, Request as Question};
use vmux::protocol::response::DaemonInfo;

/// For how long an answer counts that was given to somebody without a key.
const FRESH: Duration = Duration::from_secs(1);

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

    /// Whether all is well, for who shows no key: everybody may ask that, as often as they like, and
    /// vmuxd is to have no work of it.
    async fn was_well(self: &Arc<Web>) -> bool {
        let mut known = self.was_well.lock().await;
        match *known {
            Some((at, was_well)) if at.elapsed() < FRESH => was_well,
            _ => {
                let is_well = is_well(self.daemon().await.as_ref().map(|(daemon, _)| daemon));
                *known = Some((Instant::now(), is_well));
                is_well
            }
        }
    }
}

fn is_well(daemon: Option<&DaemonInfo>) -> bool {
    daemon.is_some_and(|it| it.problems.is_empty())
}

/// 200 if vmuxd answers and has no problems, else 503. Who shows a key is told more.
pub async fn health(State(web): State<Arc<Web>>, request: Request) -> Response {
    let (mut body, is_well) = if shows_key(&web, &request) {
        let daemon = web.daemon().await.map(|(daemon, _)| daemon);
        let count = web.feed.look(|view: &View| view.sessions.map(<[_]>::len)).await.flatten();
        let body = json!({
            "version": vmux::protocol::VERSION, "vmuxd": daemon, "sessions": count,
        });
        (body, is_well(daemon.as_ref()))
    } else {
        (json!({}), web.was_well().await)
    };
    body["ok"] = is_well.into();
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
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
