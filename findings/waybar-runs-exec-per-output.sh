#!/usr/bin/env bash
# waybar 0.9.17 (Debian 12: waybar 0.9.17-2) on sway 1.7 with two outputs.
#
# Guess: a custom module's `exec` is one program, whose lines every bar shows, so that what it costs does
# not depend on how many screens there are.
# Seen: each output gets a bar with modules of its own, and each module starts `exec`: two outputs, two
# programs. When waybar is killed (kill -9, a crash) they stay: nothing ends a program that has
# nothing to print and so never meets the closed pipe.
#
# Why it matters here: `vmux status --follow` in a bar is one connection for each screen, each of which must
# notice by itself that its reader is gone.
set -euo pipefail

work=$(mktemp -d)
sway= bar=
finish() {
    local program
    for program in $bar $sway $(cat "$work/run/started" 2> /dev/null); do kill -KILL "$program" 2> /dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
unset DISPLAY WAYLAND_DISPLAY I3SOCK SWAYSOCK DBUS_SESSION_BUS_ADDRESS
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
for package in sway=1.7-6 waybar=0.9.17-2; do
    name=${package%%=*}
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$package" > /dev/null)
    dpkg-deb -x "$work/$name"_*.deb "$work/root"
    if ldd "$work/root/usr/bin/$name" | grep 'not found'; then
        echo "$name lacks these libraries: apt-get install $name" >&2
        exit 1
    fi
done

# sway refuses to run as root.
user=()
if [ "$(id -u)" = 0 ]; then
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 755 "$work"
    chown -R 65534:65534 "$HOME" "$XDG_RUNTIME_DIR"
fi
echo 'xwayland disable' > "$work/sway.conf"
WLR_BACKENDS=headless WLR_HEADLESS_OUTPUTS=2 WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman \
    "${user[@]}" "$work/root/usr/bin/sway" -c "$work/sway.conf" > "$work/sway.log" 2>&1 & sway=$!
for _ in $(seq 300); do
    display=$(find "$XDG_RUNTIME_DIR" -name 'wayland-?')
    [ -z "$display" ] || break
    sleep 0.1
done

cat > "$work/follow" <<SH
#!/bin/sh
echo \$\$ >> $work/run/started
echo hello
exec sleep 3600
SH
chmod 755 "$work/follow"
echo "{\"modules-left\": [\"custom/follow\"], \"custom/follow\": {\"exec\": \"$work/follow\"}}" > "$work/config"
: > "$work/style.css"
WAYLAND_DISPLAY=$display "${user[@]}" "$work/root/usr/bin/waybar" -c "$work/config" -s "$work/style.css" > "$work/bar.log" 2>&1 & bar=$!
count() { [ ! -e "$work/run/started" ] || wc -l < "$work/run/started"; }
for _ in $(seq 300); do [ "$(count)" = 2 ] && break; sleep 0.1; done
# A bar may be configured more than once; its output counts once.
outputs=$(grep -o 'Bar configured.* for output: .*' "$work/bar.log" | sed 's/.*output: //' | sort -u | wc -l)
started=$(count)
kill -KILL "$bar"
wait "$bar" 2> /dev/null || true
bar=
alive=0
while read -r program; do [ ! -d "/proc/$program" ] || alive=$((alive + 1)); done < "$work/run/started"
echo "waybar 0.9.17 seen: bars: $outputs, programs started by one exec: $started, alive after waybar was killed: $alive"
[ "$outputs" = 2 ] && [ "$started" = 2 ] && [ "$alive" = 2 ] || { echo 'CHANGED: 2, 2 and 2' >&2; cat "$work/bar.log" >&2; exit 1; }
