//! Notifying the user: on the desktop, and on the phone.
//!
//! | file | job |
//! |---|---|
//! | [`alerts`], [`alert`] | changes of the sessions → what to show, send or withdraw, and when; pure |
//! | [`host_alerts`] | hosts that come and go → the same; pure |
//! | [`rules`] | where the user is notified, and with which urgency; pure |
//! | [`text`] | the texts, cleaned and escaped; pure |
//! | [`outbox`] | which message is sent next: rate, pauses after failures, what is stale; pure |
//! | [`desktop`], [`dbus`] | org.freedesktop.Notifications on D-Bus |
//! | [`push`] | messages to the phone: starting `vmux-push`, and what it does |
//! | [`notifier`] | the task of vmuxd that does all this |
//!
//! A notification server does what the Desktop Notifications Specification 1.2 says.

pub mod alert;
pub mod alerts;
pub mod dbus;
pub mod desktop;
pub mod host_alerts;
pub mod notifier;
pub mod outbox;
pub mod push;
pub mod rules;
pub mod text;

/// The local time, with its offset from UTC.
pub type LocalTime = chrono::DateTime<chrono::FixedOffset>;
