"""When each session file changed, by the kernel's clock: what vmux's own lag is measured against."""

import json
import os
import threading
import time

from . import machine, proc

EVERY = 0.004


class Watch(threading.Thread):
    """Notes every status a session file has had, with its time of modification."""

    def __init__(self):
        super().__init__(daemon=True)
        self.folder = machine.HOME / ".claude/sessions"
        self.seen, self.out = {}, open(machine.RESULT / "statuses.jsonl", "w", encoding="utf8")

    def run(self):
        while True:
            self.look()
            time.sleep(EVERY)

    def look(self):
        try:
            entries = [it for it in os.scandir(self.folder) if it.name.endswith(".json")]
        except OSError:
            return
        for entry in entries:
            try:
                changed = entry.stat().st_mtime_ns
                if self.seen.get(entry.name) == changed:
                    continue
                said = json.loads(proc.read(entry.path))
                line = {"at": changed / 1e9, "pid": said.get("pid"), "status": said.get("status"), "waits_for": said.get("waitingFor")}
            except (OSError, ValueError, AttributeError):
                continue
            self.seen[entry.name] = changed
            self.out.write(json.dumps(line) + "\n")
            self.out.flush()
