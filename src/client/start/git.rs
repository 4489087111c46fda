//! Worktrees of git: making one for a session, judging whether one may go, removing it. git itself does it,
//! with arguments; it never removes anything by force.

use super::StartFault;
use super::run;
use crate::session::sanitize::clean;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A large repository on a slow disk takes its time to be checked out.
const CHECKOUT_WITHIN: Duration = Duration::from_secs(100);

/// What `git clean` says of a repository within another one.
const INNER_REPOSITORY: &str = "Would skip repository ";

/// For all else.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// What of the caller's environment would lead git to another repository.
const MISLEADING: &[&str] =
    &["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];

/// A worktree for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// Where it is.
    pub path: PathBuf,
    /// Its branch.
    pub branch: String,
    /// The repository that it belongs to.
    pub root: PathBuf,
    /// Whether it was made just now.
    pub is_new: bool,
    /// Whether its branch was made with it, new or as that of a remote.
    pub is_new_branch: bool,
}

/// A worktree that may be removed: nothing in it would be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removable {
    /// Where it is.
    pub path: PathBuf,
    /// Its branch, which stays; none if it is on no branch.
    pub branch: Option<String>,
    root: PathBuf,
}

/// Makes the worktree `name` of the repository that `dir` is in, at `.claude/worktrees/NAME`, where Claude
/// Code makes its own. Its branch is made if there is none of that name: as that of the remote that has one,
/// else at the commit of `dir`. A worktree that is there already is used.
pub fn add(dir: &Path, name: &str, branch: &str) -> Result<Worktree, StartFault> {
    if branch.is_empty() || branch.starts_with('-') || branch.contains(['\0', '\n']) {
        return Err(StartFault::new("this cannot be the name of a branch"));
    }
    let root = root_of(dir)?;
    let path = root.join(".claude/worktrees").join(name);
    let listed = git(&root, &["worktree", "list", "--porcelain"], ANSWERS_WITHIN)?;
    if let Some(there) = branch_at(&listed, &path) {
        return match there == branch && path.is_dir() {
            true => Ok(Worktree { path, branch: there, root, is_new: false, is_new_branch: false }),
            false => Err(StartFault::new(format!(
                "the worktree {name} is there already, on the branch {there}"
            ))
            .hint("`--worktree BRANCH` with that branch uses it; `git worktree list` lists them")),
        };
    }
    let reference = format!("refs/heads/{branch}");
    let shown = ["show-ref", "--verify", "--quiet", &reference];
    let is_new_branch = git(&root, &shown, ANSWERS_WITHIN).is_err();
    let text = path.display().to_string();
    let make = ["worktree", "add", "-b", branch, "--", &text];
    let take = ["worktree", "add", "--", &text, branch];
    let is_begun = is_new_branch && !is_of_remote(&root, branch)?;
    // From `dir`: a new branch begins at the commit that is checked out there.
    let added = git(dir, if is_begun { &make[..] } else { &take[..] }, CHECKOUT_WITHIN);
    if let Err(fault) = added {
        return Err(if is_new_branch { without_branch(&root, branch, fault) } else { fault });
    }
    Ok(Worktree { path, branch: branch.to_owned(), root, is_new: true, is_new_branch })
}

/// Whether a remote has a branch of this name, which git then takes and follows. An error if several have.
fn is_of_remote(root: &Path, branch: &str) -> Result<bool, StartFault> {
    let refs = ["for-each-ref", "--format=%(refname:short)", &format!("refs/remotes/*/{branch}")];
    let found = git(root, &refs, ANSWERS_WITHIN)?;
    match found.lines().collect::<Vec<_>>()[..] {
        [] => Ok(false),
        [_] => Ok(true),
        [first, ..] => {
            let error = format!("several remotes have a branch {branch}");
            Err(StartFault::new(error)
                .hint(format!("`git branch {branch} {first}` chooses this one")))
        }
    }
}

/// Removes the branch that git made before it failed to make the worktree, as it does if something is at the
/// path. The fault, which also says if the branch stays.
fn without_branch(root: &Path, branch: &str, mut fault: StartFault) -> StartFault {
    let reference = format!("refs/heads/{branch}");
    let is_there = git(root, &["show-ref", "--verify", "--quiet", &reference], ANSWERS_WITHIN);
    // `-d` refuses a branch that has commits of its own, or is checked out.
    let delete = ["branch", "-d", "--", branch];
    if let (Ok(_), Err(stays)) = (is_there, git(root, &delete, ANSWERS_WITHIN)) {
        fault.message = format!("{}; the branch {branch} stays: {}", fault.message, stays.message);
    }
    fault
}

/// Takes back a worktree that was made for a session that did not begin, as long as it is empty. The error
/// says what stays.
pub fn take_back(worktree: &Worktree) -> Result<(), String> {
    let path = worktree.path.display().to_string();
    let stays = |fault: StartFault| format!("the worktree {path} stays: {}", fault.message);
    git(&worktree.root, &["worktree", "remove", "--", &path], CHECKOUT_WITHIN).map_err(stays)?;
    if worktree.is_new_branch {
        let stays = |fault: StartFault| format!("the branch stays: {}", fault.message);
        git(&worktree.root, &["branch", "-d", "--", &worktree.branch], ANSWERS_WITHIN)
            .map_err(stays)?;
    }
    Ok(())
}

/// Whether the worktree that `dir` is in may be removed. The error says what would be lost, or why it is
/// none.
pub fn removable(dir: &Path) -> Result<Removable, StartFault> {
    let root = root_of(dir)?;
    let path = PathBuf::from(git(dir, &["rev-parse", "--show-toplevel"], ANSWERS_WITHIN)?);
    let shown = path.display();
    if is_same(&path, &root) {
        return Err(StartFault::new(format!(
            "{shown} is the repository itself, no worktree of it"
        )));
    }
    if let Some(why) = obstacle(&path)? {
        let fault = StartFault::new(format!("git does not remove {shown}: {why}"));
        return Err(fault.hint("without --worktree the session ends, and the worktree stays"));
    }
    let status = ["status", "--porcelain", "--untracked-files=all", "--ignore-submodules=none"];
    let changes = git(&path, &status, ANSWERS_WITHIN)?.lines().count();
    if changes > 0 {
        let files = if changes == 1 { "1 file is" } else { &format!("{changes} files are") };
        let fault = StartFault::new(format!("{files} not committed in {shown}"));
        return Err(fault.hint("commit, stash or discard that first"));
    }
    let unseen = unseen_files(&git(&path, &["ls-files", "-v", "-z"], ANSWERS_WITHIN)?, &path);
    if unseen > 0 {
        let files = if unseen == 1 { "1 file" } else { &format!("{unseen} files") };
        let fault = format!("git is told not to look for changes of {files} in {shown}");
        let hint = "`git ls-files -v` marks them with h or S; `git update-index \
                    --no-assume-unchanged --no-skip-worktree FILE` has it look again";
        return Err(StartFault::new(fault).hint(hint));
    }
    // Of those that it ignores git names what `clean` would not remove without more force.
    let said = git(&path, &["clean", "-n", "-d", "-x"], CHECKOUT_WITHIN)?;
    if let Some(inner) = said.lines().find_map(|it| it.strip_prefix(INNER_REPOSITORY)) {
        let inner = clean(inner, 200);
        let fault = StartFault::new(format!("{shown} holds a repository of its own: {inner}"));
        return Err(fault.hint("move it elsewhere, or remove it"));
    }
    let branch = git(&path, &["symbolic-ref", "--short", "-q", "HEAD"], ANSWERS_WITHIN).ok();
    // Before its first commit a branch has none that could be lost.
    if git(&path, &["rev-parse", "--verify", "-q", "HEAD"], ANSWERS_WITHIN).is_err() {
        return Ok(Removable { path, branch, root });
    }
    let own = format!("--exclude={}", branch.as_deref().unwrap_or_default());
    let mut count = vec!["rev-list", "--count", "HEAD", "--not", "--remotes", "--tags"];
    if branch.is_some() {
        count.push(&own);
    }
    count.push("--branches");
    let commits = git(&path, &count, ANSWERS_WITHIN)?;
    if commits != "0" {
        let fault = format!("commits that are only in {shown}: {commits}");
        return Err(StartFault::new(fault).hint("push or merge them first"));
    }
    Ok(Removable { path, branch, root })
}

/// How many files are there whose changes git does not look for (`assume-unchanged`, `skip-worktree`), by
/// what `git ls-files -v -z` prints of the worktree at `path`: git removes them whatever they hold
/// (findings/git-worktree-remove-drops-unseen-changes.sh). Those that a sparse checkout leaves out are not
/// there.
fn unseen_files(listed: &str, path: &Path) -> usize {
    let is_unseen = |entry: &&str| {
        let Some((tag, name)) = entry.split_once(' ') else { return false };
        let is_marked = tag == "S" || tag.starts_with(|it: char| it.is_ascii_lowercase());
        // A name that is not UTF-8 cannot be looked up here.
        let is_unreadable = name.contains(char::REPLACEMENT_CHARACTER);
        is_marked && (is_unreadable || path.join(name).symlink_metadata().is_ok())
    };
    listed.split('\0').filter(is_unseen).count()
}

/// Why git would not remove this worktree without force, however clean it is.
fn obstacle(path: &Path) -> Result<Option<&'static str>, StartFault> {
    let listed = git(path, &["worktree", "list", "--porcelain"], ANSWERS_WITHIN)?;
    let is_locked = |block: &str| block.lines().any(|it| it.split(' ').next() == Some("locked"));
    if block_of(&listed, path).is_some_and(is_locked) {
        return Ok(Some("it is locked (`git worktree unlock`)"));
    }
    let modules = git(path, &["rev-parse", "--git-path", "modules"], ANSWERS_WITHIN)?;
    let has_submodules = path.join(".gitmodules").exists() || path.join(modules).exists();
    Ok(has_submodules.then_some("it has submodules"))
}

/// Removes it. git refuses if anything has changed meanwhile.
pub fn remove(worktree: &Removable) -> Result<(), StartFault> {
    let path = worktree.path.display().to_string();
    git(&worktree.root, &["worktree", "remove", "--", &path], CHECKOUT_WITHIN).map(drop)
}

/// The main worktree of the repository that `dir` is in.
fn root_of(dir: &Path) -> Result<PathBuf, StartFault> {
    let paths = ["rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel"];
    let paths = git(dir, &paths, ANSWERS_WITHIN)?;
    let mut paths = paths.lines().map(PathBuf::from);
    let (Some(common), Some(top)) = (paths.next(), paths.next()) else {
        return Err(StartFault::new("git does not say where the repository is"));
    };
    let is_usual = common.file_name().is_some_and(|it| it == ".git");
    Ok(common.parent().filter(|_| is_usual).map_or(top, Path::to_owned))
}

/// The branch of the worktree at `path`, in what `git worktree list --porcelain` prints.
fn branch_at(listed: &str, path: &Path) -> Option<String> {
    let block = block_of(listed, path)?;
    let branch = block.lines().find_map(|line| line.strip_prefix("branch refs/heads/"));
    Some(branch.unwrap_or("(none)").to_owned())
}

/// What is said there of the worktree at `path`.
fn block_of<'a>(listed: &'a str, path: &Path) -> Option<&'a str> {
    let is_it = |block: &&str| {
        let at = block.lines().find_map(|line| line.strip_prefix("worktree "));
        at.is_some_and(|at| is_same(Path::new(at), path))
    };
    listed.split("\n\n").find(is_it)
}

fn is_same(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real(a) == real(b)
}

/// What git prints, without the line break at its end.
fn git(dir: &Path, arguments: &[&str], within: Duration) -> Result<String, StartFault> {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(arguments);
    // A project may name a program that watches its files.
    command.env("GIT_CONFIG_COUNT", "2").env("GIT_CONFIG_KEY_0", "core.fsmonitor");
    command.env("GIT_CONFIG_VALUE_0", "false");
    // Names of files are shown to the user.
    command.env("GIT_CONFIG_KEY_1", "core.quotePath").env("GIT_CONFIG_VALUE_1", "false");
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    for name in MISLEADING {
        command.env_remove(name);
    }
    let output = run::output("git", &mut command, within).map_err(|error| {
        let fault = StartFault::new(&*error);
        if error.contains("cannot be run") { fault.hint("install git") } else { fault }
    })?;
    if output.status.success() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        return Ok(text.trim_end_matches('\n').to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("not a git repository") {
        let dir = clean(&dir.display().to_string(), 200);
        let fault = StartFault::new(format!("{dir} is in no repository of git"));
        return Err(fault.hint("`git init` makes one"));
    }
    if said.contains("must be run in a work tree") {
        let dir = clean(&dir.display().to_string(), 200);
        let fault =
            StartFault::new(format!("{dir} is in a repository of git without files (bare)"));
        return Err(fault.hint("begin in a worktree of it"));
    }
    // The line that says what is wrong; hints may follow.
    let wrong = said.lines().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    let said = wrong
        .map(|line| clean(line.trim_end_matches([';', ',']), 300))
        .or_else(|| run::last_line(&said));
    Err(match said {
        Some(said) => StartFault::new(format!("git says: {said}")),
        None => StartFault::new(format!("git failed: {}", output.status)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        for arguments in [
            &["init", "-q", "-b", "main"][..],
            &["config", "user.email", "dev@localhost"],
            &["config", "user.name", "Dev"],
            &["commit", "-q", "--allow-empty", "-m", "begin"],
        ] {
            git(path, arguments, ANSWERS_WITHIN).unwrap();
        }
        dir
    }

    fn why(result: Result<Removable, StartFault>) -> String {
        result.unwrap_err().message
    }

    #[test]
    fn a_worktree_is_made_used_again_and_taken_back() {
        let dir = repository();
        let made = add(dir.path(), "web", "feat/web").unwrap();
        assert!(made.is_new && made.is_new_branch && made.path.join(".git").is_file());
        assert!(made.path.ends_with(".claude/worktrees/web"));
        // From within it, the same repository is meant.
        let again = add(&made.path, "web", "feat/web").unwrap();
        assert!(!again.is_new && again.path == made.path);
        let other = add(dir.path(), "web", "main").unwrap_err();
        assert!(other.message.contains("feat/web"), "{other:?}");
        // A branch is checked out in one worktree only.
        assert!(add(dir.path(), "docs", "main").unwrap_err().message.starts_with("git says"));
        take_back(&made).unwrap();
        assert!(!made.path.exists());
        let branches = git(dir.path(), &["branch", "--list"], ANSWERS_WITHIN).unwrap();
        assert_eq!(branches, "* main");
        assert!(add(dir.path(), "web", "-x").is_err());
        // git makes the branch first, and only then finds that something is at the path.
        let taken = dir.path().join(".claude/worktrees/taken");
        std::fs::create_dir_all(&taken).unwrap();
        std::fs::write(taken.join("file"), "x").unwrap();
        let fault = add(dir.path(), "taken", "taken").unwrap_err();
        assert!(fault.message.contains("already exists"), "{fault:?}");
        assert!(taken.join("file").exists());
        let branches = git(dir.path(), &["branch", "--list"], ANSWERS_WITHIN).unwrap();
        assert_eq!(branches, "* main");
    }

    #[test]
    fn what_would_be_lost_stays() {
        let dir = repository();
        let made = add(dir.path(), "web", "web").unwrap();
        let own = |arguments: &[&str]| git(&made.path, arguments, ANSWERS_WITHIN).unwrap();
        assert_eq!(removable(&made.path).unwrap().branch.as_deref(), Some("web"));
        std::fs::write(made.path.join("new file"), "x").unwrap();
        assert!(why(removable(&made.path)).starts_with("1 file is not committed"));
        assert!(take_back(&made).unwrap_err().contains("stays"));
        own(&["add", "."]);
        own(&["commit", "-q", "-m", "work"]);
        assert!(why(removable(&made.path)).ends_with(": 1"));
        // Without a branch it is the same.
        own(&["checkout", "-q", "--detach"]);
        own(&["branch", "-q", "-D", "web"]);
        assert!(why(removable(&made.path)).ends_with(": 1"));
        git(dir.path(), &["merge", "-q", &own(&["rev-parse", "HEAD"])], ANSWERS_WITHIN).unwrap();
        let worktree = removable(&made.path).unwrap();
        assert_eq!(worktree.branch, None);
        remove(&worktree).unwrap();
        assert!(!made.path.exists());
        assert!(why(removable(dir.path())).contains("the repository itself"));
    }

    #[test]
    fn changes_that_git_is_told_not_to_see_are_not_lost() {
        let dir = repository();
        let made = add(dir.path(), "web", "web").unwrap();
        let own = |arguments: &[&str]| git(&made.path, arguments, ANSWERS_WITHIN).unwrap();
        for name in ["a file", "b"] {
            std::fs::write(made.path.join(name), "x").unwrap();
        }
        own(&["add", "."]);
        own(&["commit", "-q", "-m", "work"]);
        own(&["branch", "-q", "keep"]);
        own(&["update-index", "--assume-unchanged", "a file"]);
        own(&["update-index", "--skip-worktree", "b"]);
        assert!(why(removable(&made.path)).contains("of 2 files"));
        // As in a sparse checkout.
        std::fs::remove_file(made.path.join("b")).unwrap();
        assert!(why(removable(&made.path)).contains("of 1 file"));
        own(&["update-index", "--no-assume-unchanged", "a file"]);
        assert!(removable(&made.path).is_ok());
        assert_eq!(unseen_files("h \u{FFFD}\0H \u{FFFD}\0", &made.path), 1);
    }

    #[test]
    fn a_branch_that_a_remote_has_is_taken_from_there() {
        let (dir, remote) = (repository(), repository());
        let theirs = |arguments: &[&str]| git(remote.path(), arguments, ANSWERS_WITHIN).unwrap();
        theirs(&["checkout", "-q", "-b", "feat"]);
        theirs(&["commit", "-q", "--allow-empty", "-m", "theirs"]);
        let own = |arguments: &[&str]| git(dir.path(), arguments, ANSWERS_WITHIN).unwrap();
        let address = remote.path().display().to_string();
        own(&["remote", "add", "origin", &address]);
        own(&["fetch", "-q", "origin"]);
        let made = add(dir.path(), "web", "feat").unwrap();
        assert!(made.is_new_branch);
        let at = git(&made.path, &["log", "-1", "--format=%s"], ANSWERS_WITHIN).unwrap();
        assert_eq!(at, "theirs");
        take_back(&made).unwrap();
        own(&["remote", "add", "other", &address]);
        own(&["fetch", "-q", "other"]);
        let fault = add(dir.path(), "web", "feat").unwrap_err();
        assert!(fault.message.contains("several remotes"), "{fault:?}");
    }

    #[test]
    fn a_repository_in_an_ignored_folder_stays() {
        let dir = repository();
        let made = add(dir.path(), "web", "web").unwrap();
        std::fs::write(dir.path().join(".git/info/exclude"), "out/\n").unwrap();
        std::fs::create_dir_all(made.path.join("out/cache")).unwrap();
        std::fs::write(made.path.join("out/cache/file"), "x").unwrap();
        assert!(removable(&made.path).is_ok());
        let inner = made.path.join("out/a \u{e4}");
        std::fs::create_dir(&inner).unwrap();
        git(&inner, &["init", "-q"], ANSWERS_WITHIN).unwrap();
        let why = why(removable(&made.path));
        assert!(why.contains("a repository of its own: ") && why.contains("out/a \u{e4}"), "{why}");
    }

    #[test]
    fn a_branch_without_a_commit_loses_none() {
        let dir = repository();
        let made = add(dir.path(), "web", "web").unwrap();
        // As git makes it in a repository without a commit, from 2.42 on.
        git(&made.path, &["checkout", "-q", "--orphan", "new"], ANSWERS_WITHIN).unwrap();
        assert_eq!(removable(&made.path).unwrap().branch.as_deref(), Some("new"));
        std::fs::write(made.path.join("file"), "x").unwrap();
        assert!(why(removable(&made.path)).starts_with("1 file is not committed"));
    }

    #[test]
    fn what_git_would_not_remove_is_known_before() {
        let dir = repository();
        let made = add(dir.path(), "web", "web").unwrap();
        let own = |arguments: &[&str]| git(&made.path, arguments, ANSWERS_WITHIN).unwrap();
        own(&["worktree", "lock", "--reason", "on a disk", "."]);
        assert!(why(removable(&made.path)).contains("it is locked"));
        own(&["worktree", "unlock", "."]);
        assert!(removable(&made.path).is_ok());
        std::fs::write(made.path.join(".gitmodules"), "").unwrap();
        assert!(why(removable(&made.path)).contains("it has submodules"));
    }

    #[test]
    fn a_directory_without_a_repository_says_so() {
        let bare = tempfile::tempdir().unwrap();
        git(bare.path(), &["init", "-q", "--bare"], ANSWERS_WITHIN).unwrap();
        let fault = add(bare.path(), "web", "web").unwrap_err();
        assert!(fault.message.ends_with("without files (bare)"), "{fault:?}");
        let dir = tempfile::tempdir().unwrap();
        let fault = add(dir.path(), "web", "web").unwrap_err();
        assert!(fault.message.ends_with("is in no repository of git"), "{fault:?}");
        assert!(add(Path::new("/nowhere"), "web", "web").is_err());
    }
}
