//! What a model reads when something fails: what is wrong in one line, and what to do.

use std::fmt;
use std::io::ErrorKind;
use vmux::client::error::{ClientError, plain};
use vmux::session::sanitize::clean;

/// The longest line, in characters.
const MAX_LINE: usize = 300;

/// A call that failed. The server goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// One line, cleaned.
    pub fn new(message: impl AsRef<str>) -> Failure {
        Failure { message: clean(message.as_ref(), MAX_LINE), hint: None }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl AsRef<str>) -> Failure {
        self.hint = Some(clean(hint.as_ref(), MAX_LINE));
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        match &error {
            ClientError::Refused { response, .. } => {
                let failure = Failure::new(error.to_string());
                match &response.hint {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
            ClientError::NotStarted { message, hint } => {
                let failure = Failure::new(message);
                failure.hint(hint.as_deref().unwrap_or("the next call tries again"))
            }
            ClientError::Unreachable { error, .. } => {
                let why = match error.kind() {
                    ErrorKind::NotFound | ErrorKind::ConnectionRefused => "it does not run".into(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => "it took too long".into(),
                    ErrorKind::UnexpectedEof
                    | ErrorKind::ConnectionReset
                    | ErrorKind::BrokenPipe => "it closed the connection".into(),
                    _ => plain(error),
                };
                Failure::new(format!("vmuxd gives no answer: {why}"))
                    .hint("the next call tries again; in a terminal, `vmux doctor` says more")
            }
            _ => Failure::new(error.to_string()).hint("in a terminal, `vmux doctor` says more"),
        }
    }
}
