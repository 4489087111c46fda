#!/usr/bin/env bash
# OpenSSH 9.2 (Debian 12: openssh-client 1:9.2p1-2+deb12u10), ControlMaster auto, and a host that is silent for a
# while.
#
# Guess: `ssh -o BatchMode=yes -o ConnectTimeout=2 -o ServerAliveInterval=1 -o ServerAliveCountMax=2` gives up within
# some seconds when the host does not answer, however the connection is made. And what was killed while it waited,
# without a byte from the host, has done nothing: one can try again.
# Seen: of these options those of the first call count, which made the connection, by default none. ssh waits for as
# long as the host is silent, without a word, and `ssh -O check` says "Master running" in the meantime. The command
# has been handed to the master: when the host is there again it runs, although its ssh was killed long ago. Three
# tries run three times, one after the other, and nobody gets what they print. Without sharing (ControlPath=none) ssh
# ends by itself with 255, and nothing runs later.
#
# Why it matters here: the usual `timeout 10 ssh HOST ...` in a loop types an answer three times, the last two into
# whatever is there by then; a bar that asks every few seconds leaves a crowd of commands to run at once after a
# pause.
set -euo pipefail

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null || true
    [ ! -S "$work/master" ] || "$ssh" -F "$work/config" -O exit far 2> /dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT
export HOME=$work
unset SSH_AUTH_SOCK
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root openssh-client=1:9.2p1-2+deb12u10 > /dev/null)
dpkg-deb -x "$work"/openssh-client_*.deb "$work/root"
ssh=$work/root/usr/bin/ssh
if ldd "$ssh" | grep 'not found'; then
    echo 'ssh lacks these libraries: apt-get install openssh-client' >&2
    exit 1
fi
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" asyncssh==2.24.1

# Writes down the commands that reach it, in their order, and answers each.
cat > "$work/server.py" <<'PY'
import asyncio, asyncssh

class Open(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False  # nobody is asked for anything

def run(process):
    with open("ran", "a") as ran:
        print(process.command, file=ran)
    process.stdout.write(f"{process.command} is done\n")
    process.exit(0)

async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    with open("known_hosts", "w") as known:
        known.write(f"far {key.export_public_key().decode()}")
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=Open, process_factory=run, server_host_keys=[key])
    print(server.get_port(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
PY
cd "$work"
PYTHONPATH=$work/py python3 server.py > port & server=$!; disown
for _ in $(seq 300); do [ -s port ] && break; sleep 0.1; done
cat > config <<CONFIG
Host far
    HostName 127.0.0.1
    HostKeyAlias far
    Port $(cat port)
    User nobody
    UserKnownHostsFile $work/known_hosts
    ControlMaster auto
    ControlPath $work/master
    ControlPersist 300
CONFIG

# Prints how a call ended, and what it said.
try() { # SECONDS OPTIONS... COMMAND
    local seconds=$1 code=0
    shift
    timeout -s KILL "$seconds" "$ssh" -F config -o BatchMode=yes -o ConnectTimeout=2 \
        -o ServerAliveInterval=1 -o ServerAliveCountMax=2 "${@:1:$#-1}" far "${@: -1}" > said 2>&1 < /dev/null || code=$?
    case $code in
        137) echo "${*: -1}: killed after $seconds s, said \"$(cat said)\"" ;;
        *) echo "${*: -1}: ended with $code, said \"$(head -n 1 said | tr -d "\r")\"" ;;
    esac
}
{
    # What a person has open, say: it becomes the master.
    "$ssh" -F config far first < /dev/null
    kill -STOP "$server"
    for number in 1 2 3; do try 6 "try $number"; done
    try 60 -o ControlPath=none 'a try without sharing'
    "$ssh" -F config -O check far 2>&1 | sed 's/pid=[0-9]*/pid/' | tr -d '\r'
    kill -CONT "$server"
    for _ in $(seq 300); do [ "$(wc -l < ran)" -ge 4 ] && break; sleep 0.1; done
    try 60 last
    echo "ran there: $(paste -s -d , ran)"
} 2> /dev/null | tee seen
expected='first is done
try 1: killed after 6 s, said ""
try 2: killed after 6 s, said ""
try 3: killed after 6 s, said ""
a try without sharing: ended with 255, said "Connection timed out during banner exchange"
Master running (pid)
last: ended with 0, said "last is done"
ran there: first,try 1,try 2,try 3,last'
[ "$(cat seen)" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
