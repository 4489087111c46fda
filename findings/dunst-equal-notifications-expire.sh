#!/usr/bin/env bash
# dunst 1.9.0 (Debian 12: dunst 1.9.0-0.1), NotificationClosed.
#
# Guess: a notification without a time limit is closed when the user or its program closes it, and the reason
# says which: 1 means that it expired. Two notifications with an id of their own are two.
# Seen: a second notification with the same program, summary, body and urgency, or with the same
# x-dunst-stack-tag, takes the first one's place: the first is "closed" at once with reason 1, though neither has
# a time limit. Other actions do not keep them apart, nor do stack tags of their own.
#
# Why it matters here: of two sessions that ask the same thing in the same words only the later one can be
# reached from the desktop; the program that waits for the first one's action is told that nobody came.
# Only the words can tell them apart.
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

names = {}
def show(label, **hints):
    names[notify(*hints.pop("text"), **hints)] = label
def closed():
    return ", ".join(f"{names[number]} closed with reason {reason}" for _, number, reason in told()) or "nothing"

show("first", text=("needs you", ["one", "Session one"]))
show("second", text=("needs you", ["two", "Session two"]))
print("same words, other actions:", closed())
show("third", text=("session three needs you",))
print("other words:", closed())
show("fourth", text=("a",), **{"x-dunst-stack-tag": ("s", "t")})
show("fifth", text=("b",), **{"x-dunst-stack-tag": ("s", "t")})
print("same stack tag:", closed())
def close_third():
    ask("CloseNotification", "u", [number for number, label in names.items() if label == "third"][0])
    return closed()
show("sixth", text=("c", ["one", "One"]), **{"x-dunst-stack-tag": ("s", "t1")})
show("seventh", text=("c", ["two", "Two"]), **{"x-dunst-stack-tag": ("s", "t2")})
print("same words, own stack tags:", closed())
print("closed by the program:", close_third())
PY
seen=$(PYTHONPATH=$work/py python3 "$work/client.py")
echo "dunst 1.9.0 seen:"; echo "$seen"
expected='same words, other actions: first closed with reason 1
other words: nothing
same stack tag: fourth closed with reason 1
same words, own stack tags: sixth closed with reason 1
closed by the program: third closed with reason 3'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
