//! Requests of clients.

pub mod carried;
pub mod deadline;
pub mod start;
pub mod view;

pub use super::hook::{
    AnswerRequest, AskRequest, HookRequest, OnceRequest, PendingRequest, PromptRequest,
};
pub use carried::{MarkRequest, SelectRequest};
pub use deadline::BootTime;
pub use start::{EndRequest, MoveRequest, NewRequest, ReserveRequest};
pub use view::{PeekRequest, PeekSource, StatusRequest, TableRequest};

use crate::session::info::start::StartStep;
use serde::{Deserialize, Serialize};

/// Defines [`Request`] and the names of its actions from one list.
macro_rules! requests {
    ($($(#[$doc:meta])* $name:literal => $variant:ident($(#[$attribute:meta])* $arguments:ty),)*) => {
        /// A request: `{"action": "switch", "args": {"query": "api"}}`. `args` may be absent if the
        /// action needs none.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "action", content = "args")]
        pub enum Request {
            $($(#[$doc])* #[serde(rename = $name)] $variant($(#[$attribute])* $arguments),)*
        }

        impl Request {
            /// The names of all actions.
            pub const ACTIONS: &[&str] = &[$($name),*];

            /// The name of the action, as on the wire.
            pub fn action(&self) -> &'static str {
                match self {
                    $(Request::$variant(_) => $name,)*
                }
            }
        }
    };
}

requests! {
    /// Lists every session. The reply has `sessions`.
    "list" => List(#[serde(default)] Nothing),
    /// Brings the user to a session, or back. The reply comes after the focus took effect; it has
    /// `session`, and a `note` if there is more to say.
    "switch" => Switch(#[serde(default)] SwitchRequest),
    /// Sets or removes the label of a session. The reply comes when the label is on disk.
    "label" => Label(LabelRequest),
    /// Ends vmuxd. The reply comes first; then vmuxd closes the connection as it ends.
    "stop" => Stop(#[serde(default)] Nothing),
    /// Asks which vmuxd this is and what is wrong with it. The reply has `daemon`.
    "version" => Version(#[serde(default)] Nothing),
    /// Turns the connection into a stream of [events](super::event::Event). There is no other reply,
    /// unless vmuxd refuses.
    "subscribe" => Subscribe(#[serde(default)] Nothing),
    /// Asks how a session's state was decided. The reply has `session` and `why`.
    "why" => Why(QueryRequest),
    /// Marks a finished session as seen. The reply has `session`, and a `note` if it was not marked
    /// as finished.
    "ack" => Ack(QueryRequest),
    /// Sets a session aside, or takes it up again. The reply has `session`, and a `note` if it was not
    /// set aside.
    "snooze" => Snooze(SnoozeRequest),
    /// Asks for the last lines of what a session shows, or of what was said in it. The reply has `peek`,
    /// and a `note` if it is not what is on the screen.
    "peek" => Peek(PeekRequest),
    /// Asks what carries a session's terminal to users at other hosts. The reply has `carriers`.
    "carriers" => Carriers(QueryRequest),
    /// Brings the panes that a session runs in into view in one of its carriers. The reply comes when
    /// they are; it has `session`.
    "select" => Select(SelectRequest),
    /// Gives the terminal at the end of a carrier a title with a mark for a second, for the window to be
    /// found that shows it. The reply comes when it is written; it has `session`.
    "mark" => Mark(MarkRequest),
    /// Lists the servers that listen for sessions, after a fresh look. The reply has `servers`, and the
    /// `sessions` that they belong to.
    "servers" => Servers(#[serde(default)] ServersRequest),
    /// Asks for a port on which nothing listens, on any address, and which no other client was given for a
    /// minute. The reply has `port`.
    "free_port" => FreePort(#[serde(default)] FreePortRequest),
    /// Asks the processes of a server to end (SIGTERM). The reply comes when they have, or when it is not
    /// waited for any longer (`not_ended`).
    "stop_server" => StopServer(StopServerRequest),
    /// Scans for processes and inspects every session. The reply comes when that is done.
    "scan" => Scan(#[serde(default)] Nothing),
    /// Asks what vmuxd sees and why something is not there; with a pid, how it comes to see that process
    /// as a session or not. The reply has `findings` and `daemon`.
    "doctor" => Doctor(#[serde(default)] DoctorRequest),
    /// Asks for the other hosts of the configuration. The reply has `hosts`.
    "hosts" => Hosts(#[serde(default)] HostsRequest),
    /// Reports the call of a hook that the user has installed in Claude Code.
    "hook" => Hook(HookRequest),
    /// A hook that can answer a prompt asks for the answer and waits. The reply has `prompt`; then the
    /// connection becomes a stream that ends with one [outcome](super::prompt::AskOutcome).
    "ask" => Ask(Box<AskRequest>),
    /// The hook of a prompt has passed on the answer that it was told.
    "answered" => Answered(PromptRequest),
    /// Asks for the prompts that are open. The reply has `prompts`; with `follow`, the connection becomes
    /// a stream of such replies, one for each change.
    "pending" => Pending(#[serde(default)] PendingRequest),
    /// Answers a prompt. The reply comes when its hook has passed the answer on; it has `prompt` and
    /// `session`. A refusal has `prompts`: those of the session that are open.
    "answer" => Answer(AnswerRequest),
    /// Answers the prompt that a button on the phone stands for. The reply is that to `answer`.
    "answer_once" => AnswerOnce(OnceRequest),
    /// Reserves the name of a session that is about to begin, for a minute. A refusal (`taken`) has the
    /// `session` that has it.
    "reserve" => Reserve(ReserveRequest),
    /// Begins a session, here or on another host. The reply comes when it runs, or when it failed.
    "new" => New(Box<NewRequest>),
    /// Tells how far a start has come; every subscriber gets it.
    "starting" => Starting(Box<StartStep>),
    /// Moves the window of a session to another workspace. The reply comes when it is there; it has
    /// `session`.
    "move" => Move(MoveRequest),
    /// Asks a session to end (SIGTERM). The reply comes when it has, or when it is not waited for any longer
    /// (`not_ended`).
    "end" => End(EndRequest),
    /// Asks for the sessions that ran before and do not run now. The reply has `past`.
    "past" => Past(#[serde(default)] Nothing),
    /// Types a text into the free prompt of a session and submits it, if the configuration allows that.
    /// The reply comes when the screen shows that it was submitted; it has `session`. A refusal other than
    /// `not_submitted` says that nothing was typed.
    "send" => Send(SendRequest),
    /// Asks for the table of `vmux list`. The reply has `text`, and `problems` as that of `list`.
    "table" => Table(TableRequest),
    /// Asks for the line of `vmux status` in the format of a bar. The reply has `text`.
    "status" => Status(StatusRequest),
}

/// No arguments. Any that are sent are ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// Arguments of `switch`: one of `query`, `number`, `next`, `previous` and `back`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwitchRequest {
    /// Words that mean one session. Of several that match equally well, the first in the order of
    /// [`crate::session::query::order`] is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The session that is called so or has this pid, else the one at this place, from 1, of those that
    /// want attention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// Whether to go to the first session that waits; once more, to the next one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub next: bool,
    /// Whether to do the same in the opposite order.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub previous: bool,
    /// Whether to go back to where the user was before the last switch.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub back: bool,
    /// Whether to attach a detached tmux session in a new terminal. A client cannot choose which one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attach: bool,
}

/// Arguments of `label`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelRequest {
    /// Id of the session.
    pub session_id: String,
    /// Its label. An empty one removes it.
    #[serde(default)]
    pub label: String,
    /// The host that the session runs on. Without it, a session of this machine comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// Arguments of `why`, `ack` and `carriers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryRequest {
    /// Words that mean one session. If several match equally well, the request is refused
    /// (`ambiguous`).
    pub query: String,
}

/// Arguments of `snooze`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozeRequest {
    /// Words that mean one session. If several match equally well, the request is refused
    /// (`ambiguous`).
    pub query: String,
    /// For how many seconds, at most a year. Without it and `until_change`: as long as the button of a
    /// notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Whether it ends when the session changes its state; with `seconds`, whichever comes first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until_change: bool,
    /// Whether to take it up again instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DoctorRequest {
    /// The process to walk through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
}

/// Arguments of `hosts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostsRequest {
    /// The name of a host that is to be tried again at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<String>,
}

/// Arguments of `send`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRequest {
    /// Words that mean one session. If several match equally well, the request is refused
    /// (`ambiguous`).
    pub query: String,
    /// What to send. It may have several lines, and no other control characters.
    pub text: String,
    /// Whether a session that works gets it too: it takes it up when it has time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queue: bool,
    /// Where it comes from: `mcp`, `web` and `hosts` need a right of their own; anything else counts as
    /// the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
}

/// How a request names this machine among hosts.
pub const LOCAL_HOST: &str = "local";

/// Arguments of `servers`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServersRequest {
    /// Only those of this host, after a fresh look there; [`LOCAL_HOST`] is this machine. Without it: those
    /// of this machine, and those that sessions of other hosts are known to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// Arguments of `free_port`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FreePortRequest {
    /// The host whose port it is to be; absent for this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The smallest port.
    pub from: u16,
    /// The largest.
    pub to: u16,
}

impl Default for FreePortRequest {
    fn default() -> FreePortRequest {
        FreePortRequest { host: None, from: 3000, to: 9999 }
    }
}

/// Arguments of `stop_server`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopServerRequest {
    /// The host that it runs on; absent for this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The pid of the server, as `servers` has it.
    pub pid: u32,
    /// Its start time in clock ticks since boot.
    pub start: u64,
}
