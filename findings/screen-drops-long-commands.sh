#!/usr/bin/env bash
# GNU screen 4.9.0 (Debian 12: screen 4.9.0-4), a command with -X whose text is longer than 756 bytes.
#
# Guess: `screen -X stuff TEXT` types the text, or fails. "You cannot paste large buffers with the stuff command", says
# the manual, and of -X that it sends the command to a running session; the limit one knows is that of a terminal's
# line, 4095 bytes, and it would cut the text, or give an exit code.
# Seen: one byte too many, and nothing is typed, with exit code 0 and nothing on stdout or stderr. The words "Remote command
# too long." come on the last line of the session's own terminal for a moment, if one is attached at all. It counts the
# bytes of all words of the command, so that a prompt of 260 Chinese characters is lost. -Q, which refuses `stuff` however
# short ("stuff command cannot be queried."), does tell its caller that a command is too long.
#
# Why it matters here: a prompt that is sent to a session in screen is gone, and its sender believes that it went. It
# has to be sent in pieces, or by readbuf and paste.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work SCREENDIR=$work/screens
unset STY WINDOW
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root screen=4.9.0-4 > /dev/null)
dpkg-deb -x "$work"/screen_*.deb "$work/root"
screen=$work/root/usr/bin/screen
trap '"$screen" -S finding -X quit > /dev/null 2>&1 || true; rm -rf "$work"' EXIT
if ldd "$screen" | grep 'not found'; then
    echo 'screen lacks these libraries: apt-get install screen' >&2
    exit 1
fi
mkdir -m 700 "$SCREENDIR"
"$screen" -c /dev/null -dmS finding sh -c "stty raw -echo min 1; exec cat > '$work/typed'"
for _ in $(seq 300); do [ -e "$work/typed" ] && break; sleep 0.1; done

marks=0
try() { # OPTION TEXT: what the program of the window got of it, until a mark that is typed after it
    local code=0 before words
    before=$(wc -c < "$work/typed")
    words=$("$screen" -S finding -p 0 "$1" stuff "$2" 2>&1) || code=$?
    marks=$((marks + 1))
    "$screen" -S finding -p 0 -X stuff "<$marks>"
    for _ in $(seq 300); do grep -q "<$marks>" "$work/typed" && break; sleep 0.1; done
    echo "$1 stuff, ${#2} characters, $(printf %s "$2" | wc -c) bytes: exit code $code, said '$words'," \
        "typed $(($(wc -c < "$work/typed") - before - 2 - ${#marks}))"
}
as() { printf "%$1s" '' | sed "s/ /$2/g"; }
{
    try -X "$(as 756 a)"
    try -X "$(as 757 a)"
    try -X "$(as 2000 a)"
    try -Q "$(as 756 a)"
    try -Q "$(as 757 a)"
    LC_ALL=C.UTF-8 try -X "$(as 260 好)"
} > "$work/seen"
echo 'screen 4.9.0 seen:'; cat "$work/seen"
expected="-X stuff, 756 characters, 756 bytes: exit code 0, said '', typed 756
-X stuff, 757 characters, 757 bytes: exit code 0, said '', typed 0
-X stuff, 2000 characters, 2000 bytes: exit code 0, said '', typed 0
-Q stuff, 756 characters, 756 bytes: exit code 1, said 'stuff command cannot be queried.', typed 0
-Q stuff, 757 characters, 757 bytes: exit code 1, said 'Remote command too long.', typed 0
-X stuff, 260 characters, 780 bytes: exit code 0, said '', typed 0"
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
