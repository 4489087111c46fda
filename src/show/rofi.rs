//! The menu for rofi's script mode: rows with icons, hidden words for searching, and marks for sessions
//! that wait.

use super::menu_lines;
use super::phrases;
use super::status::escape::{Escape, escape};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::order::{self, Order, Priority};
use crate::session::sanitize::clean;

/// What rofi reads at the first call.
pub fn menu(sessions: &[SessionInfo], now: Timestamp, home: Option<&str>, order: Order) -> String {
    let sorted = order::sorted(sessions, order);
    let indices = |wanted: &dyn Fn(Priority) -> bool| {
        let rows = sorted.iter().enumerate().filter(|(_, it)| wanted(order::priority(it)));
        rows.map(|(index, _)| index.to_string()).collect::<Vec<_>>().join(",")
    };
    let mut out = String::new();
    for (key, value) in [
        ("prompt", "vmux".to_owned()),
        ("markup-rows", "false".to_owned()),
        ("no-custom", "true".to_owned()),
        ("use-hot-keys", "true".to_owned()),
        ("urgent", indices(&|it| it <= Priority::Asks)),
        ("active", indices(&|it| matches!(it, Priority::Failed | Priority::Unseen))),
    ] {
        if !value.is_empty() {
            out.push_str(&format!("\0{key}\u{1f}{value}\n"));
        }
    }
    if sorted.is_empty() {
        out.push_str("\0message\u{1f}no Claude Code session is running\n");
        out.push_str(" \0nonselectable\u{1f}true\n");
    }
    for (session, line) in sorted.iter().zip(menu_lines::lines(&sorted, now, home)) {
        out.push_str(&format!(
            "{line}\0icon\u{1f}{}\u{1f}meta\u{1f}{}\u{1f}info\u{1f}{}\n",
            icon(session),
            meta(session),
            session.key()
        ));
    }
    out
}

/// What rofi reads when a session is to be answered: the whole call, and the answers. The info of an
/// answer is the word and the id of the prompt.
pub fn answers(session: Option<&SessionInfo>) -> String {
    let prompt = session.and_then(|it| it.prompt.as_deref().filter(|_| it.host.is_none()));
    let (Some(session), Some((id, Some(call)))) = (session, prompt.map(|it| (&it.id, &it.call)))
    else {
        return message(
            "nothing of this session can be answered here: go there, or `vmux pending`",
        );
    };
    let (title, id) = (phrases::title(session), clean(id, 40));
    let asked = escape(&format!("{title}: {}", clean(call, 400)), Escape::Pango);
    let row = |word: &str, icon: &str, info: &str| {
        format!("{word}\0icon\u{1f}{icon}\u{1f}info\u{1f}{info}\n")
    };
    format!("\0prompt\u{1f}answer\n\0message\u{1f}{asked}\n\0no-custom\u{1f}true\n")
        + &row("Go there", "go-jump", &session.key().to_string())
        + &row("Allow", "emblem-default", &format!("allow {id}"))
        + &row("Deny", "process-stop", &format!("deny {id}"))
}

/// What rofi reads when there is only something to say.
pub fn message(text: &str) -> String {
    let text = escape(&clean(text, 400), Escape::Pango);
    format!("\0message\u{1f}{text}\n \0nonselectable\u{1f}true\n")
}

/// Icon names of the freedesktop naming specification, which every theme has.
fn icon(session: &SessionInfo) -> &'static str {
    match order::priority(session) {
        Priority::Permission => "dialog-warning",
        Priority::Asks => "dialog-question",
        Priority::Failed => "dialog-error",
        Priority::Unseen => "emblem-default",
        Priority::Working => "system-run",
        Priority::Idle => "utilities-terminal",
        Priority::Snoozed => "appointment-soon",
        Priority::Unknown => "dialog-information",
    }
}

/// Words that rofi searches but does not show.
fn meta(session: &SessionInfo) -> String {
    let details = &session.details;
    let pid = session.pid.to_string();
    let words = [
        details.name.as_deref(),
        Some(session.cwd.as_str()),
        session.git_branch.as_deref(),
        session.workspace.as_deref(),
        session.session_id.as_deref(),
        Some(pid.as_str()),
        Some(phrases::doing(session)),
        details.last_prompt.as_deref(),
        Some(session.preview.as_str()),
    ];
    let words = words.into_iter().flatten().map(|it| clean(it, 200));
    words.filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::{PromptBrief, sample};
    use crate::session::state::{ReasonKind, StateName};

    #[test]
    fn rows_carry_what_rofi_needs() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut one = sample(11, StateName::NeedsInput, 4);
        one.reason = Some(ReasonKind::Permission);
        one.label = Some("a\0icon\u{1f}evil\n".into());
        let menu = menu(&[sample(12, StateName::Working, 1), one], now, None, Order::Longest);
        let shown = menu.replace('\0', "\\0").replace('\u{1f}', "|");
        insta::assert_snapshot!(shown, @r"
    \0prompt|vmux
    \0markup-rows|false
    \0no-custom|true
    \0use-hot-keys|true
    \0urgent|0
    ● a icon evil  needs permission 4m  /home/u/src/vmux main\0icon|dialog-warning|meta|/home/u/src/vmux main 0000000b-0000-4000-8000-000000000000 11 needs permission|info|11:0
    ◐ vmux         working 1m           /home/u/src/vmux main\0icon|system-run|meta|/home/u/src/vmux main 0000000c-0000-4000-8000-000000000000 12 working|info|12:0
");
    }

    #[test]
    fn answers_are_offered_below_the_whole_call() {
        let mut asks = sample(11, StateName::NeedsInput, 4);
        assert!(answers(Some(&asks)).contains("nothing of this session can be answered"));
        assert!(answers(None).contains("nonselectable"));
        let call = Some("Bash: rm <b>x\0icon".to_owned());
        asks.prompt = Some(Box::new(PromptBrief { id: "khw4z2m".to_owned(), call, token: None }));
        let shown = answers(Some(&asks)).replace('\0', "\\0").replace('\u{1f}', "|");
        insta::assert_snapshot!(shown, @r"
        \0prompt|answer
        \0message|vmux: Bash: rm &lt;b&gt;x icon
        \0no-custom|true
        Go there\0icon|go-jump|info|11:0
        Allow\0icon|emblem-default|info|allow khw4z2m
        Deny\0icon|process-stop|info|deny khw4z2m
        ");
    }

    #[test]
    fn without_sessions_it_says_so() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert!(menu(&[], now, None, Order::Longest).contains("no Claude Code session is running"));
    }
}
