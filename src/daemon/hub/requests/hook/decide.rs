//! Whether an answer fits a prompt, and what a hook is told then. Pure.

use crate::protocol::prompt::{Choice, Decision, Prompt, PromptKind, UserAnswer};
use crate::session::sanitize::clean;
use serde_json::Value;

/// The longest message and the longest answer to a question, in characters.
const MAX_TEXT: usize = 8000;

/// What is wrong with an answer, and what to do.
type Unfit = (String, String);

/// What the hook of `prompt` is told; an error if the answer does not fit the prompt.
pub fn decide(prompt: &Prompt, answer: &UserAnswer) -> Result<Decision, Unfit> {
    let yes = |always, accept_edits| Decision::Allow { always, accept_edits, choices: Vec::new() };
    match (answer, prompt.kind) {
        (UserAnswer::Deny { message }, _) => {
            let message = message.as_deref().map(bounded).transpose()?;
            Ok(Decision::Deny { message: message.filter(|it| !it.trim().is_empty()) })
        }
        (UserAnswer::Reply(words), PromptKind::Question) => reply(prompt, words),
        (UserAnswer::Reply(_), PromptKind::Plan) => {
            Err(unfit("a plan is approved or denied", "answer with allow, or deny --message TEXT"))
        }
        (UserAnswer::Reply(_), _) => Err(unfit(
            "it asks for a permission",
            "answer with allow, always, or deny --message TEXT",
        )),
        (UserAnswer::Allow { .. } | UserAnswer::Always, PromptKind::Question) => {
            Err(unfit("it is a question", "answer with the number of an option, or in your words"))
        }
        (UserAnswer::Allow { accept_edits }, PromptKind::Plan) => Ok(yes(false, *accept_edits)),
        (UserAnswer::Always, PromptKind::Plan) => Err(unfit(
            "a plan is approved once",
            "`vmux allow --accept-edits` lets edits pass from then on",
        )),
        (UserAnswer::Allow { accept_edits: true }, _) => {
            Err(unfit("it is not a plan", "`always` allows what `vmux pending` says"))
        }
        (UserAnswer::Allow { accept_edits: false }, _) => Ok(yes(false, false)),
        (UserAnswer::Always, _) if prompt.always.is_empty() => Err(unfit(
            "Claude Code names nothing that could be allowed always",
            "answer with allow",
        )),
        (UserAnswer::Always, _) => Ok(yes(true, false)),
    }
}

fn unfit(why: &str, hint: &str) -> Unfit {
    (why.to_owned(), hint.to_owned())
}

fn bounded(text: &str) -> Result<String, Unfit> {
    match text.chars().nth(MAX_TEXT) {
        None => Ok(text.to_owned()),
        Some(_) => Err(unfit(&format!("a text has at most {MAX_TEXT} characters"), "shorten it")),
    }
}

/// One text for each question; of a single question all words are the answer.
fn reply(prompt: &Prompt, words: &[String]) -> Result<Decision, Unfit> {
    let questions = prompt.input.get("questions").and_then(Value::as_array);
    let questions = questions.map(Vec::as_slice).unwrap_or_default();
    let joined = [words.join(" ")];
    let words = if questions.len() == 1 { &joined } else { words };
    if words.len() != questions.len() {
        let (asked, given) = (questions.len(), words.len());
        return Err(unfit(
            &format!("there are {asked} questions and {given} answers"),
            "give one argument for each question; quote those of several words",
        ));
    }
    let choices = questions.iter().zip(words).map(|(question, words)| choice(question, words));
    let choices = choices.collect::<Result<Vec<Choice>, Unfit>>()?;
    Ok(Decision::Allow { always: false, accept_edits: false, choices })
}

/// A number: digits and nothing else, for `+1` is an answer in words. One that is too large is no option's.
fn as_number(word: &str) -> Option<usize> {
    let is_number = !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| word.parse().unwrap_or(usize::MAX))
}

/// The options whose numbers `words` are, else the words themselves.
fn choice(question: &Value, words: &str) -> Result<Choice, Unfit> {
    let words = words.trim();
    let count = question.get("options").and_then(Value::as_array).map_or(0, Vec::len);
    let is_several = question.get("multiSelect").and_then(Value::as_bool).unwrap_or(false);
    // `1 2` is no answer in words: somebody means two options, or two questions.
    let parts = words.split([',', ' ']).filter(|it| !it.is_empty());
    let numbers: Option<Vec<usize>> = parts.map(as_number).collect();
    match numbers.filter(|it| !it.is_empty()) {
        None if words.is_empty() => Err(unfit("an answer is empty", "say a number, or words")),
        None => bounded(words).map(Choice::Text),
        Some(numbers) if numbers.len() > 1 && !is_several => {
            let text = question.get("question").and_then(Value::as_str).unwrap_or_default();
            let why = format!("one option is to be chosen: {}", clean(text, 200));
            Err(unfit(&why, "say one number"))
        }
        Some(numbers) => {
            let mut options = Vec::new();
            for number in numbers {
                let Some(option) = number.checked_sub(1).filter(|it| *it < count) else {
                    let why = match number {
                        usize::MAX => "there are not so many options".to_owned(),
                        _ => format!("there is no option {number}"),
                    };
                    return Err(unfit(&why, &format!("they have the numbers 1 to {count}")));
                };
                if !options.contains(&option) {
                    options.push(option);
                }
            }
            Ok(Choice::Options(options))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_is_that_of_an_option_and_nothing_else_is() {
        let question =
            json!({"question": "How many?", "options": [{"label": "3"}, {"label": "1"}]});
        for (words, option) in [("1", 0), ("2", 1), (" 2 ", 1), ("01", 0), ("1,", 0)] {
            assert_eq!(choice(&question, words), Ok(Choice::Options(vec![option])), "{words}");
        }
        for words in ["+1", "-1", "1.5", "１", "#1", "2;", "1e0", "--message"] {
            assert_eq!(choice(&question, words), Ok(Choice::Text(words.to_owned())), "{words}");
        }
        for words in ["0", "3", "99999999999999999999999", "1 2", ""] {
            assert!(choice(&question, words).is_err(), "{words}");
        }
    }
}
