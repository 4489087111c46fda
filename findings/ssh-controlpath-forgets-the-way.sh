#!/usr/bin/env bash
# OpenSSH 9.2 (Debian 12: openssh-client 1:9.2p1-2+deb12u10), ControlPath with %C, and ProxyJump or ProxyCommand.
#
# Guess: "%h, %p, and %r (or alternatively %C) … ensures that shared connections are uniquely identified" (manual
# of ssh_config): two hosts of the configuration have a master each. And a host key that is another one's
# would be noticed.
# Seen: the hash does not contain the way. Two hosts that have the same address behind different jump hosts or
# proxy commands (10.0.0.5 in two networks, localhost in two containers) share one master: the second name
# leads to the first machine, with exit code 0 and without a word. Its known_hosts are not looked at.
# %n (the name on the command line) beside %C keeps them apart; HostKeyAlias does not.
#
# Why it matters here: with the ControlMaster of the user's configuration, a list of the sessions on "two" is
# that of "one", and an answer goes to a session on the wrong machine. ControlPath=none has the right one.
set -euo pipefail

work=$(mktemp -d)
server=
finish() {
    for name in one two; do
        for config in "$work"/config.*; do
            "$work/root/usr/bin/ssh" -F "$config" -O exit "$name" 2> /dev/null || true
        done
    done
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
export PYTHONPATH=$work/py

# Two networks, each with a jump host that leads to the machine which has the address 10.0.0.5 there.
cat > "$work/server.py" <<'PY'
import asyncio, asyncssh

class Open(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False  # nobody is asked for anything

class Jump(Open):
    def __init__(self, machine):
        self.machine = machine
    def connection_requested(self, *_):
        async def lead(reader, writer):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.machine)
            async def pass_on(source, sink):
                while data := await source.read(65536):
                    sink.write(data)
                sink.write_eof()
            await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))
            writer.close()
            far_writer.close()
        return lead

async def main():
    kept, ports = [], []
    with open("known_hosts", "w") as known:
        for name in ["one", "two"]:
            def run(process, name=name):
                process.stdout.write(f"machine {name}\n")
                process.exit(0)
            key = asyncssh.generate_private_key("ssh-ed25519")
            known.write(f"{name},jump-{name} {key.export_public_key().decode()}")
            machine = await asyncssh.listen("127.0.0.1", 0, server_factory=Open, process_factory=run, server_host_keys=[key])
            jump = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key],
                                         server_factory=lambda port=machine.get_port(): Jump(port))
            kept += [machine, jump]
            ports.append(jump.get_port())
    print(*ports, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
PY
(cd "$work" && exec python3 server.py > ports) & server=$!
for _ in $(seq 600); do [ -s "$work/ports" ] && break; sleep 0.1; done
read -r first second < "$work/ports"

write() { # NAME CONTROLPATH WAY-OF-ONE WAY-OF-TWO: a configuration
    cat > "$work/config.$1" <<CONFIG
Host one
    $3
    HostKeyAlias one
Host two
    $4
    HostKeyAlias two
Host one two
    HostName 10.0.0.5
    ControlMaster auto
    ControlPersist 60
    ControlPath $2
Host jump-*
    HostName 127.0.0.1
Host jump-one
    Port $first
    HostKeyAlias jump-one
Host jump-two
    Port $second
    HostKeyAlias jump-two
Host *
    User dev
    BatchMode yes
    StrictHostKeyChecking yes
    UserKnownHostsFile $work/known_hosts
CONFIG
}
write jump "$work/j-%C" 'ProxyJump jump-one' 'ProxyJump jump-two'
write command "$work/c-%C" "ProxyCommand $ssh -F $work/config.command -W %h:%p jump-one" "ProxyCommand $ssh -F $work/config.command -W %h:%p jump-two"
write name "$work/n-%n-%C" 'ProxyJump jump-one' 'ProxyJump jump-two'
write none none 'ProxyJump jump-one' 'ProxyJump jump-two'

seen=$(for config in jump command name none; do
    said=
    for name in one two; do
        code=0
        "$ssh" -F "$work/config.$config" "$name" hostname < /dev/null > "$work/stdout" 2> "$work/stderr" || code=$?
        said+="$name is $(cat "$work/stdout") (exit code $code$([ ! -s "$work/stderr" ] || echo ", said $(cat "$work/stderr")")); "
    done
    echo "$config: ${said%; }"
done)
echo 'OpenSSH 9.2 seen:'; echo "$seen"
expected='jump: one is machine one (exit code 0); two is machine one (exit code 0)
command: one is machine one (exit code 0); two is machine one (exit code 0)
name: one is machine one (exit code 0); two is machine two (exit code 0)
none: one is machine one (exit code 0); two is machine two (exit code 0)'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
