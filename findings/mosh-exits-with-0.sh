#!/usr/bin/env bash
# mosh 1.4.0 (Debian 12: mosh 1.4.0-1+b1), the exit code of a command: mosh [user@]host -- command.
#
# Guess: as with ssh, in whose place it is used ("mosh [options] [--] [user@]host [command...]"), the exit code is that
# of the command, or at least another one than 0 if it could not be started. The manual says nothing of exit codes.
# Seen: mosh-client, which the script mosh becomes, exits with 0 whatever happened on the other side: a command that
# exits with 3, one that was killed, one that does not exist. mosh-server prints "execvp: ... No such file" on the
# screen that is cleared a moment later. The words "[mosh is exiting.]" come for all of them.
#
# Why it matters here: a program that opens something on another host by mosh, and looks at the exit code, takes every
# failure for success: "closed by its user" is what a missing command looks like.
set -euo pipefail

work=$(mktemp -d)
export LC_ALL=C.UTF-8 TERM=xterm HOME=$work
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root mosh=1.4.0-1+b1 > /dev/null)
dpkg-deb -x "$work"/mosh_*.deb "$work/root"
PATH=$work/root/usr/bin:$PATH
if ldd "$work/root/usr/bin/mosh-server" | grep 'not found'; then
    echo 'mosh lacks these libraries: apt-get install mosh' >&2
    exit 1
fi

# What the script mosh does, without ssh between: mosh-server prints its port and key, mosh-client is started with them.
cat > "$work/run.py" <<'PY'
import fcntl, os, pty, re, struct, subprocess, termios

servers = []

def run(*command):
    server = subprocess.run(["mosh-server", "new", "-i", "127.0.0.1", "--", *command],
                            stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True)
    port, key = re.search(r"MOSH CONNECT (\d+) (\S+)", server.stdout).groups()
    servers.append(int(re.search(r"pid = (\d+)", server.stderr).group(1)))
    pid, screen = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.environ["MOSH_KEY"] = key
        os.execvp("mosh-client", ["mosh-client", "127.0.0.1", port])
    said = b""
    try:
        while chunk := os.read(screen, 10000):
            said += chunk
    except OSError: # the end
        pass
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, b"[mosh is exiting.]" in said

for name, *command in (["exit 0", "sh", "-c", "exit 0"], ["exit 3", "sh", "-c", "exit 3"],
                       ["killed", "sh", "-c", "kill -9 $$"], ["no such command", "no-such-command"]):
    code, ends = run(*command)
    print(f"{name}: exit code {code}, {'[mosh is exiting.]' if ends else 'other words'}")
for server in servers: # those that did not see their client go
    try:
        os.kill(server, 15)
    except ProcessLookupError:
        pass
PY
mosh-client --version 2>&1 | head -1 || true
python3 "$work/run.py" | tee "$work/seen"
expected='exit 0: exit code 0, [mosh is exiting.]
exit 3: exit code 0, [mosh is exiting.]
killed: exit code 0, [mosh is exiting.]
no such command: exit code 0, [mosh is exiting.]'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
