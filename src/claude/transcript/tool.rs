//! Tools that a model calls: what a call is about, in a few words, and how each kind behaves.

use super::MAX_TEXT_BYTES;
use crate::claude::input::json;
use crate::claude::process::shell::Script;
use crate::session::Timestamp;
use crate::session::sanitize::clean;

/// Longest description, in characters.
const MAX_DESCRIPTION_CHARS: usize = 120;

/// A tool call without an answer yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// Its id, which the answer repeats.
    pub(crate) id: String,
    /// `Bash`, `Edit`, `mcp__server__tool` …
    pub(crate) name: String,
    /// `Bash: git push origin main`. Clean text.
    pub(crate) description: String,
    /// The command of a Bash call, as it is found again in the arguments of its shell.
    pub(crate) script: Option<Script>,
    /// When the model called it.
    pub(crate) at: Timestamp,
}

/// What is known of a kind of tool (docs/facts.md T9: which of them run, ask or wait cannot be read
/// from the transcript alone).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToolKind {
    /// `AskUserQuestion`: pending means that it asks.
    Question,
    /// `ExitPlanMode`: pending means that it asks.
    Plan,
    /// Runs as a child process that can be seen.
    Shell,
    /// Over in well under a second once allowed.
    Quick,
    /// Runs a subagent; never asks itself.
    Agent,
    /// Never asks and is over at once.
    Silent,
    /// Nothing tells whether it runs or asks: web, MCP, and what is not known.
    Opaque,
}

impl ToolCall {
    /// Its kind.
    pub(crate) fn kind(&self) -> ToolKind {
        match self.name.as_str() {
            "AskUserQuestion" => ToolKind::Question,
            "ExitPlanMode" => ToolKind::Plan,
            "Bash" | "PowerShell" => ToolKind::Shell,
            "Edit" | "Write" | "MultiEdit" | "NotebookEdit" | "Read" | "Glob" | "Grep" | "LS" => {
                ToolKind::Quick
            }
            "Task" | "Agent" => ToolKind::Agent,
            "TodoWrite" | "TodoRead" | "TaskCreate" | "TaskUpdate" | "TaskList" | "TaskGet"
            | "ToolSearch" | "ScheduleWakeup" => ToolKind::Silent,
            _ => ToolKind::Opaque,
        }
    }

    /// What the tool is called, without what the call is about: `Bash`, `server tool`. Clean text.
    pub(crate) fn title(&self) -> String {
        clean(&short_name(&self.name), MAX_DESCRIPTION_CHARS)
    }

    /// Whether it changes files: allowed without a question in the mode `acceptEdits`.
    pub(crate) fn is_edit(&self) -> bool {
        matches!(self.name.as_str(), "Edit" | "Write" | "MultiEdit" | "NotebookEdit")
    }
}

/// What a call is about: `Bash: git push origin main`, `Edit: src/x.rs`, the question of
/// `AskUserQuestion` (nothing if it asks several), the title of a plan. `input`: its raw JSON; `cwd`: paths below it are shown
/// relative to it.
pub(crate) fn describe(name: &str, input: Option<&str>, cwd: Option<&str>) -> String {
    let about = input.and_then(|input| about(name, input, cwd));
    match (name, about) {
        ("AskUserQuestion" | "ExitPlanMode", Some(about)) => clean(&about, MAX_DESCRIPTION_CHARS),
        (_, Some(about)) => clean(&format!("{}: {about}", short_name(name)), MAX_DESCRIPTION_CHARS),
        (_, None) => clean(&short_name(name), MAX_DESCRIPTION_CHARS),
    }
}

/// The command of a shell call.
pub(crate) fn script(name: &str, input: Option<&str>) -> Option<Script> {
    let [command] = json::pick(input.filter(|_| name == "Bash")?, &["command"])?;
    Some(Script::of_command(&json::text(command)?))
}

/// The task that a call puts in hand: `Some(None)` says that none is in hand now.
pub(crate) fn task(name: &str, input: Option<&str>) -> Option<Option<String>> {
    match name {
        "TodoWrite" => {
            let [todos] = json::pick(input?, &["todos"])?;
            let current = json::elements(todos)?.into_iter().find_map(|todo| {
                let [status, active, content] =
                    json::pick(todo, &["status", "activeForm", "content"])?;
                let in_hand = json::text(status).as_deref() == Some("in_progress");
                in_hand.then(|| json::head(active.or(content), MAX_TEXT_BYTES))?
            });
            Some(current.map(|text| clean(&text, MAX_DESCRIPTION_CHARS)))
        }
        "TaskUpdate" => {
            let [status, active, subject] =
                json::pick(input?, &["status", "activeForm", "subject"])?;
            match json::text(status).as_deref()? {
                "in_progress" => Some(
                    json::head(active.or(subject), MAX_TEXT_BYTES)
                        .map(|text| clean(&text, MAX_DESCRIPTION_CHARS)),
                ),
                _ => Some(None),
            }
        }
        _ => None,
    }
}

/// `mcp__server__tool` as `server tool`.
pub(crate) fn short_name(name: &str) -> String {
    match name.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) {
        Some((server, tool)) => format!("{server} {tool}"),
        None => name.to_owned(),
    }
}

fn about(name: &str, input: &str, cwd: Option<&str>) -> Option<String> {
    match name {
        "AskUserQuestion" => {
            let [questions, question] = json::pick(input, &["questions", "question"])?;
            let all = json::elements(questions).unwrap_or_default();
            if all.len() > 1 {
                // One is on the screen at a time, and nothing tells which.
                return Some(String::new());
            }
            let [inner] = json::pick(all.first().copied().unwrap_or("{}"), &["question"])?;
            json::head(inner.or(question), MAX_TEXT_BYTES)
        }
        "ExitPlanMode" => {
            let [plan] = json::pick(input, &["plan"])?;
            let plan = json::head(plan, MAX_TEXT_BYTES)?;
            let line = plan.lines().map(|line| line.trim_start_matches(['#', ' ']));
            line.map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
        }
        _ => {
            let names = [
                "command",
                "file_path",
                "notebook_path",
                "url",
                "query",
                "pattern",
                "description",
                "skill",
                "path",
                "subject",
                "prompt",
            ];
            let found = json::pick(input, &names)?;
            let text = found.into_iter().find_map(|raw| json::head(raw, MAX_TEXT_BYTES))?;
            let relative = cwd
                .and_then(|cwd| text.strip_prefix(cwd)?.strip_prefix('/').map(str::to_owned))
                .filter(|rest| !rest.is_empty());
            Some(relative.unwrap_or(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, input: &str, want: &str) {
        assert_eq!(describe(name, Some(input), Some("/home/dev/proj")), want);
    }

    #[test]
    fn says_what_a_call_is_about() {
        check(
            "Bash",
            r#"{"command":"git push\norigin main","description":"Push"}"#,
            "Bash: git push origin main",
        );
        check(
            "Edit",
            r#"{"old_string":"a","file_path":"/home/dev/proj/src/x.rs"}"#,
            "Edit: src/x.rs",
        );
        check("Write", r#"{"file_path":"/etc/hosts"}"#, "Write: /etc/hosts");
        check(
            "AskUserQuestion",
            r#"{"questions":[{"question":"Which color?","header":"C"}]}"#,
            "Which color?",
        );
        let several = r#"{"questions":[{"question":"Which?"},{"question":"Which size?"}]}"#;
        check("AskUserQuestion", several, "");
        check("ExitPlanMode", r##"{"plan":"\n# Plan\n1. Do"}"##, "Plan");
        check("ExitPlanMode", "{}", "ExitPlanMode");
        check("mcp__lab__ask", "{}", "lab ask");
        check("WebFetch", r#"{"url":"https://x.y","prompt":"p"}"#, "WebFetch: https://x.y");
        check(
            "Task",
            r#"{"description":"Do \u001b[31mthings","prompt":"p"}"#,
            "Task: Do [31mthings",
        );
        check("Bash", "[1,2]", "Bash");
        check("Bash", r#"{"command":7}"#, "Bash");
        assert_eq!(describe("Bash", None, None), "Bash");
    }

    #[test]
    fn a_huge_input_is_cut() {
        let input = format!("{{\"command\":\"{}\\n\"}}", "é\\u0041".repeat(100_000));
        let words = describe("Bash", Some(&input), None);
        assert_eq!(words.chars().count(), MAX_DESCRIPTION_CHARS);
    }

    #[test]
    fn knows_the_task_in_hand() {
        let todos = r#"{"todos":[{"content":"One","status":"completed","activeForm":"Doing one"},
            {"content":"Two","status":"in_progress","activeForm":"Doing two"}]}"#;
        assert_eq!(task("TodoWrite", Some(todos)), Some(Some("Doing two".to_owned())));
        assert_eq!(task("TodoWrite", Some(r#"{"todos":[]}"#)), Some(None));
        assert_eq!(task("TodoWrite", Some("7")), None);
        assert_eq!(task("Bash", Some("{}")), None);
    }
}
