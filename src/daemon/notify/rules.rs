//! Where the user is notified of a trigger, and with which urgency.

use crate::config::{Channel, NotifyConfig, NotifyRule, Trigger, Urgency};
use crate::session::info::SessionInfo;

/// Where the user is notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels {
    /// On the desktop, with this urgency.
    pub desktop: Option<Urgency>,
    /// On the phone.
    pub push: bool,
}

/// Where the user is notified of `trigger`, of `session` if it is about one: the first rule that
/// matches decides.
pub fn decide(config: &NotifyConfig, trigger: Trigger, session: Option<&SessionInfo>) -> Channels {
    let rule = config.rules.iter().find(|rule| applies(rule, trigger, session));
    let (mute, only) = rule.map_or((false, None), |rule| (rule.mute, rule.only));
    let usual = match trigger {
        Trigger::NeedsInput | Trigger::Stalled | Trigger::Host => Urgency::Normal,
        Trigger::Finished if session.is_some_and(|it| it.failure().is_some()) => Urgency::Normal,
        Trigger::Finished => Urgency::Low,
    };
    let urgency = rule.and_then(|rule| rule.urgency).unwrap_or(usual);
    let to = |channel| !mute && only.is_none_or(|only| only == channel);
    let is_on_desktop = config.desktop && config.on.contains(&trigger) && to(Channel::Desktop);
    let is_pushed = config.push.as_ref().is_some_and(|push| push.on.contains(&trigger));
    Channels { desktop: is_on_desktop.then_some(urgency), push: is_pushed && to(Channel::Push) }
}

fn applies(rule: &NotifyRule, trigger: Trigger, session: Option<&SessionInfo>) -> bool {
    if rule.state.is_some_and(|state| state != trigger) {
        return false;
    }
    let Some(session) = session else {
        // A host has neither label nor directory.
        return rule.label.is_none() && rule.directory.is_none();
    };
    let name = session.label.as_deref().or(session.details.name.as_deref()).unwrap_or_default();
    rule.label.as_ref().is_none_or(|glob| glob.matches(name))
        && rule.directory.as_ref().is_none_or(|glob| glob.matches(&session.cwd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    /// Notifications as `text` says, with desktop and push on.
    fn config(text: &str) -> NotifyConfig {
        let head = "[notify]\ndesktop = true\n[notify.push]\nkind = \"ntfy\"\n\
                    url = \"https://a/b\"\non = [\"needs_input\", \"finished\"]\n";
        Config::parse(&format!("{head}{text}"), None).unwrap().0.notify
    }

    fn check(rules: &str, trigger: Trigger, desktop: Option<Urgency>, push: bool) {
        let mut session = sample(7, StateName::NeedsInput, 1);
        session.label = Some("Batch 7".into());
        let channels = decide(&config(rules), trigger, Some(&session));
        assert_eq!(channels, Channels { desktop, push }, "{rules}");
    }

    #[test]
    fn without_rules_a_wait_is_louder_than_an_end() {
        check("", Trigger::NeedsInput, Some(Urgency::Normal), true);
        check("", Trigger::Finished, Some(Urgency::Low), true);
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let quiet = "[[notify.rule]]\nlabel = \"batch*\"\nstate = \"finished\"\nmute = true\n";
        check(quiet, Trigger::Finished, None, false);
        check(quiet, Trigger::NeedsInput, Some(Urgency::Normal), true);
        let then = format!("{quiet}[[notify.rule]]\nurgency = \"critical\"\nonly = \"desktop\"\n");
        check(&then, Trigger::Finished, None, false);
        check(&then, Trigger::NeedsInput, Some(Urgency::Critical), false);
        let phone = "[[notify.rule]]\ndirectory = \"/home/u/src\"\nonly = \"push\"\n";
        check(phone, Trigger::NeedsInput, None, true);
        let exempt = "[[notify.rule]]\nlabel = \"batch ?\"\n[[notify.rule]]\nmute = true\n";
        check(exempt, Trigger::NeedsInput, Some(Urgency::Normal), true);
        let other = "[[notify.rule]]\ndirectory = \"/elsewhere\"\nmute = true\n";
        check(other, Trigger::NeedsInput, Some(Urgency::Normal), true);
    }

    #[test]
    fn rules_about_sessions_are_not_about_hosts() {
        let of = |rules: &str| {
            let mut config = config(rules);
            config.on.push(Trigger::Host);
            decide(&config, Trigger::Host, None)
        };
        let shown = Channels { desktop: Some(Urgency::Normal), push: false };
        assert_eq!(of("[[notify.rule]]\nlabel = \"*\"\nmute = true\n"), shown);
        assert_eq!(of("[[notify.rule]]\nstate = \"stalled\"\nmute = true\n"), shown);
        let none = Channels { desktop: None, push: false };
        assert_eq!(of("[[notify.rule]]\nmute = true\n"), none);
        let low = Channels { desktop: Some(Urgency::Low), push: false };
        assert_eq!(of("[[notify.rule]]\nstate = \"host\"\nurgency = \"low\"\n"), low);
        let usual = decide(&config(""), Trigger::Host, None);
        assert_eq!(usual, none, "it is off where it is not in the list");
    }

    #[test]
    fn what_is_off_is_off() {
        let mut session = sample(7, StateName::NeedsInput, 1);
        session.details.name = Some("x".into());
        let channels = decide(&NotifyConfig::default(), Trigger::NeedsInput, Some(&session));
        assert_eq!(channels, Channels { desktop: None, push: false });
        let config =
            NotifyConfig { desktop: true, on: vec![Trigger::Finished], ..NotifyConfig::default() };
        assert_eq!(decide(&config, Trigger::NeedsInput, Some(&session)).desktop, None);
        assert_eq!(decide(&config, Trigger::Finished, Some(&session)).desktop, Some(Urgency::Low));
    }
}
