#!/usr/bin/env bash
# dunst 1.9.0 (Debian 12: dunst 1.9.0-0.1), actions.
#
# Guess: when the user takes an action, the notification is done: ActionInvoked is followed by NotificationClosed
# with reason 2. (The hint `resident` exists to say that one should stay all the same.)
# Seen: `dunstctl action` sends ActionInvoked and leaves the notification on the screen, with and without
# `resident`; taken again, the action is sent again. Only dunst's mouse settings close it, where they say so.
#
# Why it matters here: a click that goes to the session must also close the notification, or it stays in the way
# for good, and a program that ends on NotificationClosed never ends.
set -euo pipefail

work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
export HOME=$work XDG_RUNTIME_DIR=$work
unset WAYLAND_DISPLAY
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root dunst=1.9.0-0.1 > /dev/null)
dpkg-deb -x "$work"/dunst_*.deb "$work/root"
if ldd "$work/root/usr/bin/dunst" | grep 'not found'; then
    echo 'dunst lacks these libraries: apt-get install dunst' >&2
    exit 1
fi
command -v Xvfb dbus-daemon > /dev/null || { echo 'needs Xvfb and dbus-daemon: apt-get install xvfb dbus' >&2; exit 1; }
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" jeepney==0.9.0

mkfifo "$work/display" "$work/address"
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> "$work/display" 2> /dev/null & children+=($!)
read -r -t 30 number < "$work/display"
export DISPLAY=:$number
dbus-daemon --session --nofork --nopidfile --print-address=4 4> "$work/address" 2> /dev/null & children+=($!)
read -r -t 30 DBUS_SESSION_BUS_ADDRESS < "$work/address"
export DBUS_SESSION_BUS_ADDRESS
"$work/root/usr/bin/dunst" -conf /dev/null > /dev/null 2>&1 & children+=($!)

cat > "$work/client.py" <<'PY'
import subprocess, sys, time
from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.Notifications"
bus = open_dbus_connection("SESSION")
service = DBusAddress("/org/freedesktop/Notifications", NAME, NAME)
bus.send_and_get_reply(message_bus.AddMatch(f"type='signal',interface='{NAME}'"))
for _ in range(300):
    if bus.send_and_get_reply(message_bus.NameHasOwner(NAME)).body[0]:
        break
    time.sleep(0.1)
signals = []

def keep(message):
    fields = message.header.fields
    if message.header.message_type == MessageType.signal and fields[HeaderFields.interface] == NAME:
        signals.append((fields[HeaderFields.member], *message.body))

def ask(member, signature=None, *arguments):
    message = new_method_call(service, member, signature, arguments) if signature else new_method_call(service, member)
    serial = next(bus.outgoing_serial)
    bus.send(message, serial=serial)
    while True:
        answer = bus.receive(timeout=30)
        if answer.header.fields.get(HeaderFields.reply_serial) == serial:
            return answer.body
        keep(answer)

def notify(summary, actions=(), **hints):
    "Without a time limit (expire_timeout 0)."
    return ask("Notify", "susssasa{sv}i", "app", 0, "", summary, "body", list(actions), hints, 0)[0]

def told():
    "The signals so far. dunst answers in order, so an answer ends what was before it."
    ask("GetServerInformation")
    words, signals[:] = list(signals), []
    return words

def act(position):
    subprocess.run([sys.argv[1], "action", str(position)], check=True)
def words():
    # dunstctl waits for its answer, and the signals come before that.
    return " ".join(f"{name}({', '.join(map(str, rest[1:]))})" for name, *rest in told()) or "nothing"

plain = notify("plain", ["default", "Go"])
act(0)
print("action:", words())
act(0)
print("the same again:", words())
ask("CloseNotification", "u", plain)
print("closed by the program:", words())
notify("resident", ["default", "Go"], resident=("b", True))
act(0)
print("action, resident:", words())
PY
seen=$(PYTHONPATH=$work/py python3 "$work/client.py" "$work/root/usr/bin/dunstctl")
echo "dunst 1.9.0 seen:"; echo "$seen"
expected='action: ActionInvoked(default)
the same again: ActionInvoked(default)
closed by the program: NotificationClosed(3)
action, resident: ActionInvoked(default)'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
