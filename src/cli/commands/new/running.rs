//! A session of the name runs already: what of the command line does not hold for it. Pure.

use crate::cli::args::options::start::NewArgs;
use std::path::Path;

/// Where Claude Code and vmux make worktrees, below the repository.
const WORKTREES: &str = "/.claude/worktrees/";

/// Whether a session in `cwd` can be the one that was to begin in `dir`: there, below it, or in a worktree
/// of the repository that `dir` is in. Both are absolute.
pub fn is_in(cwd: &Path, dir: &Path) -> bool {
    let text = cwd.to_string_lossy();
    let repository = text.split_once(WORKTREES).map(|(above, _)| Path::new(above));
    cwd.starts_with(dir) || repository.is_some_and(|it| dir.starts_with(it))
}

/// The options that only a session that begins can have, as they are written.
pub fn unused(args: &NewArgs) -> Vec<&'static str> {
    let given = [
        ("--prompt", args.prompt.is_some()),
        ("--worktree", args.worktree.is_some()),
        ("--in", args.place.is_some()),
        ("--workspace", args.workspace.is_some()),
        ("--template", args.template.is_some()),
        ("--wait", args.wait),
        ("what follows --", !args.args.is_empty()),
    ];
    given.into_iter().filter(|(_, is_given)| *is_given).map(|(option, _)| option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_in_its_directory_or_in_a_worktree_of_it() {
        let is_in = |cwd: &str, dir: &str| is_in(Path::new(cwd), Path::new(dir));
        assert!(is_in("/src/web", "/src/web"));
        assert!(is_in("/src/web/sub", "/src/web"));
        assert!(is_in("/src/web/.claude/worktrees/fix", "/src/web"));
        assert!(is_in("/src/web/.claude/worktrees/fix", "/src/web/sub"));
        assert!(!is_in("/src/web/.claude/worktrees/fix", "/src/docs"));
        assert!(!is_in("/src/web-2", "/src/web"));
        assert!(!is_in("/src", "/src/web"));
    }

    #[test]
    fn options_of_a_start_are_named() {
        assert!(unused(&NewArgs { dir: Some("/a".into()), ..NewArgs::default() }).is_empty());
        let args = NewArgs {
            prompt: Some("x".to_owned()),
            args: vec!["--model".to_owned()],
            ..NewArgs::default()
        };
        assert_eq!(unused(&args), ["--prompt", "what follows --"]);
    }
}
