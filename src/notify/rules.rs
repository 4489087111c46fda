//! Whether an occasion is told, where and how loud.

use crate::config::{Channel, Notify, Occasion, Rule, Urgency};
use crate::session::info::SessionInfo;

/// Where something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// On the desktop, and how loud there.
    pub desktop: Option<Urgency>,
    /// On the phone.
    pub push: bool,
}

/// Where `occasion` of `session` is told.
pub fn decide(config: &Notify, occasion: Occasion, session: &SessionInfo) -> Told {
    let rule = config.rules.iter().find(|rule| applies(rule, occasion, session));
    let (mute, only) = rule.map_or((false, None), |rule| (rule.mute, rule.only));
    let usual = match occasion {
        Occasion::NeedsInput => Urgency::Normal,
        Occasion::Finished if session.failure().is_some() => Urgency::Normal,
        Occasion::Finished => Urgency::Low,
    };
    let urgency = rule.and_then(|rule| rule.urgency).unwrap_or(usual);
    let to = |channel| !mute && only.is_none_or(|only| only == channel);
    let is_on_desktop = config.desktop && config.on.contains(&occasion) && to(Channel::Desktop);
    let is_pushed = config.push.as_ref().is_some_and(|push| push.on.contains(&occasion));
    Told { desktop: is_on_desktop.then_some(urgency), push: is_pushed && to(Channel::Push) }
}

fn applies(rule: &Rule, occasion: Occasion, session: &SessionInfo) -> bool {
    let name = session.label.as_deref().or(session.details.name.as_deref()).unwrap_or_default();
    rule.state.is_none_or(|state| state == occasion)
        && rule.label.as_ref().is_none_or(|glob| glob.matches(name))
        && rule.directory.as_ref().is_none_or(|glob| glob.matches(&session.cwd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    /// Notifications as `text` says, with desktop and push on.
    fn config(text: &str) -> Notify {
        let head = "[notify]\ndesktop = true\n[notify.push]\nkind = \"ntfy\"\n\
                    url = \"https://a/b\"\non = [\"needs_input\", \"finished\"]\n";
        Config::parse(&format!("{head}{text}"), None).unwrap().0.notify
    }

    fn check(rules: &str, occasion: Occasion, desktop: Option<Urgency>, push: bool) {
        let mut session = sample(7, StateName::NeedsInput, 1);
        session.label = Some("Batch 7".to_owned());
        let told = decide(&config(rules), occasion, &session);
        assert_eq!(told, Told { desktop, push }, "{rules}");
    }

    #[test]
    fn without_rules_a_wait_is_louder_than_an_end() {
        check("", Occasion::NeedsInput, Some(Urgency::Normal), true);
        check("", Occasion::Finished, Some(Urgency::Low), true);
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let quiet = "[[notify.rule]]\nlabel = \"batch*\"\nstate = \"finished\"\nmute = true\n";
        check(quiet, Occasion::Finished, None, false);
        check(quiet, Occasion::NeedsInput, Some(Urgency::Normal), true);
        let then = format!("{quiet}[[notify.rule]]\nurgency = \"critical\"\nonly = \"desktop\"\n");
        check(&then, Occasion::Finished, None, false);
        check(&then, Occasion::NeedsInput, Some(Urgency::Critical), false);
        let phone = "[[notify.rule]]\ndirectory = \"/home/u/src\"\nonly = \"push\"\n";
        check(phone, Occasion::NeedsInput, None, true);
        let exempt = "[[notify.rule]]\nlabel = \"batch ?\"\n[[notify.rule]]\nmute = true\n";
        check(exempt, Occasion::NeedsInput, Some(Urgency::Normal), true);
        let other = "[[notify.rule]]\ndirectory = \"/elsewhere\"\nmute = true\n";
        check(other, Occasion::NeedsInput, Some(Urgency::Normal), true);
    }

    #[test]
    fn what_is_off_is_off() {
        let mut session = sample(7, StateName::NeedsInput, 1);
        session.details.name = Some("x".to_owned());
        let told = decide(&Notify::default(), Occasion::NeedsInput, &session);
        assert_eq!(told, Told { desktop: None, push: false });
        let config = Notify { desktop: true, on: vec![Occasion::Finished], ..Notify::default() };
        assert_eq!(decide(&config, Occasion::NeedsInput, &session).desktop, None);
        assert_eq!(decide(&config, Occasion::Finished, &session).desktop, Some(Urgency::Low));
    }
}
