//! The options of `vmux list`.

use super::checked;
use crate::config::column::Column;
use crate::session::query::filter::StateFilter;
use crate::session::query::sort::SortKey;
use crate::show::table::listing::GroupBy;
use crate::show::table::template;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// Options of `list`.
#[derive(Debug, Clone, Default, Args)]
pub struct ListArgs {
    /// Only the sessions that these words mean; a path (`.`, `~/src/web`) means the same as --dir
    pub query: Vec<String>,
    /// Print the sessions as a JSON array
    ///
    /// The fields are those of docs/protocol.md; new ones may come, none is renamed or removed.
    /// With --group it is an array of {"group": …, "sessions": […]}.
    #[arg(long, conflicts_with = "columns")]
    pub json: bool,
    /// Keep the list up to date; on a terminal it is a picker: Enter goes to a session, ? lists the keys
    #[arg(long, short, conflicts_with_all = ["sort", "reverse", "group", "format", "all"])]
    pub watch: bool,
    /// Only those that wait for you and are not set aside: --state waiting
    #[arg(long)]
    pub waiting: bool,
    /// Only those in one of these states
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = choice(StateFilter::NAMES))]
    pub state: Vec<StateFilter>,
    /// Only those in this directory or below it
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub dir: Vec<PathBuf>,
    /// Only those on this host; `local` is this machine
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub host: Vec<String>,
    /// What comes first
    #[arg(long, value_name = "KEY", value_parser = choice(SortKey::NAMES))]
    pub sort: Option<SortKey>,
    /// The other way round
    #[arg(long)]
    pub reverse: bool,
    /// Which columns, from left to right; with + in front, besides the usual ones
    #[arg(long, value_name = "COLUMN,…", value_parser = columns)]
    pub columns: Option<Columns>,
    /// A heading for each directory, repository, workspace or host
    #[arg(long, value_name = "BY", value_parser = choice(GroupBy::NAMES))]
    pub group: Option<GroupBy>,
    /// Print this for each session, with names in braces: '{pid} {state} {title}'
    #[arg(long, short, value_name = "TEMPLATE", value_parser = row_template)]
    #[arg(conflicts_with_all = ["json", "columns", "group"])]
    pub format: Option<String>,
    /// On a terminal, print all of them, even if it has fewer lines
    #[arg(long)]
    pub all: bool,
}

/// What `--columns` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Whether they come besides the usual ones.
    pub more: bool,
    /// Each once.
    pub columns: Vec<Column>,
}

impl Columns {
    /// The columns of a list that otherwise has the `usual` ones.
    pub fn beside(&self, usual: &[Column]) -> Vec<Column> {
        let usual = if self.more { usual } else { &[] };
        Column::distinct(usual.iter().chain(&self.columns).copied())
    }
}

/// Parses `state,pid` or `+pid`.
fn columns(text: &str) -> Result<Columns, String> {
    let (more, names) = match text.strip_prefix('+') {
        Some(names) => (true, names),
        None => (false, text),
    };
    let column = |name: &str| {
        Column::named(name.trim()).ok_or_else(|| {
            let names: Vec<&str> = Column::names().collect();
            format!("there is no column \"{name}\"; there are {}", names.join(", "))
        })
    };
    let columns = names.split(',').map(column).collect::<Result<Vec<Column>, String>>()?;
    Ok(Columns { more, columns: Column::distinct(columns.into_iter()) })
}

/// Checks a template for one session.
fn row_template(text: &str) -> Result<String, String> {
    if !text.contains('{') {
        return Err("a template needs a name in braces, such as {title}".to_owned());
    }
    checked(template::check(text), template::names())?;
    Ok(text.to_owned())
}

/// Parses one of these names. Of several for one meaning, the first is the one that help lists.
fn choice<T>(names: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T>
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let mut values: Vec<PossibleValue> = Vec::new();
    for (at, (name, meaning)) in names.iter().enumerate() {
        let is_alias = at > 0 && names[at - 1].1 == *meaning;
        match values.pop_if(|_| is_alias) {
            Some(value) => values.push(value.alias(*name)),
            None => values.push(PossibleValue::new(*name)),
        }
    }
    PossibleValuesParser::new(values).try_map(|typed| {
        let meaning = names.iter().find(|(name, _)| *name == typed).map(|(_, meaning)| *meaning);
        meaning.ok_or("it is not one of these")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::Parser;

    fn parse(line: &[&str]) -> Result<ListArgs, String> {
        let cli = Cli::try_parse_from([&["vmux", "list"], line].concat());
        match cli.map_err(|it| it.to_string())?.command {
            Some(crate::cli::args::Command::List(args)) => Ok(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn states_have_both_spellings_and_stand_in_a_list() {
        let states =
            parse(&["--state", "needs_input,idle", "--state", "needs-input"]).unwrap().state;
        let waits = StateFilter::NeedsInput;
        assert_eq!(states, [waits, StateFilter::Idle, waits]);
        let error = parse(&["--state", "ideal"]).unwrap_err();
        assert!(error.contains("needs-input") && !error.contains("needs_input"), "{error}");
    }

    #[test]
    fn columns_are_named_once_and_may_come_besides_the_usual() {
        let columns = |text: &str| parse(&["--columns", text]).unwrap().columns.unwrap();
        let usual = [Column::State, Column::Pid];
        assert_eq!(columns("ws,pid,ws").beside(&usual), [Column::Workspace, Column::Pid]);
        assert_eq!(
            columns("+ws,pid").beside(&usual),
            [Column::State, Column::Pid, Column::Workspace]
        );
        for wrong in ["", "pid,", "+", "x"] {
            assert!(
                parse(&["--columns", wrong]).unwrap_err().contains("there are state"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_wrong_template_is_refused_with_what_there_is() {
        assert!(parse(&["--format", "{title"]).unwrap_err().contains("is missing"));
        assert!(parse(&["--format", "{nope}"]).unwrap_err().contains("there are title,"));
        assert!(parse(&["--format", "title"]).unwrap_err().contains("in braces"));
        assert_eq!(parse(&["-f", "{title} {{"]).unwrap().format.as_deref(), Some("{title} {{"));
    }
}
