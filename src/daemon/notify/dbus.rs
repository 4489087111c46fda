//! org.freedesktop.Notifications on the session bus.

use super::text::{Notification, escape};
use crate::config::{Trigger, Urgency};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::Duration;
use zbus::connection::Builder;
use zbus::message::Type;
use zbus::{Connection, DynamicType, MatchRule, Message, MessageStream, Variant};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// How long connecting and each call may take.
const BUS_TIMEOUT: Duration = Duration::from_secs(5);

/// So many signals may come while the answer to a call is awaited: a server tells all its clients of each
/// notification that ends, and zbus reads no answer while more wait than its queue holds.
const MAX_SIGNALS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// The key of the action that goes to the session: the one that a click on the notification invokes.
pub const FOCUS_ACTION: &str = "default";
/// The key of the action that attaches a detached session in a new terminal, and goes to it.
pub const ATTACH_ACTION: &str = "attach";
/// The key of the action that shows the notification again later.
pub const SNOOZE_ACTION: &str = "snooze";

/// How the key of the action that allows a prompt begins; the id of the prompt follows, so that a
/// click on what was shown before answers nothing else.
pub const ALLOW_ACTION: &str = "allow-";
/// The same for the action that denies it.
pub const DENY_ACTION: &str = "deny-";

/// A connection to the bus, and what the notification server on it can do.
pub struct NotificationBus {
    connection: Connection,
    signals: MessageStream,
    owners: MessageStream,
    server: Option<NotificationServer>,
}

/// The server on the bus, and what it can do.
struct NotificationServer {
    /// Its unique name on the bus.
    name: String,
    has_actions: bool,
    has_markup: bool,
}

/// What happened on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusSignal {
    /// The user chose an action of a notification.
    Invoked(u32, String),
    /// The server closed a notification.
    Closed(u32),
    /// Another server has started. It does not know what was shown before.
    ServerStarted,
    /// The server has ended.
    ServerEnded,
    /// The connection is closed.
    Disconnected,
}

/// The notification server, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerDescription {
    /// Name and version.
    pub name: String,
    /// What it can do: `actions`, `body-markup` …
    pub capabilities: Vec<String>,
}

impl NotificationBus {
    /// Asks the notification server of the session bus what it is. The bus starts it if none runs.
    pub async fn describe_server() -> Result<ServerDescription, String> {
        let bus = NotificationBus::connect().await?;
        let described = async {
            let reply = bus.call("GetServerInformation", &()).await?;
            let (name, _vendor, version, _spec): (String, String, String, String) =
                reply.body().deserialize()?;
            let reply = bus.call("GetCapabilities", &()).await?;
            let capabilities = reply.body().deserialize()?;
            let name = format!("{name} {version}").trim().to_owned();
            zbus::Result::Ok(ServerDescription { name, capabilities })
        };
        described.await.map_err(|error| explain(&error))
    }

    /// Connects to the session bus.
    pub async fn connect() -> Result<NotificationBus, String> {
        let connected = tokio::time::timeout(BUS_TIMEOUT, NotificationBus::try_connect()).await;
        connected.map_err(|_| "it does not answer".to_owned())?.map_err(|error| explain(&error))
    }

    async fn try_connect() -> zbus::Result<NotificationBus> {
        let connection = Builder::session().method_timeout(BUS_TIMEOUT).build().await?;
        let rule =
            MatchRule::builder().msg_type(Type::Signal).interface(NAME).path(PATH).build()?;
        let signals = MessageStream::for_match_rule(rule, &connection, Some(MAX_SIGNALS)).await?;
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")
            .interface("org.freedesktop.DBus")
            .member("NameOwnerChanged")
            .arg(0, NAME)
            .build()?;
        let owners = MessageStream::for_match_rule(rule, &connection, None).await?;
        Ok(NotificationBus { connection, signals, owners, server: None })
    }

    /// Asks the server what it can do, unless that is known. The bus starts the server if none runs.
    pub async fn ask_capabilities(&mut self) -> Result<(), String> {
        if self.server.is_none() {
            self.server = Some(self.ask_server().await.map_err(|error| explain(&error))?);
        }
        Ok(())
    }

    async fn ask_server(&self) -> zbus::Result<NotificationServer> {
        let reply = self.call("GetCapabilities", &()).await?;
        let capabilities: Vec<String> = reply.body().deserialize()?;
        let has = |wanted: &str| capabilities.iter().any(|it| it == wanted);
        let name = reply.header().sender().map(ToString::to_string).unwrap_or_default();
        Ok(NotificationServer { name, has_actions: has("actions"), has_markup: has("body-markup") })
    }

    /// Whether the connection is closed.
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Shows `notification` in place of the one with the id `replaces` (0: a new one). `snooze` is the
    /// text of the button for later. Returns the id.
    pub async fn show(
        &self,
        notification: &Notification,
        replaces: u32,
        snooze: &str,
    ) -> Result<u32, String> {
        let (icon, category) = match notification.trigger {
            Trigger::NeedsInput => ("dialog-question", "x-vmux.needs_input"),
            Trigger::Finished => ("dialog-information", "x-vmux.finished"),
            Trigger::Stalled => ("dialog-warning", "x-vmux.stalled"),
            Trigger::Host => ("network-server", "x-vmux.host"),
        };
        let level: u8 = match notification.urgency {
            Urgency::Low => 0,
            Urgency::Normal => 1,
            Urgency::Critical => 2,
        };
        let can = |what: fn(&NotificationServer) -> bool| self.server.as_ref().is_some_and(what);
        let body = if can(|it| it.has_markup) {
            escape(&notification.body)
        } else {
            notification.body.clone()
        };
        let answers = notification.prompt.as_ref();
        let answers =
            answers.map(|id| (format!("{ALLOW_ACTION}{id}"), format!("{DENY_ACTION}{id}")));
        let mut actions = Vec::new();
        // There is nowhere to go for a host.
        if can(|it| it.has_actions) && notification.trigger != Trigger::Host {
            actions.extend([FOCUS_ACTION, "Focus"]);
            if let Some((allow, deny)) = &answers {
                actions.extend([allow, "Allow", deny, "Deny"]);
            }
            if notification.can_attach {
                actions.extend([ATTACH_ACTION, "Attach"]);
            }
            actions.extend([SNOOZE_ACTION, snooze]);
        }
        let hints = HashMap::from([
            ("urgency", Variant::from(level)),
            ("category", Variant::from(category)),
            ("desktop-entry", Variant::from("vmux")),
        ]);
        // How long it stays is set in the server, and so by the user.
        let expires: i32 = -1;
        let body = ("vmux", replaces, icon, &notification.summary, &body, actions, hints, expires);
        let reply = self.call("Notify", &body).await.map_err(|error| explain(&error))?;
        reply.body().deserialize().map_err(|error| explain(&error))
    }

    /// Closes a notification. One that is closed already is no error.
    pub async fn close(&self, id: u32) -> Result<(), String> {
        match self.call("CloseNotification", &id).await {
            Ok(_) | Err(zbus::Error::MethodError(..) | zbus::Error::FDO(_)) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }

    /// Waits for the next signal. Cancellation loses none.
    pub async fn signal(&mut self) -> BusSignal {
        loop {
            let signal = tokio::select! {
                message = next(&mut self.signals) => match message {
                    Some(message) => read(&message),
                    None => return BusSignal::Disconnected,
                },
                message = next(&mut self.owners) => match message {
                    Some(message) => self.owner(&message),
                    None => return BusSignal::Disconnected,
                },
            };
            if let Some(signal) = signal {
                return signal;
            }
        }
    }

    /// The name has another owner, which may be the server that is known already.
    fn owner(&mut self, message: &Message) -> Option<BusSignal> {
        let body = message.body();
        let (_name, _before, now): (&str, &str, &str) = body.deserialize().ok()?;
        if now.is_empty() {
            self.server = None;
            return Some(BusSignal::ServerEnded);
        }
        if self.server.as_ref().is_some_and(|it| it.name == now) {
            return None;
        }
        self.server = None;
        Some(BusSignal::ServerStarted)
    }

    async fn call<B>(&self, method: &str, body: &B) -> zbus::Result<Message>
    where
        B: serde::Serialize + DynamicType,
    {
        self.connection.call_method(Some(NAME), PATH, Some(NAME), method, body).await
    }
}

fn read(message: &Message) -> Option<BusSignal> {
    let header = message.header();
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (id, key): (u32, String) = message.body().deserialize().ok()?;
            Some(BusSignal::Invoked(id, key))
        }
        "NotificationClosed" => {
            let (id, _reason): (u32, u32) = message.body().deserialize().ok()?;
            Some(BusSignal::Closed(id))
        }
        _ => None,
    }
}

/// The next message; `None` when the connection is closed.
async fn next(stream: &mut MessageStream) -> Option<Message> {
    use futures_core::Stream;
    use std::pin::Pin;
    std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await?.ok()
}

/// The error in one line, without the names of Rust's types.
fn explain(error: &zbus::Error) -> String {
    let text = match error {
        zbus::Error::InputOutput(error) => error.to_string(),
        zbus::Error::MethodError(name, text, _) => text.clone().unwrap_or_else(|| name.to_string()),
        other => other.to_string(),
    };
    crate::session::sanitize::clean(&text, 200)
}
