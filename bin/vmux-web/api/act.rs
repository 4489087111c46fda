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
use vmux::config::rights::send::Door;
use vmux::config::rights::web::WebRight;
use vmux::protocol::prompt::UserAnswer;
use vmux::protocol::request::{
    AnswerRequest, LabelRequest, OnceRequest, QueryRequest, Request, SendRequest, SwitchRequest,
};

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

/// A text for the prompt of a session.
#[derive(Deserialize)]
pub struct Sending {
    query: String,
    text: String,
    #[serde(default)]
    queue: bool,
}

impl Web {
    /// The words for what a browser may do: those of `web.allow`, of which `send` may stand in `[send]`.
    pub async fn words(&self) -> Result<Vec<&'static str>, Refusal> {
        let config = self.config().await?;
        let others = config.web.allow.iter().filter(|it| **it != WebRight::Send);
        let words = others.map(|it| it.word());
        let sends = config.send.allow.contains(&Door::Web).then_some("send");
        Ok(words.chain(sends).collect())
    }

    async fn config(&self) -> Result<Config, Refusal> {
        let path = self.endpoint.paths.config();
        let config = self.apart(move || Config::load(&path)).await?;
        let faulty = |error: vmux::config::ConfigError| {
            Refusal::new(StatusCode::FORBIDDEN, &format!("nothing is allowed: {error}"))
                .hint("`vmux config check` tells what is wrong with the configuration")
        };
        config.map(|(config, _)| config).map_err(faulty)
    }

    async fn check(&self, right: WebRight) -> Result<(), Refusal> {
        if self.config().await?.web.allow.contains(&right) {
            return Ok(());
        }
        let word = right.word();
        let message = format!("the configuration does not allow the web to {word}");
        let hint = format!("allow = [\"{word}\"] in [web] of ~/.vmux/config.toml allows it");
        Err(Refusal::new(StatusCode::FORBIDDEN, &message).hint(&hint))
    }

    async fn act(self: &Arc<Web>, right: WebRight, request: Request) -> Done {
        self.check(right).await?;
        self.tell(request).await
    }

    /// Has vmuxd do it.
    async fn tell(self: &Arc<Web>, request: Request) -> Done {
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

/// Answers the prompt of a button on the phone, whose token vmuxd knows.
pub async fn answer_once(State(web): State<Arc<Web>>, body: Sent<OnceRequest>) -> Done {
    let Json(once) = body?;
    web.check(WebRight::Answer).await?;
    web.ask(Request::AnswerOnce(once)).await?;
    Ok(Json(json!({})))
}

/// Types a text into the free prompt of a session. vmuxd itself asks `send.allow` for the door.
pub async fn send(State(web): State<Arc<Web>>, body: Sent<Sending>) -> Done {
    let Json(Sending { query, text, queue }) = body?;
    let door = Some(Door::Web.word().to_owned());
    web.tell(Request::Send(SendRequest { query, text, queue, door })).await
}
