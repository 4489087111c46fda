//! org.freedesktop.Notifications on the session bus.

use super::text::{Note, escape};
use crate::config::{Occasion, Urgency};
use std::collections::HashMap;
use std::time::Duration;
use zbus::connection::Builder;
use zbus::message::Type;
use zbus::{Connection, DynamicType, MatchRule, Message, MessageStream, Variant};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A server that takes longer is taken to hang.
const DEADLINE: Duration = Duration::from_secs(5);

/// The keys of the actions.
pub const FOCUS: &str = "default";
/// See [`FOCUS`].
pub const SNOOZE: &str = "snooze";

/// A connection to the bus, and what the notification server on it can do.
pub struct Bus {
    connection: Connection,
    signals: MessageStream,
    owners: MessageStream,
    server: Option<Server>,
}

/// Who serves, and what it can do.
struct Server {
    /// Its unique name on the bus.
    name: String,
    has_actions: bool,
    has_markup: bool,
}

/// What the bus tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// The user chose an action of a notification.
    Invoked(u32, String),
    /// A notification is not shown any more.
    Closed(u32),
    /// There is another server; it knows nothing of what was shown.
    Came,
    /// There is no server any more.
    Gone,
    /// The connection is gone.
    Lost,
}

impl Bus {
    /// Connect to the bus.
    pub async fn connect() -> Result<Bus, String> {
        let connected = tokio::time::timeout(DEADLINE, Bus::try_connect()).await;
        connected.map_err(|_| "it does not answer".to_owned())?.map_err(|error| explain(&error))
    }

    async fn try_connect() -> zbus::Result<Bus> {
        let connection = Builder::session().method_timeout(DEADLINE).build().await?;
        let rule =
            MatchRule::builder().msg_type(Type::Signal).interface(NAME).path(PATH).build()?;
        let signals = MessageStream::for_match_rule(rule, &connection, None).await?;
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")
            .interface("org.freedesktop.DBus")
            .member("NameOwnerChanged")
            .arg(0, NAME)
            .build()?;
        let owners = MessageStream::for_match_rule(rule, &connection, None).await?;
        Ok(Bus { connection, signals, owners, server: None })
    }

    /// Ask the server what it can do, unless that is known. It is started if it must be.
    pub async fn meet(&mut self) -> Result<(), String> {
        if self.server.is_none() {
            self.server = Some(self.ask_server().await.map_err(|error| explain(&error))?);
        }
        Ok(())
    }

    async fn ask_server(&self) -> zbus::Result<Server> {
        let reply = self.call("GetCapabilities", &()).await?;
        let capabilities: Vec<String> = reply.body().deserialize()?;
        let has = |wanted: &str| capabilities.iter().any(|it| it == wanted);
        let name = reply.header().sender().map(ToString::to_string).unwrap_or_default();
        Ok(Server { name, has_actions: has("actions"), has_markup: has("body-markup") })
    }

    /// Whether the connection is of no use any more.
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Show `note` in place of the notification `replaces`, 0 for none; its id.
    pub async fn show(&self, note: &Note, replaces: u32, snooze: &str) -> Result<u32, String> {
        let (icon, category) = match note.occasion {
            Occasion::NeedsInput => ("dialog-question", "x-vmux.needs_input"),
            Occasion::Finished => ("dialog-information", "x-vmux.finished"),
        };
        let level: u8 = match note.urgency {
            Urgency::Low => 0,
            Urgency::Normal => 1,
            Urgency::Critical => 2,
        };
        let can = |what: fn(&Server) -> bool| self.server.as_ref().is_some_and(what);
        let body = if can(|it| it.has_markup) { escape(&note.body) } else { note.body.clone() };
        let actions: &[&str] =
            if can(|it| it.has_actions) { &[FOCUS, "Focus", SNOOZE, snooze] } else { &[] };
        let hints = HashMap::from([
            ("urgency", Variant::from(level)),
            ("category", Variant::from(category)),
            ("desktop-entry", Variant::from("vmux")),
        ]);
        // How long it stays is for the server, and so for the user, to say.
        let expires: i32 = -1;
        let body = ("vmux", replaces, icon, &note.summary, &body, actions, hints, expires);
        let reply = self.call("Notify", &body).await.map_err(|error| explain(&error))?;
        reply.body().deserialize().map_err(|error| explain(&error))
    }

    /// Take a notification back. One that is gone already is no error.
    pub async fn close(&self, id: u32) -> Result<(), String> {
        match self.call("CloseNotification", &id).await {
            Ok(_) | Err(zbus::Error::MethodError(..) | zbus::Error::FDO(_)) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }

    /// Wait for news.
    pub async fn signal(&mut self) -> Signal {
        loop {
            let signal = tokio::select! {
                message = next(&mut self.signals) => match message {
                    Some(message) => read(&message),
                    None => return Signal::Lost,
                },
                message = next(&mut self.owners) => match message {
                    Some(message) => self.owner(&message),
                    None => return Signal::Lost,
                },
            };
            if let Some(signal) = signal {
                return signal;
            }
        }
    }

    /// Another owner of the name, which may be the one that was met already.
    fn owner(&mut self, message: &Message) -> Option<Signal> {
        let body = message.body();
        let (_name, _before, now): (&str, &str, &str) = body.deserialize().ok()?;
        if now.is_empty() {
            self.server = None;
            return Some(Signal::Gone);
        }
        if self.server.as_ref().is_some_and(|it| it.name == now) {
            return None;
        }
        self.server = None;
        Some(Signal::Came)
    }

    async fn call<B>(&self, method: &str, body: &B) -> zbus::Result<Message>
    where
        B: serde::Serialize + DynamicType,
    {
        self.connection.call_method(Some(NAME), PATH, Some(NAME), method, body).await
    }
}

fn read(message: &Message) -> Option<Signal> {
    let header = message.header();
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (id, key): (u32, String) = message.body().deserialize().ok()?;
            Some(Signal::Invoked(id, key))
        }
        "NotificationClosed" => {
            let (id, _reason): (u32, u32) = message.body().deserialize().ok()?;
            Some(Signal::Closed(id))
        }
        _ => None,
    }
}

/// The next message; `None` when the connection is gone.
async fn next(stream: &mut MessageStream) -> Option<Message> {
    use futures_core::Stream;
    use std::pin::Pin;
    std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await?.ok()
}

/// In a line, without the names of Rust's types.
fn explain(error: &zbus::Error) -> String {
    let text = match error {
        zbus::Error::InputOutput(error) => error.to_string(),
        zbus::Error::MethodError(name, text, _) => text.clone().unwrap_or_else(|| name.to_string()),
        other => other.to_string(),
    };
    crate::session::sanitize::clean(&text, 200)
}
