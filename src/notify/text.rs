//! What a notification says. The words of sessions are strangers' words: clean, short, escaped.

use crate::config::{Occasion, Urgency};
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::session::state::ReasonKind;
use crate::session::state::failure::Failure;
use crate::session::title::{last_part, title};
use serde::{Deserialize, Serialize};

/// The longest title, in characters.
const TITLE: usize = 40;

/// The longest line of a body, in characters.
const LINE: usize = 200;

/// A desktop notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub occasion: Occasion,
    /// How loud it is.
    pub urgency: Urgency,
    /// One line, plain text.
    pub summary: String,
    /// Plain text; [`escape`] makes markup of it.
    pub body: String,
}

/// A message to the phone, plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it is about.
    pub occasion: Occasion,
    /// One line.
    pub title: String,
    /// A few lines, never empty.
    pub text: String,
}

/// The desktop notification for `occasion` of `session`. One that still waits has `waited` for so
/// many minutes.
pub fn note(
    session: &SessionInfo,
    occasion: Occasion,
    urgency: Urgency,
    waited: Option<i64>,
) -> Note {
    let summary = match waited {
        None => summary(session, occasion),
        Some(minutes) => format!("{} for {}", summary(session, occasion), span(minutes)),
    };
    let body = [what(session, occasion), place(session)].join("\n").trim().to_owned();
    Note { occasion, urgency, summary, body }
}

/// The message for `occasion` of `session`; with `details`, what is asked or was said.
pub fn message(session: &SessionInfo, occasion: Occasion, details: bool) -> Message {
    let what = if details { what(session, occasion) } else { String::new() };
    let text = [what, place(session)].join("\n").trim().to_owned();
    // An empty one is replaced by a word of the server's.
    let text = if text.is_empty() { format!("pid {}", session.pid) } else { text };
    Message { occasion, title: summary(session, occasion), text }
}

/// Text as markup: what the specification calls `body-markup`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn summary(session: &SessionInfo, occasion: Occasion) -> String {
    let does = match occasion {
        Occasion::Finished => session.failure().map_or("finished", Failure::word),
        _ => session.reason.unwrap_or(ReasonKind::Other).phrase(),
    };
    format!("{} {does}", title(session, TITLE))
}

/// What is asked, or what was said last.
fn what(session: &SessionInfo, occasion: Occasion) -> String {
    let said = match occasion {
        Occasion::NeedsInput => session.detail.as_deref().unwrap_or(&session.preview),
        Occasion::Finished => &session.preview,
    };
    match session.failure() {
        Some(failure) => clean(&failure.phrase(), LINE),
        None => clean(said, LINE),
    }
}

/// `vmux · main · workspace 3`
fn place(session: &SessionInfo) -> String {
    let branch = session.git_branch.clone();
    let workspace = session.workspace.as_ref().map(|name| format!("workspace {name}"));
    let parts = [Some(last_part(&session.cwd).to_owned()), branch, workspace];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|it| clean(&it, TITLE))
        .filter(|it| !it.is_empty())
        .collect();
    parts.join(" · ")
}

fn span(minutes: i64) -> String {
    match minutes {
        ..60 => format!("{minutes} min"),
        60.. => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    fn waiting() -> SessionInfo {
        let mut session = sample(7, StateName::NeedsInput, 1);
        session.reason = Some(ReasonKind::Permission);
        session.detail = Some("Bash: git push".to_owned());
        session.label = Some("api-fix".to_owned());
        session.workspace = Some("3".to_owned());
        session
    }

    #[test]
    fn who_what_and_where() {
        let note = note(&waiting(), Occasion::NeedsInput, Urgency::Normal, None);
        assert_eq!(note.summary, "api-fix needs permission");
        assert_eq!(note.body, "Bash: git push\nvmux · main · workspace 3");
    }

    #[test]
    fn what_stopped_at_a_limit_is_not_told_as_finished() {
        let mut session = sample(7, StateName::Idle, 1);
        session.details.failure = Some(crate::session::state::failure::sample());
        let note = note(&session, Occasion::Finished, Urgency::Normal, None);
        assert_eq!(note.summary, "vmux stopped");
        let limit = "session limit, resets 7pm (Europe/Berlin)\nvmux · main";
        assert_eq!(note.body, limit);
    }

    #[test]
    fn one_that_still_waits_says_for_how_long() {
        let of = |minutes| note(&waiting(), Occasion::NeedsInput, Urgency::Normal, Some(minutes));
        assert_eq!(of(15).summary, "api-fix needs permission for 15 min");
        assert_eq!(of(61).summary, "api-fix needs permission for 1 h 1 min");
    }

    #[test]
    fn the_phone_is_told_what_only_where_that_is_wanted() {
        let plain = message(&waiting(), Occasion::NeedsInput, false);
        assert_eq!(plain.title, "api-fix needs permission");
        assert_eq!(plain.text, "vmux · main · workspace 3");
        let full = message(&waiting(), Occasion::NeedsInput, true);
        assert_eq!(full.text, "Bash: git push\nvmux · main · workspace 3");
        let mut bare = sample(7, StateName::Idle, 1);
        (bare.cwd, bare.git_branch) = (String::new(), None);
        let bare = message(&bare, Occasion::Finished, true);
        assert_eq!((bare.title.as_str(), bare.text.as_str()), ("pid 7 finished", "pid 7"));
    }

    #[test]
    fn strangers_words_are_cleaned_cut_and_escaped() {
        let mut session = waiting();
        session.label = Some("<b>x</b>\u{202e}\n".repeat(20));
        session.detail = Some("a && b > \"c\" \u{1b}[31m '".to_owned());
        let note = note(&session, Occasion::NeedsInput, Urgency::Normal, None);
        assert!(note.summary.starts_with("<b>x</b> <b>x</b>") && note.summary.chars().count() < 60);
        let body = escape(&note.body);
        assert!(body.starts_with("a &amp;&amp; b &gt; &quot;c&quot; [31m &#39;\n"), "{body}");
    }
}
