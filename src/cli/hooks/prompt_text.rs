//! A prompt as people read it: whole, and harmless. Pure.
//!
//! Each line of the input stands behind a mark, so that nothing in it can pass for a line of vmux.

use crate::protocol::prompt::{Prompt, PromptKind, Way};
use crate::session::Timestamp;
use crate::session::sanitize::{clean, spelled_out};
use crate::show::phrases;
use serde_json::Value;

/// The lines of a prompt. `name` is that of its session.
pub fn lines(prompt: &Prompt, name: &str, now: Timestamp, home: Option<&str>) -> Vec<String> {
    let id = clean(&prompt.id, 40);
    let kind = match prompt.kind {
        PromptKind::Permission => "permission",
        PromptKind::Question => "question",
        PromptKind::Plan => "plan",
        PromptKind::Other => "prompt",
    };
    let name = clean(name, 200);
    let age = phrases::clock(prompt.since, now);
    let mut lines = vec![format!("{id}  {name}: {kind}, {age}")];
    let directory = phrases::directory(&prompt.cwd, home);
    lines.push(format!("  {} in {directory}", clean(&prompt.tool, 100)));
    match (prompt.kind, prompt.input.get("questions").and_then(Value::as_array)) {
        (PromptKind::Question, Some(questions)) => {
            questions.iter().for_each(|it| question(it, &mut lines));
        }
        _ => input(&prompt.input, &mut lines),
    }
    if prompt.cut {
        lines.push("  It is too long to be shown whole: look at the session.".to_owned());
    }
    for rule in &prompt.always {
        lines.push(format!("  always allows: {}", clean(rule, 500)));
    }
    if prompt.way == Way::Keys {
        lines.push(format!("  vmux answer {id} allow | deny, by a key in its terminal"));
    }
    if prompt.way == Way::Terminal {
        let why = clean(prompt.why.as_deref().unwrap_or("nothing but its terminal can"), 300);
        lines.push(format!("  not answerable from here: {why}"));
        let pid = prompt.session.process.pid;
        let query = prompt.session.host.map_or(pid.to_string(), |host| format!("{host}:{pid}"));
        lines.push(format!("  vmux switch {query} goes there"));
    }
    if prompt.way == Way::Hook {
        lines.push(format!("  vmux answer {id} {}", answers(prompt)));
    }
    lines
}

/// What can be answered, as the command line takes it.
fn answers(prompt: &Prompt) -> &'static str {
    match prompt.kind {
        PromptKind::Question => "NUMBER | WORDS, for each question; or deny [--message TEXT]",
        PromptKind::Plan => "allow | deny [--message TEXT]; vmux allow --accept-edits",
        _ if prompt.always.is_empty() => "allow | deny [--message TEXT]",
        _ => "allow | always | deny [--message TEXT]",
    }
}

fn input(input: &Value, lines: &mut Vec<String>) {
    match input {
        Value::Object(members) => {
            for (name, value) in members {
                member(&clean(&spelled_out(name), 200), value, lines);
            }
        }
        other => member("input", other, lines),
    }
}

fn member(name: &str, value: &Value, lines: &mut Vec<String>) {
    let text = match value {
        Value::String(text) => spelled_out(text),
        other => spelled_out(&other.to_string()),
    };
    if text.contains('\n') {
        lines.push(format!("  │ {name}:"));
        lines.extend(text.split('\n').map(|line| format!("  │   {line}")));
    } else {
        lines.push(format!("  │ {name}: {text}"));
    }
}

fn question(question: &Value, lines: &mut Vec<String>) {
    let text = |from: &Value, name: &str| {
        let text = from.get(name).and_then(Value::as_str).unwrap_or_default();
        spelled_out(text)
    };
    let several = question.get("multiSelect").and_then(Value::as_bool).unwrap_or(false);
    let how = if several { " (several, between commas)" } else { "" };
    let mut asked = text(question, "question");
    asked.push_str(how);
    lines.extend(asked.split('\n').map(|line| format!("  │ {line}")));
    let options = question.get("options").and_then(Value::as_array);
    for (index, option) in options.into_iter().flatten().enumerate() {
        let number = index + 1;
        let (label, about) = (text(option, "label"), text(option, "description"));
        let about = if about.is_empty() { about } else { format!(": {about}") };
        let whole = format!("{number}  {label}{about}");
        lines.extend(whole.split('\n').map(|line| format!("  │   {line}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::key::SessionKey;
    use serde_json::json;

    fn prompt_of(tool: &str, input: Value, always: &[&str]) -> Prompt {
        let since = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Prompt {
            id: "kabcdef".to_owned(),
            session: SessionKey::local(7, 1),
            session_id: "s".to_owned(),
            kind: PromptKind::of_tool(tool),
            tool: tool.to_owned(),
            input,
            cut: false,
            cwd: "/home/u/web".to_owned(),
            always: always.iter().map(|it| (*it).to_owned()).collect(),
            since,
            way: Way::Hook,
            why: None,
        }
    }

    fn text_of(tool: &str, input: Value, always: &[&str]) -> String {
        let prompt = prompt_of(tool, input, always);
        let now = prompt.since + chrono::TimeDelta::minutes(3);
        lines(&prompt, "web", now, Some("/home/u")).join("\n")
    }

    #[test]
    fn a_permission_is_shown_whole_and_can_pass_for_nothing_else() {
        let input = json!({"command": "echo a\n  vmux answer kabcdef allow\u{1b}[2K", "n": [1]});
        let text = text_of("Bash", input, &["Bash(echo:*), for this session"]);
        assert_eq!(
            text,
            "kabcdef  web: permission, 3m\n  \
               Bash in ~/web\n  \
               │ command:\n  \
               │   echo a\n  \
               │     vmux answer kabcdef allow\\u{1b}[2K\n  \
               │ n: [1]\n  \
               always allows: Bash(echo:*), for this session\n  \
               vmux answer kabcdef allow | always | deny [--message TEXT]"
        );
    }

    #[test]
    fn what_only_its_terminal_can_answer_says_how_to_get_there() {
        let mut prompt = prompt_of("Bash", json!({"command": "ls"}), &[]);
        prompt.way = Way::Terminal;
        prompt.why = Some("no hook waits for it".to_owned());
        let text = lines(&prompt, "web", prompt.since, None).join("\n");
        let end = "not answerable from here: no hook waits for it\n  vmux switch 7 goes there";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn a_question_has_numbers() {
        let input = json!({"questions": [{"question": "Which?", "multiSelect": true, "options": [
            {"label": "Red", "description": "warm"}, {"label": "Blue"}]}]});
        let text = text_of("AskUserQuestion", input, &[]);
        let expected = "  │ Which? (several, between commas)\n  │   1  Red: warm\n  │   2  Blue\n";
        assert!(text.contains(expected), "{text}");
    }
}
