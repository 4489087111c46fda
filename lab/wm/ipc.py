"""The i3 IPC, as far as a world needs it."""

import json
import socket
import struct

MAGIC = b"i3-ipc"
COMMAND, WORKSPACES, TREE = 0, 1, 4


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
        return {node["id"]: workspace for node, workspace in self.leaves()}

    def titles(self):
        """Container id -> title, of every window."""
        return {node["id"]: node.get("name") or "" for node, _ in self.leaves()}

    def focused(self):
        """Container id -> rectangle on the screen, of the window with the focus, if one has it."""
        return {node["id"]: node["rect"] for node, _ in self.leaves() if node.get("focused")}

    def focused_workspace(self):
        return next((it["name"] for it in self.ask(WORKSPACES) if it.get("focused")), None)

    def leaves(self):
        """The nodes of all windows, each with the name of its workspace."""
        found = []

        def walk(node, workspace):
            if node.get("type") == "workspace":
                workspace = node.get("name")
            children = (node.get("nodes") or []) + (node.get("floating_nodes") or [])
            if node.get("window") or (node.get("pid") and not children):
                found.append((node, workspace))
            for child in children:
                walk(child, workspace)
        walk(self.ask(TREE), None)
        return found
