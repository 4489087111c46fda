"""Agent teams: teammates are processes in panes of their own, and ask through their leader."""

import time

from ...api.answers import answer, call
from ...pod import proc
from ...pod.truth import IDLE, PERMISSION, UNTOLD, WORKING
from .. import scenario
from ..common import ASK, LONG, bash

TEAMS = {"CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS": "1"}


@scenario("team-tmux", since="2.1.300")
def team_tmux(lab):
    """A teammate in a tmux pane works, asks, and is done; then its leader is."""
    mate = call("Agent", description="mate", prompt="Do it (script mate)", subagent_type="general-purpose", name="bob")
    lab.boot({"main": [answer(mate), answer("Team runs."), answer("Team reported."), answer("Team reported.")],
              "mate": [answer(bash(ASK), until="ask"), answer("Mate over.")]},
             settings={"teammateMode": "tmux", "permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": []}},
             state={"teammateMode": "tmux"}, environment=TEAMS)
    leader = lab.start("L")
    leader.submit("go", "main")
    leader.sees("Team runs")
    pane = new_pane(lab)
    bob = lab.sessions["B"] = type(leader)(lab, "B", pane)
    bob.pid = next(pid for pid in [lab.tmux.pid(pane), *proc.descendants(lab.tmux.pid(pane))] if "--agent-id" in proc.arguments(pid))
    bob.shows(WORKING)
    time.sleep(1)
    # The leader's prompt is free, its file says busy: both are defensible.
    lab.look("mate-works", L=UNTOLD, B=WORKING)
    lab.api.open("ask")
    leader.shows(PERMISSION)
    time.sleep(2)
    lab.look("mate-asks", L=PERMISSION, B=WORKING)
    family(lab, leader, bob)
    leader.press("1")
    bob.shows(WORKING, for_seconds=0.5)
    lab.look("mate-may", L=UNTOLD, B=WORKING)
    lab.end_command("go")
    leader.sees("Team reported")
    leader.shows(IDLE)
    time.sleep(2)
    lab.look("all-over", L=IDLE, B=IDLE)


def new_pane(lab):
    known = {it.pane for it in lab.sessions.values()}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        panes = lab.tmux.run("list-panes", "-a", "-F", "#{pane_id} #{pane_start_command}").splitlines()
        for pane in (line.split()[0] for line in panes if "sleep 100000" not in line):
            root = lab.tmux.pid(pane)
            if pane not in known and any("--agent-id" in proc.arguments(pid) for pid in [root, *proc.descendants(root)]):
                return pane
        time.sleep(0.1)
    raise RuntimeError("no teammate came")


def family(lab, leader, mate):
    """What the list says of the teammate: whose it is, and its name."""
    row = lab.vmux.rows().get(mate.pid) or {}
    lab.check("the teammate is its leader's", row.get("parent_pid") == leader.pid, row.get("parent_pid"))
    code, found = lab.vmux.run("show", "bob", "--json")
    lab.check("the teammate is found by its name", not code and f'"pid": {mate.pid}' in found or f'"pid":{mate.pid}' in found, found[:80])


@scenario("team-in-process", since="2.1.300")
def team_in_process(lab):
    """A teammate inside of its leader's process works and asks; then the leader is free."""
    mate = call("Agent", description="mate", prompt="Do it (script mate)", subagent_type="general-purpose", name="bob")
    lab.boot({"main": [answer(mate), answer("Team runs."), answer("Team reported."), answer("Team reported.")],
              "mate": [answer(bash(ASK), until="ask"), answer("Mate over.")]},
             settings={"teammateMode": "in-process", "permissions": {"defaultMode": "default", "disableAutoMode": "disable", "allow": []}},
             state={"teammateMode": "in-process"}, environment=TEAMS)
    leader = lab.start("L")
    leader.submit("go", "main")
    leader.sees("Team runs")
    time.sleep(2)
    lab.look("mate-works", L=UNTOLD)
    lab.api.open("ask")
    leader.shows(PERMISSION)
    time.sleep(2)
    lab.look("mate-asks", L=PERMISSION)
    leader.press("1")
    lab.end_command("go")
    leader.sees("Team reported")
    leader.shows(IDLE)
    time.sleep(2)
    lab.look("all-over", L=IDLE)


@scenario("team-killed", since="2.1.300")
def team_killed(lab):
    """A teammate's pane is closed while it asks: its leader is not left waiting for it."""
    mate = call("Agent", description="mate", prompt="Do it (script mate)", subagent_type="general-purpose", name="bob")
    lab.boot({"main": [answer(mate), answer("Team runs."), answer("Team reported."), answer("Team reported.")],
              "mate": [answer(bash(LONG)), answer("Mate over.")]},
             settings={"teammateMode": "tmux"}, state={"teammateMode": "tmux"}, environment=TEAMS)
    leader = lab.start("L")
    leader.submit("go", "main")
    leader.sees("Team runs")
    pane = new_pane(lab)
    time.sleep(4)
    lab.tmux.run("kill-pane", "-t", pane)
    time.sleep(4)
    lab.look("closed", L=leader.shown())
