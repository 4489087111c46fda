"""Reads lines, writes each as JSON with the time of its arrival: {"at": seconds, "event": ...}."""

import json
import sys
import time

for line in sys.stdin:
    at = time.time()
    try:
        event = json.loads(line)
    except ValueError:
        continue
    print(json.dumps({"at": at, "event": event}))
