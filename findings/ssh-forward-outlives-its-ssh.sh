#!/usr/bin/env bash
# OpenSSH 9.2 (Debian 12: openssh-client 1:9.2p1-2+deb12u10) and -L on a connection that another ssh has made
# (ControlMaster auto, ControlPersist).
#
# Guess: `ssh -N -L 8000:127.0.0.1:3000 HOST` runs no command ("-N: Do not execute a remote command. This is useful for
# just forwarding ports") and forwards until it is ended. The manual says of a shared connection that sessions use it,
# of -N and -L nothing else than without sharing.
# Seen: -N is not heard: it opens a shell there. With stdin at its end, as in a unit of systemd, ssh is over at once,
# with 0. The forward is the master's: it stays when its ssh has ended, however it did, and nothing tells which ones
# there are. A second `ssh -N -L 8000:...` for another place behind HOST cannot have the port: it says so in stderr,
# runs on as if it forwarded, and what connects to the port reaches the place of the first one. Without sharing the
# port is free when ssh has ended.
#
# Why it matters here: the server of yesterday's branch answers on the port of today's; a migration meets the database
# of the tunnel before. Whoever looks for the process behind the port finds an "ssh: ... [mux]" that shows neither port
# nor place. -S none makes such a call as in the manual, -o ExitOnForwardFailure=yes at least ends the second one, and
# `ssh -O cancel -L ...` ends a forward whose place one knows.
set -euo pipefail

work=$(mktemp -d)
server=
tunnel=
finish() {
    [ -z "$tunnel" ] || kill "$tunnel" 2> /dev/null || true
    [ ! -S "$work/master" ] || "$ssh" -F "$work/config" -O exit far 2> /dev/null || true
    [ -z "$server" ] || kill "$server" 2> /dev/null || true
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

# An ssh server, and two servers behind it that say their names. Prints their ports and a free one.
cat > "$work/server.py" <<'PY'
import asyncio, asyncssh, socket

class Open(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False  # nobody is asked for anything
    def connection_requested(self, *_):
        return True

async def run(process):
    if process.command is None:  # a shell: it ends with its input
        with open("shells", "a") as shells:
            shells.write("a shell\n")
        await process.stdin.read()
    process.exit(0)

def says(name):
    async def serve(reader, writer):
        writer.write(name)
        writer.close()
    return serve

async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    with open("known_hosts", "w") as known:
        known.write(f"far {key.export_public_key().decode()}")
    ssh = await asyncssh.listen("127.0.0.1", 0, server_factory=Open, process_factory=run, server_host_keys=[key])
    places = [await asyncio.start_server(says(name), "127.0.0.1", 0) for name in (b"old\n", b"new\n")]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ports = [ssh.get_port(), *(place.sockets[0].getsockname()[1] for place in places), free.getsockname()[1]]
    print(*ports, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
PY
cd "$work"
PYTHONPATH=$work/py python3 server.py > ports & server=$!
for _ in $(seq 300); do [ -s ports ] && break; sleep 0.1; done
read -r port old new here < ports
cat > config <<CONFIG
Host far
    HostName 127.0.0.1
    HostKeyAlias far
    Port $port
    User nobody
    UserKnownHostsFile $work/known_hosts
    ControlMaster auto
    ControlPath $work/master
    ControlPersist 300
CONFIG

# Prints what answers on the port here, within 10 s if it has to be SOME.
reached() { # [SOME]
    local answer=
    for _ in $(seq 100); do
        answer=$(timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$here && head -n 1 <&3" 2> /dev/null) || true
        [ -z "$answer" ] && [ -n "${1-}" ] || break
        sleep 0.1
    done
    echo "${answer:-nothing}"
}
start() { "$ssh" -F config -N "$@" far 2> said < never & tunnel=$!; } # with a stdin that does not end, as a terminal
end() { kill "$tunnel"; wait "$tunnel" || true; tunnel=; }
mkfifo never
exec 9<> never
{
    # What a person has open, say: it becomes the master.
    "$ssh" -F config far true < /dev/null 2> /dev/null
    start -L "$here:127.0.0.1:$old"
    echo "a tunnel to old: $(reached some); opened there: $(cat shells)"
    end
    echo "after its end: $(reached)"
    start -L "$here:127.0.0.1:$new"
    for _ in $(seq 100); do grep -q 'Could not request' said && break; sleep 0.1; done
    echo "a tunnel to new: $(reached some), and it said \"$(grep -o 'Could not request.*' said | tr -d '\r')\""
    sleep 2
    kill -0 "$tunnel" && echo 'it runs on'
    end
    "$ssh" -F config -O cancel -L "$here:127.0.0.1:$old" far
    echo "after -O cancel: $(reached)"
    code=0
    timeout 60 "$ssh" -F config -N -L "$here:127.0.0.1:$old" far < /dev/null 2> /dev/null || code=$?
    echo "a tunnel to old with stdin at its end: ended with $code, and then $(reached)"
    "$ssh" -F config -O cancel -L "$here:127.0.0.1:$old" far
    start -S none -L "$here:127.0.0.1:$new"
    echo "without sharing, a tunnel to new: $(reached some)"
    end
    echo "after its end: $(reached)"
    code=0
    timeout 5 "$ssh" -F config -S none -N -L "$here:127.0.0.1:$old" far < /dev/null 2> /dev/null || code=$?
    [ "$code" = 124 ] && echo 'without sharing, with stdin at its end: runs on'
} | tee seen
expected='a tunnel to old: old; opened there: a shell
after its end: old
a tunnel to new: old, and it said "Could not request local forwarding."
it runs on
after -O cancel: nothing
a tunnel to old with stdin at its end: ended with 0, and then old
without sharing, a tunnel to new: new
after its end: nothing
without sharing, with stdin at its end: runs on'
[ "$(cat seen)" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
