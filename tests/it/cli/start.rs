//! `vmux` starts vmuxd when none runs: the real one, in a world of its own.

use crate::support::desk::need_own_processes;
use crate::support::fake::{program, said, vmux};
use std::path::Path;
use std::process::{Command, Output};

/// `vmux` that may start vmuxd, in `dir`.
fn starting(dir: &Path, args: &[&str]) -> Command {
    let mut command = vmux(dir, args);
    command.env_remove("VMUX_NO_START").env("XDG_RUNTIME_DIR", dir);
    command
}

fn stop(dir: &Path) -> (String, String, i32) {
    said(&starting(dir, &["stop"]).output().unwrap())
}

#[test]
fn the_first_command_starts_it_and_leaves_nothing_but_its_log() {
    need_own_processes();
    let world = tempfile::tempdir().unwrap();
    let begun = std::time::Instant::now();
    let (out, err, code) = said(&starting(world.path(), &["list", "--json"]).output().unwrap());
    assert!(out.starts_with('['), "{out}");
    assert_eq!((err.as_str(), code), ("", 0));
    // Who does not hear it waits for exactly as long.
    assert!(begun.elapsed().as_secs() < 5, "it did not hear that vmuxd is ready");
    let home: Vec<_> = std::fs::read_dir(world.path().join("vmux")).unwrap().collect();
    let names = home.into_iter().map(|it| it.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|it| !it.starts_with("start-")));
    assert_eq!(stop(world.path()), (String::new(), String::new(), 0));
    assert_eq!(stop(world.path()).2, 3);
}

#[test]
fn two_at_once_both_get_there() {
    need_own_processes();
    let world = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = starting(world.path(), &["list", "--json"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let ends: Vec<Output> = children.into_iter().map(|it| it.wait_with_output().unwrap()).collect();
    for output in ends {
        let (out, err, code) = said(&output);
        assert_eq!((&out[..1], err.as_str(), code), ("[", "", 0));
    }
    assert_eq!(stop(world.path()).2, 0);
}

#[test]
fn no_start_means_no() {
    let world = tempfile::tempdir().unwrap();
    let (_, err, code) = said(&starting(world.path(), &["--no-start"]).output().unwrap());
    assert!(err.starts_with("error: vmuxd is not running\nhint: "), "{err}");
    assert_eq!(code, 3);
    assert!(!world.path().join("vmux").exists());
}

#[test]
fn a_vmuxd_that_fails_is_quoted() {
    let world = tempfile::tempdir().unwrap();
    // Beside this vmux there is no vmuxd, so that the one in PATH is taken.
    let alone = world.path().join("alone");
    std::fs::create_dir(&alone).unwrap();
    let copy = alone.join("vmux");
    crate::support::program::copy(env!("CARGO_BIN_EXE_vmux"), &copy);
    let run = || {
        let mut command = Command::new(&copy);
        let model = starting(world.path(), &["list"]);
        command.arg("list").env_clear();
        command.envs(model.get_envs().filter_map(|(key, value)| Some((key, value?))));
        said(&command.output().unwrap())
    };
    let (_, err, code) = run();
    assert!(err.contains("vmuxd does not start: no such file"), "{err}");
    assert!(err.contains("\nhint: is vmuxd installed"), "{err}");
    assert_eq!(code, 3);
    program(world.path(), "vmuxd", "echo noise; echo 'the moon is full' >&2; exit 1");
    let mut ends = Vec::new();
    for _ in 0..2 {
        ends.push(run());
    }
    for (_, err, code) in ends {
        assert!(err.starts_with("error: vmuxd did not start: the moon is full\nhint: "), "{err}");
        assert_eq!(code, 3);
    }
}
