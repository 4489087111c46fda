//! Whether a process is a teammate of an agent team, by its arguments. Pure.

use super::words;
use crate::claude::session_file::parse::is_session_id;
use std::path::Path;

/// A teammate of an agent team, as its arguments say (2.1.332: `--agent-id bob@team --agent-name bob
/// --team-name team --parent-session-id …`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Teammate {
    /// Its id in the team.
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) team: Option<String>,
    /// The session that leads the team.
    pub(crate) lead: String,
}

/// Whether the process is a teammate; none if it is not.
pub(crate) fn teammate(argv: &[String], exe: Option<&Path>) -> Option<Teammate> {
    // Only native builds have teams, which keep their arguments.
    let words = words(argv, exe, "")?;
    let words = || words.iter().take_while(|word| **word != "--");
    let value = |option: &str| {
        let next = words().skip_while(|word| **word != option).nth(1).copied();
        let joined = words().find_map(|word| word.strip_prefix(option)?.strip_prefix('='));
        next.or(joined).filter(|value| !value.starts_with('-')).map(str::to_owned)
    };
    Some(Teammate {
        id: value("--agent-id"),
        name: value("--agent-name")?,
        team: value("--team-name"),
        lead: value("--parent-session-id").filter(|id| is_session_id(id))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_teammate_says_so() {
        let of = |line: &str| {
            let argv: Vec<String> = line.split('|').map(str::to_owned).collect();
            teammate(&argv, Some(Path::new("/v/2.1.332")))
        };
        let whole = "/v/2.1.332|--agent-id|bob@t|--agent-name|bob|--team-name|t|--parent-session-id|aaaaaaaa-1";
        let bob = of(whole).unwrap();
        assert_eq!((bob.name.as_str(), bob.lead.as_str()), ("bob", "aaaaaaaa-1"));
        assert_eq!((bob.id.as_deref(), bob.team.as_deref()), (Some("bob@t"), Some("t")));
        assert_eq!(
            of("claude|--agent-name=bob|--parent-session-id=aaaaaaaa-1").unwrap().name,
            "bob"
        );
        assert_eq!(of("claude|--agent-name|bob"), None);
        assert_eq!(of("claude|--|--agent-name|bob|--parent-session-id|aaaaaaaa-1"), None);
        assert_eq!(of("claude|--agent-name|bob|--parent-session-id|../../x"), None);
        assert_eq!(of("claude|--agent-name|--team-name|--parent-session-id|aaaaaaaa-1"), None);
    }
}
