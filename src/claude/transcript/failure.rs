//! What the record of an API error says: which limit or error ended the turn. Pure.
//!
//! Seen on 2.1.332: `apiError`, `error`, `apiErrorStatus`, `quotaLimits` beside the message; older
//! versions have the text alone (`5-hour limit reached ∙ resets 3pm`, `Claude AI usage limit
//! reached|1760000000`).

use super::{MAX_PREVIEW_CHARS, MAX_TEXT_BYTES};
use crate::claude::input::json;
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use crate::session::state::failure::{Failure, FailureKind};

/// Longest name of a limit, and longest time of its end, in characters.
const MAX_WORD_CHARS: usize = 40;

/// The raw members of the record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ErrorMembers<'a> {
    pub(super) api_error: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    pub(super) status: Option<&'a str>,
    pub(super) quota: Option<&'a str>,
}

/// Reads the record of an API error, whose message is `text`.
pub(super) fn read(raw: &ErrorMembers<'_>, text: &str) -> Failure {
    let [status, resets_at] =
        json::pick(raw.quota.unwrap_or("{}"), &["status", "resetsAt"]).unwrap_or([None; 2]);
    let is_rejected = json::text(status).as_deref() == Some("rejected");
    let error = json::text(raw.error).unwrap_or_default();
    let is_named = json::text(raw.api_error).as_deref() == Some("usage_limit_reached");
    let may_be_limit = matches!(error.as_ref(), "" | "rate_limit");
    let is_limit = is_named || is_rejected || (may_be_limit && reads_as_limit(text));
    let (kind, what) = match is_limit {
        true => (FailureKind::Limit, limit_name(text)),
        false => (FailureKind::Error, error_name(&error, json::number(raw.status), text)),
    };
    Failure {
        kind,
        what,
        text: clean(text, MAX_PREVIEW_CHARS),
        resets_at: json::epoch(resets_at).or_else(|| old_reset(text)).filter(|_| is_limit),
        resets: resets(text).filter(|_| is_limit),
        continues: false,
    }
}

/// Whether a notice says that the session goes on by itself, or not any more.
pub(super) fn continues(raw: Option<&str>) -> Option<bool> {
    let text = json::head(raw, MAX_TEXT_BYTES)?;
    if text.contains("set to continue automatically") {
        Some(true)
    } else {
        text.contains("Automatic continue cancelled").then_some(false)
    }
}

fn reads_as_limit(text: &str) -> bool {
    let text = text.to_lowercase();
    !text.starts_with("api error")
        && (text.contains("limit reached")
            || (text.contains("limit") && text.contains("resets "))
            || text.contains("out of usage credits"))
}

/// `session limit` of `You've hit your session limit · resets 7pm`.
fn limit_name(text: &str) -> String {
    let lower = text.to_lowercase();
    let first = lower.split(['·', '∙', '|']).next().unwrap_or_default();
    let named = match first.split_once("your ") {
        Some((_, rest)) => rest.split_once("limit").map(|(name, _)| name),
        None => first.split_once("limit reached").map(|(name, _)| name),
    };
    let name = named.map(|name| name.trim().trim_start_matches("claude ai ").trim());
    match name.filter(|name| !name.is_empty()) {
        _ if first.contains("usage credits") => "usage credits are used up".to_owned(),
        Some(name) => clean(&format!("{name} limit"), MAX_WORD_CHARS),
        None => "usage limit".to_owned(),
    }
}

fn error_name(error: &str, status: Option<u64>, text: &str) -> String {
    match (error, status) {
        ("authentication_failed", _) => "login is refused".to_owned(),
        ("billing_error", _) => "credit balance is too low".to_owned(),
        _ if text.starts_with("Prompt is too long") => "prompt is too long".to_owned(),
        (_, Some(status)) if status < 1000 => format!("API error {status}"),
        _ => "API error".to_owned(),
    }
}

/// `7pm (Europe/Berlin)` of `… · resets 7pm (Europe/Berlin) · …`.
fn resets(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("resets ")?;
    let until = rest.split(['·', '∙', '\n']).next().unwrap_or_default();
    Some(clean(until, MAX_WORD_CHARS)).filter(|until| !until.is_empty())
}

/// The end of a limit as 1.0 wrote it, behind a bar, in seconds.
fn old_reset(text: &str) -> Option<Timestamp> {
    let (_, rest) = text.split_once("limit reached|")?;
    json::epoch(Some(rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_a_name_and_an_end() {
        for (text, what, until) in [
            (
                "You've hit your 5-hour limit · resets 8:55am (UTC) · out of usage credits",
                "5-hour limit",
                Some("8:55am (UTC)"),
            ),
            ("You've hit your limit · resets 8:27am (UTC)", "usage limit", Some("8:27am (UTC)")),
            (
                "You're out of usage credits · resets 8:27am (UTC)",
                "usage credits are used up",
                Some("8:27am (UTC)"),
            ),
            ("Weekly limit reached ∙ resets Oct 9", "weekly limit", Some("Oct 9")),
            ("Claude AI usage limit reached|1795190400", "usage limit", None),
            ("You have hit your s\u{1b}[2J limit · resets \u{202e}", "s [2j limit", None),
        ] {
            let failure = read(&ErrorMembers::default(), text);
            assert_eq!(failure.kind, FailureKind::Limit, "{text}");
            assert_eq!((failure.what.as_str(), failure.resets.as_deref()), (what, until));
        }
        let old = read(&ErrorMembers::default(), "Claude AI usage limit reached|1795190400");
        assert_eq!(old.resets_at, Some(crate::claude::testing::time(0)));
        let quota = Some(r#"{"status":"rejected","resetsAt":1795190400}"#);
        let new = read(&ErrorMembers { quota, ..ErrorMembers::default() }, "Anything");
        assert_eq!((new.kind, new.resets_at), (FailureKind::Limit, old.resets_at));
        let far = Some(r#"{"status":"rejected","resetsAt":1e300}"#);
        let far = read(&ErrorMembers { quota: far, ..ErrorMembers::default() }, "x");
        assert_eq!(far.resets_at, None);
    }

    #[test]
    fn errors_are_no_limits() {
        for (error, status, text, what) in [
            (
                "\"rate_limit\"",
                "429",
                "API Error: Request rejected (429) · rate limited",
                "API error 429",
            ),
            ("\"server_error\"", "500", "API Error: 500 Internal.", "API error 500"),
            ("\"authentication_failed\"", "401", "Invalid API key", "login is refused"),
            ("\"billing_error\"", "400", "Credit balance is too low", "credit balance is too low"),
            ("\"invalid_request\"", "400", "Prompt is too long · the limit", "prompt is too long"),
            ("[]", "x", "API Error: Connection error.", "API error"),
        ] {
            let raw = ErrorMembers {
                error: Some(error),
                status: Some(status),
                ..ErrorMembers::default()
            };
            let failure = read(&raw, text);
            assert_eq!((failure.kind, failure.what.as_str()), (FailureKind::Error, what));
            assert_eq!((failure.resets, failure.resets_at), (None, None));
        }
    }

    #[test]
    fn a_notice_says_whether_it_goes_on() {
        let on = "\"Usage limit reached · set to continue automatically at 8:55am\"";
        assert_eq!(continues(Some(on)), Some(true));
        assert_eq!(continues(Some("\"Automatic continue cancelled · x\"")), Some(false));
        assert_eq!(continues(Some("\"Something else\"")), None);
        assert_eq!(continues(Some("7")), None);
    }
}
