//! What is answered.
//!
//! | file | job |
//! |---|---|
//! | [`files`] | the page |
//! | [`sign_in`] | the token for a cookie |
//! | [`read`] | sessions, servers, what a session shows, events |
//! | [`act`] | what changes something, as far as the configuration allows it |
//! | [`health`] | for a monitor: is all well? and the metrics |
//! | [`ask`] | the way to vmuxd |
//! | [`refusal`] | errors, as one line of JSON |

mod act;
mod ask;
mod files;
mod health;
mod read;
pub mod refusal;
mod sign_in;

use crate::serve::guard;
use crate::web::Web;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use refusal::Refusal;
use std::sync::Arc;

/// The longest body: that of a request to vmuxd.
const MAX_BODY: usize = 64 * 1024;

/// All paths.
pub fn router(web: Arc<Web>) -> Router {
    let kept = Router::new()
        .route("/api/sessions", get(read::sessions))
        .route("/api/events", get(read::events))
        .route("/api/servers", get(read::servers))
        .route("/api/pending", get(read::pending))
        .route("/api/peek/{query}", get(read::peek))
        .route("/api/why/{query}", get(read::why))
        .route("/api/switch", post(act::switch))
        .route("/api/label", post(act::label))
        .route("/api/ack", post(act::ack))
        .route("/api/answer", post(act::answer))
        .route("/api/send", post(act::send))
        .route("/metrics", get(health::metrics))
        .route_layer(from_fn_with_state(Arc::clone(&web), guard::has_key));
    let open = Router::new()
        .route("/", get(files::page))
        .route("/page/{name}", get(files::file))
        .route("/sign-in", post(sign_in::sign_in))
        .route("/health", get(health::health))
        // Its token is the key.
        .route("/api/answer-once", post(act::answer_once));
    open.merge(kept)
        .fallback(|| async { Refusal::no_path() })
        .method_not_allowed_fallback(|| async { Refusal::no_method() })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(ask::in_time))
        .layer(from_fn_with_state(Arc::clone(&web), guard::is_for_us))
        .with_state(web)
}
