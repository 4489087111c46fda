#!/usr/bin/env bash
# git 2.39.5 (Debian 12: git 1:2.39.5-0+deb12u3), `git worktree remove` without --force.
#
# Guess: git-worktree(1) says that only clean worktrees can be removed, with "no modification in tracked
# files", and that anything else needs --force. So a changed file keeps its worktree.
# Seen: a tracked file that was changed after `git update-index --skip-worktree` or `--assume-unchanged`,
# as people do to keep local settings out of commits, is removed with the worktree, with exit code 0 and
# without a word. What it held is in no commit, no stash and no reflog. The same change without the flag
# makes git refuse.
#
# Why it matters here: what removes a worktree "only if nothing is lost" cannot leave that to git. `git
# ls-files -v` shows such files, as `h` and `S`.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@localhost
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root git=1:2.39.5-0+deb12u3 > /dev/null)
dpkg-deb -x "$work"/git_*.deb "$work/root"
export GIT_EXEC_PATH=$work/root/usr/lib/git-core GIT_TEMPLATE_DIR=
git() { "$work/root/usr/bin/git" "$@"; }
git --version

git init -q "$work/main"
cd "$work/main"
echo 'port = 80' > settings
git add settings
git commit -q -m begin
refused=0
lost=0
for flag in none assume-unchanged skip-worktree; do
    git worktree add -q -b "$flag" "$work/$flag"
    [ "$flag" = none ] || git -C "$work/$flag" update-index "--$flag" settings
    echo 'port = 8080' > "$work/$flag/settings"
    if git worktree remove "$work/$flag" 2> "$work/said"; then
        echo "seen: $flag: removed, and the change with it; git said: \"$(cat "$work/said")\""
        [ -e "$work/$flag" ] || lost=$((lost + 1))
    else
        echo "seen: $flag: refused: $(cat "$work/said")"
        refused=$((refused + 1))
    fi
done
[ "$refused" = 1 ] && [ "$lost" = 2 ] ||
    { echo 'CHANGED: git looks at such files before it removes a worktree' >&2; exit 1; }
