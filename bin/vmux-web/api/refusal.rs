//! Errors, as one line of JSON: `error`, and `hint`, `code` and more where there is more to say.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use vmux::cli::error::CliError;
use vmux::client::error::ClientError;
use vmux::protocol::response::Code;
use vmux::session::sanitize::clean;

/// What to do about a request that means nothing.
const PATHS_HINT: &str = "docs/web.md lists the paths, their methods and what they take";

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub status: StatusCode,
    body: Value,
}

impl Refusal {
    /// A refusal with what is wrong, in one line.
    pub fn new(status: StatusCode, error: &str) -> Refusal {
        Refusal { status, body: json!({"error": clean(error, 300)}) }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: &str) -> Refusal {
        self.body["hint"] = clean(hint, 300).into();
        self
    }

    pub fn wrong_name() -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "this name is not one of this server")
            .hint("ask for its address, or set url of [web] in the configuration")
    }

    pub fn other_page() -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "the page of another server may not ask here")
            .hint("only the page of this server may; a program has to send no Origin")
    }

    pub fn no_key() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "this browser is not signed in")
            .hint("`vmux web --open` and `vmux web --qr` give a link that signs it in")
    }

    pub fn wrong_token() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "this is not the token")
            .hint("`vmux web --open` and `vmux web --qr` give a link that has it")
    }

    pub fn too_many() -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too many connections")
            .hint("close pages that nobody looks at")
    }

    pub fn busy() -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too much is asked at once").hint("try again")
    }

    pub fn no_path() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this path").hint(PATHS_HINT)
    }

    pub fn no_method() -> Refusal {
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
            .hint(PATHS_HINT)
    }

    /// A body, query or path that is not what it has to be.
    fn unreadable(status: StatusCode, error: &str) -> Refusal {
        Refusal::new(status, error).hint(match status {
            StatusCode::PAYLOAD_TOO_LARGE => "a body has 64 KiB at most",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "send JSON, with Content-Type: application/json",
            _ => PATHS_HINT,
        })
    }

    /// A fault of this program.
    pub fn failed(error: &str) -> Refusal {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error)
            .hint("try again; what it has to say about it is in its log")
    }

    pub fn too_late() -> Refusal {
        Refusal::new(StatusCode::REQUEST_TIMEOUT, "the request took too long")
            .hint("send its body at once, or try again")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        // What a program could show: a 401 has to say so (RFC 9110, 15.5.2).
        let scheme = (self.status == StatusCode::UNAUTHORIZED)
            .then_some([(header::WWW_AUTHENTICATE, "Bearer")]);
        (self.status, json, scheme, format!("{}\n", self.body)).into_response()
    }
}

/// What vmuxd refused, or that it cannot be reached.
impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Refusal {
        let (status, code, prompts) = match &error {
            ClientError::Refused { response, .. } => {
                (status(response.code), response.code, response.prompts.clone())
            }
            _ => (StatusCode::SERVICE_UNAVAILABLE, None, None),
        };
        let told = CliError::from(error);
        let mut refusal = Refusal::new(status, &told.message);
        if let Some(hint) = &told.hint {
            refusal = refusal.hint(hint);
        }
        if let Some(code) = code {
            refusal.body["code"] = json!(code);
        }
        if let Some(prompts) = prompts {
            refusal.body["prompts"] = json!(prompts);
        }
        if !told.lines.is_empty() {
            refusal.body["lines"] = json!(told.lines);
        }
        refusal
    }
}

fn status(code: Option<Code>) -> StatusCode {
    match code {
        Some(Code::BadRequest | Code::NotAnswerable) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Code::NotAllowed) => StatusCode::FORBIDDEN,
        Some(Code::NoMatch) => StatusCode::NOT_FOUND,
        Some(Code::Over) => StatusCode::GONE,
        Some(Code::Busy | Code::NotSaved | Code::TooLate) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Refusal {
        Refusal::unreadable(rejection.status(), &rejection.body_text())
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Refusal {
        Refusal::unreadable(rejection.status(), &rejection.body_text())
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Refusal {
        Refusal::unreadable(rejection.status(), &rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_one_line() {
        let refusal = Refusal::new(StatusCode::BAD_REQUEST, "a\nb\u{1b}[31m").hint("c");
        assert_eq!(refusal.body.to_string(), r#"{"error":"a b [31m","hint":"c"}"#);
    }
}
