//! Which window a terminal means that was asked where it shows a process. Pure.

use super::{Tab, TabPlace};
use crate::session::state::Confidence;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::locate::titles::is_told;
use std::collections::HashMap;

/// Which of the windows `rows` of the terminal `owner` it means, how that is known, and how well: by its
/// X11 id, by its number if that window is known since a switch (`numbered`: pid and number → container
/// id), or all others are; by its title on Wayland, where a terminal knows no ids of windows.
pub fn window<'a>(
    told: &TabPlace,
    owner: u32,
    rows: &[&'a WindowRow],
    numbered: &HashMap<(u32, u64), u64>,
) -> Option<(&'a WindowRow, &'static str, Confidence)> {
    if told.xid.is_some() {
        let row = rows.iter().find(|row| row.xid == told.xid)?;
        return Some((row, "says so", told.confidence()));
    }
    if let Some(number) = told.tab.as_ref().and_then(Tab::window_number) {
        let known = numbered.get(&(owner, number));
        if let Some(row) = rows.iter().find(|row| Some(&row.con_id) == known) {
            return Some((row, "says so, by its own number of the window", Confidence::Certain));
        }
        if told.windows == Some(rows.len())
            && let Some(row) = only_unknown(owner, rows, numbered)
        {
            return Some((row, "says so: it is none of its others", Confidence::Certain));
        }
    }
    let title = told.title.as_deref()?;
    let mut titled = rows.iter().filter(|row| is_told(title, &row.title));
    let (Some(row), None) = (titled.next(), titled.next()) else { return None };
    Some((row, "says it has this title", Confidence::Probable))
}

/// The only window whose number is not known. A dialog has none.
fn only_unknown<'a>(
    owner: u32,
    rows: &[&'a WindowRow],
    numbered: &HashMap<(u32, u64), u64>,
) -> Option<&'a WindowRow> {
    let is_known = |row: &WindowRow| {
        numbered.iter().any(|((pid, _), con_id)| *pid == owner && *con_id == row.con_id)
    };
    let mut unknown = rows.iter().filter(|row| !is_known(row));
    match (unknown.next(), unknown.next()) {
        (Some(row), None) if !row.secondary => Some(row),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_window_without_a_known_number() {
        let rows: Vec<WindowRow> = (1..=3)
            .map(|con_id| WindowRow { con_id, title: "x".into(), ..WindowRow::default() })
            .collect();
        let found = |rows: &[WindowRow], windows, known: &[(u64, u64)]| {
            let address = "unix:/k".to_owned();
            let tab = Tab::Kitty { process: 80, address, id: 3, os_window: Some(7) };
            let told =
                TabPlace { xid: None, is_certain: true, title: None, windows, tab: Some(tab) };
            let numbered = known.iter().map(|(number, con_id)| ((80, *number), *con_id)).collect();
            let rows: Vec<&WindowRow> = rows.iter().collect();
            window(&told, 80, &rows, &numbered).map(|(row, ..)| row.con_id)
        };
        assert_eq!(found(&rows, Some(3), &[(5, 1), (6, 3)]), Some(2));
        assert_eq!(found(&rows, Some(3), &[(5, 1), (6, 3), (7, 1)]), Some(1), "its own number");
        assert_eq!(found(&rows, Some(3), &[(5, 1)]), None);
        assert_eq!(found(&rows, Some(4), &[(5, 1), (6, 3)]), None, "one is not shown");
        assert_eq!(found(&rows, None, &[(5, 1), (6, 3)]), None, "it does not tell how many");
        let mut with_dialog = rows.clone();
        with_dialog[1].secondary = true;
        assert_eq!(found(&with_dialog, Some(3), &[(5, 1), (6, 3)]), None);
    }
}
