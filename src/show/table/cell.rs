//! What stands in the columns of a table.

use crate::config::column::Column;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::session::shared::Text;
use crate::show::phrases;

/// The longest text in a cell, in characters.
const MAX_TEXT: usize = 200;

/// A column's head, and the width below which it is left out rather than narrowed.
pub fn head(column: Column) -> (&'static str, usize) {
    match column {
        Column::State => ("STATE", 10),
        Column::For => ("FOR", 3),
        Column::Session => ("SESSION", 8),
        Column::Directory => ("DIRECTORY", 8),
        Column::Branch => ("BRANCH", 6),
        Column::Workspace => ("WS", 2),
        Column::Last => ("LAST", 12),
        Column::Host => ("HOST", 4),
        Column::Pid => ("PID", 4),
        Column::Id => ("ID", 8),
        Column::Label => ("LABEL", 8),
        Column::Name => ("NAME", 8),
        Column::Task => ("TASK", 8),
        Column::Prompt => ("PROMPT", 8),
        Column::Model => ("MODEL", 8),
        Column::Context => ("CONTEXT", 4),
        Column::Mode => ("MODE", 6),
        Column::Kind => ("KIND", 4),
        Column::Version => ("VERSION", 5),
        Column::Servers => ("SERVERS", 4),
        Column::Output => ("OUTPUT", 4),
        Column::Tmux => ("TMUX", 6),
    }
}

/// The text of a cell, in one line; empty if there is nothing to say.
pub fn cell(column: Column, session: &SessionInfo, now: Timestamp, home: Option<&str>) -> String {
    let text = |it: &Option<Text>| clean(it.as_deref().unwrap_or(""), MAX_TEXT);
    let details = &session.details;
    match column {
        Column::State => match phrases::detail(session) {
            detail if detail.is_empty() => phrases::state(session),
            detail => format!("{}  {detail}", phrases::state(session)),
        },
        Column::For => phrases::clock(phrases::since(session), now),
        Column::Session => title(session),
        Column::Directory => phrases::directory(&session.cwd, home),
        Column::Branch => text(&session.git_branch),
        Column::Workspace => text(&session.workspace),
        Column::Last => clean(&session.preview, MAX_TEXT),
        Column::Host => session.host.map(|it| it.to_string()).unwrap_or_default(),
        Column::Pid => session.pid.to_string(),
        Column::Id => text(&session.session_id),
        Column::Label => text(&session.label),
        Column::Name => text(&details.name),
        Column::Task => text(&details.task),
        Column::Prompt => text(&details.last_prompt),
        Column::Model => text(&details.model),
        Column::Context => details.context_tokens.map(tokens).unwrap_or_default(),
        Column::Mode => text(&details.permission_mode),
        Column::Kind => text(&details.kind),
        Column::Version => text(&details.version),
        Column::Servers => phrases::ports(session),
        Column::Output => text(&session.place.as_ref().and_then(|it| it.output.clone())),
        Column::Tmux => {
            let pane = session.place.as_ref().and_then(|it| it.pane.as_ref());
            let text = pane.map(|it| format!("{} {} {}", it.session, it.window_id, it.pane_id));
            clean(&text.unwrap_or_default(), MAX_TEXT)
        }
    }
}

/// `81k`.
fn tokens(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{}k", number / 1000) }
}

/// The title; of a teammate with its team.
fn title(session: &SessionInfo) -> String {
    let details = &session.details;
    match (&details.agent_name, &details.team) {
        (Some(_), Some(team)) => {
            format!("└ {} ({})", phrases::title(session), clean(team, 60))
        }
        (Some(_), None) => format!("└ {}", phrases::title(session)),
        (None, _) => phrases::title(session),
    }
}
