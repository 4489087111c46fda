"""Pieces that many scripts share."""

from ..api.answers import FromRequest, answer, call

ASK = "perl -e 'sleep 1 until -e \"/home/dev/.go\"'"
"""A command that no rule allows; once approved it runs until `lab.end_command("go")`."""
LONG = "until-file go"
"""An allowed command that runs until `lab.end_command("go")`."""
COLOR = {"question": "Which color do you want?", "header": "Color", "multiSelect": False,
         "options": [{"label": "Red", "description": "warm"}, {"label": "Blue", "description": "cold"}]}
SIZE = {**COLOR, "question": "Which size do you want?", "header": "Size"}
PLAN_FILE = FromRequest(r"(/home/dev/\.claude/plans/[\w-]+\.md)")
PLAN = "# Plan\n\n1. Do it.\n2. Check it.\n"


def bash(command, **more):
    return call("Bash", command=command, description="Run it", **more)


def question(*questions):
    return call("AskUserQuestion", questions=list(questions or [COLOR]))


def plan_steps(lab, *beside):
    """The steps up to a plan's approval; `beside`: calls in the same message, before it."""
    write = [answer("Writing it down.", call("Write", file_path=PLAN_FILE, content=PLAN))]
    ask = answer("Here is the plan.", *beside, call("ExitPlanMode", plan=PLAN))
    return (write if lab.version >= (2, 0, 60) else []) + [ask]


def agent(lab, script, background=None):
    """The call that starts a subagent which plays a script."""
    name = "Agent" if lab.version >= (2, 1, 60) else "Task"
    more = {} if background is None or lab.version < (2, 1, 60) else {"run_in_background": background}
    return call(name, description=f"Do {script}", prompt=f"Do it (script {script})", subagent_type="general-purpose", **more)


def hook(command, **more):
    """One entry of settings.json's hooks."""
    return [{"matcher": "*", "hooks": [{"type": "command", "command": command, **more}]}]


def repository(lab, folder="~/proj"):
    lab.shell(f"cd {folder} && git init -q && git commit -q --allow-empty -m begin")
