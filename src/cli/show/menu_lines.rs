//! The lines that a launcher offers. They are numbered, so that equal ones can be told apart.

use super::paint::mark;
use super::phrases;
use super::width::{columns, cut, cut_left, pad};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;

/// One line for each session, in this order: `● api-fix  needs permission 4m  ~/src/api  Bash: git push`.
pub fn lines(sessions: &[&SessionInfo], now: Timestamp, home: Option<&str>) -> Vec<String> {
    let cells: Vec<[String; 4]> = sessions.iter().map(|it| cells(it, now, home)).collect();
    let widest = |column: usize| cells.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let widths = [widest(0), widest(1), widest(2)];
    let line = |row: &[String; 4]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| pad(cell, width));
        cells.chain([row[3].clone()]).collect::<Vec<_>>().join("  ")
    };
    cells.iter().map(|row| line(row).trim_end().to_owned()).collect()
}

/// The lines, each with a number in front that [`number`] reads.
pub fn numbered(lines: &[String], separator: char) -> String {
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
        place.push_str(&format!(" {}", cut(&crate::session::sanitize::clean(branch, 100), 20)));
    }
    [
        format!("{} {}", mark(session).0, cut(&phrases::title(session), 24)),
        format!("{} {}", phrases::state(session), phrases::clock(phrases::since(session), now)),
        place,
        cut(&phrases::detail(session), 60),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::{ReasonKind, StateName};

    #[test]
    fn equal_sessions_are_told_apart_by_their_number() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut one = sample(1, StateName::NeedsInput, 4);
        one.reason = Some(ReasonKind::Permission);
        one.detail = Some("Bash: ls\t9".to_owned());
        let (two, three) = (sample(2, StateName::Idle, 1), sample(3, StateName::Idle, 1));
        let lines = lines(&[&one, &two, &three], now, Some("/home/u"));
        assert_eq!(lines[0], "● vmux  needs permission 4m  ~/src/vmux main  Bash: ls 9");
        assert_eq!(lines[1], "○ vmux  idle 1m              ~/src/vmux main");
        assert_eq!(lines[1], lines[2]);
        let numbered = numbered(&lines, '\t');
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
