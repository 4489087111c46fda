//! The watcher on real directories.

use super::*;
use crate::session::process::ProcessId;
use std::fs;
use std::path::PathBuf;

const A: Interest = Interest::Session(ProcessId { pid: 1, start: 1 });
const B: Interest = Interest::Session(ProcessId { pid: 2, start: 1 });

fn watcher() -> Watcher {
    Watcher::new(ThreadPool::new("test", Default::default()), Duration::from_millis(4))
}

fn set(watcher: &mut Watcher, interest: Interest, paths: &[PathBuf]) {
    let paths: Vec<SharedPath> = paths.iter().map(|it| it.as_path().into()).collect();
    watcher.set(interest, &paths, Instant::now());
}

async fn changes(watcher: &mut Watcher) -> FileChanges {
    let event = watcher.next().await;
    watcher.take(event, Instant::now())
}

/// Waits for a change of `name`. A registration may be reported before it.
async fn changed(watcher: &mut Watcher, interest: Interest, name: &str) {
    while !changes(watcher).await.files.contains(&(interest, name.into())) {}
}

/// Waits until all watches are registered.
async fn registered(watcher: &mut Watcher) {
    while !watcher.is_registered() {
        changes(watcher).await;
    }
}

#[tokio::test]
async fn only_those_concerned_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut watcher = watcher();
    set(&mut watcher, A, &[dir.path().join("a.json")]);
    set(&mut watcher, B, &[dir.path().join("b.json")]);
    registered(&mut watcher).await;
    fs::write(dir.path().join("c.json"), "1").unwrap();
    fs::write(dir.path().join("a.json"), "1").unwrap();
    let changes = changes(&mut watcher).await;
    assert_eq!(changes.files, BTreeSet::from([(A, "a.json".into())]));
}

#[tokio::test]
async fn a_new_watch_counts_as_a_change() {
    let dir = tempfile::tempdir().unwrap();
    let mut watcher = watcher();
    set(&mut watcher, A, &[dir.path().join("a.json")]);
    let mut found = changes(&mut watcher).await;
    // On a busy machine it is checked first whether the registration hangs.
    while found.files.is_empty() {
        found = changes(&mut watcher).await;
    }
    assert_eq!(found.files, BTreeSet::from([(A, OsString::new())]));
}

#[tokio::test]
async fn a_directory_tells_of_every_name() {
    let dir = tempfile::tempdir().unwrap();
    let mut watcher = watcher();
    let path = PathBuf::from(format!("{}/", dir.path().display()));
    set(&mut watcher, Interest::NewSessions, &[path]);
    registered(&mut watcher).await;
    fs::write(dir.path().join("77.json"), "1").unwrap();
    changed(&mut watcher, Interest::NewSessions, "77.json").await;
}

#[tokio::test]
async fn a_path_is_followed_as_its_directories_come_into_being() {
    let dir = tempfile::tempdir().unwrap();
    let mut watcher = watcher();
    let path = dir.path().join("projects/x/s.jsonl");
    set(&mut watcher, A, std::slice::from_ref(&path));
    registered(&mut watcher).await;
    for name in ["projects", "projects/x"] {
        fs::create_dir(dir.path().join(name)).unwrap();
        changed(&mut watcher, A, "").await;
        registered(&mut watcher).await;
    }
    fs::write(&path, "{}\n").unwrap();
    changed(&mut watcher, A, "s.jsonl").await;
}

#[tokio::test]
async fn a_directory_that_appears_before_the_watch_above_it_is_watched_too() {
    let dir = tempfile::tempdir().unwrap();
    let sub = PathBuf::from(format!("{}/sub/", dir.path().display()));
    let mut watcher = watcher();
    set(&mut watcher, A, std::slice::from_ref(&sub));
    let mut event = watcher.next().await;
    while matches!(&event, WatchEvent::Registered(results) if results.is_empty()) {
        event = watcher.next().await;
    }
    fs::create_dir(&sub).unwrap();
    // The kernel's event of it is read and dropped: the watch was there too late for one.
    let (inotify, _) = watcher.inotify.as_mut().unwrap();
    inotify.events().await;
    let WatchEvent::Registered(results) = &mut event else { panic!("{event}") };
    results[0].is_outdated = true;
    watcher.take(event, Instant::now());
    registered(&mut watcher).await;
    fs::write(sub.join("f"), "1").unwrap();
    changed(&mut watcher, A, "f").await;
}

#[tokio::test]
async fn a_directory_that_was_replaced_is_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let sub = dir.path().join("sub");
    fs::create_dir(&sub).unwrap();
    let mut watcher = watcher();
    set(&mut watcher, A, &[sub.join("f")]);
    registered(&mut watcher).await;
    fs::rename(&sub, dir.path().join("old")).unwrap();
    changed(&mut watcher, A, "").await;
    registered(&mut watcher).await;
    fs::create_dir(&sub).unwrap();
    changed(&mut watcher, A, "").await;
    registered(&mut watcher).await;
    fs::write(sub.join("f"), "1").unwrap();
    changed(&mut watcher, A, "f").await;
}

#[tokio::test]
async fn a_watch_that_ends_while_it_is_registered_is_registered_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut watcher = watcher();
    set(&mut watcher, A, &[dir.path().join("a")]);
    registered(&mut watcher).await;
    // Both are the same watch, which the end of the first interest removes.
    set(&mut watcher, B, &[dir.path().join("b")]);
    set(&mut watcher, A, &[]);
    registered(&mut watcher).await;
    fs::write(dir.path().join("b"), "1").unwrap();
    changed(&mut watcher, B, "b").await;
}

#[tokio::test]
async fn an_interest_without_paths_is_told_nothing_and_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut watcher = watcher();
    set(&mut watcher, A, &[dir.path().join("a")]);
    set(&mut watcher, A, &[]);
    registered(&mut watcher).await;
    assert!(watcher.directories.is_empty() && watcher.disturbed.is_empty());
}

/// As `config-linked`: nothing tells that a link was turned, or that a directory above was moved.
#[tokio::test]
async fn a_path_that_leads_elsewhere_is_watched_there() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["one", "two", "three"] {
        fs::create_dir_all(dir.path().join(name).join("sessions")).unwrap();
    }
    let link = dir.path().join("link");
    std::os::unix::fs::symlink("one", &link).unwrap();
    let mut watcher = watcher();
    set(&mut watcher, A, &[link.join("sessions/a.json")]);
    set(&mut watcher, B, &[link.join("sessions/b.json")]);
    let every = PathBuf::from(format!("{}/", link.join("sessions").display()));
    set(&mut watcher, Interest::NewSessions, &[every]);
    registered(&mut watcher).await;
    let turns: [&dyn Fn(); 2] = [
        &|| {
            fs::remove_file(&link).unwrap();
            std::os::unix::fs::symlink("two", &link).unwrap();
        },
        &|| {
            fs::rename(dir.path().join("two"), dir.path().join("was")).unwrap();
            fs::rename(dir.path().join("three"), dir.path().join("two")).unwrap();
        },
    ];
    for turn in turns {
        watcher.check_paths(Instant::now());
        while !watcher.is_registered() {
            assert_eq!(changes(&mut watcher).await, FileChanges::default());
        }
        turn();
        watcher.check_paths(Instant::now());
        let mut told = BTreeSet::new();
        while told.len() < 3 || !watcher.is_registered() {
            told.extend(changes(&mut watcher).await.files.into_iter().map(|(who, _)| who));
        }
        assert_eq!(told, BTreeSet::from([A, B, Interest::NewSessions]));
        fs::write(link.join("sessions/b.json"), "1").unwrap();
        changed(&mut watcher, B, "b.json").await;
    }
}
