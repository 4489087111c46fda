"""Which step of which script a request asks for. Pure functions of the request's body.

The server keeps no state for this: a prompt names its script as `(script NAME)`, and the step is the
number of messages the assistant has given since. So one server serves any number of sessions,
subagents, resumed conversations and queued prompts.
"""

import json
import re

SCRIPT = re.compile(r"\(script ([\w-]+)\)")
SUMMARY = "<summary>\n1. A summary of what was said.\n</summary>"


def words_of(content):
    """The text of a message's content, which is a string or a list of blocks."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(it.get("text") or "" for it in blocks if isinstance(it, dict) and it.get("type") == "text")


def step(body):
    """The name of the script and the number of the step; (None, 0) if no script is named."""
    name, answered = None, 0
    for message in body.get("messages") or []:
        if message.get("role") == "assistant":
            answered += 1
            continue
        named = SCRIPT.findall(words_of(message.get("content")))
        if named:
            name, answered = named[-1], 0
    return (name, answered) if name else (None, 0)


def last_words(body):
    messages = body.get("messages") or [{}]
    return words_of(messages[-1].get("content"))


def compacts(body):
    """Whether the request asks for the summary that /compact makes."""
    words = last_words(body)
    return "detailed summary of" in words or "Respond with TEXT ONLY" in words


def aside(body):
    """The answer to a request without tools: titles, topics, summaries, checks of a command."""
    schema = ((body.get("output_config") or {}).get("format") or body.get("output_format") or {}).get("schema")
    if isinstance(schema, dict):
        return json.dumps({name: example(it) for name, it in (schema.get("properties") or {}).items()})
    system = words_of(body.get("system"))
    both = (system + last_words(body)[-4000:]).lower()
    if "policy_spec" in both or "process bash commands" in both:
        return "none"
    if "new conversation topic" in both:
        return '{"isNewTopic": true, "title": "A topic"}'
    if "title" in both:
        return '{"title": "A title"}'
    return SUMMARY if "summar" in both else "ok"


def example(schema):
    """A value that fits a simple JSON schema."""
    if schema.get("enum"):
        return schema["enum"][0]
    values = {"string": "a word", "boolean": False, "integer": 0, "number": 0, "array": [], "object": {}}
    return values.get(schema.get("type"))


def fill(value, request):
    """`value` with each FromRequest replaced by what its pattern finds in the request's text."""
    if isinstance(value, dict):
        return {key: fill(it, request) for key, it in value.items()}
    if isinstance(value, (list, tuple)):
        return [fill(it, request) for it in value]
    if hasattr(value, "pattern"):
        found = re.search(value.pattern, request)
        return found.group(1) if found else "not-in-the-request"
    return value
