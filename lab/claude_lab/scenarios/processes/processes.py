"""Processes that are killed, stopped, and several at once."""

import os
import signal
import time

from ...api.answers import answer
from ...pod.truth import GONE, IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, LONG, bash


@scenario("process-killed")
def process_killed(lab):
    """Killed at work, terminated, its terminal closed; and the next session of the folder."""
    lab.boot({"wait": [answer(bash(LONG)), answer("no")]})
    for name in "KTH":
        session = lab.start(name)
        session.submit("wait", "wait")
        session.sees("until-file")
    time.sleep(1.5)
    lab.look("work", K=WORKING, T=WORKING, H=WORKING)
    for name, end in (("K", signal.SIGKILL), ("T", signal.SIGTERM)):
        os.kill(lab.sessions[name].pid, end)
        lab.sessions[name].gone()
    time.sleep(0.5)
    lab.look("killed-and-terminated", K=GONE, T=GONE, H=WORKING)
    lab.tmux.run("kill-pane", "-t", lab.sessions["H"].pane)
    lab.sessions["H"].headless = True
    lab.sessions["H"].gone()
    lab.look("closed", H=GONE)
    lab.start("N")
    lab.look("next", K=GONE, T=GONE, H=GONE, N=IDLE)


@scenario("process-stopped")
def process_stopped(lab):
    """Ctrl-Z at the free prompt, and back."""
    lab.boot({"one": [answer("First answer.")]})
    session = lab.start()
    session.submit("go", "one")
    session.sees("First answer")
    session.shows(IDLE)
    lab.look("idle", A=IDLE)
    session.press("C-z")
    session.sees("fg")
    # What the shell writes then is all that tells of it.
    began = time.monotonic()
    while not (lab.vmux.rows().get(session.pid) or {}).get("suspended") and time.monotonic() < began + 8:
        time.sleep(0.1)
    took = round(time.monotonic() - began, 1)
    lab.check("a stopped session is marked before the next scan", took < 2, took)
    lab.look("stopped", A=UNTOLD)
    session.line("fg")
    session.shows(IDLE)
    lab.look("back", A=IDLE)


@scenario("process-three")
def process_three(lab):
    """Three sessions in one folder: one works, one asks, one is idle."""
    lab.boot({"work": [answer(bash(LONG)), answer("no")], "ask": [answer(bash(ASK)), answer("no")], "say": [answer("Said.")]})
    for name in "WQI":
        lab.start(name)
    lab.look("begun", W=IDLE, Q=IDLE, I=IDLE)
    for name, script in (("W", "work"), ("Q", "ask"), ("I", "say")):
        lab.sessions[name].submit("go", script)
    lab.sessions["Q"].shows(PERMISSION)
    lab.sessions["I"].sees("Said")
    time.sleep(2)
    lab.look("all-differ", W=WORKING, Q=PERMISSION, I=IDLE)


@scenario("process-three-folders")
def process_three_folders(lab):
    """The same in three folders."""
    folders = [lab.home / f"p{number}" for number in range(3)]
    lab.boot({"work": [answer(bash(LONG)), answer("no")], "ask": [answer(bash(ASK)), answer("no")], "say": [answer("Said.")]}, trusted=folders)
    for name, script, folder in zip("WQI", ("work", "ask", "say"), folders):
        lab.start(name, cwd=folder).submit("go", script)
    lab.sessions["Q"].shows(PERMISSION)
    lab.sessions["I"].sees("Said")
    time.sleep(2)
    lab.look("all-differ", W=WORKING, Q=PERMISSION, I=IDLE)
