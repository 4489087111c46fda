//! Is the session in view after a switch, or another tab of its window? And which titles decide.

use crate::support::desk::{Screen, eventually, listening, words};
use vmux::wm::locate::location::Step;
use vmux::wm::manager::WindowManager;
use vmux::wm::switch::outcome::{SwitchError, SwitchOptions};

/// An xfce4-terminal with a tab for each of these commands; the last one is in front.
async fn tabs(screen: &mut Screen, workspace: &str, commands: &[String]) -> u64 {
    let mut argv = words(&["xfce4-terminal", "--disable-server"]);
    for (index, command) in commands.iter().enumerate() {
        if index > 0 {
            argv.push("--tab".into());
        }
        argv.extend(words(&["--command", command]));
    }
    let window = screen.open(workspace, &argv).await;
    screen.markers.set_titles();
    window
}

/// A marker whose title is that of a session with this name.
fn titled(screen: &mut Screen, label: &str) -> String {
    screen.markers.titled(label, &format!("✳ {label}"))
}

/// A window manager that knows these sessions and their titles.
async fn knowing(screen: &mut Screen, labels: &[&str]) -> WindowManager {
    let mut sessions = Vec::new();
    for label in labels {
        sessions.push((screen.pid(label).await, Some((*label).into())));
    }
    let mut wm = screen.wm().await;
    wm.set_sessions(sessions);
    wm
}

async fn switch(
    screen: &mut Screen,
    wm: &mut WindowManager,
    label: &str,
) -> Result<(), SwitchError> {
    let pid = screen.pid(label).await;
    wm.switch(pid, &SwitchOptions::default()).await.map(drop)
}

/// Waits until a window has this title.
async fn window_titled(screen: &Screen, title: &str) {
    let mut wm = screen.wm().await;
    eventually(title, async || {
        wm.read_windows().await.unwrap();
        wm.windows().iter().any(|row| row.title.contains(title)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn another_tab_of_its_window_is_no_success() {
    let mut screen = Screen::new().await;
    let commands = [titled(&mut screen, "alpha"), titled(&mut screen, "beta")];
    let window = tabs(&mut screen, "1", &commands).await;
    window_titled(&screen, "✳ beta").await;
    let mut wm = knowing(&mut screen, &["alpha", "beta"]).await;
    screen.xterm("2", "away").await;
    let error = switch(&mut screen, &mut wm, "alpha").await.unwrap_err();
    assert!(matches!(&error, SwitchError::Pane(_)) && error.is_near(), "{error}");
    assert!(error.to_string().contains("shows another session"), "{error}");
    assert_eq!(screen.focus().await, Some(window));
    screen.workspace("2").await;
    switch(&mut screen, &mut wm, "beta").await.unwrap();
    assert_eq!(screen.focus().await, Some(window));
    screen.shot("tab-beta");
}

#[tokio::test]
async fn where_no_title_tells_which_tab_is_in_front_it_says_so() {
    let mut screen = Screen::new().await;
    let commands = [screen.markers.script("one"), words(&["sleep", "86400"]).join(" ")];
    let window = tabs(&mut screen, "1", &commands).await;
    screen.xterm("2", "away").await;
    let mut wm = knowing(&mut screen, &["one"]).await;
    let error = switch(&mut screen, &mut wm, "one").await.unwrap_err();
    assert!(error.to_string().contains("may show another tab"), "{error}");
    assert_eq!(screen.focus().await, Some(window));
    // Where titles may be changed to find out, they are.
    let pid = screen.pid("one").await;
    let mut config = screen.config();
    config.title_probe = true;
    let mut wm = WindowManager::new(config, crate::support::desk::proc_reader());
    let error = wm.switch(pid, &SwitchOptions::default()).await.unwrap_err();
    assert!(matches!(error, SwitchError::Pane(_)), "{error}");
}

#[tokio::test]
async fn a_single_tab_is_in_view_whatever_its_title() {
    let mut screen = Screen::new().await;
    let command = [screen.markers.script("one")];
    let window = tabs(&mut screen, "1", &command).await;
    screen.xterm("2", "away").await;
    let mut wm = knowing(&mut screen, &["one"]).await;
    switch(&mut screen, &mut wm, "one").await.unwrap();
    assert_eq!(screen.focus().await, Some(window));
}

/// Windows of one urxvtd that nothing but titles tells apart.
struct Tied {
    screen: Screen,
    socket: String,
}

impl Tied {
    async fn new() -> Tied {
        let mut screen = Screen::new().await;
        let socket = screen.dir().join("urxvtd").display().to_string();
        screen.spawn_with(&["urxvtd", "-q"], &[("RXVT_SOCKET", socket.as_str())]);
        listening(&socket).await;
        Tied { screen, socket }
    }

    async fn open(&mut self, workspace: &str, command: &str) -> u64 {
        self.screen.workspace(workspace).await;
        self.screen.forget_events().await;
        let argv = ["urxvtc", "-e", "env", "-u", "WINDOWID", "sh", "-c", command];
        self.screen.spawn_with(&argv, &[("RXVT_SOCKET", self.socket.as_str())]);
        let window = self.screen.new_window().await;
        self.screen.markers.set_titles();
        window
    }

    async fn find(&mut self, wm: &mut WindowManager, label: &str) -> Vec<u64> {
        let pid = self.screen.pid(label).await;
        wm.read_windows().await.unwrap();
        wm.forget_facts(true);
        wm.locate(pid).await.unwrap().candidates().to_vec()
    }
}

#[tokio::test]
async fn only_a_title_of_claudes_decides() {
    let mut tied = Tied::new().await;
    let alpha = tied.screen.markers.script("alpha");
    let first = tied.open("1", &alpha).await;
    // An ordinary title that equals the session's name.
    let ordinary = tied.screen.markers.titled("other", "alpha");
    let second = tied.open("2", &ordinary).await;
    window_titled(&tied.screen, "alpha").await;
    let mut wm = knowing(&mut tied.screen, &["alpha"]).await;
    assert_eq!(tied.find(&mut wm, "alpha").await, [first, second]);
    let beta = titled(&mut tied.screen, "beta");
    let third = tied.open("3", &beta).await;
    window_titled(&tied.screen, "✳ beta").await;
    let mut wm = knowing(&mut tied.screen, &["alpha", "beta"]).await;
    assert_eq!(tied.find(&mut wm, "beta").await, [third]);
    assert_eq!(tied.find(&mut wm, "alpha").await.len(), 3);
}

#[tokio::test]
async fn a_title_that_a_dead_session_left_decides_nothing() {
    let mut tied = Tied::new().await;
    let dead = titled(&mut tied.screen, "alpha");
    let first = tied.open("1", &format!("sh {dead}; sleep 86400")).await;
    window_titled(&tied.screen, "✳ alpha").await;
    let pid = tied.screen.pid("alpha").await;
    let mut wm = knowing(&mut tied.screen, &["alpha"]).await;
    // Its conversation goes on elsewhere, which has a title of its own, or none.
    let resumed = tied.screen.markers.titled("resumed", "✳ Claude Code");
    let second = tied.open("2", &resumed).await;
    tied.screen.signal(pid, rustix::process::Signal::KILL);
    let again = tied.screen.pid("resumed").await;
    wm.set_sessions([(again, Some("alpha".into()))]);
    assert_eq!(tied.find(&mut wm, "resumed").await, [first, second]);
    // A vmuxd that began afterwards: there are more titles of Claude's than sessions.
    window_titled(&tied.screen, "✳ Claude Code").await;
    let mut wm = tied.screen.wm().await;
    wm.set_sessions([(again, Some("alpha".into()))]);
    assert_eq!(tied.find(&mut wm, "resumed").await, [first, second]);
}

#[tokio::test]
async fn a_title_left_before_vmuxd_began_decides_nothing_once_its_end_is_known() {
    let mut tied = Tied::new().await;
    let dead = titled(&mut tied.screen, "alpha");
    let first = tied.open("1", &format!("sh {dead}; sleep 86400")).await;
    window_titled(&tied.screen, "✳ alpha").await;
    let pid = tied.screen.pid("alpha").await;
    // Its conversation goes on elsewhere, under a Claude Code that sets no titles.
    let resumed = tied.screen.markers.script("resumed");
    let second = tied.open("2", &resumed).await;
    let again = tied.screen.pid("resumed").await;
    tied.screen.signal(pid, rustix::process::Signal::KILL);
    let mut wm = tied.screen.wm().await;
    wm.note_ended(["alpha".to_owned(), "another".to_owned()]);
    wm.set_sessions([(again, Some("alpha".into()))]);
    assert_eq!(tied.find(&mut wm, "resumed").await, [first, second]);
    // Nothing else tells.
    let mut wm = tied.screen.wm().await;
    wm.set_sessions([(again, Some("alpha".into()))]);
    assert_eq!(tied.find(&mut wm, "resumed").await, [first]);
}

#[tokio::test]
async fn below_tmux_the_title_that_tmux_sets_decides() {
    let mut tied = Tied::new().await;
    let mut windows = Vec::new();
    for (label, workspace) in [("alpha", "1"), ("beta", "2")] {
        let script = titled(&mut tied.screen, label);
        let tmux = tied.screen.tmux_argv(label).join(" ");
        let start = format!("{tmux} new-session -s {label} {script} \\; set -g set-titles on");
        windows.push(tied.open(workspace, &start).await);
        window_titled(&tied.screen, &format!("✳ {label}")).await;
    }
    let mut wm = knowing(&mut tied.screen, &["alpha", "beta"]).await;
    for (label, window) in ["alpha", "beta"].into_iter().zip(windows) {
        // A tmux that answers too late, on a busy machine, leaves it open.
        eventually(label, async || (tied.find(&mut wm, label).await == [window]).then_some(()))
            .await;
    }
    // Titles that are only names decide nothing.
    for label in ["alpha", "beta"] {
        tied.screen.tmux(label, &["set", "-g", "set-titles-string", "#S"]);
    }
    window_titled(&tied.screen, "alpha").await;
    assert_eq!(tied.find(&mut wm, "alpha").await.len(), 2);
}

#[tokio::test]
async fn two_terminals_inside_one_window_hide_each_other() {
    let mut screen = Screen::new().await;
    let script = titled(&mut screen, "alpha");
    let argv = ["tabbed", "-c", "-r", "2", "st", "-w", "", "-e", &script];
    let window = screen.open("1", &argv).await;
    screen.markers.set_titles();
    screen.pid("alpha").await;
    let xid = screen.shown(window).await.xid.unwrap().to_string();
    let mut wm = knowing(&mut screen, &["alpha"]).await;
    switch(&mut screen, &mut wm, "alpha").await.unwrap();
    let beta = titled(&mut screen, "beta");
    screen.spawn(&["st", "-w", &xid, "-e", &beta]);
    screen.markers.set_titles();
    screen.pid("beta").await;
    window_titled(&screen, "✳ beta").await;
    let mut wm = knowing(&mut screen, &["alpha", "beta"]).await;
    let error = switch(&mut screen, &mut wm, "alpha").await.unwrap_err();
    assert!(error.to_string().contains("shows another session"), "{error}");
    switch(&mut screen, &mut wm, "beta").await.unwrap();
    let found = screen.find("beta").await;
    assert!(found.route.contains(&Step::Embedded { is_alone: false }), "{found:?}");
}
