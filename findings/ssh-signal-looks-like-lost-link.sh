#!/usr/bin/env bash
# OpenSSH client 9.2 (Debian 12: openssh-client 1:9.2p1-2+deb12u10) with asyncssh 2.24.1 (PyPI) as the server.
#
# Guess: when the remote command is killed by a signal, ssh exits with 128 + N as a shell does, or says so: the
# protocol has a message for it (exit-signal, RFC 4254), which names the signal.
# Seen: ssh exits with 255 and writes nothing, as if the connection had failed; a remote `exit 255` looks the
# same. A connection that really fails gives 255 too, with a line on stderr. asyncssh's own client, asked
# of the same server, has the name of the signal.
#
# Why it matters here: a program that keeps `ssh HOST COMMAND` running cannot tell by the exit code whether
# the far program was killed (start it again) or the host is out of reach (wait). An empty stderr is the hint.
set -euo pipefail

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
export HOME=$work
unset SSH_AUTH_SOCK
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root openssh-client=1:9.2p1-2+deb12u10 > /dev/null)
dpkg-deb -x "$work"/openssh-client_*.deb "$work/root"
if ldd "$work/root/usr/bin/ssh" | grep 'not found'; then
    echo 'ssh lacks these libraries: apt-get install openssh-client' >&2
    exit 1
fi
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" asyncssh==2.24.1
export PYTHONPATH=$work/py

cat > "$work/server.py" <<'PY'
import asyncio, asyncssh, signal

class Open(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False  # nobody is asked for anything

async def run(process):
    child = await asyncio.create_subprocess_shell(process.command)
    code = await child.wait()
    if code < 0:
        process.exit_with_signal(signal.Signals(-code).name[3:])
    else:
        process.exit(code)

async def main():
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=Open, process_factory=run,
                                   server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")])
    print(server.get_port(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
PY
cat > "$work/client.py" <<'PY'
import asyncio, asyncssh, sys

async def main():
    async with asyncssh.connect("127.0.0.1", int(sys.argv[1]), username="user", known_hosts=None, config=None) as link:
        result = await link.run(sys.argv[2])
        print(result.exit_status, result.exit_signal[0] if result.exit_signal else None)

asyncio.run(main())
PY
python3 "$work/server.py" > "$work/port" & server=$!
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done
port=$(cat "$work/port")

far() { # PORT COMMAND: exit code, and whether something was said
    local code=0
    "$work/root/usr/bin/ssh" -F none -p "$1" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
        -o UserKnownHostsFile=/dev/null user@127.0.0.1 "$2" < /dev/null > /dev/null 2> "$work/stderr" || code=$?
    echo "$code, stderr $([ -s "$work/stderr" ] && echo 'has a line' || echo empty)"
}
ended=$(far "$port" 'exit 3')
killed=$(far "$port" 'kill -TERM $$')
code255=$(far "$port" 'exit 255')
peer=$(python3 "$work/client.py" "$port" 'kill -TERM $$')
kill "$server"; wait "$server" || true; server=
gone=$(far "$port" 'exit 3')

echo "OpenSSH 9.2 seen:"
echo "exit 3: $ended"; echo "killed by SIGTERM: $killed"; echo "exit 255: $code255"; echo "no server: $gone"
echo "asyncssh's client, killed by SIGTERM: $peer"
[ "$ended" = '3, stderr empty' ] && [ "$killed" = '255, stderr empty' ] && [ "$code255" = '255, stderr empty' ] &&
    [ "$gone" = '255, stderr has a line' ] && [ "$peer" = '-1 TERM' ] ||
    { echo 'CHANGED: 3, 255 empty, 255 empty, 255 with a line, -1 TERM' >&2; exit 1; }
