//! The lines that a launcher offers. They are numbered, so that equal ones can be told apart.

use super::paint::mark;
use super::phrases;
use super::width::{columns, cut, cut_left, pad};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;

/// One line for each session, in this order: `● api-fix  needs permission 4m  Bash: git push  ~/src/api`.
///
/// What decides comes first, because a launcher may cut the lines.
pub fn lines(sessions: &[&SessionInfo], now: Timestamp, home: Option<&str>) -> Vec<String> {
    let mut cells: Vec<[String; 4]> = sessions.iter().map(|it| cells(it, now, home)).collect();
    tell_apart(&mut cells, sessions);
    let widest = |column: usize| cells.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let [title, state] = [widest(0), widest(1)];
    let line = |row: &[String; 4]| {
        // The rest is not aligned: many launchers have a proportional font, and little room.
        let rest = row[2..].iter().filter(|it| !it.is_empty()).map(String::as_str);
        let rest: Vec<&str> = rest.collect();
        format!("{}  {}  {}", pad(&row[0], title), pad(&row[1], state), rest.join("  "))
    };
    cells.iter().map(|row| line(row).trim_end().to_owned()).collect()
}

/// Adds the pid to titles that several sessions have.
fn tell_apart(cells: &mut [[String; 4]], sessions: &[&SessionInfo]) {
    let titles: Vec<String> = sessions.iter().map(|it| phrases::title(it)).collect();
    for (at, title) in titles.iter().enumerate() {
        if titles.iter().filter(|it| *it == title).count() > 1 {
            cells[at][0].push_str(&format!(" ({})", sessions[at].pid));
        }
    }
}

/// The lines, each with a number in front that [`number`] reads.
pub fn numbered(lines: &[String], separator: &str) -> String {
    let line = |(index, line): (usize, &String)| format!("{}{separator}{line}\n", index + 1);
    lines.iter().enumerate().map(line).collect()
}

/// The index of the chosen line, from 0, by the number in front of it.
pub fn number(chosen: &str) -> Option<usize> {
    let digits: String = chosen.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<usize>().ok()?.checked_sub(1)
}

fn cells(session: &SessionInfo, now: Timestamp, home: Option<&str>) -> [String; 4] {
    let mut place = cut_left(&phrases::directory(&session.cwd, home), 32);
    if let Some(branch) = &session.git_branch {
        place.push_str(&format!(" {}", cut(&clean(branch, 100), 20)));
    }
    if let Some(workspace) = &session.workspace {
        place.push_str(&format!("  ws {}", cut(&clean(workspace, 100), 12)));
    }
    [
        format!("{} {}", mark(session).0, cut(&phrases::title(session), 24)),
        format!("{} {}", phrases::state(session), phrases::clock(phrases::since(session), now)),
        cut(&phrases::detail(session), 40),
        place,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::{ReasonKind, StateName};

    #[test]
    fn what_decides_comes_first_and_equal_titles_are_told_apart() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut one = sample(1, StateName::NeedsInput, 4);
        one.reason = Some(ReasonKind::Permission);
        one.detail = Some("Bash: ls\t9".into());
        let (mut two, three) = (sample(2, StateName::Idle, 1), sample(3, StateName::Idle, 1));
        two.label = Some("api".into());
        two.workspace = Some("3".into());
        let lines = lines(&[&one, &two, &three], now, Some("/home/u"));
        assert_eq!(lines[0], "● vmux (1)  needs permission 4m  Bash: ls 9  ~/src/vmux main");
        assert_eq!(lines[1], "○ api       idle 1m              ~/src/vmux main  ws 3");
        assert_eq!(lines[2], "○ vmux (3)  idle 1m              ~/src/vmux main");
        let numbered = numbered(&lines, "  ");
        let numbers: Vec<_> = numbered.lines().map(number).collect();
        assert_eq!(numbers, [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn only_a_number_is_a_choice() {
        for chosen in ["", "x", "0", "-1", "99999999999999999999999"] {
            assert_eq!(number(chosen), None, "{chosen}");
        }
    }
}
