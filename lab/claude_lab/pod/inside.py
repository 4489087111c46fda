"""The first program in the namespaces: makes the machine, plays the scenario, writes the result."""

import json
import sys
import time
import traceback

from .. import scenarios
from . import machine
from .lab import Lab
from .session import Stuck


def main():
    task = json.load(sys.stdin)
    machine.enter(task)
    lab, began = Lab(task), time.time()
    failed = None
    try:
        scenarios.ALL[task["scenario"]].play(lab)
    except Stuck as error:
        failed = str(error)
    except Exception:
        failed = traceback.format_exc()
    time.sleep(0.3)
    result = {"scenario": task["scenario"], "version": task["version"], "failed": failed,
              "seconds": round(time.time() - began, 1), **lab.result()}
    (machine.RESULT / "result.json").write_text(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
