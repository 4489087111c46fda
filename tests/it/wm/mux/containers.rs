//! Sessions in containers of podman and docker. dtach stands for conmon and the shim: like them it
//! holds a terminal, and like conmon it has a socket that its clients are connected to.

use crate::support::desk::{Screen, eventually, need};
use crate::support::program::copy;
use vmux::session::state::Confidence;

/// dtach by another name.
fn dtach_called(screen: &Screen, name: &str) -> String {
    need("dtach");
    let program = screen.dir().join(name);
    copy("/usr/bin/dtach", &program);
    program.display().to_string()
}

#[tokio::test]
async fn a_container_of_podman_is_followed_to_the_terminal_of_its_client() {
    let mut screen = Screen::new().await;
    let (conmon, podman) = (dtach_called(&screen, "conmon"), dtach_called(&screen, "podman"));
    for (workspace, label) in [("1", "one"), ("2", "two")] {
        let socket = screen.dir().join(label).display().to_string();
        let script = screen.markers.script(label);
        screen.spawn(&[&conmon, "-n", &socket, &script]);
        screen.pid(label).await;
        let window = screen.open(workspace, &["xterm", "-e", &podman, "-a", &socket]).await;
        let found = eventually("podman shows it", async || {
            Some(screen.find(label).await).filter(|found| found.candidates() == [window])
        })
        .await;
        assert_eq!(found.place.confidence, Confidence::Certain, "{found:?}");
    }
}

#[tokio::test]
async fn a_container_of_docker_is_found_by_its_title() {
    let mut screen = Screen::new().await;
    let shim = dtach_called(&screen, "containerd-shim");
    let docker = screen.dir().join("docker").display().to_string();
    copy("/bin/sleep", &docker);
    let mut sessions = Vec::new();
    let mut windows = Vec::new();
    for (workspace, label) in [("1", "one"), ("2", "two")] {
        let socket = screen.dir().join(label).display().to_string();
        let script = screen.markers.script(label);
        screen.spawn(&[&shim, "-n", &socket, &script]);
        let title = format!("✳ Fix {label}");
        let client = ["xterm", "-title", &title, "-e", &docker, "86400"];
        windows.push(screen.open(workspace, &client).await);
        sessions.push((screen.pid(label).await, Some(format!("Fix {label}").into())));
    }
    let mut wm = screen.wm().await;
    for (window, session) in windows.iter().zip(&sessions) {
        let found = eventually("docker runs in both", async || {
            wm.forget_facts(true);
            wm.set_sessions(sessions.clone());
            let found = wm.locate(session.0).await.unwrap();
            (found.candidates() == [*window]).then_some(found)
        })
        .await;
        assert_eq!(found.place.confidence, Confidence::Probable, "{found:?}");
    }
    // Without a name of its own nothing tells.
    wm.set_sessions([(sessions[0].0, None), sessions[1].clone()]);
    let found = wm.locate(sessions[0].0).await.unwrap();
    assert!(!found.is_known() && found.place.how.contains("no title tells"), "{found:?}");
}
