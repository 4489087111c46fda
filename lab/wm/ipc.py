"""The i3 IPC, as far as a world needs it."""

import json
import socket
import struct

MAGIC = b"i3-ipc"
COMMAND, TREE = 0, 4


class Ipc:
    """A connection to i3 or sway."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(str(path))

    def ask(self, kind, payload=""):
        body = payload.encode()
        self.socket.sendall(MAGIC + struct.pack("=II", len(body), kind) + body)
        length, _ = struct.unpack("=II", self.take(14)[6:])
        return json.loads(self.take(length))

    def take(self, length):
        got = b""
        while len(got) < length:
            more = self.socket.recv(length - len(got))
            if not more:
                raise EOFError("the window manager closed its socket")
            got += more
        return got

    def run(self, command):
        outcomes = self.ask(COMMAND, command)
        if not all(it.get("success") for it in outcomes):
            raise RuntimeError(f"{command}: {outcomes}")

    def windows(self):
        """Container id -> name of its workspace, of every window."""
        found = {}

        def walk(node, workspace):
            if node.get("type") == "workspace":
                workspace = node.get("name")
            children = (node.get("nodes") or []) + (node.get("floating_nodes") or [])
            if node.get("window") or (node.get("pid") and not children):
                found[node["id"]] = workspace
            for child in children:
                walk(child, workspace)
        walk(self.ask(TREE), None)
        return found
