"""lab/run: plays scenarios on a real Claude Code and prints how often vmux was right."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import scenarios
from .host import install, report, table
from .host.runner import LAB, Busy, Runner

TRIED = "2.1.332"


def arguments():
    parser = argparse.ArgumentParser(prog="lab/run", description=__doc__)
    parser.add_argument("versions", nargs="*", default=[], help=f"versions of Claude Code (default: {TRIED})")
    parser.add_argument("--only", default="", help="scenarios whose name begins with one of these, between commas")
    parser.add_argument("--skip", default="", help="scenarios to leave out, in the same way")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--cli", help="a program to use instead of installing one")
    parser.add_argument("--install", help="folder to install to, and to look in first (default: a temporary one)")
    parser.add_argument("--out", help="folder for the results (default: a temporary one)")
    parser.add_argument("--vmux", default=LAB.parent / "target/release", type=Path, help="folder with vmux and vmuxd")
    parser.add_argument("--jobs", default=2, type=int, help="scenarios at a time")
    parser.add_argument("--busy", default=0, type=int, help="keep the machine busy with so many loops meanwhile")
    parser.add_argument("--patience", default=1.0, type=float, help="wait so many times longer for screens")
    parser.add_argument("--plain", action="store_true", help="in a terminal that vmux cannot read, instead of a pane of tmux")
    parser.add_argument("--hooks", action="store_true", help="with the hooks of vmux (`vmux hooks install`)")
    parser.add_argument("--show", action="store_true", help="only print the score of what is in --out")
    parser.add_argument("--table", action="store_true", help="only print what is in --out as a table in Markdown, a column a version")
    return parser.parse_args()


def chosen(args, version):
    """The names of the scenarios to play on a version."""
    begins = lambda name, list_: any(name.startswith(it) for it in list_.split(",") if it)  # noqa: E731
    for name, it in scenarios.ALL.items():
        asked = begins(name, args.only)
        if (asked or not (args.only or it.slow)) and not begins(name, args.skip) and it.fits(version):
            yield name


def by_number(name):
    return scenarios.numbers(name.split("-")[0])


def main():
    args = arguments()
    if args.list:
        for name, it in scenarios.ALL.items():
            since = ".".join(map(str, it.since))
            print(f"{name:28s} {it.about}" + (f" (from {since})" if since else "") + (" (slow)" if it.slow else ""))
        return 0
    if args.table:
        versions = args.versions or sorted((it.name for it in Path(args.out).iterdir() if it.name != "homes"), key=by_number)
        print(table.markdown(table.results(Path(args.out), versions)))
        return 0
    if args.show:
        good = [report.show(Path(args.out) / it, sorted(path.name for path in (Path(args.out) / it).iterdir())) for it in args.versions or [TRIED]]
        return 0 if all(good) else 1
    install.check_tools()
    if not (args.vmux / "vmuxd").is_file():
        raise install.Unfit(f"no vmuxd in {args.vmux}: cargo build --release, or --vmux FOLDER")
    temporary = tempfile.mkdtemp(prefix="vmux-lab-") if not (args.out and (args.install or args.cli)) else ""
    try:
        good = play(args, temporary)
    finally:
        if temporary:  # The results stay, the program does not.
            shutil.rmtree(temporary + "/cli", ignore_errors=True)
    return 0 if good else 1


def play(args, temporary):
    """Installs, plays and reports each version; returns whether nothing was wrong."""
    good = True
    for version in args.versions or [TRIED]:
        cli = install.named(args.cli) if args.cli else install.install(version, args.install or temporary + "/cli")
        runner = Runner(cli, args.out or temporary, args.vmux.resolve(), args.hooks, args.patience, args.plain)
        names = list(chosen(args, scenarios.numbers(cli.version)))
        with Busy(args.busy):
            runner.run(names, args.jobs)
        good = report.show(runner.results, names) and good
        print(f"\nResults, and what lay on disk at each instant: {runner.results}")
    return good


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("lab/run: ended"))
    try:
        sys.exit(main())
    except install.Unfit as error:
        sys.exit(f"lab/run: {error}")
