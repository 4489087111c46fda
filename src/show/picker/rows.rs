//! Which sessions the picker lists, and in which order.

use crate::session::info::SessionInfo;
use crate::session::query::order::Order;
use crate::session::shared::Text;
use crate::show::phrases;
use crate::show::table::rows;

/// The sessions in the order of the table, without those that the filter leaves out.
pub fn listed<'a>(sessions: &'a [SessionInfo], filter: &str, order: Order) -> Vec<&'a SessionInfo> {
    let mut rows = rows(sessions, order);
    rows.retain(|it| passes(it, filter));
    rows
}

/// Whether the filter lets this session through: each of its words occurs in something that is shown
/// of the session, in any case.
pub fn passes(session: &SessionInfo, filter: &str) -> bool {
    if filter.trim().is_empty() {
        return true;
    }
    let host = session.host.map(|it| it.as_str().to_owned());
    let text = |it: &Option<Text>| it.as_deref().map(str::to_owned);
    let shown = [
        Some(phrases::title(session)),
        Some(phrases::state(session)),
        Some(phrases::detail(session)),
        Some(session.cwd.to_string()),
        text(&session.git_branch),
        text(&session.workspace),
        text(&session.label),
        text(&session.details.name),
        Some(session.preview.to_string()),
        Some(session.pid.to_string()),
        host,
    ];
    let shown: Vec<String> = shown.into_iter().flatten().map(|it| it.to_lowercase()).collect();
    let words = filter.split_whitespace().map(str::to_lowercase);
    words.into_iter().all(|word| shown.iter().any(|text| text.contains(&word)))
}
