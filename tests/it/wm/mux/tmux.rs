//! tmux and dtach: sessions shown in terminals that are not their ancestors.

use crate::support::desk::{Screen, eventually, need, words};
use rustix::process::Signal;
use vmux::wm::locate::location::{Obstacle, Step};
use vmux::wm::switch::outcome::SwitchOptions;

/// `new-session -s NAME MARKER`.
fn session(screen: &Screen, name: &str, label: &str) -> Vec<String> {
    words(&["new-session", "-s", name, &screen.markers.script(label)])
}

#[tokio::test]
async fn one_client_and_a_pane_that_is_not_in_view() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "my work", "one");
    let window = screen.tmux_in("1", "s", &first).await;
    screen.pid("one").await;
    let shell_two = screen.markers.script("two");
    screen.tmux("s", &["new-window", "-n", "other", &shell_two]);
    let shell_three = screen.markers.script("three");
    screen.tmux("s", &["split-window", &shell_three]);
    screen.xterm("2", "elsewhere").await;
    for (label, in_view) in [("one", false), ("two", false), ("three", true)] {
        let found = screen.find(label).await;
        assert_eq!(found.candidates(), [window], "{label}: {found:?}");
        assert_eq!(found.tmux_is_in_view(), in_view, "{label}");
        let pane = found.place.pane.unwrap();
        assert_eq!(pane.session, "my work");
        assert!(pane.client_tty.unwrap().starts_with("/dev/pts/"));
    }
}

/// Where `label` is found while the client in the terminal that has the focus was used after the
/// one on `other`: types into it until tmux says so. tmux counts seconds, and takes the answers of a
/// terminal to its questions, which may be late, for use. So it is asked before and after: what was
/// found counts only if nothing was used meanwhile.
async fn found_when_used_last(
    screen: &mut Screen,
    socket: &str,
    other: &str,
    label: &str,
) -> Option<u64> {
    need("xdotool");
    let list = ["list-clients", "-F", "#{client_activity} #{client_tty}"];
    eventually("a client that was used last", async || {
        let mut xdotool = std::process::Command::new("xdotool");
        xdotool.args(["key", "space"]).env("DISPLAY", &screen.display).status().unwrap();
        let before = screen.tmux(socket, &list);
        let used = |here: bool| {
            let rows = before.lines().filter_map(|line| line.split_once(' '));
            let at =
                rows.filter(|(_, tty)| (*tty == other) == here).map(|(at, _)| at.parse::<i64>());
            at.flatten().max()
        };
        if used(false) <= used(true) {
            return None;
        }
        let found = screen.find_window(label).await;
        (screen.tmux(socket, &list) == before).then_some(found)
    })
    .await
}

#[tokio::test]
async fn of_two_clients_the_one_that_was_used_last() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "a", "one");
    let old = screen.tmux_in("1", "s", &first).await;
    screen.pid("one").await;
    screen.tmux_clients("s", 1).await;
    let first = screen.tmux("s", &["list-clients", "-F", "#{client_tty}"]);
    let new = screen.tmux_in("2", "s", &words(&["attach", "-t", "a"])).await;
    screen.tmux_clients("s", 2).await;
    assert_eq!(found_when_used_last(&mut screen, "s", &first, "one").await, Some(new));
    screen.close(new).await;
    screen.tmux_clients("s", 1).await;
    assert_eq!(screen.find_window("one").await, Some(old));
}

#[tokio::test]
async fn a_suspended_client_shows_the_shell_it_was_started_from() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "a", "one");
    let old = screen.tmux_in("1", "s", &first).await;
    screen.pid("one").await;
    screen.tmux_clients("s", 1).await;
    let first = screen.tmux("s", &["list-clients", "-F", "#{client_tty}"]);
    let attach = [screen.tmux_argv("s"), words(&["attach", "-t", "a"])].concat().join(" ");
    // Job control: only a shell that has it takes the terminal back.
    let argv = ["xterm", "-e", "bash", "--norc", "-ic", &format!("{attach}; sleep 1000")];
    let new = screen.open("2", &argv).await;
    screen.tmux_clients("s", 2).await;
    assert_eq!(found_when_used_last(&mut screen, "s", &first, "one").await, Some(new));
    let clients = screen.tmux("s", &["list-clients", "-F", "#{client_tty}"]);
    let tty = clients.lines().find(|tty| *tty != first).unwrap().to_owned();
    screen.tmux("s", &["suspend-client", "-t", &tty]);
    eventually("the other client", async || {
        (screen.find_window("one").await == Some(old)).then_some(())
    })
    .await;
    screen.close(old).await;
    screen.tmux_clients("s", 1).await;
    let found = screen.find("one").await;
    assert!(matches!(found.obstacle, Some(Obstacle::Detached { .. })), "{found:?}");
}

#[tokio::test]
async fn of_a_group_the_client_that_has_the_window_in_view() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "a", "one");
    let old = screen.tmux_in("1", "s", &first).await;
    screen.pid("one").await;
    let two = screen.markers.script("two");
    // The newer client goes on to the other window of the group.
    let group = words(&["new-session", "-t", "a", "-s", "b", ";", "new-window", &two]);
    let new = screen.tmux_in("2", "s", &group).await;
    screen.pid("two").await;
    screen.tmux_clients("s", 2).await;
    assert_eq!(screen.find_window("one").await, Some(old));
    assert_eq!(screen.find_window("two").await, Some(new));
    // A switch to it selects the window in the session of the client that is shown.
    let found = screen.find("two").await;
    assert_eq!(found.place.pane.unwrap().session, "b");
}

#[tokio::test]
async fn tmux_in_tmux() {
    let mut screen = Screen::new().await;
    let inner = screen.tmux_argv("inner");
    let inner = [inner, session(&screen, "in", "deep")].concat();
    let quoted: Vec<String> = inner.iter().map(|word| format!("'{word}'")).collect();
    let command = format!("TMUX= exec {}", quoted.join(" "));
    let outer = screen.tmux_in("1", "outer", &words(&["new-session", "-s", "out", &command])).await;
    screen.xterm("2", "other").await;
    let found = screen.find("deep").await;
    assert_eq!(found.candidates(), [outer], "{found:?}");
    assert_eq!(found.tmux_panes().count(), 2);
    assert_eq!(found.place.pane.unwrap().session, "in");
}

#[tokio::test]
async fn a_session_whose_terminal_was_closed_is_nowhere_though_its_windowid_lives() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "a", "one");
    let window = screen.tmux_in("1", "s", &first).await;
    let xid = screen.shown(window).await.xid;
    screen.pid("one").await;
    screen.close(window).await;
    screen.tmux_clients("s", 0).await;
    // X gives the id of the closed window to the next one.
    let other = screen.xterm("2", "other").await;
    assert_eq!(screen.shown(other).await.xid, xid, "the X server did not use the id again");
    let found = screen.find("one").await;
    assert_eq!((found.place.window.as_ref(), found.place.candidates), (None, 0), "{found:?}");
    assert!(matches!(found.obstacle, Some(Obstacle::Detached { .. })));
    // Never attached at all, and started from a terminal.
    let shell_two = screen.markers.script("two");
    let argv = [
        words(&["xterm", "-e"]),
        screen.tmux_argv("t"),
        words(&["new-session", "-d", &shell_two, ";", "wait-for", "never"]),
    ]
    .concat();
    screen.open("3", &argv).await;
    let found = screen.find("two").await;
    assert_eq!(found.place.candidates, 0, "{found:?}");
}

#[tokio::test]
async fn two_servers_and_a_socket_with_a_space() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "same", "one");
    let one = screen.tmux_in("1", "so cket", &first).await;
    let second = session(&screen, "same", "two");
    let two = screen.tmux_in("2", "other", &second).await;
    assert_eq!(screen.find_window("one").await, Some(one));
    assert_eq!(screen.find_window("two").await, Some(two));
}

#[tokio::test]
async fn a_popup_belongs_to_its_only_client() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "a", "one");
    let window = screen.tmux_in("1", "s", &first).await;
    screen.pid("one").await;
    let popup = screen.markers.script("popup");
    let argv = [screen.tmux_argv("s"), words(&["display-popup", "-E", &popup])].concat();
    screen.spawn(&argv);
    let found = screen.find("popup").await;
    assert_eq!(found.candidates(), [window], "{found:?}");
    assert!(found.tmux_panes().next().is_none());
}

#[tokio::test]
async fn a_server_that_hangs_is_left_alone_until_a_switch_asks_for_it() {
    let mut screen = Screen::new().await;
    let first = session(&screen, "a", "one");
    let window = screen.tmux_in("1", "s", &first).await;
    let pid = screen.pid("one").await;
    screen.tmux_clients("s", 1).await;
    let server = screen.tmux("s", &["display-message", "-p", "#{pid}"]).parse().unwrap();
    let mut wm = screen.wm().await;
    screen.signal(server, Signal::STOP);
    for said in ["did not answer within", "does not answer"] {
        let found = wm.locate(pid).await.unwrap();
        assert!(found.place.how.contains(said), "{found:?}");
        // The next scan.
        wm.forget_facts(true);
    }
    screen.signal(server, Signal::CONT);
    let switched = wm.switch(pid, &SwitchOptions::default()).await.unwrap();
    assert_eq!(switched.place.window.unwrap().con_id, window);
}

#[tokio::test]
async fn dtach_is_followed_to_its_clients() {
    let mut screen = Screen::new().await;
    need("dtach");
    let socket = screen.dir().join("dtach").display().to_string();
    let script = screen.markers.script("one");
    let first = screen.open("1", &["xterm", "-e", "dtach", "-c", &socket, &script]).await;
    eventually("dtach shows it", async || {
        (screen.find("one").await.candidates() == [first]).then_some(())
    })
    .await;
    screen.close(first).await;
    screen.xterm("2", "other").await;
    let found = screen.find("one").await;
    assert!(matches!(found.obstacle, Some(Obstacle::DetachedOther(_))), "{found:?}");
    let again = screen.open("3", &["xterm", "-e", "dtach", "-a", &socket]).await;
    eventually("dtach is attached", async || {
        (screen.find("one").await.candidates() == [again]).then_some(())
    })
    .await;
}

/// The session that each client shows, by its terminal.
fn shown(screen: &mut Screen, socket: &str) -> Vec<(String, String)> {
    let list = screen.tmux(socket, &["list-clients", "-F", "#{client_tty} #{client_session}"]);
    let row = |line: &str| line.split_once(' ').map(|(tty, name)| (tty.into(), name.into()));
    list.lines().filter_map(row).collect()
}

#[tokio::test]
async fn a_client_that_shows_another_session_is_switched() {
    let mut screen = Screen::new().await;
    let one = session(&screen, "web", "one");
    let window = screen.tmux_in("1", "s", &one).await;
    screen.pid("one").await;
    screen.tmux_clients("s", 1).await;
    let (two, three) = (screen.markers.script("two"), screen.markers.script("three"));
    screen.tmux("s", &["new-session", "-d", "-s", "api", &two]);
    screen.tmux("s", &["new-window", "-t", "api", &three]);
    screen.xterm("2", "away").await;
    // Until then it is shown nowhere.
    let pid = screen.pid("two").await;
    let mut wm = screen.wm().await;
    assert!(!wm.locate(pid).await.unwrap().is_known());
    let switched = wm.switch(pid, &SwitchOptions::default()).await.unwrap();
    assert_eq!(screen.focus().await, Some(window));
    let note = switched.note.unwrap();
    assert!(note.contains("was switched from the session web to api"), "{note}");
    assert_eq!(shown(&mut screen, "s")[0].1, "api");
    let pane = screen.tmux("s", &["display-message", "-p", "-t", "api:", "#{pane_id}"]);
    assert_eq!(Some(pane), switched.place.pane.map(|pane| pane.pane_id));
    assert_eq!(wm.locate(pid).await.unwrap().candidates(), [window]);
}

#[tokio::test]
async fn of_several_clients_the_one_on_the_screen_and_never_a_read_only_one() {
    let mut screen = Screen::with("fake-outputs 640x800+0+0,640x800+640+0").await;
    let one = session(&screen, "a", "one");
    let hidden = screen.tmux_in("1", "s", &one).await;
    screen.pid("one").await;
    screen.tmux_clients("s", 1).await;
    let attach = words(&["attach", "-t", "a"]);
    let watch = words(&["attach", "-r", "-t", "a"]);
    screen.tmux_in("4", "s", &watch).await;
    screen.tmux_clients("s", 2).await;
    let visible = screen.tmux_in("2", "s", &attach).await;
    screen.tmux_clients("s", 3).await;
    let other = match screen.shown(hidden).await.output.as_str() {
        "fake-0" => "fake-1",
        _ => "fake-0",
    };
    screen.i3(&format!("move workspace to output {other}")).await;
    // The first one was used last, and is then on a workspace that is not shown.
    screen.workspace("1").await;
    let clients = shown(&mut screen, "s");
    let used = found_when_used_last(&mut screen, "s", &clients[2].0, "one").await;
    assert_eq!(used, Some(hidden));
    screen.workspace("5").await;
    assert_eq!(screen.find_window("one").await, Some(visible));
    screen.close(visible).await;
    screen.tmux_clients("s", 2).await;
    assert_eq!(screen.find_window("one").await, Some(hidden));
    // One that may only look on does not count, and is not switched to another session.
    screen.close(hidden).await;
    screen.tmux_clients("s", 1).await;
    let found = screen.find("one").await;
    assert!(matches!(found.obstacle, Some(Obstacle::Detached { by_client: None, .. })));
}

#[tokio::test]
async fn a_popup_that_attaches_is_followed_and_never_switched() {
    let mut screen = Screen::new().await;
    let one = session(&screen, "web", "one");
    let window = screen.tmux_in("1", "s", &one).await;
    screen.pid("one").await;
    screen.tmux_clients("s", 1).await;
    let (two, three) = (screen.markers.script("two"), screen.markers.script("three"));
    screen.tmux("s", &["new-session", "-d", "-s", "api", &two]);
    screen.tmux("s", &["new-session", "-d", "-s", "other", &three]);
    screen.pid("two").await;
    let inner = [screen.tmux_argv("s"), words(&["attach", "-t", "api"])].concat().join(" ");
    let popup = format!("TMUX= exec {inner}");
    let argv = [screen.tmux_argv("s"), words(&["display-popup", "-E", &popup])].concat();
    screen.spawn(&argv);
    screen.tmux_clients("s", 2).await;
    let found = screen.find("two").await;
    assert_eq!(found.candidates(), [window], "{found:?}");
    assert!(found.route.contains(&Step::TmuxPopup));
    // A session that nobody shows comes to the client itself, not into the popup, which stays in
    // front of it.
    let pid = screen.pid("three").await;
    let mut wm = screen.wm().await;
    let error = wm.switch(pid, &SwitchOptions::default()).await.unwrap_err();
    assert!(error.is_near() && error.to_string().contains("may show a popup of tmux"), "{error}");
    assert!(error.to_string().contains("was switched from the session web to other"), "{error}");
    let mut sessions: Vec<_> = shown(&mut screen, "s").into_iter().map(|it| it.1).collect();
    sessions.sort();
    assert_eq!(sessions, ["api", "other"]);
}

#[tokio::test]
async fn a_pane_in_copy_mode_is_reached_but_not_in_view() {
    let mut screen = Screen::new().await;
    let one = session(&screen, "web", "one");
    let window = screen.tmux_in("1", "s", &one).await;
    let pid = screen.pid("one").await;
    screen.tmux_clients("s", 1).await;
    screen.tmux("s", &["copy-mode"]);
    screen.workspace("2").await;
    let mut wm = screen.wm().await;
    let error = wm.switch(pid, &SwitchOptions::default()).await.unwrap_err();
    assert!(error.is_near() && error.to_string().contains("shows copy mode"), "{error}");
    assert_eq!(screen.focus().await, Some(window));
    screen.tmux("s", &["send-keys", "-X", "cancel"]);
    wm.switch(pid, &SwitchOptions::default()).await.unwrap();
}

/// tmate is built on tmux 2.4: its server has another name, and knows no `select-pane -Z`.
#[tokio::test]
async fn an_old_tmux_of_another_name() {
    need("tmate");
    let mut screen = Screen::new().await;
    let dir = screen.dir().to_owned();
    let path = |name: &str| dir.join(name).display().to_string();
    let config = path("tmate.conf");
    // It shares nothing: nobody listens there.
    std::fs::write(&config, "set -g tmate-server-host 127.0.0.1\nset -g tmate-server-port 1\n")
        .unwrap();
    let tmate = words(&["tmate", "-S", &path("tmate"), "-f", &config]);
    let (one, two) = (screen.markers.script("one"), screen.markers.script("two"));
    let begin = [words(&["xterm", "-e"]), tmate.clone(), words(&["new-session", &one])].concat();
    let window = screen.open("1", &begin).await;
    let pid = screen.pid("one").await;
    screen.spawn(&[tmate.clone(), words(&["new-window", &two])].concat());
    screen.pid("two").await;
    assert!(!screen.find("one").await.tmux_is_in_view());
    let mut wm = screen.wm().await;
    // It shows its messages over the first window, sooner or later.
    match wm.switch(pid, &SwitchOptions::default()).await {
        Ok(switched) => assert_eq!(switched.note, None),
        Err(error) => assert!(error.to_string().contains("copy mode"), "{error}"),
    }
    assert_eq!(screen.focus().await, Some(window));
    let found = screen.find("one").await;
    assert!(found.tmux_is_in_view() && found.candidates() == [window], "{found:?}");
    screen.spawn(&[tmate, words(&["kill-server"])].concat());
}
