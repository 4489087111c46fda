#!/usr/bin/env bash
# uvicorn 0.54.0, `--reload` without watchfiles, as `pip install uvicorn` gives it.
#
# Guess: once the server answers, a change of its source is taken in after --reload-delay seconds at
# the latest: the reloader has looked at the sources before it started the server, and compares.
# Seen: it notes the times of change only when it looks for the first time, --reload-delay seconds
# after the start. What is changed before that counts as seen: the server goes on with the old source,
# however long it waits, until a source changes once more. With the default of 0.25 s that hits
# programs that write a file as soon as the port is open; here the delay is 3 s.
#
# Why it matters here: "it was started with --reload, so it cannot be stale" is not quite true. An
# agent that starts a server and edits at once may look at the old one.
set -euo pipefail

work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
export HOME=$work/home
mkdir -p "$HOME" "$work/app"
python3 -m pip install --quiet --disable-pip-version-check --target "$work/python" \
    uvicorn==0.54.0 click==8.3.1 h11==0.16.0 typing_extensions==4.15.0 2> /dev/null
export PYTHONPATH=$work/python PYTHONDONTWRITEBYTECODE=1

source_of() {
    cat <<PY
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"$1"})
PY
}
said() {
    python3 - "$port" <<'PY'
import sys, urllib.request
print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/", timeout=5).read().decode())
PY
}
until_said() {
    for _ in $(seq 150); do
        [[ $(said 2> /dev/null) == "$1" ]] && return
        sleep 0.1
    done
    return 1
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
source_of one > "$work/app/app.py"
cd "$work/app"
setsid python3 -m uvicorn app:app --port "$port" --reload --reload-delay 3 --no-access-log 2> "$work/log" &
server=$!
until_said one || { cat "$work/log" >&2; exit 1; }
sed 's/^/  /' "$work/log"
grep -q 'using StatReload' "$work/log"

source_of two > app.py
echo 'changed as soon as the server answers; four times the delay later it says:'
sleep 12
first=$(said)
echo "  $first"
source_of three > app.py
echo 'changed once more; it says:'
until_said three || true
second=$(said)
echo "  $second"
[[ $first == one && $second == three ]]
