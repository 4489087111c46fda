//! What `doctor` says of the window manager and of notifications. Pure.

use crate::daemon::notify::dbus::ServerDescription;
use crate::protocol::finding::Finding;
use crate::session::sanitize::clean;
use crate::wm::connection::WmDescription;
use crate::wm::mux::survey::MuxServer;

/// The longest name of a program.
const MAX_NAME: usize = 100;

/// The window manager that is connected; `Some(None)`: none is, which is a problem of its own. `None`:
/// the task that speaks with it does not answer.
pub fn window_manager(wm: Option<&Option<WmDescription>>) -> Vec<Finding> {
    let Some(wm) = wm else {
        let says = "the window manager or a program in one of its windows takes long to answer";
        let hint = "try again; what hangs is in the log of vmuxd";
        return vec![Finding::problem("desktop", says, hint)];
    };
    let Some(wm) = wm else { return Vec::new() };
    let socket = clean(&wm.socket.display().to_string(), 200);
    if let Some(trouble) = &wm.trouble {
        let says =
            format!("{} does not answer: {}", clean(&wm.name, MAX_NAME), clean(trouble, 200));
        let hint = "is it stopped? `kill -CONT` wakes it; until then the windows are as they were";
        return vec![Finding::problem("desktop", says, hint)];
    }
    let found = format!("{}, found by {}: {socket}", clean(&wm.name, MAX_NAME), wm.found_by);
    let (all, x11) = wm.windows;
    let count = |number: usize, what: &str| match number {
        1 => format!("1 {what} window"),
        _ => format!("{number} {what} windows"),
    };
    let display = wm.display.as_ref().map(|it| clean(it, MAX_NAME));
    let display = display.map_or_else(|| "no X display".to_owned(), |it| format!("display {it}"));
    let shown = format!("{display}; {}, {}", count(x11, "X11"), count(all - x11, "Wayland"));
    vec![Finding::ok("desktop", found), Finding::ok("desktop", shown)]
}

/// The servers of multiplexers, with the versions of tmux's.
pub fn multiplexers(servers: &[(MuxServer, Option<Result<String, String>>)]) -> Vec<Finding> {
    let topic = "terminals";
    let mut others = Vec::new();
    let mut found = Vec::new();
    for (server, version) in servers {
        let name = clean(&server.name, MAX_NAME);
        match version {
            Some(Ok(version)) => {
                let version = clean(version, MAX_NAME);
                found.push(Finding::ok(topic, format!("tmux {version} (pid {})", server.pid)));
            }
            Some(Err(why)) => {
                let why = clean(why, 300);
                let says = match why.starts_with("tmux ") {
                    true => why,
                    false => format!("tmux (pid {}): {why}", server.pid),
                };
                let hint = "sessions in it are listed, and vmux cannot say which pane and window they \
                    are in";
                found.push(Finding::problem(topic, says, hint));
            }
            None => others.push(format!("{name} (pid {})", server.pid)),
        }
    }
    if !others.is_empty() {
        found.push(Finding::ok(topic, format!("other multiplexers: {}", others.join(", "))));
    }
    if found.is_empty() {
        found.push(Finding::ok(topic, "no tmux, screen, zellij, dtach, abduco or shpool runs"));
    }
    found
}

/// The notification server. `is_on`: whether desktop notifications are configured; without them its
/// absence is no problem.
pub fn notifications(is_on: bool, server: &Result<ServerDescription, String>) -> Finding {
    let topic = "notifications";
    let off = "; notify.desktop is off";
    let suffix = if is_on { "" } else { off };
    match server {
        Ok(server) => {
            let name = clean(&server.name, MAX_NAME);
            let capabilities = clean(&server.capabilities.join(" "), 300);
            let says = format!("{name} can: {capabilities}{suffix}");
            let has = |wanted: &str| server.capabilities.iter().any(|it| it == wanted);
            match has("actions") {
                true => Finding::ok(topic, says),
                false => Finding::note(topic, says).hint("without `actions`, a click goes nowhere"),
            }
        }
        Err(error) => {
            let says = format!("no notification server: {}{suffix}", clean(error, 300));
            let hint = "start dunst, mako or another one, and vmuxd with the DBUS_SESSION_BUS_ADDRESS \
                of your desktop";
            match is_on {
                true => Finding::problem(topic, says, hint),
                false => Finding::note(topic, says),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::finding::Severity;
    use crate::wm::mux::MuxKind;

    #[test]
    fn the_window_manager_says_how_it_was_found() {
        let wm = WmDescription {
            name: "i3 4.22".to_owned(),
            socket: "/run/user/1/i3/ipc-socket.7".into(),
            found_by: "I3SOCK",
            display: Some(":0".to_owned()),
            windows: (3, 3),
            trouble: None,
        };
        let stopped = WmDescription { trouble: Some("no answer".to_owned()), ..wm.clone() };
        let found = window_manager(Some(&Some(stopped)));
        assert_eq!(found[0].says, "i3 4.22 does not answer: no answer");
        let found = window_manager(Some(&Some(wm)));
        assert_eq!(found[0].says, "i3 4.22, found by I3SOCK: /run/user/1/i3/ipc-socket.7");
        assert_eq!(found[1].says, "display :0; 3 X11 windows, 0 Wayland windows");
        assert_eq!(window_manager(Some(&None)), []);
        assert_eq!(window_manager(None)[0].severity, Severity::Problem);
    }

    #[test]
    fn a_tmux_that_does_not_answer_is_a_problem() {
        let server = |name: &str, pid, kind| MuxServer { name: name.to_owned(), pid, kind };
        let tmux = |pid| server("tmux: server", pid, MuxKind::Tmux);
        let found = multiplexers(&[
            (tmux(7), Some(Ok("3.4".to_owned()))),
            (tmux(8), Some(Err("it does not answer".to_owned()))),
            (server("zellij", 9, MuxKind::Zellij), None),
        ]);
        let says: Vec<&str> = found.iter().map(|it| it.says.as_str()).collect();
        assert_eq!(
            says,
            [
                "tmux 3.4 (pid 7)",
                "tmux (pid 8): it does not answer",
                "other multiplexers: zellij (pid 9)",
            ]
        );
        assert_eq!(found[1].severity, Severity::Problem);
        assert_eq!(multiplexers(&[]).len(), 1);
    }

    #[test]
    fn without_a_notification_server_notifications_are_a_problem_only_if_they_are_wanted() {
        let none = Err("nothing\u{1b} provides it".to_owned());
        assert_eq!(notifications(true, &none).severity, Severity::Problem);
        let found = notifications(false, &none);
        assert_eq!(found.severity, Severity::Note);
        assert!(found.says.contains("nothing provides it; notify.desktop is off"), "{found:?}");
        let server = |capabilities: &[&str]| {
            let capabilities = capabilities.iter().map(|it| (*it).to_owned()).collect();
            Ok(ServerDescription { name: "dunst 1.9".to_owned(), capabilities })
        };
        assert_eq!(notifications(true, &server(&["body", "actions"])).severity, Severity::Ok);
        assert_eq!(notifications(true, &server(&["body"])).severity, Severity::Note);
    }
}
