//! The way to vmuxd: its client blocks, so each request has a thread while it lasts.

use super::refusal::Refusal;
use crate::web::Web;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;
use vmux::protocol::request::Request as Question;
use vmux::protocol::response::Response as Answer;

/// How long a request with a body may take, from its first byte to the answer.
const TIME: Duration = Duration::from_secs(30);

impl Web {
    /// Asks vmuxd. A refusal is an error.
    pub async fn ask(self: &Arc<Web>, question: Question) -> Result<Answer, Refusal> {
        let web = Arc::clone(self);
        self.apart(move || web.endpoint.ask(&question).map_err(Refusal::from)).await?
    }

    /// Does something that may block.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let _place = self.waiting.try_acquire().map_err(|_| Refusal::busy())?;
        let failed = |_| Refusal::failed("vmux web has failed");
        tokio::task::spawn_blocking(work).await.map_err(failed)
    }
}

/// Gives up a body that does not arrive.
pub async fn in_time(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let answer = tokio::time::timeout(TIME, next.run(request)).await;
    answer.unwrap_or_else(|_| Refusal::too_late().into_response())
}
