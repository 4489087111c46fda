#!/usr/bin/env bash
# dunst 1.9.0 (Debian 12: dunst 1.9.0-0.1), ids of notifications and replaces_id.
#
# Guess: an id means one notification of one program. "[The id] is unique, and will not be reused unless a MAXINT number
# of notifications have been generated" (Desktop Notifications Specification); what a program closes or replaces by its
# id is its own, and who has shown a question is told how it was closed.
# Seen: dunst counts from 2 for each start, and over ids that it has given: the id that a program chose (`notify-send -r
# 5`, as scripts for the volume and the brightness do) comes a second time when the count is there. Then two
# notifications of two programs have one id, both on the screen. The program that replaces "its" notification replaces
# the other's: a question is gone that nobody has answered, and its program is told nothing, neither action nor
# NotificationClosed. After a restart of dunst an id that a program kept is that of whoever came early.
#
# Why it matters here: dunst is restarted for each change of its configuration; a script with an id of its own, or a
# program that keeps the ids in a file, takes a permission that is asked for off the screen, and what waits for the
# answer waits on. Replacing is safe by x-dunst-stack-tag, which goes by name; ids must be forgotten when the owner of
# org.freedesktop.Notifications changes.
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
cat > "$work/client.py" <<'PY'
import json, subprocess, sys, time
from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.Notifications"
service = DBusAddress("/org/freedesktop/Notifications", NAME, NAME)

class Program:
    """A program with a connection of its own to the bus; it keeps what it is told."""
    def __init__(self):
        self.bus, self.signals = open_dbus_connection("SESSION"), []
        self.bus.send_and_get_reply(message_bus.AddMatch(f"type='signal',interface='{NAME}'"))
    def keep(self, message):
        fields = message.header.fields
        if message.header.message_type == MessageType.signal and fields[HeaderFields.interface] == NAME:
            self.signals.append((fields[HeaderFields.member], *message.body))
    def ask(self, member, signature=None, *arguments):
        message = new_method_call(service, member, signature, arguments) if signature else new_method_call(service, member)
        serial = next(self.bus.outgoing_serial)
        self.bus.send(message, serial=serial)
        while True:
            answer = self.bus.receive(timeout=30)
            if answer.header.fields.get(HeaderFields.reply_serial) == serial:
                return answer.body
            self.keep(answer)
    def show(self, summary, replaces=0, actions=()):
        "Without a time limit."
        return self.ask("Notify", "susssasa{sv}i", summary, replaces, "", summary, "body", list(actions), {}, 0)[0]
    def told(self):
        "The signals so far. dunst answers in order, so an answer ends what was before it."
        time.sleep(0.5)
        self.ask("GetServerInformation")
        words, self.signals = self.signals, []
        return words or "nothing"

def dunst():
    it = subprocess.Popen([sys.argv[1], "-conf", "/dev/null"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bus = open_dbus_connection("SESSION")
    while not bus.send_and_get_reply(message_bus.NameHasOwner(NAME)).body[0]:
        time.sleep(0.1)
    return it

def shown():
    "What is on the screen: dunst puts it into its history when it closes all."
    subprocess.run([sys.argv[2], "close-all"], check=True)
    history = subprocess.run([sys.argv[2], "history"], check=True, capture_output=True, text=True).stdout
    return ", ".join(sorted(f"{it['summary']['data']} ({it['id']['data']})" for it in json.loads(history)["data"][0]))

daemon = dunst()
volume, asker, other = Program(), Program(), Program()
try:
    print("volume chooses 5 and has", volume.show("volume 10", replaces=5))
    print("others have", [other.show(f"other{number}") for number in range(3)])
    question = asker.show("may I?", actions=["yes", "Yes"])
    print("the question has", question)
    asker.told()
    volume.show("volume 20", replaces=5)
    print("volume is shown again; the program of the question is told", asker.told())
    print("on the screen:", shown())
    daemon.terminate(); daemon.wait()
    daemon = dunst()
    print("after a restart others have", [other.show(f"other{number}") for number in range(3)])
    question = asker.show("may I?", actions=["yes", "Yes"])
    asker.told()
    volume.show("volume 30", replaces=5)
    print(f"the question has {question}; its program is told", asker.told())
    print("on the screen:", shown())
finally:
    daemon.terminate(); daemon.wait()
PY
seen=$(PYTHONPATH=$work/py python3 "$work/client.py" "$work/root/usr/bin/dunst" "$work/root/usr/bin/dunstctl")
echo "$seen"
expected='volume chooses 5 and has 5
others have [2, 3, 4]
the question has 5
volume is shown again; the program of the question is told nothing
on the screen: other0 (2), other1 (3), other2 (4), volume 10 (5), volume 20 (5)
after a restart others have [2, 3, 4]
the question has 5; its program is told nothing
on the screen: other0 (2), other1 (3), other2 (4), volume 30 (5)'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
