#!/usr/bin/env bash
# iproute2 6.1.0 (Debian 12: iproute2 6.1.0-3), listening sockets of Multipath TCP, which Go's servers
# open by default since 1.24. It needs a kernel with MPTCP, as Debian's has it.
#
# Guess: a Multipath TCP socket is of a protocol of its own (262). `ss -M -l` lists those that listen,
# `ss -t -l` lists those of plain TCP; who wants all of them has to ask for both.
# Seen: `ss -t -l` lists the Multipath TCP listener too, with the same owner and the same inode. So does
# /proc/net/tcp. Asking for both gives the same listener twice: `ss -t -M -l` has three lines
# for two listeners. The same goes for connections. Only `tcp-ulp-mptcp` of `ss -t -i` tells them apart.
#
# Why it matters here: who finds the servers of a machine in the TCP dump misses none of them, and must
# not add the MPTCP dump; or has to drop what has the same inode.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root iproute2=6.1.0-3 > /dev/null)
dpkg-deb -x "$work"/iproute2_*.deb "$work/root"
if ldd "$work/root/bin/ss" | grep 'not found'; then
    echo 'ss lacks these libraries: apt-get install iproute2' >&2
    exit 1
fi
if ! unshare --user --map-root-user --net true 2> /dev/null; then
    echo 'it needs a network namespace: run it as root, or allow user namespaces' >&2
    exit 1
fi

cat > "$work/listen.py" <<'PY'
import os, re, socket, subprocess, sys
ss, ip = sys.argv[1] + "/root/bin/ss", sys.argv[1] + "/root/bin/ip"
subprocess.check_call([ip, "link", "set", "lo", "up"])
try:
    many = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
except OSError as error:
    sys.exit(f"this kernel has no MPTCP, so that it cannot be tried: {error}")
one = socket.socket()
names = {}
for name, listener in ("mptcp", many), ("tcp", one):
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    names[str(os.fstat(listener.fileno()).st_ino)] = name
def listed(*options):
    text = subprocess.check_output([ss, "-lneH", *options], text=True)
    return sorted(names.get(inode, inode) for inode in re.findall(r"ino:(\d+)", text))
print("this kernel:", os.uname().release)
seen = [listed("-t"), listed("-M"), listed("-t", "-M")]
for options, inodes in zip(("-t -l", "-M -l", "-t -M -l"), seen):
    print(f"ss {options} lists the listeners:", *inodes)
table = [line.split()[9] for line in open("/proc/net/tcp").readlines()[1:]]
print("/proc/net/tcp lists:", *sorted(names[inode] for inode in table))
# Connections: that of the client, and the accepted one.
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
client.connect(many.getsockname())
accepted, _ = many.accept()
ends = {str(os.fstat(end.fileno()).st_ino) for end in (client, accepted)}
def connected(option):
    return set(re.findall(r"ino:(\d+)", subprocess.check_output([ss, "-neH", option], text=True)))
both = ends <= connected("-t") and ends <= connected("-M")
print("ss -t and ss -M both list both ends of a connection:", both)
if seen != [["mptcp", "tcp"], ["mptcp"], ["mptcp", "mptcp", "tcp"]] or len(table) != 2 or not both:
    sys.exit("CHANGED: mptcp tcp; mptcp; mptcp mptcp tcp; both lists")
PY
"$work/root/bin/ss" --version
unshare --user --map-root-user --net python3 "$work/listen.py" "$work"
