//! The exit codes: a promise, documented in the help and the manual. Those above 9 mean different things to
//! different commands.

/// Nothing matched, several did, or what was waited for did not happen.
pub const NO_MATCH: u8 = 1;
/// The command line makes no sense.
pub const USAGE: u8 = 2;
/// vmuxd cannot be reached.
pub const UNREACHABLE: u8 = 3;
/// vmuxd, or something else that was needed, refused or failed.
pub const FAILED: u8 = 4;
/// What was waited for has ended, but at a usage limit or in an API error.
pub const STOPPED_SHORT: u8 = 6;

/// The configuration does not allow it.
pub const NOT_ALLOWED: u8 = 10;
/// It cannot be sent now, or not to this terminal. Nothing was typed.
pub const NOT_SENT: u8 = 11;
/// A text was typed, and the screen does not show that it was submitted.
pub const NOT_SUBMITTED: u8 = 12;

/// The prompt is over, or another has taken its place.
pub const OVER: u8 = 7;
/// The session has no prompt that can be answered from here.
pub const NOT_WAITING: u8 = 8;
/// The answer does not fit the prompt.
pub const NOT_ANSWERABLE: u8 = 9;

/// A session that was started asks for something.
pub const ASKS: u8 = 10;
/// A signal has ended it in the middle, as shells report Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// A session that was started has ended.
pub const ENDED: u8 = 11;

/// The user is where the session is shown, but it is not in view, or may not be.
pub const NOT_IN_VIEW: u8 = 5;
