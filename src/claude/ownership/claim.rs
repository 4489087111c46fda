//! How sure it is that a process holds a conversation.

/// How it is known that a process holds a session id. The greater one is the surer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnershipClaim {
    /// By its arguments, its debug log, or exclusion.
    Likely,
    /// By its session file: beyond doubt.
    ByFile,
}
