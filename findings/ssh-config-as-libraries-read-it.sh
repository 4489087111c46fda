#!/usr/bin/env bash
# ~/.ssh/config as read by paramiko 5.1.0 and asyncssh 2.24.1 (PyPI) and ssh-config 5.3.0 (npm), and by `ssh -G` of
# OpenSSH 9.2 (Debian 12: openssh-client), which tells what ssh does.
#
# Guess: a library that reads "the format used by OpenSSH" comes to what ssh comes to for plain settings, or says that it
# does not know one. Settings beyond those, tokens and canonical names are where one would look for differences.
# Seen: each of the three differs from ssh in some of this, and only asyncssh ever says so.
#   Include             paramiko and ssh-config skip it, silently: the hosts of the included files do not exist
#   HostName x # words  the host of paramiko is "x # words"; asyncssh refuses the whole file
#   ProxyJump none      paramiko and ssh-config give a jump host whose name is "none"
#   Match final         asyncssh skips it, silently
#   Match exec          ssh-config skips it, silently; asyncssh refuses the whole file if there is a "=" in the quoted command
#   HostName %h.example the host of ssh-config is "%h.example"
#
# Why it matters here: ssh works and the tool beside it reaches another host, another user, or nothing, for those whose
# configuration has grown. `ssh -G HOST` gives all of it, one setting a line.
set -euo pipefail

work=$(mktemp -d)
export HOME=$work
trap 'rm -rf "$work"' EXIT
command -v ssh > /dev/null || { echo 'needs openssh-client: apt-get install openssh-client' >&2; exit 1; }
npm install --silent --no-audit --no-fund --prefix "$work" ssh-config@5.3.0 > /dev/null 2>&1
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$work/py" paramiko==5.1.0 asyncssh==2.24.1 2> /dev/null

cat > "$work/compute.js" <<'JS'
const { readFileSync } = require("node:fs");
const found = require("ssh-config").parse(readFileSync(process.argv[2], "utf8")).compute("web");
console.log(JSON.stringify(Object.fromEntries(Object.entries(found).map(([name, value]) => [name.toLowerCase(), value]))));
JS
cat > "$work/read.py" <<'PY'
import json, subprocess, sys
import asyncssh, paramiko

work = sys.argv[1]

def of_ssh(path):
    said = subprocess.run(["ssh", "-F", path, "-G", "web"], capture_output=True, text=True, check=True).stdout
    return dict(line.split(" ", 1) for line in said.splitlines() if " " in line)

def of_paramiko(path):
    return paramiko.SSHConfig.from_path(path).lookup("web")

def of_asyncssh(path):
    config = asyncssh.SSHClientConnectionOptions(config=[path], host="web").config
    names = {"hostname": "Hostname", "port": "Port", "proxyjump": "ProxyJump"}
    return {name: config.get(theirs) for name, theirs in names.items()}

def of_ssh_config(path):
    said = subprocess.run(["node", f"{work}/compute.js", path], capture_output=True, text=True, check=True, cwd=work).stdout
    return json.loads(said)

usual = {"hostname": "web", "port": "22", "proxyjump": None}
included = f"{work}/included"
open(included, "w").write("Host web\n  Port 2222\n")
for name, setting, text in [
    ("first value", "port", "Host web\n  Port 2222\nHost *\n  Port 22\n"),
    ("Include", "port", f"Include {included}\n"),
    ("comment", "hostname", "Host web\n  HostName 192.0.2.1 # the new one\n"),
    ("ProxyJump none", "proxyjump", "Host web\n  ProxyJump none\nHost *\n  ProxyJump gate\n"),
    ("Match final", "port", "Host web\n  HostName web.example\nMatch final host web.example\n  Port 2222\n"),
    ("Match exec", "port", 'Match exec "true"\n  Port 2222\n'),
    ("Match exec =", "port", 'Match exec "test %h = web"\n  Port 2222\n'),
    ("token", "hostname", "Host web\n  HostName %h.example\n"),
]:
    path = f"{work}/config"
    open(path, "w").write(text)
    seen = []
    for reader in (of_ssh, of_paramiko, of_asyncssh, of_ssh_config):
        try:
            value = reader(path).get(setting) or usual[setting]
            seen.append("-" if value is None else str(value))
        except asyncssh.ConfigParseError:
            seen.append("refused")
    print(f"{name}, {setting}: ssh {seen[0]}, paramiko {seen[1]}, asyncssh {seen[2]}, ssh-config {seen[3]}")
PY
PYTHONPATH=$work/py python3 "$work/read.py" "$work" | tee "$work/seen"
expected='first value, port: ssh 2222, paramiko 2222, asyncssh 2222, ssh-config 2222
Include, port: ssh 2222, paramiko 22, asyncssh 2222, ssh-config 22
comment, hostname: ssh 192.0.2.1, paramiko 192.0.2.1 # the new one, asyncssh refused, ssh-config 192.0.2.1
ProxyJump none, proxyjump: ssh -, paramiko none, asyncssh -, ssh-config none
Match final, port: ssh 2222, paramiko 2222, asyncssh 22, ssh-config 2222
Match exec, port: ssh 2222, paramiko 2222, asyncssh 2222, ssh-config 22
Match exec =, port: ssh 2222, paramiko 2222, asyncssh refused, ssh-config 22
token, hostname: ssh web.example, paramiko web.example, asyncssh web.example, ssh-config %h.example'
[ "$(cat "$work/seen")" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
