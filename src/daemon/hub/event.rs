//! Everything that reaches the hub.

use super::problems::ProblemSource;
use crate::daemon::desktop::message::DesktopReport;
use crate::daemon::discovery::message::WorkerResult;
use crate::daemon::home::labels::writer::LabelOutcome;
use crate::daemon::home::lock::HomeCheck;
use crate::daemon::home::record::SessionRecord;
use crate::daemon::home::unseen::RememberedSessions;
use crate::daemon::hosts::message::HostReport;
use crate::daemon::lifecycle::config_reload::LoadResult;
use crate::daemon::lifecycle::own_socket::SocketCheck;
use crate::daemon::server::reply::ReplySender;
use crate::daemon::watch::processes::ProcessEvent;
use crate::daemon::watch::watchers::WatchNews;
use crate::protocol::request::Request;
use crate::protocol::response::Response;
use crate::session::key::SessionKey;
use crate::wm::switch::focus_target::FocusTarget;
use crate::wm::switch::outcome::{SwitchError, Switched};
use std::collections::BTreeMap;
use std::fmt;
use tokio::sync::mpsc;

/// One thing that happened. The hub handles one event in each turn of its loop.
pub enum HubEvent {
    /// The loop begins.
    Started,
    /// A client asks. The reply is sent after its effect.
    Request(Request, ReplySender),
    /// A switch that a request asked for has ended.
    SwitchEnded(Box<SwitchEnd>),
    /// A label was written, or could not be. The reply is to be sent, unless that was done before.
    LabelWritten(LabelOutcome, Option<ReplySender>),
    /// The labels were read; `None`: they will not be.
    LabelsRead(Option<LabelOutcome>),
    /// The configuration was read; `None`: it will not be.
    ConfigRead(Option<Box<LoadResult>>),
    /// Which sessions were unseen was read; `None`: it will not be.
    UnseenRead(Option<RememberedSessions>),
    /// Which sessions are unseen was written, or could not be.
    UnseenWritten(Option<Result<(), String>>),
    /// What ran before was read, or will not be.
    RecordRead(Option<SessionRecord>),
    /// What runs was written, or could not be.
    RecordWritten(Option<Result<(), String>>),
    /// The pid file was written, or could not be.
    PidFileWritten(Result<(), String>),
    /// Worker threads have scanned or inspected; at least one result.
    WorkerResults(Vec<WorkerResult>),
    /// The desktop task reports.
    Desktop(DesktopReport),
    /// The desktop task has placed the sessions of the last scan.
    SessionsPlaced,
    /// The task of a host reports.
    Host(HostReport),
    /// The vmuxd of another host has replied, or will not.
    FarReplied(Box<FarReply>),
    /// Watched files have changed, or watches were registered.
    Watch(WatchNews),
    /// Processes have ended, or written to their terminals.
    Process(ProcessEvent),
    /// The hook that waited for the answer to this prompt has gone.
    HookEnded(String),
    /// The user chose to go to a session in its notification; `attach`: in a new terminal.
    NotificationClicked {
        /// The session.
        session: SessionKey,
        /// Whether to attach it.
        attach: bool,
    },
    /// The user chose to be notified of a session later.
    NotificationSnoozed(SessionKey),
    /// The user answered a prompt in the notification of a session.
    NotificationAnswered {
        /// The session.
        session: SessionKey,
        /// Id of the prompt.
        prompt: String,
        /// Whether it is allowed; else it is denied.
        allow: bool,
    },
    /// Another task has a problem, or no longer has it.
    ProblemReported(ProblemSource, Option<String>),
    /// The lock on vmux's home was checked; `None`: it was not.
    HomeChecked(Option<HomeCheck>),
    /// The socket was checked; `None`: it was not.
    SocketChecked(Option<SocketCheck>),
    /// A signal asks for the configuration and the labels to be read again.
    ReloadRequested,
    /// A signal asks vmuxd to end.
    ShutdownRequested,
    /// A thread could not be started.
    ThreadMissing,
    /// Something is due.
    Timer,
}

/// The reply of the vmuxd of another host, or a refusal where none came.
#[derive(Debug)]
pub struct FarReply {
    /// The session that the request is about.
    pub key: SessionKey,
    /// What was asked there.
    pub request: Request,
    /// Its texts are clean.
    pub response: Response,
    /// Where the reply goes.
    pub reply: ReplySender,
}

/// The end of a switch.
#[derive(Debug)]
pub struct SwitchEnd {
    /// The session that was to be shown; `None` for `--back`.
    pub target: Option<SessionKey>,
    /// What had the focus before.
    pub before: Option<FocusTarget>,
    /// Where the switch led; `Ok(None)` for `--back`.
    pub result: Result<Option<Switched>, SwitchError>,
    /// The sessions that could not be reached before one was, for the user.
    pub skipped: Option<String>,
    /// The user clicked a notification: nobody else shows the user an error.
    pub was_clicked: bool,
    /// Where the reply goes.
    pub reply: ReplySender,
}

/// For the log: short, and without any text of a session or a user.
impl fmt::Display for HubEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HubEvent::Started => f.write_str("started"),
            HubEvent::Request(request, _) => write!(f, "request: {}", request.action()),
            HubEvent::SwitchEnded(end) => {
                let result = if end.result.is_ok() { "ok" } else { "failed" };
                match end.target {
                    Some(process) => write!(f, "switch to {process}: {result}"),
                    None => write!(f, "switch back: {result}"),
                }
            }
            HubEvent::LabelWritten(outcome, _) => write!(f, "label written: {outcome}"),
            HubEvent::LabelsRead(Some(outcome)) => write!(f, "labels read: {outcome}"),
            HubEvent::LabelsRead(None) => f.write_str("labels not read"),
            HubEvent::ConfigRead(loaded) => match loaded.as_deref() {
                Some(Ok(_)) => f.write_str("configuration read"),
                Some(Err(_)) | None => f.write_str("configuration not read"),
            },
            HubEvent::UnseenRead(read) => {
                write!(f, "unseen sessions read: {}", read.as_ref().map_or(0, BTreeMap::len))
            }
            HubEvent::UnseenWritten(Some(Ok(()))) => f.write_str("unseen sessions written"),
            HubEvent::UnseenWritten(_) => f.write_str("unseen sessions not written"),
            HubEvent::RecordRead(_) => f.write_str("record read"),
            HubEvent::RecordWritten(_) => f.write_str("record written"),
            HubEvent::PidFileWritten(Ok(())) => f.write_str("pid file written"),
            HubEvent::PidFileWritten(Err(_)) => f.write_str("pid file not written"),
            HubEvent::WorkerResults(results) => {
                let mut separator = "";
                results.iter().try_for_each(|result| {
                    write!(f, "{separator}{result}")?;
                    separator = ", ";
                    Ok(())
                })
            }
            HubEvent::Desktop(report) => write!(f, "desktop: {report}"),
            HubEvent::SessionsPlaced => f.write_str("desktop: sessions placed"),
            HubEvent::Host(report) => write!(f, "{report}"),
            HubEvent::FarReplied(replied) => {
                let result = if replied.response.ok { "ok" } else { "refused" };
                write!(f, "{} of {}: {result}", replied.request.action(), replied.key)
            }
            HubEvent::Watch(event) => write!(f, "{event}"),
            HubEvent::Process(event) => write!(f, "{event}"),
            HubEvent::NotificationClicked { session, attach: false } => {
                write!(f, "notification of {session} clicked")
            }
            HubEvent::NotificationClicked { session, attach: true } => {
                write!(f, "notification of {session}: attach")
            }
            HubEvent::NotificationSnoozed(session) => {
                write!(f, "notification of {session} snoozed")
            }
            HubEvent::NotificationAnswered { session, prompt, .. } => {
                write!(f, "notification of {session} answered prompt {prompt}")
            }
            HubEvent::HookEnded(prompt) => write!(f, "hook of prompt {prompt} has ended"),
            HubEvent::ProblemReported(source, problem) => {
                let state = if problem.is_some() { "has a problem" } else { "is well" };
                write!(f, "{source:?} {state}")
            }
            HubEvent::HomeChecked(check) => {
                let result = if matches!(check, Some(Ok(_))) { "ok" } else { "failed" };
                write!(f, "lock on the home: {result}")
            }
            HubEvent::SocketChecked(check) => f.write_str(match check {
                Some(Ok(None)) => "socket: ok",
                Some(Ok(Some(_))) => "socket: made again",
                Some(Err(_)) | None => "socket: failed",
            }),
            HubEvent::ReloadRequested => f.write_str("reload requested"),
            HubEvent::ShutdownRequested => f.write_str("shutdown requested"),
            HubEvent::ThreadMissing => f.write_str("a thread is missing"),
            HubEvent::Timer => f.write_str("timer"),
        }
    }
}

/// How many events may wait for the hub; then senders wait.
pub const CAPACITY: usize = 1024;

/// The channel through which tasks and threads send events to the hub.
pub fn channel() -> (mpsc::Sender<HubEvent>, mpsc::Receiver<HubEvent>) {
    mpsc::channel(CAPACITY)
}
