//! Requests about a carrier of a session, for a vmuxd at another host.

use crate::session::place::carrier::Carrier;
use serde::{Deserialize, Serialize};

/// Arguments of `select`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectRequest {
    /// Words that mean one session. If several match equally well, the request is refused
    /// (`ambiguous`).
    pub query: String,
    /// One of the [`Carriers`](crate::session::place::carrier::Carriers) of the session, as it was
    /// told.
    pub carrier: Carrier,
}

/// Arguments of `mark`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRequest {
    /// Words that mean one session. If several match equally well, the request is refused
    /// (`ambiguous`).
    pub query: String,
    /// One of the [`Carriers`](crate::session::place::carrier::Carriers) of the session, as it was
    /// told.
    pub carrier: Carrier,
    /// 32 hexadecimal digits in lower case, which should be random.
    pub mark: String,
}
