//! The steps of a start: shown as they happen, and told to vmuxd, which passes them on as events.

use crate::cli::error::CliResult;
use crate::cli::json::pretty;
use crate::cli::terminal::print;
use crate::client::connect::Endpoint;
use crate::protocol::request::Request;
use crate::session::info::start::{StartStep, StepName, StepState};
use crate::session::sanitize::clean;

/// Where steps go.
pub struct Steps<'a> {
    endpoint: &'a Endpoint,
    name: String,
    session_id: Option<String>,
    is_json: bool,
    done: u32,
    of: u32,
}

impl<'a> Steps<'a> {
    /// The steps of the session `name`, so many.
    pub fn new(
        endpoint: &'a Endpoint,
        name: &str,
        session_id: Option<&str>,
        is_json: bool,
        of: u32,
    ) -> Steps<'a> {
        let (name, session_id) = (name.to_owned(), session_id.map(str::to_owned));
        Steps { endpoint, name, session_id, is_json, done: 0, of }
    }

    /// A step is done.
    pub fn done(&mut self, step: StepName, says: &str) -> CliResult {
        self.done += 1;
        self.tell(step, StepState::Done, says)
    }

    /// The session asks for something instead of being ready.
    pub fn asks(&mut self, says: &str) -> CliResult {
        self.tell(StepName::Ready, StepState::Asks, says)
    }

    /// A step failed. The error that follows says why to the user.
    pub fn failed(&mut self, step: StepName, says: &str) {
        let step = self.step(step, StepState::Failed, says);
        self.publish(&step);
        let _ = show(&step, self.is_json);
    }

    fn tell(&mut self, step: StepName, state: StepState, says: &str) -> CliResult {
        let step = self.step(step, state, says);
        self.publish(&step);
        show(&step, self.is_json)
    }

    fn step(&self, step: StepName, state: StepState, says: &str) -> StartStep {
        StartStep {
            name: self.name.clone(),
            session_id: self.session_id.clone(),
            step,
            state,
            says: clean(says, 400),
            done: self.done,
            of: self.of,
        }
    }

    /// A vmuxd that has gone meanwhile does not stop a start.
    fn publish(&self, step: &StartStep) {
        let _ = self.endpoint.ask(&Request::Starting(Box::new(step.clone())));
    }
}

/// Prints a step: an object, or a line. One that failed has no line: the error that follows says why.
pub fn show(step: &StartStep, is_json: bool) -> CliResult {
    if is_json {
        return print(&pretty(step, false)?);
    }
    let word = match step.state {
        StepState::Failed => return Ok(()),
        StepState::Asks => "waits",
        _ => step.step.word(),
    };
    print(&format!("{word:<10} {}\n", clean(&step.says, 400)))
}
