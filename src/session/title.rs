//! The title of a session.

use super::info::SessionInfo;
use super::sanitize::clean;

/// Its label, else its name, else the last part of its directory, else its pid; cleaned, and at most
/// `limit` characters long.
pub fn title(session: &SessionInfo, limit: usize) -> String {
    let named = name(session, limit);
    if !named.is_empty() {
        return named;
    }
    match clean(last_part(&session.cwd), limit) {
        directory if directory.is_empty() => format!("pid {}", session.pid),
        directory => directory,
    }
}

/// Its label, else its name, else nothing; cleaned, and at most `limit` characters long.
pub fn name(session: &SessionInfo, limit: usize) -> String {
    let name = session.label.as_ref().or(session.details.name.as_ref());
    name.map(|it| clean(it, limit)).unwrap_or_default()
}

/// The last part of a path.
pub fn last_part(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::info::sample;
    use super::super::state::StateName;
    use super::title;

    #[test]
    fn titles_fall_back_from_label_to_pid() {
        let mut session = sample(7, StateName::Idle, 0);
        session.cwd = "/".into();
        assert_eq!(title(&session, 40), "pid 7");
        session.cwd = "/home/u/src/vmux/".into();
        assert_eq!(title(&session, 40), "vmux");
        session.details.name = Some("a name".into());
        assert_eq!(title(&session, 40), "a name");
        session.label = Some("a\u{202e} label".into());
        assert_eq!((title(&session, 40), title(&session, 3)), ("a label".into(), "a …".into()));
    }
}
