//! The transcripts of a session's subagents.
//!
//! From 2.1.20 on they are `<session id>/subagents/agent-*.jsonl`, and those of workflows two
//! directories deeper (2.1.332); 2.0.77 writes `agent-*.jsonl` beside the session's own file. 1.0.128
//! writes them into the session's file when they are over: nothing to follow.

mod subagent;

use super::turn::{OPEN_END_AFTER, Phase, Turn};
use crate::claude::input::json;
use crate::claude::input::{self, FileStamp};
use crate::session::Timestamp;
use crate::session::shared::SharedPath;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use subagent::Subagent;

/// Most subagents that are followed at once: a bound, not an expectation.
const MAX_FOLLOWED: usize = 1024;

/// Most finished subagents that are still followed: one may be given more to do.
const MAX_FINISHED_FOLLOWED: usize = 16;

/// Most subagents that are no longer followed and remembered by name.
const MAX_PASSED: usize = 4096;

/// Most directories that are looked at, beside new ones: each workflow has one.
const MAX_FOLDERS: usize = 64;

/// How many directories deep the subagents of workflows are: `subagents/workflows/wf_<id>` (2.1.332).
const MAX_DEPTH: u8 = 2;

/// How much of a transcript is read for its first line, in bytes.
const MAX_FIRST_LINE: u64 = 64 * 1024;

/// The subagents of one session.
#[derive(Debug, Default)]
pub(crate) struct Subagents {
    main: Option<SharedPath>,
    folders: Vec<Folder>,
    known: Vec<Subagent>,
    /// Finished ones, with the state of their file then; of other sessions' the name alone.
    passed: BTreeMap<PathBuf, Option<FileStamp>>,
    /// Subagents last written before this are over.
    since: Timestamp,
}

#[derive(Debug)]
struct Folder {
    path: SharedPath,
    kind: FolderKind,
    stamp: Option<FileStamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FolderKind {
    /// `<session id>/subagents`, or so many directories deeper, where workflows keep theirs.
    Own(u8),
    /// Where the session's own file is.
    Beside,
}

impl Subagents {
    /// Reads what is new of the subagents of the transcript `main`, some of which `may_be_beside` it:
    /// thousands of other files are there. Those whose files were last written before `since` (the
    /// start of the process) are over and not read.
    pub(crate) fn look(
        &mut self,
        main: &Path,
        may_be_beside: bool,
        since: Timestamp,
        now: Timestamp,
    ) {
        if self.main.as_deref() != Some(main) {
            let folders = vec![Folder::new(folder(main), FolderKind::Own(0))];
            *self = Subagents { main: Some(main.into()), folders, ..Subagents::default() };
            let beside = main.parent().filter(|_| may_be_beside).map(Path::to_owned);
            self.folders.extend(beside.map(|path| Folder::new(path, FolderKind::Beside)));
        }
        self.since = since;
        self.forget_folders();
        // Nested directories are appended, and listed in the same pass.
        let mut position = 0;
        while let Some(folder) = self.folders.get_mut(position) {
            let stamp = input::stamp(&folder.path);
            // A directory changes when a name in it does.
            if stamp != folder.stamp {
                let (path, kind) = (folder.path.clone(), folder.kind);
                let decided = self.find(&path, kind);
                self.folders[position].stamp = stamp.filter(|_| decided);
            }
            position += 1;
        }
        self.folders.retain(|folder| !folder.is_nested() || folder.stamp.is_some());
        for agent in &mut self.known {
            agent.look();
        }
        self.forget(now);
    }

    /// The turns of the subagents that are not over at `now`.
    pub(crate) fn running(&self, now: Timestamp) -> impl Iterator<Item = &Turn> {
        self.known.iter().filter(move |agent| agent.is_running(now)).map(Subagent::turn)
    }

    /// When one of their files was last written to.
    pub(crate) fn written_at(&self) -> Option<Timestamp> {
        self.known.iter().filter_map(|agent| agent.transcript.written_at()).max()
    }

    /// Whether any was found.
    pub(crate) fn any(&self) -> bool {
        !self.known.is_empty()
    }

    /// When the next subagent whose last message has no stop reason counts as over.
    pub(crate) fn next_quiet(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.known.iter().filter(|agent| agent.turn().phase == Phase::Said);
        open.filter_map(|agent| Some(agent.transcript.written_at()? + OPEN_END_AFTER))
            .filter(|at| *at > now)
            .min()
    }

    /// Directories below that of the session's subagents in which one runs.
    pub(crate) fn nested(&self, now: Timestamp) -> impl Iterator<Item = &SharedPath> {
        let runs = move |folder: &&Folder| {
            let mut running = self.known.iter().filter(|agent| agent.is_running(now));
            running.any(|agent| agent.transcript.path.parent() == Some(&*folder.path))
        };
        self.folders.iter().filter(|folder| folder.is_nested()).filter(runs).map(|it| &it.path)
    }

    /// Leaves out the directories in which nothing was begun for longest, if there are too many.
    fn forget_folders(&mut self) {
        if self.folders.len() > MAX_FOLDERS {
            // Those that hold others stay.
            self.folders.sort_by_key(|folder| {
                let changed = folder.stamp.map(|stamp| stamp.modified);
                (folder.kind == FolderKind::Own(MAX_DEPTH), std::cmp::Reverse(changed))
            });
            self.folders.truncate(MAX_FOLDERS);
        }
    }

    /// Looks for new subagents. False if one was just made and does not name its session yet: then the
    /// directory must be read once more, although it does not change.
    fn find(&mut self, folder: &Path, kind: FolderKind) -> bool {
        let Ok(entries) = std::fs::read_dir(folder) else { return true };
        let (mut new, mut decided) = (Vec::new(), true);
        let known: HashSet<SharedPath> =
            self.known.iter().map(|it| it.transcript.path.clone()).collect();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let path = entry.path();
            if let FolderKind::Own(depth @ 0..MAX_DEPTH) = kind
                && entry.file_type().is_ok_and(|kind| kind.is_dir())
            {
                if !self.folders.iter().any(|folder| *folder.path == *path) {
                    self.folders.push(Folder::new(path, FolderKind::Own(depth + 1)));
                }
                continue;
            }
            if !is_agent(&path)
                || !name.ends_with(".jsonl")
                || known.contains(path.as_path())
                || self.is_foreign(&path)
            {
                continue;
            }
            let stamp = input::stamp(&path);
            let recent =
                stamp.is_some_and(|it| it.modified_millis() >= self.since.timestamp_millis());
            if !recent || self.passed.get(&path).is_some_and(|passed| *passed == stamp) {
                continue;
            }
            let is_own = if kind == FolderKind::Beside {
                self.main.as_deref().and_then(|main| is_agent_of(&path, main))
            } else {
                Some(true)
            };
            match is_own {
                Some(true) => new.push((stamp, path)),
                Some(false) => self.pass(path, None),
                None => decided = false,
            }
        }
        new.sort_by_key(|(stamp, _)| std::cmp::Reverse(stamp.map(|stamp| stamp.modified)));
        new.truncate(MAX_FOLLOWED.saturating_sub(self.known.len()));
        self.known.extend(new.into_iter().map(|(_, path)| Subagent::new(path)));
        decided
    }

    /// Whether it is another session's: a subagent never moves to another one.
    fn is_foreign(&self, path: &Path) -> bool {
        matches!(self.passed.get(path), Some(None))
    }

    /// Stops following subagents that finished long ago.
    fn forget(&mut self, now: Timestamp) {
        let over = self.known.iter().filter(|agent| agent.is_over(now)).count();
        if over <= MAX_FINISHED_FOLLOWED {
            return;
        }
        let (mut over, kept): (Vec<Subagent>, Vec<Subagent>) =
            std::mem::take(&mut self.known).into_iter().partition(|agent| agent.is_over(now));
        self.known = kept;
        over.sort_by_key(|agent| std::cmp::Reverse(agent.transcript.written_at()));
        for agent in over.split_off(MAX_FINISHED_FOLLOWED) {
            // A file that is gone may come back.
            if let Some(stamp) = agent.transcript.stamp() {
                self.pass(agent.transcript.path.to_path_buf(), Some(stamp));
            }
        }
        self.known.extend(over);
    }

    fn pass(&mut self, path: PathBuf, stamp: Option<FileStamp>) {
        if self.passed.len() >= MAX_PASSED {
            self.passed.pop_first();
        }
        self.passed.insert(path, stamp);
    }
}

impl Folder {
    fn new(path: PathBuf, kind: FolderKind) -> Folder {
        Folder { path: path.into(), kind, stamp: None }
    }

    fn is_nested(&self) -> bool {
        matches!(self.kind, FolderKind::Own(1..))
    }
}

/// Whether a path names a subagent's transcript.
pub(crate) fn is_agent(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("agent-"))
}

/// The directory of a transcript's subagents (from 2.1.20 on).
pub(crate) fn folder(main: &Path) -> PathBuf {
    let mut folder = main.with_extension("").join("subagents");
    folder.shrink_to_fit();
    folder
}

/// Whether a subagent's transcript beside `main` names the session of `main`; none while it has no
/// whole line.
fn is_agent_of(path: &Path, main: &Path) -> Option<bool> {
    let Ok((file, stamp)) = input::open(path) else { return Some(false) };
    let length = usize::try_from(stamp.size.min(MAX_FIRST_LINE)).unwrap_or(0);
    let Ok(bytes) = input::read_at(&file, 0, length) else { return Some(false) };
    let end = bytes.iter().position(|byte| *byte == b'\n');
    if end.is_none() && stamp.size < MAX_FIRST_LINE {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes[..end.unwrap_or(length.min(bytes.len()))]);
    let session = json::pick(&text, &["sessionId"]).and_then(|[id]| json::text(id));
    let stem = main.file_stem().and_then(|stem| stem.to_str());
    Some(stem.is_some() && session.as_deref() == stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;
    use std::fs;

    const PROMPT: &str = r#"{"type":"user","isSidechain":true,"timestamp":"2026-11-20T16:00:03Z","message":{"content":"go"}}"#;
    const END: &str = r#"{"type":"assistant","isSidechain":true,"timestamp":"2026-11-20T16:00:04Z","message":{"content":[{"type":"text","text":"x"}],"stop_reason":"end_turn"}}"#;

    struct World {
        dir: tempfile::TempDir,
        agents: Subagents,
    }

    impl World {
        fn new() -> World {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir_all(dir.path().join("main/subagents/nested")).unwrap();
            World { dir, agents: Subagents::default() }
        }

        fn write(&self, name: &str, lines: &[&str]) {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(self.dir.path().join("main/subagents").join(name), text).unwrap();
        }

        fn beside(&self, name: &str) -> PathBuf {
            self.dir.path().join(format!("agent-{name}.jsonl"))
        }

        /// How many run.
        fn look(&mut self) -> usize {
            self.agents.look(&self.dir.path().join("main.jsonl"), true, time(0), time(10_000));
            self.agents.running(time(10_000)).count()
        }
    }

    #[test]
    fn those_that_are_over_make_room() {
        let mut world = World::new();
        world.write("agent-a.jsonl", &[PROMPT]);
        for number in 0..MAX_FOLLOWED + 100 {
            world.write(&format!("agent-b{number}.jsonl"), &[PROMPT, END]);
            if number % 100 == 0 {
                assert_eq!(world.look(), 1);
            }
        }
        world.look();
        assert_eq!(world.agents.known.len(), MAX_FINISHED_FOLLOWED + 1);
        world.write("agent-c.jsonl", &[PROMPT]);
        assert_eq!(world.look(), 2);
        assert_eq!(
            world.agents.known.len(),
            MAX_FINISHED_FOLLOWED + 2,
            "the others are not read again"
        );
        world.write("agent-b0.jsonl", &[PROMPT]);
        world.write("agent-d.jsonl", &[PROMPT]);
        assert_eq!(world.look(), 4, "one was given more to do");
    }

    #[test]
    fn each_of_many_that_run_counts() {
        let mut world = World::new();
        for number in 0..500 {
            world.write(&format!("agent-{number}.jsonl"), &[PROMPT]);
        }
        assert_eq!(world.look(), 500);
    }

    #[test]
    fn those_of_workflows_are_seen_when_they_come() {
        let mut world = World::new();
        assert_eq!(world.look(), 0);
        world.write("nested/agent-a.jsonl", &[PROMPT]);
        assert_eq!(world.look(), 1);
        world.write("nested/agent-b.jsonl", &[PROMPT]);
        assert_eq!(world.look(), 2);
        fs::remove_dir_all(world.dir.path().join("main/subagents/nested")).unwrap();
        assert_eq!(world.look(), 0);
        assert_eq!(world.agents.folders.len(), 2);
    }

    /// As `workflow-asks` (2.1.332).
    #[test]
    fn those_of_workflows_are_two_directories_deeper() {
        let mut world = World::new();
        let path = |name: &str| format!("workflows/wf_{name}/agent-a.jsonl");
        for number in 0..MAX_FOLDERS * 2 {
            let name = format!("{number}");
            let folder = world.dir.path().join("main/subagents/workflows/wf_".to_owned() + &name);
            fs::create_dir_all(folder).unwrap();
            world.write(&path(&name), &[PROMPT]);
            assert_eq!(world.look(), 1);
            assert_eq!(world.agents.nested(time(10_000)).count(), 1);
            world.write(&path(&name), &[PROMPT, END]);
            assert_eq!(world.look(), 0);
            assert_eq!(world.agents.nested(time(10_000)).count(), 0);
            assert!(world.agents.folders.len() <= MAX_FOLDERS + 1);
        }
    }

    #[test]
    fn those_of_other_sessions_are_only_passed() {
        let mut world = World::new();
        for (name, id) in [("a", "main"), ("b", "other")] {
            fs::write(world.beside(name), of_session(id) + "\n").unwrap();
        }
        assert_eq!(world.look(), 1);
        assert_eq!((world.agents.known.len(), world.agents.passed.len()), (1, 1));
    }

    #[test]
    fn one_that_was_just_made_is_found_when_it_says_whose_it_is() {
        let mut world = World::new();
        let line = of_session("main");
        for (text, running) in [("", 0), (&line[..40], 0), (&(line.clone() + "\n"), 1)] {
            // The directory does not change after the first time.
            fs::write(world.beside("a"), text).unwrap();
            assert_eq!(world.look(), running);
        }
    }

    /// The prompt of a subagent of this session.
    fn of_session(id: &str) -> String {
        PROMPT.replacen('{', &format!(r#"{{"sessionId":"{id}","#), 1)
    }
}
