"""The words for what is true of a session, and how vmux's answer compares. Pure functions."""

from . import screen

WORKING = "working"
IDLE = "idle"
GONE = "gone"
"""Its process has ended: vmux must not list it."""
NO_SESSION = "no session"
"""A process of the CLI that is no session: vmux must not list it."""
MENU = "idle:menu"
"""The user has opened a menu over a free prompt; no work waits for it."""
UNTOLD = "untold"
"""Written down, not scored: a suspended session, or one of which nobody can say what it does."""
STARTING = "starting"
"""Nothing is drawn yet: anything but a wait for the user is right."""


def asks(reason):
    """A wait for the user."""
    return "asks:" + reason


PERMISSION, QUESTION, PLAN = asks("permission"), asks("question"), asks("plan")
ELICITATION, TRUST, DIALOG = asks("elicitation"), asks("trust"), asks("dialog")

ON_SCREEN = {MENU: "menu", DIALOG: "menu"}


def agrees(true, shown):
    """Whether the screen shows what the script says. Some things no screen shows."""
    if true == STARTING:
        return not (shown or "").startswith("asks:")
    if shown is None or true in (GONE, NO_SESSION, UNTOLD):
        return True
    return shown == ON_SCREEN.get(true, true)


def verdict(true, row):
    """right, wrong, unknown or missing; None for what is not scored."""
    if true == UNTOLD:
        return None
    if true in (GONE, NO_SESSION):
        return "right" if row is None else "wrong"
    if row is None:
        return "missing"
    state = row.get("state")
    if true == STARTING:
        return "wrong" if state == "needs_input" else "right"
    if state == "unknown":
        return "unknown"
    return "right" if state == state_of(true) else "wrong"


def state_of(true):
    return "needs_input" if true.startswith("asks:") else true.split(":")[0]


def asks_words(true, row, text):
    """For a wait that vmux sees: whether its reason is right, and whether what it names is what the
    dialog on the screen is about (None where vmux names nothing, or the dialog does not either)."""
    if not true.startswith("asks:") or not row or row.get("state") != "needs_input":
        return None
    detail = row.get("detail")
    if detail and true == ELICITATION:  # The form shows its server, not the tool that opened it.
        detail = detail.split()[0]
    # Of a dialog that is held back while the user types nothing is shown.
    is_shown = text and all(line.strip() != "Waiting for permission…" for line in text.splitlines())
    return {
        "reason": row.get("reason") == true.split(":")[1],
        "detail": screen.names(detail, text) if detail and true not in (TRUST, DIALOG) and is_shown else None,
    }
