#!/usr/bin/env bash
# i3blocks 1.4 (Debian 12 and 13: i3blocks 1.4-4), format=json.
#
# Guess: a block with format=json prints any JSON object of the i3bar protocol, as a JSON library writes it.
# Seen: the text is not parsed as JSON but searched for quoted keys:
#   "say \"hi\" now"      ends at the first escaped quote: `say \`
#   "a\u0020b"            is not decoded: the bar shows the backslash, the u and the digits
#   {"full_text" : "x"}   with a space before the colon: nothing is shown at all
#   "urgent": true        is ignored; the string "true" sets it
#   "background"          is dropped
# All of it is valid JSON. Every JSON library writes the first, Python's json.dumps also the second.
#
# Why it matters here: a session's label with a quote in it is cut off, and nobody is told. Output for
# i3blocks 1.4 has to avoid `"` and `\` in values and write urgent as a string.
set -euo pipefail

work=$(mktemp -d)
bar=
trap '[ -z "$bar" ] || kill "$bar" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
export HOME=$work
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root i3blocks=1.4-4 > /dev/null)
dpkg-deb -x "$work"/i3blocks_*.deb "$work/root"

cat > "$work/blocks.py" <<'PY'
import json, sys
sent = {
    "quote": '{"full_text":"say \\"hi\\" now"}',
    "escape": '{"full_text":"a\\u0020b"}',
    "space": '{"full_text" : "shown"}',
    "true": '{"full_text":"x","urgent":true}',
    "string": '{"full_text":"x","urgent":"true"}',
    "back": '{"full_text":"x","background":"#FF0000"}',
    "plain": '{"full_text":"shown","color":"#00FF00"}',
}
if sys.argv[1] == "write":
    for name, text in sent.items():
        json.loads(text)  # it is valid
        open(f"{sys.argv[2]}/{name}.json", "w").write(text + "\n")
        print(f"[{name}]\ncommand=cat {sys.argv[2]}/{name}.json\ninterval=once\nformat=json\n")
    # The last block waits for the others to be read.
    print(f"[done]\ncommand=echo done\ninterval=1\n")
else:
    for line in sys.stdin:
        if '"full_text":"done"' not in line:
            continue
        shown = {block.get("name"): block for block in json.loads(line.strip().lstrip(","))}
        if not set(sent) - {"space"} <= set(shown):
            continue
        for name, text in sent.items():
            block = {key: value for key, value in shown.get(name, {}).items() if key not in ("", "name")}
            print(f"{name}: sent {text} seen {json.dumps(block)}")
        break
PY
python3 "$work/blocks.py" write "$work" > "$work/config"
mkfifo "$work/line"
"$work/root/usr/bin/i3blocks" -c "$work/config" > "$work/line" 2> /dev/null & bar=$!
seen=$(timeout 60 python3 "$work/blocks.py" read < "$work/line")
echo "i3blocks 1.4 seen:"; echo "$seen"
got() { sed -n "s/^$1: .* seen //p" <<< "$seen"; }
[ "$(got quote)" = '{"full_text": "say \\"}' ] && [ "$(got escape)" = '{"full_text": "a\\u0020b"}' ] &&
    [ "$(got space)" = '{}' ] && [ "$(got true)" = '{"full_text": "x"}' ] &&
    [ "$(got string)" = '{"full_text": "x", "urgent": true}' ] && [ "$(got back)" = '{"full_text": "x"}' ] &&
    [ "$(got plain)" = '{"full_text": "shown", "color": "#00FF00"}' ] || { echo 'CHANGED' >&2; exit 1; }
