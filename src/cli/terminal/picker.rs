//! The picker on a real terminal: reads keys and the mouse, follows vmuxd, asks it, draws.

use super::screen::Screen;
use super::{Output, instant, size};
use crate::cli::error::{CliError, CliResult};
use crate::client::connect::Endpoint;
use crate::client::follow::Follower;
use crate::protocol::request::Request;
use crate::protocol::response::Response;
use crate::session::info::SessionInfo;
use crate::session::query::filter::Filter;
use crate::show::picker::{Action, Input, Picker};
use crate::show::table::{Frame, next_tick};
use chrono::Utc;
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How many rows a turn of the mouse wheel moves the selection.
const WHEEL: isize = 3;

/// How often what a session shows is looked at again.
const PEEK_INTERVAL: Duration = Duration::from_secs(1);

/// What the threads beside the loop send.
enum Arrival {
    /// The user did something.
    Input(Input),
    /// vmuxd answered, or what went wrong in one line.
    Answer(Result<Box<Response>, String>),
}

/// Runs the picker, with the sessions that `filter` lets through, until the user leaves it.
pub fn run(endpoint: &Endpoint, output: &Output, filter: &Filter) -> CliResult {
    drop(endpoint.client()?);
    let mut follower = Follower::new(endpoint);
    let mut screen = Screen::enter().map_err(CliError::watching)?;
    let (mailbox, mut arrivals) = Arrivals::new().map_err(CliError::watching)?;
    let keys = mailbox.clone();
    spawn(move || read_keys(&keys))?;
    let mut picker = Picker::new(output.order);
    let mut peeked_at = Instant::now();
    loop {
        let now = Utc::now();
        let (width, height) = size().unwrap_or((80, 24));
        let frame = Frame { width: Some(width), ..output.frame() };
        let sessions = follower.sessions().map(|it| filtered(it, filter));
        if let Some(sessions) = &sessions {
            picker.arrange(sessions, height);
        }
        screen
            .draw(picker.draw(sessions.as_deref(), now, frame, height))
            .map_err(CliError::watching)?;
        let tick = sessions.as_deref().and_then(|sessions| next_tick(sessions, now));
        let tick = tick.map(|tick| instant(tick, now));
        let peek = picker.peek(sessions.as_deref().unwrap_or_default(), height);
        let look_again = peek.as_ref().map(|_| peeked_at + PEEK_INTERVAL);
        let tick = [tick, look_again].into_iter().flatten().min();
        let [ended, resized] = screen.signals();
        let woken = follower
            .wait(&[ended, resized, arrivals.wake.as_fd()], tick)
            .map_err(CliError::watching)?;
        if woken.reader_gone || woken.ready.first() == Some(&true) {
            return Ok(());
        }
        if woken.ready.get(1) == Some(&true) {
            screen.resize();
        }
        if let Some(request) = peek.filter(|_| peeked_at.elapsed() >= PEEK_INTERVAL) {
            peeked_at = Instant::now();
            ask_beside(&mailbox, endpoint, request)?;
        }
        for arrival in arrivals.take() {
            let input = match arrival {
                Arrival::Input(input) => input,
                Arrival::Answer(answer) => {
                    picker.answered(answer.map(|it| *it));
                    continue;
                }
            };
            let sessions = filtered(follower.sessions().unwrap_or_default(), filter);
            match picker.input(input, &sessions, height) {
                Some(Action::Quit) => return Ok(()),
                Some(Action::Ask(request)) => {
                    peeked_at = Instant::now();
                    ask_beside(&mailbox, endpoint, request)?;
                }
                None => {}
            }
        }
    }
}

/// Asks vmuxd in another thread: a switch may take seconds, and the list goes on meanwhile.
fn ask_beside(mailbox: &Mailbox, endpoint: &Endpoint, request: Request) -> CliResult {
    let (mailbox, endpoint) = (mailbox.clone(), endpoint.clone());
    spawn(move || mailbox.send(Arrival::Answer(ask(&endpoint, &request))))
}

/// The sessions that `filter` lets through.
fn filtered<'a>(sessions: &'a [SessionInfo], filter: &Filter) -> Cow<'a, [SessionInfo]> {
    match filter.is_empty() {
        true => sessions.into(),
        false => filter.select(sessions).into_iter().cloned().collect(),
    }
}

fn spawn(act: impl FnOnce() + Send + 'static) -> CliResult {
    thread::Builder::new().spawn(act).map(drop).map_err(CliError::watching)
}

fn ask(endpoint: &Endpoint, request: &Request) -> Result<Box<Response>, String> {
    endpoint.ask(request).map(Box::new).map_err(|error| CliError::from(error).message)
}

/// Where the threads send to.
#[derive(Clone)]
struct Mailbox {
    sender: Sender<Arrival>,
    wake: Arc<UnixStream>,
}

impl Mailbox {
    fn send(&self, arrival: Arrival) {
        let _ = self.sender.send(arrival);
        // One that is full wakes the loop as well.
        let _ = (&*self.wake).write(&[0]);
    }
}

/// What was sent, and a descriptor that can be read once there is something.
struct Arrivals {
    receiver: Receiver<Arrival>,
    wake: UnixStream,
}

impl Arrivals {
    fn new() -> io::Result<(Mailbox, Arrivals)> {
        let (sender, receiver) = channel();
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        Ok((Mailbox { sender, wake: Arc::new(far) }, Arrivals { receiver, wake: near }))
    }

    fn take(&mut self) -> Vec<Arrival> {
        let mut buffer = [0; 256];
        while self.wake.read(&mut buffer).is_ok_and(|length| length > 0) {}
        self.receiver.try_iter().collect()
    }
}

/// Sends what the user does until the terminal goes.
fn read_keys(mailbox: &Mailbox) {
    while let Ok(event) = crossterm::event::read() {
        let input = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => input_of_key(key),
            Event::Mouse(mouse) => input_of_mouse(mouse),
            _ => None,
        };
        if let Some(input) = input {
            mailbox.send(Arrival::Input(input));
        }
    }
    mailbox.send(Arrival::Input(Input::Interrupt));
}

fn input_of_key(key: KeyEvent) -> Option<Input> {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    let is_alt = key.modifiers.contains(KeyModifiers::ALT);
    Some(match key.code {
        KeyCode::Char('c' | 'd') if is_control => Input::Interrupt,
        KeyCode::Char('n') if is_control => Input::Move(1),
        KeyCode::Char('p') if is_control => Input::Move(-1),
        KeyCode::Char('u') if is_control => Input::DeleteLine,
        KeyCode::Char('h') if is_control => Input::Backspace,
        KeyCode::Char('j' | 'm') if is_control => Input::Enter,
        KeyCode::Char(_) if is_control || is_alt => return None,
        KeyCode::Char(typed) => Input::Char(typed),
        KeyCode::Enter => Input::Enter,
        KeyCode::Esc => Input::Escape,
        KeyCode::Backspace => Input::Backspace,
        KeyCode::Down | KeyCode::Tab => Input::Move(1),
        KeyCode::Up | KeyCode::BackTab => Input::Move(-1),
        KeyCode::PageDown => Input::Page(1),
        KeyCode::PageUp => Input::Page(-1),
        KeyCode::Home => Input::First,
        KeyCode::End => Input::Last,
        _ => return None,
    })
}

fn input_of_mouse(mouse: MouseEvent) -> Option<Input> {
    Some(match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Input::Click(mouse.row.into()),
        MouseEventKind::ScrollDown => Input::Move(WHEEL),
        MouseEventKind::ScrollUp => Input::Move(-WHEEL),
        _ => return None,
    })
}
