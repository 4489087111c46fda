//! The columns of `vmux list`, by the names that its options and the configuration use. Pure.

/// A column of `vmux list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// What it does, and what it waits for.
    State,
    /// For how long.
    For,
    /// Its label, else its name, else its directory.
    Session,
    Directory,
    Branch,
    Workspace,
    /// What was said last.
    Last,
    /// The host; empty for this machine.
    Host,
    Pid,
    /// The session id.
    Id,
    Label,
    /// Its own name or title, which a label hides in [`Column::Session`].
    Name,
    /// The tool that runs, or the current todo.
    Task,
    /// The last prompt.
    Prompt,
    Model,
    /// Tokens in the context.
    Context,
    /// The permission mode.
    Mode,
    /// `interactive`, `headless`, `sdk`, `background`.
    Kind,
    /// The version of Claude Code.
    Version,
    /// The ports of its servers.
    Servers,
    /// The monitor.
    Output,
    /// The tmux session, window and pane.
    Tmux,
}

impl Column {
    /// All of them, by name. Where two names mean one column, the first is the one that is offered.
    pub const NAMES: &[(&str, Column)] = &[
        ("state", Column::State),
        ("for", Column::For),
        ("session", Column::Session),
        ("directory", Column::Directory),
        ("dir", Column::Directory),
        ("branch", Column::Branch),
        ("workspace", Column::Workspace),
        ("ws", Column::Workspace),
        ("last", Column::Last),
        ("host", Column::Host),
        ("pid", Column::Pid),
        ("id", Column::Id),
        ("label", Column::Label),
        ("name", Column::Name),
        ("task", Column::Task),
        ("prompt", Column::Prompt),
        ("model", Column::Model),
        ("context", Column::Context),
        ("mode", Column::Mode),
        ("kind", Column::Kind),
        ("version", Column::Version),
        ("servers", Column::Servers),
        ("output", Column::Output),
        ("tmux", Column::Tmux),
    ];

    /// What a list shows if nothing else is said. A column in which nothing stands takes no room.
    pub const DEFAULT: &[Column] = &[
        Column::State,
        Column::For,
        Column::Session,
        Column::Host,
        Column::Directory,
        Column::Branch,
        Column::Workspace,
        Column::Last,
    ];

    /// The column of this name.
    pub fn named(name: &str) -> Option<Column> {
        Column::NAMES.iter().find(|(known, _)| *known == name).map(|(_, column)| *column)
    }

    /// Its name, as it is offered.
    pub fn name(self) -> &'static str {
        let known = Column::NAMES.iter().find(|(_, column)| *column == self);
        known.map_or("", |(name, _)| name)
    }

    /// Each column once, where it stands first.
    pub fn distinct(columns: impl Iterator<Item = Column>) -> Vec<Column> {
        let mut distinct = Vec::new();
        for column in columns {
            if !distinct.contains(&column) {
                distinct.push(column);
            }
        }
        distinct
    }

    /// The names that are offered, one for each column.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let mut last = None;
        Column::NAMES
            .iter()
            .filter(move |(_, column)| last.replace(*column) != Some(*column))
            .map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_offered_once() {
        let names: Vec<&str> = Column::names().collect();
        assert_eq!(names.len(), 22);
        assert!(!names.contains(&"dir") && !names.contains(&"ws"));
        assert_eq!(Column::named("ws"), Some(Column::Workspace));
        assert_eq!(Column::named("wsx"), None);
        assert!(names.iter().all(|name| Column::named(name).unwrap().name() == *name));
    }
}
