#!/usr/bin/env bash
# mosquitto 2.0.11 (Debian 12: mosquitto and mosquitto-clients 2.0.11-1.2+deb12u2), an acl_file.
#
# Guess: with QoS 1 the broker acknowledges what it took, so mosquitto_pub -q 1 to a topic that the rights of its
# user forbid fails, as it does for a wrong password.
# Seen: the broker drops the message and acknowledges it all the same. mosquitto_pub ends with 0 and prints
# nothing; with MQTT 5 (-V 5) it prints a warning and still ends with 0. A topic that is not forbidden arrives.
#
# Why it matters here: a pipe into mosquitto_pub whose topic has a typing error runs for months, and nobody ever
# receives anything. Only the warning of MQTT 5 tells it.
set -euo pipefail

work=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
export HOME=$work
version=2.0.11-1.2+deb12u2
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "mosquitto=$version" \
    "mosquitto-clients=$version" "libmosquitto1=$version" > /dev/null)
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libmosquitto.so.1')")
export LD_LIBRARY_PATH PATH="$work/root/usr/sbin:$work/root/usr/bin:$PATH"
if ldd "$work/root/usr/sbin/mosquitto" | grep 'not found'; then
    echo 'mosquitto lacks these libraries: apt-get install mosquitto' >&2
    exit 1
fi
cd "$work"
mosquitto_passwd -c -b passwords gpu secret
printf 'user gpu\ntopic readwrite own/#\n' > rights
chmod 755 "$work"; chmod 644 passwords rights
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous false\npassword_file %s\nacl_file %s\n' \
    "$port" "$work/passwords" "$work/rights" > broker.conf
mosquitto -c broker.conf > log 2>&1 & broker=$!
publish() { timeout 10 mosquitto_pub -h 127.0.0.1 -p "$port" -u gpu -P secret -q 1 "$@" 2>&1; }
for _ in $(seq 100); do publish -t own/begin -m x > /dev/null && break; sleep 0.1; done

timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -u gpu -P secret -q 1 -t '#' -t 'own/#' -v -C 1 > received &
sub=$!
for _ in $(seq 100); do grep -q 'Received SUBSCRIBE\|mosquitto_sub\|as auto' log && break; sleep 0.1; done
sleep 1
told() {
    code=0; words=$(publish "$@") || code=$?
    echo "exit code $code${words:+, $words}"
}
seen="forbidden: $(told -t other/x -m lost)
forbidden, MQTT 5: $(told -V 5 -t other/x -m lost)
wrong password: $(told -P wrong -t own/x -m lost | head -1)
allowed: $(told -t own/x -m kept)"
wait "$sub"
seen="$seen
received: $(cat received)"
echo "mosquitto 2.0.11 seen:"; echo "$seen"
expected='forbidden: exit code 0
forbidden, MQTT 5: exit code 0, Warning: Publish 1 failed: Not authorized.
wrong password: exit code 5, Connection error: Connection Refused: not authorised.
allowed: exit code 0
received: own/x kept'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
