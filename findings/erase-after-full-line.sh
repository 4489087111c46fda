#!/usr/bin/env bash
# xterm 379 (Debian 12: xterm 379-1) and tmux 3.3a (Debian 12: tmux 3.3a-3): CSI K behind a line that fills the width.
#
# Guess: with automatic margins on (the default), a character in the last column leaves the cursor behind it, so
# "erase to the end of the line" erases nothing; and a terminal and a multiplexer agree on that.
# Seen: xterm erases the last character. tmux keeps it; it erases it only with automatic margins off (CSI ? 7 l).
#
# Why it matters here: a program that redraws lines as "text, then CSI K" looks right in tmux and loses the last
# column in xterm. Erased first, then written, it is the same in both.
set -euo pipefail

work=$(mktemp -d)
children=()
export HOME=$work
unset TMUX TMUX_PANE
trap '"$work/root/usr/bin/tmux" -S "$work/s" kill-server 2> /dev/null || true
    for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root xterm=379-1 tmux=3.3a-3 > /dev/null)
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
if ldd "$work/root/usr/bin/xterm" "$work/root/usr/bin/tmux" | grep 'not found'; then
    echo 'libraries are missing: apt-get install xterm tmux' >&2
    exit 1
fi
command -v Xvfb python3 > /dev/null || { echo 'needs Xvfb and python3: apt-get install xvfb python3' >&2; exit 1; }

# Draws three lines of 40 columns: without CSI K, with it, with it and without automatic margins.
cat > "$work/draw.py" <<'PY'
import os, select, sys, tty

LINE = b"x" * 39 + b"Y"
os.write(1, b"\033[2J\033[1;1H" + LINE)
os.write(1, b"\033[2;1H" + LINE + b"\033[K")
os.write(1, b"\033[3;1H\033[?7l" + LINE + b"\033[K\033[?7h\033[5;1H")
if len(sys.argv) > 1:
    # DECRQCRA: the terminal tells a checksum of each last cell, which for one plain cell is its character.
    tty.setraw(0)
    cells = ""
    for row in (1, 2, 3):
        os.write(1, b"\033[%d;1;%d;40;%d;40*y" % (row, row, row))
        answer = b""
        while not answer.endswith(b"\\") and select.select([0], [], [], 30)[0]:
            answer += os.read(0, 100)
        cells += chr(-int(answer.split(b"~")[1][:4], 16) & 0xFFFF)
    with open(sys.argv[1] + ".part", "w") as file:
        file.write(cells)
    os.rename(sys.argv[1] + ".part", sys.argv[1])
else:
    os.system("tmux wait-for -S drawn")
    sys.stdin.read()
PY

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" 2> /dev/null & children+=($!)
read -r -t 30 number < "$work/display"
DISPLAY=:$number timeout 60 "$work/root/usr/bin/xterm" -xrm 'xterm*disallowedWindowOps: SetWinLines' \
    -geometry 40x10 -e python3 "$work/draw.py" "$work/cells" 2> /dev/null || true
xterm=$(cat "$work/cells")

export PATH=$work/root/usr/bin:$PATH
tmux -S "$work/s" -f /dev/null new-session -d -x 40 -y 10 "python3 $work/draw.py"
timeout 30 tmux -S "$work/s" wait-for drawn
tmux=$(tmux -S "$work/s" capture-pane -p -N | head -n 3 | cut -c 40 | tr -d '\n')

echo "the last column without CSI K, with it, with it and no automatic margins:"
echo "xterm 379: [$xterm]"
echo "tmux 3.3a: [$tmux]"
[ "$xterm" = 'Y  ' ] && [ "$tmux" = 'YY ' ] ||
    { echo 'CHANGED: xterm erased the last character in both cases, tmux only without automatic margins' >&2; exit 1; }
