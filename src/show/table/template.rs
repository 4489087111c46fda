//! `vmux list --format`: a line of text for each session.

use super::cell::cell;
use crate::config::column::Column;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::session::state::ReasonKind;
use crate::show::phrases;
use crate::show::status::escape::Escape;
pub use crate::show::status::template::TemplateError as Error;
use crate::show::status::template::{TemplateError, fill};
use chrono::SecondsFormat;

/// The names that may stand in braces besides those of the columns.
const OWN_NAMES: &[&str] =
    &["title", "reason", "detail", "doing", "clock", "since", "cwd", "key", "transcript"];

/// The names that may stand in braces.
pub fn names() -> impl Iterator<Item = &'static str> {
    OWN_NAMES.iter().copied().chain(Column::names())
}

/// `template`, filled in with nothing, to see whether it can be.
pub fn check(template: &str) -> Result<String, TemplateError> {
    fill(template, Escape::None, |name| {
        let is_known = OWN_NAMES.contains(&name) || Column::named(name).is_some();
        is_known.then(String::new)
    })
}

/// `template`, filled in for a session. Values are clean, so it is one line if the template is.
pub fn row(
    template: &str,
    session: &SessionInfo,
    now: Timestamp,
    home: Option<&str>,
) -> Result<String, TemplateError> {
    fill(template, Escape::None, |name| value(name, session, now, home))
}

fn value(name: &str, session: &SessionInfo, now: Timestamp, home: Option<&str>) -> Option<String> {
    Some(match name {
        "title" => phrases::title(session),
        // As in JSON, unlike the column: for scripts.
        "state" => session.state.word().to_owned(),
        "reason" => session.reason.map(ReasonKind::word).unwrap_or_default().to_owned(),
        "detail" => phrases::detail(session),
        "doing" => phrases::state(session),
        "clock" => phrases::clock(phrases::since(session), now),
        "since" => phrases::since(session).to_rfc3339_opts(SecondsFormat::Secs, true),
        "cwd" => clean(&session.cwd, 4096),
        "key" => session.key().to_string(),
        "transcript" => {
            let path = session.details.transcript.as_ref();
            path.map(|it| clean(&it.to_string_lossy(), 4096)).unwrap_or_default()
        }
        "session" => phrases::title(session),
        "context" => session.details.context_tokens.map(|it| it.to_string()).unwrap_or_default(),
        _ => cell(Column::named(name)?, session, now, home),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    fn session() -> SessionInfo {
        let mut session = sample(4711, StateName::NeedsInput, 4);
        session.reason = Some(ReasonKind::Permission);
        session.detail = Some("Bash: git\npush".into());
        session.details.context_tokens = Some(81_234);
        session
    }

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(row(template, &session(), now, Some("/home/u")).as_deref(), Ok(expected));
    }

    #[test]
    fn values_are_one_line_and_states_are_words() {
        check("{pid}\t{state}\t{reason}", "4711\tneeds_input\tpermission");
        check("{title}: {detail} {clock} {{x}}", "vmux: Bash: git push 4m {x}");
        check("{directory} {cwd} {dir}", "~/src/vmux /home/u/src/vmux ~/src/vmux");
        check("{since} {context} {key}", "2027-01-15T07:56:00Z 81234 4711:0");
        check("[{host}{model}]", "[]");
    }

    #[test]
    fn every_name_is_known_and_others_are_named() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for name in names() {
            let filled = row(&format!("{{{name}}}"), &session(), now, None);
            assert!(filled.is_ok() && super::check(&format!("{{{name}}}")).is_ok(), "{name}");
        }
        let error = row("{nope}", &session(), now, None).unwrap_err();
        assert_eq!(error, TemplateError::UnknownName("nope".to_owned()));
        assert!(matches!(row("{title", &session(), now, None), Err(TemplateError::Unclosed(_))));
    }
}
