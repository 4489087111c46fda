"""What a screen shows a person: the truth. Pure functions of the text of a terminal.

Written from what versions 1.0.128 to 2.1.332 draw. What is shown is one word, with a reason where
the session asks: `working`, `idle`, `menu` (something opened over the prompt: whether that is a wait
is for the scenario to say), `asks:permission` and so on, or `nothing` that is known.
"""

import re

RULE = re.compile(r"^[\s│╭╰]*[─━▔╌]{20,}")
OPTION = r"^[\s│❯>]*1\. "
MARKED = re.compile(r"^\s*[✢✳✶✻✽·∗*+] (\S.*)$", re.M)
LAST = 45


def lines_of(text):
    """The lines that hold something, without the borders of old versions' boxes."""
    lines = [re.sub(r"[│\s]+$", "", line) for line in text.splitlines()]
    return [line for line in lines if line.strip(" │")][-LAST:]


def shown(text):
    """What the screen shows."""
    lines = lines_of(text)
    tail, end = "\n".join(lines), "\n".join(lines[-14:])
    asks = asked(tail, end)
    if asks:
        return "asks:" + asks
    if re.search(r"What do you want to do\?", end) and "Enter to confirm" in end:  # At a usage limit.
        return "menu"
    if works("\n".join(lines[-25:])):
        return "working"
    if is_menu(end):
        return "menu"
    if re.search(r"^[\s│]*[>❯](\s|$)", end, re.M):
        return "idle"
    return "nothing"


def works(text):
    """Whether the last line with a star spins, or waits for agents; or a key would interrupt."""
    # 1.0 heads what was thought with a star as well; a conversation that is read from disk has one, too.
    # What was said below a star is newer.
    last = re.split(r"^[●⏺] ", text, flags=re.M)[-1]
    marked = [it for it in MARKED.findall(last) if it.strip() not in ("Thinking…", "Resuming session…")]
    spins = marked and re.search(r"…( |$|\()|^Waiting for \d+ (?:background agent|dynamic workflow)", marked[-1])
    # Below the prompt: the agents that run behind it, each with its time, or their number (2.1.119).
    running = r"^\s*(◯ (?!.*\s(?:stopped|failed|done|finished) · ).*\s\d+s|\d+ local agents?) · "
    agents = re.search(running, text, re.M)
    return bool(spins or agents or re.search(r"esc to inter|Waiting for team lead", text))


def asked(tail, end):
    """The reason, if a dialog of the session's work or of its start is on the screen."""
    if re.search(r"trust (this folder|the files)|Quick safety check", tail) and re.search(r"Enter to|Esc to", end):
        return "trust"
    has_options = re.search(OPTION, end, re.M)
    if "custom API key" in tail and has_options:  # Of the start, in the words of a permission.
        return None
    if has_options and re.search(r"Would you like to proceed\?|Ready to code\?", tail):
        return "plan"
    if has_options and "to search" not in end and re.search(r"Submit answers|Type something|Chat about this|Enter to select", end):
        return "question"
    if has_options and re.search(r"Do you want to [^?]+\?", "\n".join(tail.splitlines()[-20:])) and "Yes" in end:
        return "permission"
    # A message of another session, which is let in or not: Claude Code's own word for it is permission.
    if "Waiting for permission" in end or ("Held message from another session" in tail and "❯ Deny" in end):
        return "permission"
    if re.search(r"MCP server .* (requests|needs|wants)|Elicitation:", tail) and re.search(r"Accept|Decline|Enter to|Esc to", end):
        return "elicitation"
    return None


def is_menu(end):
    # Old versions leave the dialogs of the start above the first banner.
    last = "\n".join(end.split("Claude Code v")[-1].splitlines()[-9:])
    if re.search("Continuing (automatically|shortly)", last):  # At a usage limit; Esc cancels it, and the prompt is free.
        return False
    return bool(re.search(r"(Enter|Return) to (confirm|select|set|continue|apply|copy)|Esc to (cancel|close|clear|exit|go back|dismiss)"
                          r"|^[\s│]*❯ (Yes[,.]|No[,.]|\d\.) |Make auto mode your default", last, re.M))


def prompt_box(text):
    """The last line that begins as the prompt does: what is typed."""
    return next((line for line in reversed(lines_of(text)) if re.match(r"[\s│]*[>❯]", line)), "")


def dialog(text):
    """The text of the dialog at the end of the screen, in one line without borders."""
    lines = lines_of(text)
    starts = [number for number, line in enumerate(lines) if RULE.match(line) and "╌" not in line and "╰" not in line]
    # A question has a rule between its options as well.
    top = next((it for it in reversed(starts) if len(lines) - it > 6), 0)
    return flat(" ".join(line for line in lines[top:] if not RULE.match(line)))


def flat(text):
    """One line, one blank between words: how two renderings of one text are compared."""
    return re.sub(r"[\s│]+", " ", text).strip()


def names(detail, text):
    """Whether the detail that vmux gives is what the dialog asks about: `Tool: words`, cut words
    end with an ellipsis."""
    asked = dialog(text)
    tool = re.match(r"[\w .-]+: ", detail)
    if not tool and re.fullmatch(r"[\w -]+", detail):  # A tool without words: an MCP server's.
        return all(re.search(rf"\b{word}\b", asked, re.I) for word in re.split("[ _]", detail))
    words = flat(detail[tool.end() if tool else 0:].rstrip("…")).replace(" ", "")
    return words[:60] in asked.replace(" ", "")
