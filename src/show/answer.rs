//! The texts of the replies to `table` and `status`, which vmuxd renders for clients.

use super::paint::Paint;
use super::status::format::{FORMATS, RenderOptions, render};
use super::status::{self, Summary, escape::Escape};
use super::table::listing::{Extent, Group, listing};
use super::table::{self, Frame, rows};
use crate::config::Glyphs;
use crate::config::column::Column;
use crate::protocol::request::{StatusRequest, TableRequest};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::order::Order;
use crate::session::sanitize::clean;
use crate::session::state::host::HostInfo;

/// The longest wrong word in an error, in characters.
const MAX_WORD: usize = 40;

/// A text, and when one of its clocks changes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Without a line break at its end.
    pub text: String,
    /// `None`: only a change of the sessions changes it.
    pub until: Option<Timestamp>,
}

/// The table of all sessions. The error says which word of the request is wrong.
pub fn table(
    request: &TableRequest,
    sessions: &[&SessionInfo],
    now: Timestamp,
) -> Result<Rendered, String> {
    let named = |name: &String| {
        Column::named(name)
            .ok_or_else(|| format!("there is no column \"{}\"", clean(name, MAX_WORD)))
    };
    let columns = request.columns.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    let columns = match columns.is_empty() {
        true => Column::DEFAULT.to_vec(),
        false => Column::distinct(columns.into_iter()),
    };
    let glyphs = if request.ascii { Glyphs::Ascii } else { Glyphs::Unicode };
    let frame = Frame {
        width: request.width,
        home: request.home.as_deref(),
        paint: Paint { colour: request.colour, glyphs },
        columns: &columns,
    };
    let order = order(request.permissions_first);
    let all = Group { heading: String::new(), sessions: rows(sessions, order) };
    let extent = Extent { of: sessions.len(), rows: request.rows, order };
    let text = listing(&[all], extent, now, frame).join("\n");
    Ok(Rendered { text, until: table::next_tick(sessions, now) })
}

/// The line of a status bar. The error says which word of the request is wrong.
pub fn status(
    request: &StatusRequest,
    sessions: &[&SessionInfo],
    hosts: &[HostInfo],
    now: Timestamp,
) -> Result<Rendered, String> {
    let Some((_, format)) = FORMATS.iter().find(|(name, _)| *name == request.format) else {
        return Err(format!("there is no format \"{}\"", clean(&request.format, MAX_WORD)));
    };
    let order = order(request.permissions_first);
    let options =
        RenderOptions { program: &request.program, escape: Escape::None, title: request.title };
    let summary = Summary::of(Some(sessions), now, request.title, order).with_hosts(hosts);
    let text = render(format, &summary, options).map_err(|error| error.to_string())?;
    Ok(Rendered { text, until: status::next_tick(sessions, now, format.clocks(), order) })
}

fn order(permissions_first: bool) -> Order {
    if permissions_first { Order::Permissions } else { Order::Longest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn a_text_is_the_same_until_a_clock_changes() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let sessions = [sample(1, StateName::NeedsInput, 4), sample(2, StateName::Working, 9)];
        let sessions: Vec<&SessionInfo> = sessions.iter().collect();
        let request = TableRequest {
            columns: vec!["state".into(), "for".into(), "pid".into(), "pid".into()],
            rows: Some(9),
            ..TableRequest::default()
        };
        let first = table(&request, &sessions, now).unwrap();
        assert_eq!(first.text.lines().count(), 4, "{}", first.text);
        let until = first.until.unwrap();
        let just_before = table(&request, &sessions, until - TimeDelta::milliseconds(1)).unwrap();
        assert_eq!(just_before, first);
        assert_ne!(table(&request, &sessions, until).unwrap().text, first.text);

        let request = StatusRequest { format: "plain".into(), title: 20, ..Default::default() };
        let line = status(&request, &sessions, &[], now).unwrap();
        assert!(line.text.contains("1 waiting 1 working") && line.until.is_some(), "{line:?}");
    }

    #[test]
    fn what_a_request_leaves_out_is_as_vmux_itself_shows_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let sessions = [sample(1, StateName::NeedsInput, 4)];
        let sessions: Vec<&SessionInfo> = sessions.iter().collect();
        let request = serde_json::from_str("{}").unwrap();
        let text = table(&request, &sessions, now).unwrap().text;
        assert!(text.starts_with("STATE"), "{text:?}");
        let request: StatusRequest = serde_json::from_str("{}").unwrap();
        let line = status(&request, &sessions, &[], now).unwrap().text;
        assert!(line.contains("1 waiting") && !line.starts_with(':'), "{line:?}");
        let request = serde_json::from_str(r#"{"format":"polybar"}"#).unwrap();
        let line = status(&request, &sessions, &[], now).unwrap().text;
        assert!(line.contains("%{A1:vmux switch --next:}"), "{line:?}");
    }

    #[test]
    fn an_unknown_word_is_named_and_cleaned() {
        let now = DateTime::from_timestamp(0, 0).unwrap();
        let request = TableRequest { columns: vec!["a\u{1b}[0m".into()], ..Default::default() };
        let error = table(&request, &[], now).unwrap_err();
        assert_eq!(error, "there is no column \"a [0m\"");
        let request = StatusRequest { format: "{x}".into(), ..StatusRequest::default() };
        assert_eq!(status(&request, &[], &[], now).unwrap_err(), "there is no format \"{x}\"");
    }
}
