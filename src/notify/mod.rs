//! Telling the user: on the desktop, and on the phone.
//!
//! | file | job |
//! |---|---|
//! | [`alerts`], `alert` | what happens to the sessions → what is to be told or taken back, and when; pure |
//! | [`rules`] | whether an occasion is told, where and how loud; pure |
//! | [`text`] | what a notification says, escaped; pure |
//! | [`outbox`] | which message goes next: rate, backoff, what became stale; pure |
//! | [`desktop`], [`dbus`] | org.freedesktop.Notifications on D-Bus |
//! | [`push_process`] | the program that is started to send a message to the phone |
//! | [`push`] | what it does: ntfy and Gotify over HTTP |
//!
//! The Desktop Notifications Specification 1.2 says what a notification server must do.

mod alert;
pub mod alerts;
pub mod dbus;
pub mod desktop;
pub mod outbox;
pub mod push;
pub mod push_process;
pub mod rules;
pub mod text;

/// The time by the user's own clock, with its distance from UTC.
pub type LocalTime = chrono::DateTime<chrono::FixedOffset>;
