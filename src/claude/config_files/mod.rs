//! Files of the config directory that tell of more than one session.

pub(crate) mod history;
pub(crate) mod team;
pub(crate) mod trust;
