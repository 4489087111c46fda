//! GNU screen: found through its clients, and its windows are chosen.

use crate::support::desk::{Screen, eventually, need, need_root, words};
use rustix::process::Signal;
use std::fs::File;
use std::process::{Command, Stdio};
use vmux::session::state::Confidence;
use vmux::wm::locate::location::Obstacle;
use vmux::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};

/// A directory for the sockets of this world.
fn own_sockets(screen: &mut Screen) {
    need("screen");
    let dir = screen.dir().join("screens").display().to_string();
    std::fs::create_dir(&dir).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&dir, mode).unwrap();
    screen.env.insert("SCREENDIR".into(), dir);
}

/// screen ends with its last window.
async fn end(screen: &mut Screen, labels: &[&str]) {
    for label in labels {
        let pid = screen.pid(label).await;
        screen.signal(pid, Signal::KILL);
    }
}

/// A screen session in an xterm; the second word is the terminal of the client.
async fn show(screen: &mut Screen, workspace: &str, arguments: &str) -> (u64, String) {
    let file = screen.dir().join(format!("tty of {workspace}"));
    let script = format!("tty > '{}'; exec screen {arguments}", file.display());
    let con_id = screen.open(workspace, &["xterm", "-e", "sh", "-c", &script]).await;
    let tty = eventually("the name of a terminal", async || {
        std::fs::read_to_string(&file).ok().filter(|tty| tty.ends_with('\n'))
    })
    .await;
    (con_id, tty.trim().to_owned())
}

/// Tells screen something, as the one who sits at this terminal.
fn tell(screen: &Screen, tty: &str, kind: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("screen");
    command.args(["-S", "work", kind]).args(arguments).env_clear().envs(&screen.env);
    let stdin = match tty {
        "" => Stdio::null(),
        tty => Stdio::from(File::open(tty).unwrap()),
    };
    let output = command.stdin(stdin).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The number of the window in view on this terminal.
fn in_view(screen: &Screen, tty: &str) -> String {
    tell(screen, tty, "-Q", &["number"]).split(' ').next().unwrap_or_default().to_owned()
}

async fn switch(screen: &mut Screen, label: &str) -> Result<Switched, SwitchError> {
    let pid = screen.pid(label).await;
    screen.wm().await.switch(pid, &SwitchOptions::default()).await
}

#[tokio::test]
async fn gnu_screen_attached_detached_and_attached_elsewhere() {
    let mut screen = Screen::new().await;
    own_sockets(&mut screen);
    let argv = words(&["xterm", "-e", "screen", "-S", "work", &screen.markers.script("one")]);
    let first = screen.open("1", &argv).await;
    eventually("screen shows it", async || {
        (screen.find("one").await.candidates() == [first]).then_some(())
    })
    .await;
    screen.close(first).await;
    let other = screen.xterm("2", "other").await;
    eventually("screen is detached", async || {
        let found = screen.find("one").await;
        assert_ne!(found.candidates(), [other]);
        matches!(found.obstacle, Some(Obstacle::DetachedOther(_))).then_some(())
    })
    .await;
    let again = screen.open("3", &["xterm", "-e", "screen", "-r", "work"]).await;
    eventually("screen is attached", async || {
        let found = screen.find("one").await;
        (found.candidates() == [again]).then_some(())
    })
    .await;
    end(&mut screen, &["one"]).await;
}

#[tokio::test]
async fn its_window_is_chosen_on_the_terminal_that_is_shown() {
    let mut screen = Screen::new().await;
    own_sockets(&mut screen);
    let start = format!("-S work {}", screen.markers.script("zero"));
    let (first, tty) = show(&mut screen, "1", &start).await;
    screen.pid("zero").await;
    for label in ["one", "two"] {
        let script = screen.markers.script(label);
        tell(&screen, "", "-X", &["screen", &script]);
        screen.pid(label).await;
    }
    screen.xterm("away", "away").await;
    for (label, number) in [("zero", "0"), ("two", "2"), ("one", "1"), ("one", "1")] {
        screen.workspace("away").await;
        let switched = switch(&mut screen, label).await.unwrap();
        assert_eq!(screen.focus().await, Some(first), "{switched:?}");
        assert_eq!(in_view(&screen, &tty), number, "{label}");
    }
    screen.shot("screen-one");
    // A second terminal shows it, too: the one that is gone to, and no other, shows the window.
    let (second, other) = show(&mut screen, "2", "-x work").await;
    eventually("a second display", async || {
        // Of several clients it is not certain which the user means.
        let place = screen.find("one").await.place;
        (place.confidence == Confidence::Probable).then_some(())
    })
    .await;
    for (label, number) in [("zero", "0"), ("two", "2")] {
        screen.workspace("away").await;
        let before = (in_view(&screen, &tty), in_view(&screen, &other));
        switch(&mut screen, label).await.unwrap();
        let after = (in_view(&screen, &tty), in_view(&screen, &other));
        if screen.focus().await == Some(first) {
            assert_eq!(after, (number.to_owned(), before.1), "{label}");
        } else {
            assert_eq!(screen.focus().await, Some(second));
            assert_eq!(after, (before.0, number.to_owned()), "{label}");
        }
    }
    // Another number than the one it was born with: no other window is taken for it.
    tell(&screen, &tty, "-X", &["select", "1"]);
    tell(&screen, &tty, "-X", &["number", "7"]);
    let error = switch(&mut screen, "one").await.unwrap_err();
    assert!(matches!(error, SwitchError::Pane(_)), "{error}");
    let three = screen.markers.script("three");
    tell(&screen, "", "-X", &["screen", &three]);
    screen.pid("three").await;
    for label in ["one", "three"] {
        let error = switch(&mut screen, label).await.unwrap_err();
        assert!(error.to_string().contains("not known which"), "{error}");
    }
    end(&mut screen, &["zero", "one", "two", "three"]).await;
}

#[tokio::test]
async fn tmux_in_screen_and_a_screen_that_does_not_answer() {
    let mut screen = Screen::new().await;
    own_sockets(&mut screen);
    let tmux = screen.tmux_argv("s").join(" ");
    let start = format!("-S work {tmux} new-session {}", screen.markers.script("one"));
    let (window, tty) = show(&mut screen, "1", &start).await;
    screen.pid("one").await;
    let two = screen.markers.script("two");
    tell(&screen, "", "-X", &["screen", &two]);
    screen.pid("two").await;
    screen.tmux("s", &["new-window"]);
    screen.xterm("away", "away").await;
    switch(&mut screen, "one").await.unwrap();
    assert_eq!(screen.focus().await, Some(window));
    assert_eq!(in_view(&screen, &tty), "0");
    assert!(screen.tmux("s", &["list-windows", "-F", "#I#{window_active}"]).contains("01"));
    // Stopped: the focus goes there, and what did not happen is said.
    let pid = screen.pid("two").await;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let server = stat.rsplit(") ").next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    screen.signal(server, Signal::STOP);
    let error = switch(&mut screen, "two").await.unwrap_err();
    screen.signal(server, Signal::CONT);
    assert!(matches!(error, SwitchError::Pane(_)), "{error}");
    assert!(error.to_string().contains("screen"), "{error}");
    end(&mut screen, &["one", "two"]).await;
}

#[tokio::test]
async fn one_in_a_container_on_a_terminal_of_the_same_number_is_no_client() {
    need_root("to make a container");
    let mut screen = Screen::new().await;
    own_sockets(&mut screen);
    let script = screen.markers.script("one");
    let (window, tty) = show(&mut screen, "1", &format!("-S work {script}")).await;
    eventually("screen shows it", async || {
        (screen.find("one").await.candidates() == [window]).then_some(())
    })
    .await;
    // Each `script` takes one terminal of the container; in the last one runs a `screen`.
    let number: u32 = tty.trim_start_matches("/dev/pts/").parse().unwrap();
    let dir = screen.dir().to_owned();
    crate::support::program::copy("/bin/sleep", dir.join("screen"));
    let (nest, inner) = (dir.join("nest"), dir.join("inner"));
    let text = format!(
        "#!/bin/sh\nif [ $1 = 0 ]; then tty > {0}.part; echo $$ >> {0}.part\nmv {0}.part {0}\n\
         exec {1}/screen 86400; fi\nexec script -qc \"{2} $(($1 - 1))\" /dev/null\n",
        inner.display(),
        dir.display(),
        nest.display()
    );
    crate::support::program::write(&nest, &text);
    let mounts = "mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts && \
        mount --bind /dev/pts/ptmx /dev/ptmx";
    let start = format!("{mounts} && exec {} {}", nest.display(), number + 1);
    screen.spawn(&["unshare", "--mount", "sh", "-c", &start]);
    let said = eventually("a terminal in a container", async || {
        let said = std::fs::read_to_string(&inner).ok()?;
        let pid: u32 = said.lines().nth(1)?.parse().ok()?;
        let comm = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        (comm.trim() == "screen").then_some((said.lines().next()?.to_owned(), pid))
    })
    .await;
    assert_eq!(said.0, tty);
    let found = screen.find("one").await;
    assert_eq!((found.candidates(), found.place.confidence), (&[window][..], Confidence::Certain));
    screen.signal(said.1, Signal::KILL);
    end(&mut screen, &["one"]).await;
}
