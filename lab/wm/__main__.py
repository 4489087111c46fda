"""lab/wm/run: builds a world of windows and scores how vmux finds and reaches them."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import play, scenes, world

REPOSITORY = Path(__file__).resolve().parents[2]
INSIDE = "VMUX_LAB_INSIDE"
TEST = ["cargo", "test", "--quiet", "--test", "it", "wm::lab"]


def arguments():
    parser = argparse.ArgumentParser(prog="lab/wm/run", description=__doc__)
    parser.add_argument("folder", nargs="?", help="folder of the world (default: a temporary one)")
    parser.add_argument("--manager", choices=["i3", "sway"], default="i3")
    parser.add_argument("--terminals", default="", help="only these, between commas (default: all that are installed)")
    parser.add_argument("--switch", action="store_true", help="also go to each window")
    parser.add_argument("--probe", action="store_true", help="also by the title probe")
    parser.add_argument("--layouts", nargs="*", metavar="NAME", help="play the layouts whose names begin like these, or all")
    parser.add_argument("--shell", action="store_true", help="a shell in the world instead of the test")
    return parser.parse_args()


def main():
    if play.INSIDE in os.environ:
        return play.play_here(*os.environ[play.INSIDE].split(":", 1))
    args = arguments()
    if args.layouts is not None:
        return play.play_all(args.layouts, args.folder)
    if INSIDE not in os.environ:
        # Built outside; the processes of the world are the only ones of their namespace.
        if not args.shell:
            subprocess.run([*TEST, "--no-run"], cwd=REPOSITORY, check=True)
        own = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
        os.environ[INSIDE] = args.folder or tempfile.mkdtemp(prefix="vmux-wm-")
        words = ["unshare", *own, "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", '"$@"; exit $?', "lab"]
        os.execvp("unshare", [*words, sys.executable, "-B", "-m", "wm", *sys.argv[1:]])
    folder = Path(os.environ[INSIDE]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    try:
        return inside(args, folder)
    finally:
        if not args.folder:
            shutil.rmtree(folder, ignore_errors=True)


def inside(args, folder):
    """Builds the world, and runs the test or the shell in it."""
    here = world.World(folder, args.manager)
    print(scenes.play(here, [it for it in args.terminals.split(",") if it]), f"sessions in {folder}", flush=True)
    if "VMUX_SHOTS" in os.environ:
        here.picture(os.environ["VMUX_SHOTS"], f"lab-{args.manager}")
    if args.shell:
        return subprocess.call([os.environ.get("SHELL", "sh")], env=os.environ | here.environment, cwd=folder)
    flags = {"VMUX_SWITCH": args.switch, "VMUX_PROBE": args.probe}
    environment = os.environ | {"VMUX_LAB": str(folder)} | {name: "1" for name, on in flags.items() if on}
    return subprocess.call([*TEST, "--", "--ignored", "--nocapture"], cwd=REPOSITORY, env=environment)


sys.exit(main())
