//! A session on another host begins only where the user of that host allows it.

use super::world::{StartWorld, is_alone};
use crate::hosts::{Near, until_state};
use crate::support::fake::said;
use std::fs;

#[test]
fn another_host_starts_what_its_own_user_allows() {
    if !is_alone("start::hosts::another_host_starts_what_its_own_user_allows") {
        return;
    }
    let (far, _far_daemon) = StartWorld::new();
    let near = Near::new("[hosts.gpu]\n");
    near.reaches("gpu", &far.world, "");
    let daemon = near.open();
    until_state(&daemon, "gpu", "up");
    let start = ["new", "web", "--host", "gpu", "--in", "tmux", "--prompt", "$(touch ran); go"];
    let (_, err, code) = said(&near.vmux(&start));
    assert!(code == 4 && err.contains("gpu: no session may be started"), "{err}");
    assert!(err.contains("from_hosts = true"), "{err}");
    let home = far.world.home();
    fs::create_dir_all(home.join(".vmux")).unwrap();
    fs::write(home.join(".vmux/config.toml"), "[start]\nfrom_hosts = true\n").unwrap();
    let (out, err, code) = said(&near.vmux(&start));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("web runs on gpu") && out.contains("vmux switch gpu:web"), "{out}");
    // The steps are those of the vmux there.
    let steps: Vec<&str> = out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(steps, ["directory", "place", "runs", "web"], "{out}");
    assert_eq!(far.given("web")[4..], ["--", "$(touch ran); go"]);
    assert!(!home.join("ran").exists() && far.session("web").is_some());
    // Not there, not a host, and no name.
    for (words, expected) in [
        (&["new", "web", "--host", "none"][..], 1),
        (&["new", "web", "--host=-x"], 1),
        (&["new", "--host", "gpu"], 2),
        (&["new", "web", "--host", "gpu", "--in", "tmux", "--", "--die"], 4),
    ] {
        let (_, err, code) = said(&near.vmux(words));
        assert_eq!(code, expected, "{words:?}: {err}");
    }
    // Sessions of another host are ended there.
    let (_, err, code) = said(&near.vmux(&["end", "gpu:web", "--yes"]));
    assert!(code == 4 && err.contains("runs on gpu"), "{err}");
}
