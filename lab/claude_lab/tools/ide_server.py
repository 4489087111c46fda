"""An editor, as far as Claude Code speaks to one: an MCP server over a websocket on loopback.

Arguments: port, folder of the workspace, path of the lock file. `openDiff` is answered when a file
~/.ide-NUMBER is there (for the diff of that number), with the word in it: FILE_SAVED, DIFF_REJECTED, TAB_CLOSED.
What it is asked is written to ~/ide.log.
"""

import base64
import hashlib
import json
import os
import socket
import sys
import threading
import time

HOME = os.environ["HOME"]
TOKEN = "made-up-token"
TOOLS = ("openDiff", "closeAllDiffTabs", "close_tab", "getDiagnostics", "openFile", "getOpenEditors")
diffs = 0
lock = threading.Lock()


def log(words):
    with open(f"{HOME}/ide.log", "a", encoding="utf8") as out:
        out.write(words + "\n")


def read_exactly(peer, count):
    data = b""
    while len(data) < count:
        more = peer.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def frame(peer):
    """One whole text message; None for a ping or such."""
    first, second = read_exactly(peer, 2)
    length = second & 127
    if length == 126:
        length = int.from_bytes(read_exactly(peer, 2), "big")
    elif length == 127:
        length = int.from_bytes(read_exactly(peer, 8), "big")
    mask = read_exactly(peer, 4) if second & 128 else bytes(4)
    data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(read_exactly(peer, length)))
    if first & 15 == 8:
        raise EOFError
    if first & 15 == 9:
        send(peer, data, 0x8A)
    return data if first & 15 in (0, 1) else None


def send(peer, data, kind=0x81):
    size = len(data)
    head = bytes([kind, size]) if size < 126 else bytes([kind, 126]) + size.to_bytes(2, "big")
    if size > 65535:
        head = bytes([kind, 127]) + size.to_bytes(8, "big")
    with lock:
        peer.sendall(head + data)


def say(peer, **message):
    send(peer, json.dumps({"jsonrpc": "2.0", **message}).encode())


def answer_diff(peer, number, asked):
    path = f"{HOME}/.ide-{asked}"
    while not os.path.exists(path):
        time.sleep(0.05)
    with open(path, encoding="utf8") as file:
        word = file.read().strip()
    content = [{"type": "text", "text": word}]
    if word == "FILE_SAVED":
        content.append({"type": "text", "text": saved[asked]})
    say(peer, id=number, result={"content": content})


saved = {}


def handle(peer, message):
    global diffs
    method, number = message.get("method"), message.get("id")
    log(json.dumps(message)[:2000])
    if number is None:
        return
    if method == "initialize":
        say(peer, id=number, result={"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {"listChanged": True}},
                                     "serverInfo": {"name": "an editor", "version": "1.0"}})
    elif method == "tools/list":
        tools = [{"name": it, "description": it, "inputSchema": {"type": "object", "properties": {}}} for it in TOOLS]
        say(peer, id=number, result={"tools": tools})
    elif method == "tools/call" and message["params"]["name"] == "openDiff":
        diffs += 1
        saved[diffs] = message["params"]["arguments"].get("new_file_contents", "")
        threading.Thread(target=answer_diff, args=(peer, number, diffs), daemon=True).start()
    elif method == "tools/call":
        say(peer, id=number, result={"content": [{"type": "text", "text": "[]"}]})
    else:
        say(peer, id=number, result={})


def serve(peer):
    request = b""
    while b"\r\n\r\n" not in request:
        request += peer.recv(4096)
    log(request.decode("latin1"))
    key = next(it.split(":", 1)[1].strip() for it in request.decode("latin1").split("\r\n") if it.lower().startswith("sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    protocol = "Sec-WebSocket-Protocol: mcp\r\n" if b"ebsocket-protocol: mcp" in request.lower() else ""
    peer.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{protocol}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    try:
        while True:
            data = frame(peer)
            if data:
                handle(peer, json.loads(data))
    except (EOFError, OSError):
        pass


def main():
    port, workspace, lock_file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    server = socket.create_server(("127.0.0.1", port))
    os.makedirs(os.path.dirname(lock_file), exist_ok=True)
    with open(lock_file, "w", encoding="utf8") as out:
        json.dump({"pid": os.getpid(), "workspaceFolders": [workspace], "ideName": "Visual Studio Code", "transport": "ws",
                   "runningInWindows": False, "authToken": TOKEN}, out)
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    main()
