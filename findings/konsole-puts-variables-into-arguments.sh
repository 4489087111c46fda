#!/usr/bin/env bash
# konsole 22.12.3 (Debian 12: konsole 4:22.12.3-1+deb12u1), option -e.
#
# Guess (src/system/terminal.rs before this was seen: "Terminals that run what follows `-e`"): as in xterm, the
# words behind `-e` are the arguments of the program, which gets them as they are. No shell is involved.
# Seen: no shell is, and `*`, `~`, quotes and `$(…)` stay; but konsole itself replaces `$NAME` in every argument by
# the value of the variable, if there is one of that name, in the middle of words too. `\$NAME` stays, with its
# backslash; `${NAME}` and names that are not set stay as well. So there is no way to pass on `$HOME` as such.
#
# Why it matters here: a prompt that asks about $PATH would reach Claude Code, and the model, with the value of
# the user's own variable in it.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
export HOME=$work XDG_RUNTIME_DIR=$work NO_AT_BRIDGE=1
unset WAYLAND_DISPLAY
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root konsole=4:22.12.3-1+deb12u1 > /dev/null)
dpkg-deb -x "$work"/konsole_*.deb "$work/root"
if ldd "$work/root/usr/bin/konsole" | grep 'not found'; then
    echo 'konsole lacks these libraries: apt-get install konsole' >&2
    exit 1
fi
command -v Xvfb dbus-run-session > /dev/null || { echo 'needs xvfb and dbus: apt-get install xvfb dbus' >&2; exit 1; }

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" 2> /dev/null & children+=($!)
read -r -t 30 number < "$work/display"
export DISPLAY=:$number COLOUR=green

cat > "$work/show" <<'SH'
#!/bin/sh
printf '%s\n' "$@" > "$0.part"
mv "$0.part" "$0.seen"
SH
chmod +x "$work/show"
words=('$COLOUR' 'is it $COLOUR?' 'x$COLOUR' '$NOT_SET' '${COLOUR}' '\$COLOUR' '*' '~' '$(date)' "it's \"$\"")
timeout -s KILL 120 dbus-run-session -- "$work/root/usr/bin/konsole" -e "$work/show" "${words[@]}" > /dev/null 2>&1 & children+=($!)
for _ in $(seq 600); do
    [ -e "$work/show.seen" ] && break
    sleep 0.1
done
[ -e "$work/show.seen" ] || { echo 'konsole did not run the program' >&2; exit 1; }
seen=$(cat "$work/show.seen")
echo "konsole 22.12.3, given:"; printf '  %s\n' "${words[@]}"
echo "the program got:"; sed 's/^/  /' <<< "$seen"
expected='green
is it green?
xgreen
$NOT_SET
${COLOUR}
\$COLOUR
*
~
$(date)
it'"'"'s "$"'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
