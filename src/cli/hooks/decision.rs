//! What a hook says to Claude Code, and what Claude Code's suggestions would allow. Pure.
//!
//! The forms were measured with Claude Code 2.1.332 (docs/answering.md).

use crate::protocol::prompt::{Choice, Decision, PLAN_TOOL, QUESTION_TOOL};
use crate::session::sanitize::clean;
use serde_json::{Map, Value, json};

/// Most rules that are explained.
const MAX_RULES: usize = 20;

/// The longest explanation of a rule, in characters.
const MAX_RULE: usize = 400;

/// What the hook prints to answer a call of `tool`. `None` if the answer does not fit the call.
pub fn spoken(
    tool: &str,
    input: &Value,
    suggestions: Option<&Value>,
    decision: &Decision,
) -> Option<Value> {
    let mut said = Map::new();
    match decision {
        Decision::Deny { message } => {
            said.insert("behavior".to_owned(), json!("deny"));
            match message {
                Some(message) => said.insert("message".to_owned(), json!(message)),
                // As the option No of the dialog does.
                None => said.insert("interrupt".to_owned(), json!(true)),
            };
        }
        Decision::Allow { always, accept_edits, choices } => {
            said.insert("behavior".to_owned(), json!("allow"));
            match tool {
                QUESTION_TOOL => {
                    said.insert("updatedInput".to_owned(), with_answers(input, choices)?);
                }
                // Without an input, the approval of a plan is ignored.
                PLAN_TOOL => {
                    said.insert("updatedInput".to_owned(), input.clone());
                }
                _ => {}
            }
            let mode =
                json!([{"type": "setMode", "mode": "acceptEdits", "destination": "session"}]);
            let permissions = match (accept_edits, always) {
                (true, _) => Some(mode),
                (false, true) => Some(suggestions?.clone()),
                (false, false) => None,
            };
            said.extend(permissions.map(|it| ("updatedPermissions".to_owned(), it)));
        }
    }
    let event = "PermissionRequest";
    Some(json!({"hookSpecificOutput": {"hookEventName": event, "decision": said}}))
}

/// The input of a question with the answers in it: question → answer.
fn with_answers(input: &Value, choices: &[Choice]) -> Option<Value> {
    let questions = input.get("questions")?.as_array()?;
    if questions.len() != choices.len() {
        return None;
    }
    let mut answers = Map::new();
    for (question, choice) in questions.iter().zip(choices) {
        let text = question.get("question")?.as_str()?;
        let answer = match choice {
            Choice::Text(text) => text.clone(),
            Choice::Options(options) => {
                let all = question.get("options")?.as_array()?;
                let label = |at: &usize| all.get(*at)?.get("label")?.as_str();
                options.iter().map(label).collect::<Option<Vec<_>>>()?.join(", ")
            }
        };
        answers.insert(text.to_owned(), Value::String(answer));
    }
    let mut input = input.as_object()?.clone();
    input.insert("answers".to_owned(), Value::Object(answers));
    Some(Value::Object(input))
}

/// What these suggestions (`permission_suggestions`) would allow, a line each.
pub fn explained(suggestions: Option<&Value>) -> Vec<String> {
    let all = suggestions.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let lines: Vec<String> = all.iter().flat_map(lines_of).collect();
    let missing = lines.len().saturating_sub(MAX_RULES);
    let mut shown: Vec<String> =
        lines.into_iter().take(MAX_RULES).map(|it| clean(&it, MAX_RULE)).collect();
    if missing > 0 {
        shown.push(format!("and {missing} more"));
    }
    shown
}

fn lines_of(suggestion: &Value) -> Vec<String> {
    let text = |name: &str| suggestion.get(name).and_then(Value::as_str).unwrap_or_default();
    let place = match text("destination") {
        "session" => "for this session".to_owned(),
        "localSettings" => "in this project, for you".to_owned(),
        "projectSettings" => "in this project".to_owned(),
        "userSettings" => "everywhere".to_owned(),
        other => format!("in {other}"),
    };
    match text("type") {
        "addRules" if text("behavior") == "allow" => {
            let rules = suggestion.get("rules").and_then(Value::as_array);
            let rule = |rule: &Value| {
                let tool = rule.get("toolName").and_then(Value::as_str).unwrap_or_default();
                match rule.get("ruleContent").and_then(Value::as_str) {
                    Some(content) => format!("{tool}({content}), {place}"),
                    None => format!("{tool}, {place}"),
                }
            };
            rules.map(Vec::as_slice).unwrap_or_default().iter().map(rule).collect()
        }
        "setMode" => vec![format!("the mode {}, {place}", text("mode"))],
        "addDirectories" => {
            let directories = suggestion.get("directories").and_then(Value::as_array);
            let directories = directories.map(Vec::as_slice).unwrap_or_default().iter();
            let line = |it: &str| format!("the directory {it}, {place}");
            directories.filter_map(Value::as_str).map(line).collect()
        }
        // Whatever a newer version suggests is shown as it is.
        _ => vec![suggestion.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision_of(said: Option<Value>) -> Value {
        said.unwrap()["hookSpecificOutput"]["decision"].clone()
    }

    const YES: Decision =
        Decision::Allow { always: false, accept_edits: false, choices: Vec::new() };

    #[test]
    fn a_permission_is_allowed_once_always_or_not() {
        let input = json!({"command": "ls"});
        let rules = json!([{"type": "addRules"}]);
        let said = |decision: &Decision| spoken("Bash", &input, Some(&rules), decision);
        assert_eq!(decision_of(said(&YES)), json!({"behavior": "allow"}));
        let always = Decision::Allow { always: true, accept_edits: false, choices: Vec::new() };
        let expected = json!({"behavior": "allow", "updatedPermissions": rules});
        assert_eq!(decision_of(said(&always)), expected);
        assert_eq!(spoken("Bash", &input, None, &always), None);
        let no = decision_of(said(&Decision::Deny { message: None }));
        assert_eq!(no, json!({"behavior": "deny", "interrupt": true}));
        let no = decision_of(said(&Decision::Deny { message: Some("use rg".to_owned()) }));
        assert_eq!(no, json!({"behavior": "deny", "message": "use rg"}));
    }

    #[test]
    fn questions_get_labels_or_words_and_plans_their_input() {
        let option = |label: &str| json!({"label": label});
        let input = json!({"questions": [
            {"question": "Which?", "options": [option("Red"), option("Blue")]},
            {"question": "More?", "options": [option("A"), option("B")], "multiSelect": true},
        ]});
        let choices = vec![Choice::Text("green".to_owned()), Choice::Options(vec![0, 1])];
        let reply = Decision::Allow { always: false, accept_edits: false, choices };
        let said = decision_of(spoken(QUESTION_TOOL, &input, None, &reply));
        let expected = json!({"Which?": "green", "More?": "A, B"});
        assert_eq!(said["updatedInput"]["answers"], expected);
        assert_eq!(said["updatedInput"]["questions"], input["questions"]);
        let choices = vec![Choice::Options(vec![7]), Choice::Options(vec![0])];
        let wrong = Decision::Allow { always: false, accept_edits: false, choices };
        assert_eq!(spoken(QUESTION_TOOL, &input, None, &wrong), None);
        let plan = json!({"plan": "# Plan"});
        let edits = Decision::Allow { always: false, accept_edits: true, choices: Vec::new() };
        let said = decision_of(spoken(PLAN_TOOL, &plan, None, &edits));
        assert_eq!(said["updatedInput"], plan);
        assert_eq!(said["updatedPermissions"][0]["mode"], "acceptEdits");
    }

    #[test]
    fn suggestions_are_explained() {
        let suggestions = json!([
            {"type": "addRules", "rules": [{"toolName": "Bash", "ruleContent": "git push:*"}],
             "behavior": "allow", "destination": "localSettings"},
            {"type": "setMode", "mode": "acceptEdits", "destination": "session"},
            {"type": "addDirectories", "directories": ["/a"], "destination": "session"},
            {"type": "\u{1b}new"},
        ]);
        let lines = [
            "Bash(git push:*), in this project, for you",
            "the mode acceptEdits, for this session",
            "the directory /a, for this session",
            "{\"type\":\"\\u001bnew\"}",
        ];
        assert_eq!(explained(Some(&suggestions)), lines);
        assert_eq!(explained(Some(&json!(7))), Vec::<String>::new());
        assert_eq!(explained(None), Vec::<String>::new());
    }
}
