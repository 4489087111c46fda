//! A call in one line, for places that have no room for more. Pure.

use crate::protocol::prompt::{Prompt, PromptKind};
use crate::session::sanitize::clean;
use serde_json::Value;

/// The longest call that is shown in one line, in characters.
const MAX_LINE: usize = 180;

/// The whole call of a permission in one line; `None` if it does not fit, or is something else.
pub fn one_line(prompt: &Prompt) -> Option<String> {
    let members = prompt.input.as_object()?;
    if prompt.kind != PromptKind::Permission || prompt.cut {
        return None;
    }
    // What the model says of the call is not what it does.
    let members: Vec<_> = members.iter().filter(|(name, _)| *name != "description").collect();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let input = match members[..] {
        [(_, value)] => text(value),
        _ => {
            let member = |(name, value): &(&String, &Value)| format!("{name}: {}", text(value));
            members.iter().map(member).collect::<Vec<_>>().join("; ")
        }
    };
    let line = format!("{}: {input}", prompt.tool);
    (clean(&line, MAX_LINE) == line).then_some(line)
}
