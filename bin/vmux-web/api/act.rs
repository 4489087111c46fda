//! What changes something, as far as the configuration allows it. It is read each time: a right that is
//! taken away is gone at once.

use super::refusal::Refusal;
use crate::web::Web;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use vmux::config::Config;
use vmux::config::rights::web::WebRight;
use vmux::protocol::prompt::UserAnswer;
use vmux::protocol::request::{AnswerRequest, LabelRequest, QueryRequest, Request, SwitchRequest};

/// What is done, or why not.
type Done = Result<Json<Value>, Refusal>;

/// The body of a request, or what is wrong with it.
type Sent<T> = Result<Json<T>, JsonRejection>;

/// An answer to one prompt. Its id is needed: what the user has seen is what is answered.
#[derive(Deserialize)]
pub struct Answering {
    prompt: String,
    answer: UserAnswer,
}

/// Which session the user goes to.
#[derive(Deserialize)]
pub struct Going {
    query: String,
    #[serde(default)]
    attach: bool,
}

impl Web {
    /// What a browser may do.
    pub async fn allowed(&self) -> Result<Vec<WebRight>, Refusal> {
        let path = self.endpoint.paths.config();
        let config = self.apart(move || Config::load(&path)).await?;
        let faulty = |error: vmux::config::ConfigError| {
            Refusal::new(StatusCode::FORBIDDEN, &format!("nothing is allowed: {error}"))
                .hint("`vmux config check` tells what is wrong with the configuration")
        };
        config.map(|(config, _)| config.web.allow).map_err(faulty)
    }

    async fn check(&self, right: WebRight) -> Result<(), Refusal> {
        if self.allowed().await?.contains(&right) {
            return Ok(());
        }
        let word = right.word();
        let message = format!("the configuration does not allow the web to {word}");
        let hint = format!("allow = [\"{word}\"] in [web] of ~/.vmux/config.toml allows it");
        Err(Refusal::new(StatusCode::FORBIDDEN, &message).hint(&hint))
    }

    async fn act(self: &Arc<Web>, right: WebRight, request: Request) -> Done {
        self.check(right).await?;
        let answer = self.ask(request).await?;
        Ok(Json(json!({"session": answer.session, "prompt": answer.prompt, "note": answer.note})))
    }
}

/// Brings the user to a session.
pub async fn switch(State(web): State<Arc<Web>>, body: Sent<Going>) -> Done {
    let Json(Going { query, attach }) = body?;
    let going = SwitchRequest { query: Some(query), attach, ..SwitchRequest::default() };
    web.act(WebRight::Switch, Request::Switch(going)).await
}

/// Gives a session a label, or takes it away.
pub async fn label(State(web): State<Arc<Web>>, body: Sent<LabelRequest>) -> Done {
    let Json(label) = body?;
    web.act(WebRight::Label, Request::Label(label)).await
}

/// Marks a finished session as seen.
pub async fn ack(State(web): State<Arc<Web>>, body: Sent<QueryRequest>) -> Done {
    let Json(query) = body?;
    web.act(WebRight::Ack, Request::Ack(query)).await
}

/// Answers a prompt.
pub async fn answer(State(web): State<Arc<Web>>, body: Sent<Answering>) -> Done {
    let Json(Answering { prompt, answer }) = body?;
    let door = Some("web".to_owned());
    let answer = AnswerRequest { query: None, prompt: Some(prompt), answer, door };
    web.act(WebRight::Answer, Request::Answer(answer)).await
}
