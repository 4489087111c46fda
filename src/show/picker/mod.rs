//! The picker of `vmux list --watch`: which session is selected, and what each key does. Sessions and
//! keys come in as values; what is to be asked of vmuxd goes out as one.

mod answers;
mod rows;
pub mod view;

#[cfg(test)]
mod picker_tests;

use crate::protocol::prompt::UserAnswer;
use crate::protocol::request::{
    LabelRequest, PeekRequest, QueryRequest, Request, SnoozeRequest, SwitchRequest,
};
use crate::protocol::response::Response;
use crate::session::info::SessionInfo;
use crate::session::key::{HostName, SessionKey};
use crate::session::query::order::Order;
use crate::session::registry::MAX_LABEL;
use rows::{listed, passes};

/// What the user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A character was typed.
    Char(char),
    /// The Enter key.
    Enter,
    /// The Escape key.
    Escape,
    /// Deletes the last character.
    Backspace,
    /// Ctrl-U: deletes the line.
    DeleteLine,
    /// Moves the selection by so many rows, downwards if positive.
    Move(isize),
    /// Moves the selection by so many pages.
    Page(isize),
    /// Selects the first session, which is the most urgent, whichever that will be.
    First,
    /// Selects the last session.
    Last,
    /// A click on this row of the screen, from 0.
    Click(usize),
    /// Ctrl-C: ends, whatever is typed at the moment.
    Interrupt,
}

/// What is to be done after an [`Input`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Leave the picker.
    Quit,
    /// Ask vmuxd; the answer is for [`Picker::answered`].
    Ask(Request),
}

/// What is on the screen besides the list, and so what keys mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Mode {
    /// Only the list.
    #[default]
    List,
    /// The filter is typed.
    Filter,
    /// A label for this session id is typed; the session runs on this host.
    Label { session_id: String, host: Option<HostName>, text: String },
    /// The details of the selected session.
    Details,
    /// The keys.
    Help,
}

/// One line about the last action.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Message {
    text: String,
    is_error: bool,
}

/// The state of the picker between two keys.
#[derive(Debug, Clone, Default)]
pub struct Picker {
    /// `None`: the first row, whichever session that is.
    selected: Option<SessionKey>,
    /// The last row of the selected session: where the selection stays if the session goes.
    row: usize,
    /// The first row that is shown.
    top: usize,
    filter: String,
    /// Which of the sessions that wait comes first.
    order: Order,
    mode: Mode,
    message: Option<Message>,
    /// The prompt that may be answered in the details: the one that the session had when they were
    /// opened. When another one takes its place, the user is to open them again.
    prompt: Option<String>,
    /// What a session showed when it was last asked.
    peeked: Option<(SessionKey, Vec<String>)>,
}

impl Picker {
    /// With the list in this order.
    pub fn new(order: Order) -> Picker {
        Picker { order, ..Picker::default() }
    }

    /// Takes note of sessions and room: the selection stays on its session, and in view.
    pub fn arrange(&mut self, sessions: &[SessionInfo], height: usize) {
        let rows = listed(sessions, &self.filter, self.order);
        self.row = match self.selected {
            None => 0,
            Some(key) => rows
                .iter()
                .position(|it| it.key() == key)
                .unwrap_or_else(|| self.row.min(rows.len().saturating_sub(1))),
        };
        if self.selected.is_some() {
            self.selected = rows.get(self.row).map(|it| it.key());
        }
        let room = view::rows_of(height);
        let last_top = rows.len().saturating_sub(room);
        self.top = self.top.min(last_top).clamp((self.row + 1).saturating_sub(room), self.row);
    }

    /// The user did something, with these sessions on the screen of `height` rows.
    pub fn input(
        &mut self,
        input: Input,
        sessions: &[SessionInfo],
        height: usize,
    ) -> Option<Action> {
        self.arrange(sessions, height);
        if input == Input::Interrupt {
            return Some(Action::Quit);
        }
        self.message = None;
        match self.mode {
            Mode::List => self.list_input(input, sessions, height),
            Mode::Filter => self.filter_input(input, sessions, height),
            Mode::Label { .. } => self.label_input(input),
            Mode::Details => self.details_input(input, sessions, height),
            Mode::Help => {
                self.mode = Mode::List;
                (input == Input::Char('q')).then_some(Action::Quit)
            }
        }
    }

    /// vmuxd answered what was asked; the error is one line.
    pub fn answered(&mut self, result: Result<Response, String>) {
        self.message = match result {
            Ok(Response { peek: Some(peek), session: Some(session), .. }) => {
                self.peeked = Some((session.key(), peek.lines));
                return;
            }
            Ok(response) => response.note.map(|text| Message { text, is_error: false }),
            Err(text) => Some(Message { text, is_error: true }),
        };
    }

    /// The request for what the selected session shows now, while that is on the screen.
    pub fn peek(&self, sessions: &[SessionInfo], height: usize) -> Option<Request> {
        let session = self.session(sessions).filter(|_| self.mode == Mode::Details)?;
        let lines = u32::try_from(height).ok();
        Some(Request::Peek(PeekRequest { query: session.key().to_string(), lines, from: None }))
    }

    fn list_input(
        &mut self,
        input: Input,
        sessions: &[SessionInfo],
        height: usize,
    ) -> Option<Action> {
        match input {
            Input::Char('q') => return Some(Action::Quit),
            Input::Escape if self.filter.is_empty() => return Some(Action::Quit),
            Input::Escape => self.filter.clear(),
            Input::Char('/') => self.mode = Mode::Filter,
            Input::Char('?' | 'h') => self.mode = Mode::Help,
            Input::Char('p') if self.session(sessions).is_some() => {
                self.mode = Mode::Details;
                self.bind_prompt(sessions);
                return self.peek(sessions, height).map(Action::Ask);
            }
            Input::Char('l') => self.begin_label(sessions),
            Input::Char('a') => {
                let query = self.session(sessions)?.key().to_string();
                return Some(Action::Ask(Request::Ack(QueryRequest { query })));
            }
            Input::Char('s') => return Some(snooze(self.session(sessions)?)),
            Input::Char('n') => return Some(switch(|it| it.next = true)),
            Input::Char('b') => return Some(switch(|it| it.back = true)),
            Input::Enter => return self.go(sessions),
            other => return self.movement(other, sessions, height),
        }
        None
    }

    fn filter_input(
        &mut self,
        input: Input,
        sessions: &[SessionInfo],
        height: usize,
    ) -> Option<Action> {
        match input {
            Input::Escape => {
                self.filter.clear();
                self.mode = Mode::List;
            }
            Input::Enter => self.mode = Mode::List,
            Input::Char(typed) => {
                self.filter.push(typed);
                // The best match is the first one that is left.
                self.selected = None;
            }
            Input::Backspace if self.filter.pop().is_none() => self.mode = Mode::List,
            Input::DeleteLine => self.filter.clear(),
            other => return self.movement(other, sessions, height),
        }
        None
    }

    fn label_input(&mut self, input: Input) -> Option<Action> {
        let Mode::Label { session_id, host, text } = &mut self.mode else { return None };
        match input {
            Input::Escape => self.mode = Mode::List,
            Input::Enter => {
                let (session_id, host) = (session_id.clone(), host.map(|it| it.to_string()));
                let request = LabelRequest { session_id, label: text.trim().to_owned(), host };
                self.mode = Mode::List;
                return Some(Action::Ask(Request::Label(request)));
            }
            Input::Char(typed) if text.chars().count() < MAX_LABEL => text.push(typed),
            Input::Backspace => drop(text.pop()),
            Input::DeleteLine => text.clear(),
            _ => {}
        }
        None
    }

    fn details_input(
        &mut self,
        input: Input,
        sessions: &[SessionInfo],
        height: usize,
    ) -> Option<Action> {
        match input {
            Input::Char('q' | 'p') | Input::Escape | Input::Click(_) => self.mode = Mode::List,
            Input::Enter => return self.go(sessions),
            Input::Char('y') => {
                return self.answer(sessions, UserAnswer::Allow { accept_edits: false });
            }
            Input::Char('d') => return self.answer(sessions, UserAnswer::Deny { message: None }),
            other => {
                let before = self.session(sessions).map(SessionInfo::key);
                let moved = self.movement(other, sessions, height);
                if self.session(sessions).map(SessionInfo::key) != before {
                    self.bind_prompt(sessions);
                }
                return moved.or_else(|| self.peek(sessions, height).map(Action::Ask));
            }
        }
        None
    }

    fn movement(
        &mut self,
        input: Input,
        sessions: &[SessionInfo],
        height: usize,
    ) -> Option<Action> {
        let rows = listed(sessions, &self.filter, self.order);
        let page = view::rows_of(height).saturating_sub(1).max(1) as isize;
        let by = match input {
            Input::Move(by) => by,
            Input::Char('j') if self.mode != Mode::Filter => 1,
            Input::Char('k') if self.mode != Mode::Filter => -1,
            Input::Page(pages) => pages.saturating_mul(page),
            Input::First | Input::Char('g') => {
                self.selected = None;
                return None;
            }
            Input::Last | Input::Char('G') => isize::MAX,
            Input::Click(at) => {
                let row = self.top + at.checked_sub(1).filter(|it| *it < view::rows_of(height))?;
                let clicked = rows.get(row)?.key();
                if self.session(sessions).is_some_and(|it| it.key() == clicked) {
                    return self.go(sessions);
                }
                self.selected = Some(clicked);
                return None;
            }
            _ => return None,
        };
        let to = self.row.saturating_add_signed(by).min(rows.len().saturating_sub(1));
        self.selected = rows.get(to).map(|it| it.key());
        None
    }

    fn go(&self, sessions: &[SessionInfo]) -> Option<Action> {
        let query = self.session(sessions)?.key().to_string();
        Some(switch(|it| it.query = Some(query)))
    }

    fn begin_label(&mut self, sessions: &[SessionInfo]) {
        let Some(session) = self.session(sessions) else { return };
        match &session.session_id {
            Some(session_id) => {
                let text = session.label.as_deref().unwrap_or_default().to_owned();
                let (session_id, host) = (session_id.to_string(), session.host);
                self.mode = Mode::Label { session_id, host, text };
            }
            None => {
                let text = "it has no session id yet: answer its first dialog, then label it";
                self.message = Some(Message { text: text.to_owned(), is_error: true });
            }
        }
    }

    /// The selected session.
    fn session<'a>(&self, sessions: &'a [SessionInfo]) -> Option<&'a SessionInfo> {
        match self.selected {
            Some(key) => sessions.iter().find(|it| it.key() == key && passes(it, &self.filter)),
            None => listed(sessions, &self.filter, self.order).first().copied(),
        }
    }
}

fn switch(how: impl FnOnce(&mut SwitchRequest)) -> Action {
    let mut request = SwitchRequest::default();
    how(&mut request);
    Action::Ask(Request::Switch(request))
}

/// Sets this session aside; takes it up again if it is.
fn snooze(session: &SessionInfo) -> Action {
    let (query, end) = (session.key().to_string(), session.snoozed.is_some());
    Action::Ask(Request::Snooze(SnoozeRequest { query, end, ..SnoozeRequest::default() }))
}
