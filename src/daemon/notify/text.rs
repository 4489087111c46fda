//! The texts of notifications. What comes from sessions is not trusted: it is cleaned, cut and escaped.

use crate::config::{NotifyConfig, Trigger, Urgency};
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::session::shared::Text;
use crate::session::state::ReasonKind;
use crate::session::state::failure::Failure;
use crate::session::state::host::{HostInfo, HostState};
use crate::session::title::{last_part, title};
use serde::{Deserialize, Serialize};

/// The longest title, in characters.
const MAX_TITLE: usize = 40;

/// The longest line of a body, in characters.
const MAX_LINE: usize = 200;

/// A desktop notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub trigger: Trigger,
    pub urgency: Urgency,
    /// One line, plain text.
    pub summary: String,
    /// Plain text; [`escape`] makes markup of it.
    pub body: String,
    /// Whether the session is in a detached tmux session, which can be attached in a new terminal.
    pub can_attach: bool,
    /// The prompt that can be allowed or denied: the body has the whole call.
    pub prompt: Option<String>,
}

/// A message to the phone, plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushMessage {
    pub trigger: Trigger,
    /// One line.
    pub title: String,
    /// A few lines, never empty.
    pub text: String,
    /// Where it leads: the page, at the session.
    pub link: Option<String>,
    /// The token that answers what the text shows whole.
    pub token: Option<String>,
}

/// The desktop notification for `trigger` of `session`. A reminder says for how many minutes the
/// session has `waited`.
pub fn notification(
    session: &SessionInfo,
    trigger: Trigger,
    urgency: Urgency,
    waited: Option<i64>,
) -> Notification {
    let summary = match waited {
        None => summary(session, trigger),
        Some(minutes) => format!("{} for {}", summary(session, trigger), span(minutes)),
    };
    let body = [what(session, trigger), place(session)].join("\n").trim().to_owned();
    let can_attach = session.place.as_ref().is_some_and(|place| place.is_detached());
    let prompt = judged(session, trigger).map(|(prompt, _)| prompt.to_owned());
    Notification { trigger, urgency, summary, body, can_attach, prompt }
}

/// The message for `trigger` of `session`; with `details`, it includes what is asked or was said, and
/// with the URL of the page a link to it.
pub fn message(
    session: &SessionInfo,
    trigger: Trigger,
    details: bool,
    page: Option<&str>,
) -> PushMessage {
    let what = if details { what(session, trigger) } else { String::new() };
    let text = [what, place(session)].join("\n").trim().to_owned();
    // Servers put a text of their own in place of an empty one.
    let text = if text.is_empty() { format!("pid {}", session.pid) } else { text };
    let link = page.map(|page| format!("{page}/#session={}", session.key()));
    let is_shown = details && judged(session, trigger).is_some();
    let prompt = session.prompt.as_ref().filter(|_| is_shown);
    let token = prompt.and_then(|it| it.token.clone());
    PushMessage { trigger, title: summary(session, trigger), text, link, token }
}

/// The desktop notification that says how a host is now. It was `gone_for` so many minutes, if it was.
pub fn notification_of_host(
    host: &HostInfo,
    urgency: Urgency,
    gone_for: Option<i64>,
) -> Notification {
    let PushMessage { trigger, title, text, .. } = message_of_host(host, gone_for);
    Notification { trigger, urgency, summary: title, body: text, can_attach: false, prompt: None }
}

/// The message that says the same.
pub fn message_of_host(host: &HostInfo, gone_for: Option<i64>) -> PushMessage {
    let says = host.fault.as_ref().map(|it| clean(&it.says, MAX_LINE));
    let (does, text) = match host.state {
        HostState::Up => {
            ("is back", gone_for.map(|it| format!("it was out of reach for {}", span(it))))
        }
        _ => ("is out of reach", says),
    };
    let text = text.filter(|it| !it.is_empty()).unwrap_or_else(|| "`vmux hosts` tells more".into());
    let title = format!("{} {does}", host.name);
    PushMessage { trigger: Trigger::Host, title, text, link: None, token: None }
}

/// Tells why a click did not lead to a session.
pub fn notification_of_error(body: String, can_attach: bool) -> Notification {
    Notification {
        trigger: Trigger::NeedsInput,
        urgency: Urgency::Normal,
        summary: "vmux".to_owned(),
        body,
        can_attach,
        prompt: None,
    }
}

/// The words of the button that sets a session aside.
pub fn snooze_button(config: &NotifyConfig) -> String {
    let seconds = config.snooze.as_secs();
    match seconds {
        ..60 => format!("Snooze {seconds} s"),
        60..3600 => format!("Snooze {} min", seconds / 60),
        3600.. => format!("Snooze {} h", seconds / 3600),
    }
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

fn summary(session: &SessionInfo, trigger: Trigger) -> String {
    let does = match trigger {
        Trigger::Finished => session.failure().map_or("finished", Failure::word),
        Trigger::Stalled => "gives no sign of life",
        Trigger::NeedsInput | Trigger::Host => session.reason.unwrap_or(ReasonKind::Other).phrase(),
    };
    format!("{} {does}", title(session, MAX_TITLE))
}

/// The prompt that can be judged by one line, and that line.
fn judged(session: &SessionInfo, trigger: Trigger) -> Option<(&str, &str)> {
    // Prompts of another host are answered there.
    let is_wanted = trigger == Trigger::NeedsInput && session.host.is_none();
    let prompt = session.prompt.as_ref().filter(|_| is_wanted)?;
    let call = prompt.call.as_deref()?;
    // A line that would be cut hides its end.
    (clean(call, MAX_LINE) == call).then_some((&prompt.id, call))
}

/// What is asked, or what was said last.
fn what(session: &SessionInfo, trigger: Trigger) -> String {
    let said = match trigger {
        Trigger::NeedsInput => match judged(session, trigger) {
            Some((_, call)) => call,
            None => session.detail.as_deref().unwrap_or(&session.preview),
        },
        Trigger::Finished | Trigger::Host => &session.preview,
        Trigger::Stalled => session.details.task.as_deref().unwrap_or(&session.preview),
    };
    match session.failure() {
        Some(failure) => clean(&failure.phrase(), MAX_LINE),
        None => clean(said, MAX_LINE),
    }
}

/// `vmux · main · workspace 3`, on another host `gpu:vmux · main`
fn place(session: &SessionInfo) -> String {
    let branch = session.git_branch.as_ref().map(Text::to_string);
    let workspace = session.workspace.as_ref().map(|name| format!("workspace {name}"));
    let directory = last_part(&session.cwd);
    let directory = match session.host {
        Some(host) => format!("{host}:{directory}"),
        None => directory.to_owned(),
    };
    let parts = [Some(directory), branch, workspace];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|it| clean(&it, MAX_TITLE))
        .filter(|it| !it.is_empty())
        .collect();
    parts.join(" · ")
}

fn span(minutes: i64) -> String {
    match minutes {
        ..1 => "less than a minute".to_owned(),
        1..60 => format!("{minutes} min"),
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
        session.detail = Some("Bash: git push".into());
        session.label = Some("api-fix".into());
        session.workspace = Some("3".into());
        session
    }

    #[test]
    fn who_what_and_where() {
        let notification = notification(&waiting(), Trigger::NeedsInput, Urgency::Normal, None);
        assert_eq!(notification.summary, "api-fix needs permission");
        assert_eq!(notification.body, "Bash: git push\nvmux · main · workspace 3");
    }

    #[test]
    fn what_stopped_at_a_limit_is_not_told_as_finished() {
        let mut session = sample(7, StateName::Idle, 1);
        session.details.failure = Some(crate::session::state::failure::sample().into());
        let notification = notification(&session, Trigger::Finished, Urgency::Normal, None);
        assert_eq!(notification.summary, "vmux stopped");
        let limit = "session limit, resets 7pm (Europe/Berlin)\nvmux · main";
        assert_eq!(notification.body, limit);
    }

    #[test]
    fn one_that_still_waits_says_for_how_long() {
        let of =
            |minutes| notification(&waiting(), Trigger::NeedsInput, Urgency::Normal, Some(minutes));
        assert_eq!(of(15).summary, "api-fix needs permission for 15 min");
        assert_eq!(of(61).summary, "api-fix needs permission for 1 h 1 min");
    }

    #[test]
    fn the_phone_is_told_what_only_where_that_is_wanted() {
        let plain = message(&waiting(), Trigger::NeedsInput, false, None);
        assert_eq!(plain.title, "api-fix needs permission");
        assert_eq!(plain.text, "vmux · main · workspace 3");
        let full = message(&waiting(), Trigger::NeedsInput, true, Some("https://desk.example"));
        assert_eq!(plain.link, None);
        let key = waiting().key();
        assert_eq!(full.link, Some(format!("https://desk.example/#session={key}")));
        assert_eq!(full.text, "Bash: git push\nvmux · main · workspace 3");
        let mut bare = sample(7, StateName::Idle, 1);
        (bare.cwd, bare.git_branch) = ("".into(), None);
        let bare = message(&bare, Trigger::Finished, true, None);
        assert_eq!((bare.title.as_str(), bare.text.as_str()), ("pid 7 finished", "pid 7"));
    }

    #[test]
    fn strangers_words_are_cleaned_cut_and_escaped() {
        let mut session = waiting();
        session.label = Some("<b>x</b>\u{202e}\n".repeat(20).into());
        session.detail = Some("a && b > \"c\" \u{1b}[31m '".into());
        let notification = notification(&session, Trigger::NeedsInput, Urgency::Normal, None);
        assert!(
            notification.summary.starts_with("<b>x</b> <b>x</b>")
                && notification.summary.chars().count() < 60
        );
        let body = escape(&notification.body);
        assert!(body.starts_with("a &amp;&amp; b &gt; &quot;c&quot; [31m &#39;\n"), "{body}");
    }
}
