//! The configuration of vmux, and its hooks in Claude Code's settings. Pure.

use crate::cli::commands::config::ConfigState;
use crate::cli::hooks::entries::{PERMISSION_EVENT, knows_permission_event};
use crate::protocol::finding::Finding;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::show::phrases;
use std::path::PathBuf;

/// What is in Claude Code's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksState {
    /// The file.
    pub path: PathBuf,
    /// The events that have a hook of vmux, or why the file cannot be read.
    pub events: Result<Vec<String>, String>,
    /// Programs that these hooks call and that are not there.
    pub missing: Vec<String>,
}

/// Whether the MCP server of vmux is registered with Claude Code, for every session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct McpState {
    /// The program; `None`: it is not registered, or only for a project.
    pub program: Option<String>,
    /// The program is not there.
    pub is_missing: bool,
}

/// The MCP server; `None` if its disk does not answer.
pub fn mcp(state: Option<&McpState>, home: Option<&str>) -> Vec<Finding> {
    let topic = "mcp";
    let Some(state) = state else { return Vec::new() };
    let Some(program) = &state.program else {
        let says = "sessions do not see each other: `vmux mcp install` makes that possible";
        return vec![Finding::ok(topic, says)];
    };
    let program = clean(&phrases::directory(program, home), 200);
    if state.is_missing {
        let says = format!("Claude Code is to start {program}, which is not there");
        let hint = "`vmux mcp install` registers the vmux that is there now";
        return vec![Finding::problem(topic, says, hint)];
    }
    vec![Finding::ok(topic, format!("sessions see each other through {program}"))]
}

/// The configuration; `None` if its disk does not answer.
pub fn configuration(state: Option<&ConfigState>, home: Option<&str>) -> Vec<Finding> {
    let topic = "configuration";
    let Some(state) = state else {
        let says = "the directory of the configuration does not answer";
        return vec![Finding::problem(topic, says, "bring its file system back")];
    };
    let name = phrases::directory(&state.path.to_string_lossy(), home);
    if let Some(why) = &state.unreadable {
        let says = format!("cannot read {name}: {}", clean(why, 200));
        return vec![Finding::problem(topic, says, "make it a file that you can read")];
    }
    if !state.exists {
        return vec![Finding::ok(topic, format!("there is no {name}; every key has its default"))];
    }
    let mut found: Vec<Finding> = state
        .errors
        .iter()
        .map(|error| {
            let hint = "until it is corrected, the configuration before it stays in force";
            Finding::problem(topic, format!("{name}: {error}"), hint)
        })
        .collect();
    if let Some(error) = &state.template_error {
        let hint = "until it is corrected, `vmux status` without --format shows nothing";
        found.push(Finding::problem(topic, format!("{name}: {error}"), hint));
    }
    if found.is_empty() {
        found.push(Finding::ok(topic, format!("{name} is right")));
    }
    found.extend(state.warnings.iter().map(|it| Finding::note(topic, format!("{name}: {it}"))));
    found
}

/// The hooks; `None` if their disk does not answer. Which versions read them is told by `sessions`.
pub fn hooks(
    state: Option<&HooksState>,
    sessions: &[SessionInfo],
    home: Option<&str>,
) -> Vec<Finding> {
    let topic = "hooks";
    let Some(state) = state else {
        let says = "the directory of Claude Code's settings does not answer, or is not known";
        return vec![Finding::note(topic, says).hint("`vmux hooks status --settings FILE`")];
    };
    let name = phrases::directory(&state.path.to_string_lossy(), home);
    let events = match &state.events {
        Ok(events) => events,
        Err(why) => {
            let says = format!("{name}: {}", clean(why, 200));
            return vec![Finding::problem(
                topic,
                says,
                "repair it; Claude Code cannot read it either",
            )];
        }
    };
    if events.is_empty() {
        return vec![Finding::ok(topic, format!("none in {name}; vmux is right without them"))];
    }
    let mut found = vec![Finding::ok(topic, format!("in {name}: {}", events.join(", ")))];
    for program in &state.missing {
        let says = format!("they call {}, which is not there", clean(program, 200));
        found.push(Finding::problem(topic, says, "`vmux hooks install` writes where vmux is now"));
    }
    let is_old = |it: &&SessionInfo| {
        it.details.version.as_deref().is_some_and(|it| !knows_permission_event(it))
    };
    if events.iter().any(|it| it == PERMISSION_EVENT)
        && let Some(session) = sessions.iter().find(is_old)
    {
        let version = session.details.version.as_deref().unwrap_or_default();
        let says = format!(
            "{PERMISSION_EVENT} makes Claude Code {} (pid {}) ignore all of its settings",
            clean(version, 40),
            session.pid
        );
        found.push(Finding::problem(
            topic,
            says,
            "`vmux hooks install` without --permission-request and --answer",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::finding::Severity::{Note, Ok as Fine, Problem};
    use crate::session::info::sample;
    use crate::session::state::StateName;

    #[test]
    fn every_fault_of_the_configuration_is_a_problem_and_an_unknown_key_a_note() {
        let state = ConfigState {
            path: "/h/.vmux/config.toml".into(),
            exists: true,
            errors: vec!["line 2: interval: a time".to_owned(), "line 3: x".to_owned()],
            warnings: vec!["line 9: y means nothing".to_owned()],
            ..ConfigState::default()
        };
        let found = configuration(Some(&state), Some("/h"));
        let kinds: Vec<_> = found.iter().map(|it| it.severity).collect();
        assert_eq!(kinds, [Problem, Problem, Note]);
        assert!(found[0].says.starts_with("~/.vmux/config.toml: line 2"), "{found:?}");
        let state = ConfigState { errors: Vec::new(), warnings: Vec::new(), ..state };
        assert_eq!(configuration(Some(&state), None)[0].severity, Fine);
        let state = ConfigState { exists: false, ..state };
        assert!(configuration(Some(&state), None)[0].says.starts_with("there is no "));
        let state = ConfigState { unreadable: Some("denied".to_owned()), ..state };
        assert_eq!(configuration(Some(&state), None)[0].severity, Problem);
        assert_eq!(configuration(None, None)[0].severity, Problem);
    }

    #[test]
    fn an_mcp_server_that_is_gone_is_a_problem() {
        let kind = |program: Option<&str>, is_missing| {
            let state = McpState { program: program.map(str::to_owned), is_missing };
            mcp(Some(&state), None)[0].severity
        };
        assert_eq!(kind(None, false), Fine);
        assert_eq!(kind(Some("/usr/bin/vmux"), false), Fine);
        assert_eq!(kind(Some("/old/vmux"), true), Problem);
        assert_eq!(mcp(None, None), []);
    }

    #[test]
    fn hooks_of_a_vmux_that_is_gone_and_of_versions_that_drop_them() {
        let state = |events: &[&str], missing: &[&str]| HooksState {
            path: "/h/.claude/settings.json".into(),
            events: Ok(events.iter().map(|it| (*it).to_owned()).collect()),
            missing: missing.iter().map(|it| (*it).to_owned()).collect(),
        };
        let mut old = sample(7, StateName::Idle, 0);
        old.details.version = Some("1.0.128".into());
        let kinds = |state: &HooksState| {
            let found = hooks(Some(state), std::slice::from_ref(&old), None);
            found.iter().map(|it| it.severity).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&state(&[], &[])), [Fine]);
        assert_eq!(kinds(&state(&["Stop"], &[])), [Fine]);
        assert_eq!(kinds(&state(&["Stop"], &["/old/vmux"])), [Fine, Problem]);
        assert_eq!(kinds(&state(&["Stop", "PermissionRequest"], &[])), [Fine, Problem]);
        let broken = HooksState { events: Err("it is not JSON".to_owned()), ..state(&[], &[]) };
        assert_eq!(kinds(&broken), [Problem]);
        assert_eq!(hooks(None, &[], None)[0].severity, Note);
    }
}
