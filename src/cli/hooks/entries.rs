//! Our entries in the hooks of Claude Code's settings: put in, taken out, counted. Pure.
//!
//! One name of an event that a version of Claude Code does not know makes it drop the whole file,
//! so only names that every version knows are used unless the user asks for more.

use serde_json::{Map, Value, json};

/// Events that every version with hooks knows.
pub const EVENTS: &[&str] = &[
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "Notification",
    "Stop",
    "SubagentStop",
    "PreCompact",
    "SessionEnd",
];

/// Tells of a permission prompt at once, and can answer it. Versions before 2.0.45 drop a file that
/// names it ([`knows_permission_event`]).
pub const PERMISSION_EVENT: &str = "PermissionRequest";

/// The first version of Claude Code that knows [`PERMISSION_EVENT`]: it is in the list of events of
/// 2.0.45 and not in that of 2.0.44.
const PERMISSION_SINCE: [u32; 3] = [2, 0, 45];

/// Whether this version of Claude Code knows [`PERMISSION_EVENT`]. One that is not a version is not
/// known to drop anything.
pub fn knows_permission_event(version: &str) -> bool {
    let numbers: Option<Vec<u32>> =
        version.split('.').take(3).map(|it| it.split('-').next()?.parse().ok()).collect();
    numbers.is_none_or(|it| it[..] >= PERMISSION_SINCE[..])
}

/// The longest time that a hook may take which only reports, in seconds.
const REPORT_TIMEOUT: u32 = 5;

/// The same for a hook that waits for the answer to a prompt: a day.
const ANSWER_TIMEOUT: u32 = 86_400;

/// An entry of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookEntry {
    /// The event that calls it.
    pub event: &'static str,
    /// The command.
    pub command: String,
    /// How many seconds it may take.
    pub timeout: u32,
}

/// The entries under these events, which call `program` to report. With `answers`, a permission
/// prompt calls it to wait for the answer.
pub fn entries(program: &str, events: &[&'static str], answers: bool) -> Vec<HookEntry> {
    let report = |event: &&'static str| HookEntry {
        event,
        command: format!("{program} hook"),
        timeout: REPORT_TIMEOUT,
    };
    let waits = HookEntry {
        event: PERMISSION_EVENT,
        command: format!("{program} hook --answer"),
        timeout: ANSWER_TIMEOUT,
    };
    let reports = events.iter().filter(|it| !(answers && **it == PERMISSION_EVENT)).map(report);
    reports.chain(answers.then_some(waits)).collect()
}

/// Why the settings are left alone: something in them is not of the expected shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpected(pub String);

/// Have exactly these entries of ours.
pub fn install(settings: &mut Value, entries: &[HookEntry]) -> Result<(), Unexpected> {
    check(settings)?;
    let Some(root) = settings.as_object_mut() else { return Ok(()) };
    let hooks = root.entry("hooks").or_insert_with(|| Value::Object(Map::new()));
    let Some(hooks) = hooks.as_object_mut() else { return Ok(()) };
    let before = hooks.clone();
    for (event, groups) in hooks.iter_mut() {
        let wanted = entries.iter().find(|it| it.event == event.as_str());
        take_out(groups, wanted.map(|it| it.command.as_str()));
    }
    hooks.retain(|event, groups| !is_empty(groups) || before.get(event).is_some_and(is_empty));
    for HookEntry { event, command, timeout } in entries {
        let groups = hooks.entry(*event).or_insert_with(|| json!([]));
        if let Some(groups) = groups.as_array_mut()
            && !groups.iter().any(|group| commands(group).any(is_ours))
        {
            let hook = json!({"type": "command", "command": command, "timeout": timeout});
            groups.push(json!({"hooks": [hook]}));
        }
    }
    Ok(())
}

/// Take out every entry of ours, and what becomes empty by that.
pub fn remove(settings: &mut Value) -> Result<(), Unexpected> {
    check(settings)?;
    let Some(root) = settings.as_object_mut() else { return Ok(()) };
    let Some(hooks) = root.get_mut("hooks").and_then(Value::as_object_mut) else { return Ok(()) };
    let before = hooks.clone();
    for groups in hooks.values_mut() {
        take_out(groups, None);
    }
    hooks.retain(|event, groups| !is_empty(groups) || before.get(event).is_some_and(is_empty));
    if hooks.is_empty() && !before.is_empty() {
        root.remove("hooks");
    }
    Ok(())
}

/// The events that have an entry of ours.
pub fn installed(settings: &Value) -> Vec<String> {
    let Some(hooks) = settings.get("hooks").and_then(Value::as_object) else { return Vec::new() };
    let ours = |groups: &Value| {
        groups.as_array().is_some_and(|it| it.iter().any(|it| commands(it).any(is_ours)))
    };
    hooks.iter().filter(|(_, groups)| ours(groups)).map(|(event, _)| event.clone()).collect()
}

/// The programs that our entries call.
pub fn programs(settings: &Value) -> Vec<String> {
    let events = settings.get("hooks").and_then(Value::as_object);
    let groups = events.into_iter().flatten().filter_map(|(_, groups)| groups.as_array()).flatten();
    groups.flat_map(commands).filter_map(program).map(str::to_owned).collect()
}

/// Refuse what we do not understand rather than change it.
fn check(settings: &Value) -> Result<(), Unexpected> {
    let Some(root) = settings.as_object() else {
        return Err(Unexpected("it is not a JSON object".to_owned()));
    };
    let Some(hooks) = root.get("hooks") else { return Ok(()) };
    let Some(hooks) = hooks.as_object() else {
        return Err(Unexpected("\"hooks\" in it is not an object".to_owned()));
    };
    match hooks.iter().find(|(_, groups)| !groups.is_array()) {
        Some((event, _)) => {
            let event = crate::session::sanitize::clean(event, 60);
            Err(Unexpected(format!("\"hooks\".\"{event}\" in it is not an array")))
        }
        None => Ok(()),
    }
}

/// Take our commands out of the groups of one event, but for the first that is `keep` already.
fn take_out(groups: &mut Value, keep: Option<&str>) {
    let Some(groups) = groups.as_array_mut() else { return };
    let mut kept = false;
    groups.retain_mut(|group| {
        let Some(hooks) = group.get_mut("hooks").and_then(Value::as_array_mut) else { return true };
        let before = hooks.len();
        hooks.retain(|hook| {
            let command = hook.get("command").and_then(Value::as_str).unwrap_or_default();
            let stays = !is_ours(command) || (!kept && Some(command) == keep);
            kept |= stays && is_ours(command);
            stays
        });
        !hooks.is_empty() || before == 0
    });
}

fn commands(group: &Value) -> impl Iterator<Item = &str> {
    let hooks = group.get("hooks").and_then(Value::as_array);
    hooks.into_iter().flatten().filter_map(|hook| hook.get("command").and_then(Value::as_str))
}

/// Whether the hook of a permission prompt waits for the answer.
pub fn answers(settings: &Value) -> bool {
    let groups = settings.get("hooks").and_then(|it| it.get(PERMISSION_EVENT)?.as_array());
    groups
        .into_iter()
        .flatten()
        .flat_map(commands)
        .any(|it| is_ours(it) && it.ends_with("--answer"))
}

/// `vmux hook`, by whatever path and quotes.
fn is_ours(command: &str) -> bool {
    program(command).is_some()
}

/// The program of a command of ours.
fn program(command: &str) -> Option<&str> {
    let command = command.trim();
    let command = command.strip_suffix(" --answer").unwrap_or(command);
    let program = command.strip_suffix(" hook")?;
    let program = program.trim().trim_matches(['"', '\'']);
    (program.rsplit('/').next() == Some("vmux")).then_some(program)
}

fn is_empty(groups: &Value) -> bool {
    groups.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: &str = "/usr/bin/vmux hook";

    fn reports() -> Vec<HookEntry> {
        entries("/usr/bin/vmux", EVENTS, false)
    }

    #[test]
    fn versions_that_know_the_event_of_permissions() {
        for old in ["1.0.128", "2.0.0", "2.0.44", "2.0.44-beta"] {
            assert!(!knows_permission_event(old), "{old}");
        }
        for new in ["2.0.45", "2.0.77", "2.1.0", "3.0", "10.0.0", "nightly"] {
            assert!(knows_permission_event(new), "{new}");
        }
    }

    #[test]
    fn a_hook_that_waits_takes_the_place_of_one_that_reports() {
        let mut settings = json!({});
        let reports = [EVENTS, &[PERMISSION_EVENT]].concat();
        install(&mut settings, &entries("vmux", &reports, false)).unwrap();
        assert!(!answers(&settings));
        install(&mut settings, &entries("vmux", &reports, true)).unwrap();
        assert!(answers(&settings));
        let groups = &settings["hooks"][PERMISSION_EVENT];
        let expected =
            json!({"type": "command", "command": "vmux hook --answer", "timeout": 86_400});
        assert_eq!(groups, &json!([{"hooks": [expected]}]));
        assert_eq!(programs(&settings).len(), EVENTS.len() + 1);
        remove(&mut settings).unwrap();
        assert_eq!(settings, json!({}));
    }

    fn foreign() -> Value {
        json!({
            "model": "opus",
            "hooks": {
                "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}],
                "PreToolUse": [{"matcher": "Bash", "hooks": []}],
                "Empty": [],
            },
            "zebra": 1,
            "alpha": 2,
        })
    }

    #[test]
    fn installing_keeps_what_is_there_in_its_order() {
        let mut settings = foreign();
        install(&mut settings, &reports()).unwrap();
        let keys: Vec<_> = settings.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["model", "hooks", "zebra", "alpha"]);
        let stop = settings["hooks"]["Stop"].as_array().unwrap();
        assert_eq!(stop[0], foreign()["hooks"]["Stop"][0]);
        assert_eq!(stop[1]["hooks"][0]["command"], COMMAND);
        assert_eq!(installed(&settings).len(), EVENTS.len());
    }

    #[test]
    fn installing_twice_is_installing_once() {
        let mut settings = foreign();
        install(&mut settings, &reports()).unwrap();
        let once = settings.clone();
        install(&mut settings, &reports()).unwrap();
        assert_eq!(settings, once);
    }

    #[test]
    fn a_moved_vmux_and_fewer_events_replace_the_old_entries() {
        let mut settings = foreign();
        let more = [EVENTS, &[PERMISSION_EVENT]].concat();
        install(&mut settings, &entries("'/old place/vmux'", &more, false)).unwrap();
        install(&mut settings, &reports()).unwrap();
        assert!(!settings.to_string().contains("old place"));
        assert!(!settings.to_string().contains(PERMISSION_EVENT));
        assert_eq!(installed(&settings).len(), EVENTS.len());
    }

    #[test]
    fn removing_restores_what_was_there() {
        let mut settings = foreign();
        install(&mut settings, &reports()).unwrap();
        remove(&mut settings).unwrap();
        assert_eq!(settings, foreign());
        let mut empty = json!({});
        install(&mut empty, &reports()).unwrap();
        remove(&mut empty).unwrap();
        assert_eq!(empty, json!({}));
    }

    #[test]
    fn a_command_beside_ours_in_one_group_stays() {
        let mut settings = json!({"hooks": {"Stop": [{"hooks": [
            {"type": "command", "command": COMMAND}, {"type": "command", "command": "x"}]}]}});
        remove(&mut settings).unwrap();
        let stop = json!([{"hooks": [{"type": "command", "command": "x"}]}]);
        assert_eq!(settings["hooks"]["Stop"], stop);
    }

    #[test]
    fn only_our_command_is_ours() {
        for ours in ["vmux hook", "/a/vmux hook", "'/a b/vmux' hook", "\"/a b/vmux\" hook"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in ["hook", "myvmux hook", "vmux hooks", "vmux hook2", "echo vmux", "vmux list"] {
            assert!(!is_ours(other), "{other}");
        }
    }

    #[test]
    fn settings_of_another_shape_are_left_alone() {
        for settings in [json!([]), json!({"hooks": []}), json!({"hooks": {"Stop": {}}})] {
            let mut changed = settings.clone();
            assert!(install(&mut changed, &reports()).is_err(), "{settings}");
            assert!(remove(&mut changed).is_err(), "{settings}");
            assert_eq!(changed, settings);
        }
    }
}
