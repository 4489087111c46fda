#!/usr/bin/env bash
# notify-send 0.8.1 (Debian 12: libnotify-bin 0.8.1-1), the body.
#
# Guess: summary and body arrive at the notification daemon as they were given. The manual knows no escapes; all
# that the Desktop Notifications Specification wants of a body is that & < > are escaped for its markup.
# Seen: the body is unescaped as a C string, and the summary is not: \t and \n become a tab and a line, \101
# becomes A, and the backslash before anything else is gone. A second backslash keeps it.
#
# Why it matters here: the words of a notification that asks for a permission are a command. `rm -- \*`, which
# removes one file, is shown as `rm -- *`, which removes all. So each backslash of a body has to be doubled,
# and none of a summary.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
export HOME=$work XDG_RUNTIME_DIR=$work
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root libnotify-bin=0.8.1-1 libnotify4=0.8.1-1 > /dev/null)
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name libnotify.so.4)")
export LD_LIBRARY_PATH
if ldd "$work/root/usr/bin/notify-send" | grep 'not found'; then
    echo 'notify-send lacks these libraries: apt-get install libnotify-bin' >&2
    exit 1
fi
command -v dbus-daemon > /dev/null || { echo 'needs dbus-daemon: apt-get install dbus' >&2; exit 1; }
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" jeepney==0.9.0

mkfifo "$work/address" "$work/ready"
dbus-daemon --session --nofork --nopidfile --print-address=4 4> "$work/address" 2> /dev/null & children+=($!)
read -r -t 30 DBUS_SESSION_BUS_ADDRESS < "$work/address"
export DBUS_SESSION_BUS_ADDRESS

# A daemon that writes down what it is told to show.
cat > "$work/daemon.py" <<'PY'
import sys
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

bus = open_dbus_connection("SESSION")
bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))
with open(sys.argv[1], "w") as ready:
    print("ready", file=ready)
while True:
    message = bus.receive()
    if message.header.message_type != MessageType.method_call:
        continue
    member = message.header.fields[HeaderFields.member]
    if member == "Notify":
        _, _, _, summary, body, *_ = message.body
        print(ascii(summary), ascii(body), flush=True)
        answer = new_method_return(message, "u", (1,))
    elif member == "GetServerInformation":
        answer = new_method_return(message, "ssss", ("finding", "finding", "1", "1.2"))
    elif member == "GetCapabilities":
        answer = new_method_return(message, "as", (["body"],))
    else:
        answer = new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
    bus.send(answer)
PY
PYTHONPATH=$work/py python3 "$work/daemon.py" "$work/ready" > "$work/shown" & children+=($!)
read -r -t 30 _ < "$work/ready"

for words in 'rm -- \*' 'grep "\d\.\d" C:\new\tmp' '\101' 'rm -- \\*'; do
    "$work/root/usr/bin/notify-send" -- "$words" "$words"
done
seen=$(cat "$work/shown")
echo 'notify-send 0.8.1 seen, summary and body of the same words, as Python writes text:'; echo "$seen"
expected=$(cat <<'TEXT'
'rm -- \\*' 'rm -- *'
'grep "\\d\\.\\d" C:\\new\\tmp' 'grep "d.d" C:\new\tmp'
'\\101' 'A'
'rm -- \\\\*' 'rm -- \\*'
TEXT
)
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
