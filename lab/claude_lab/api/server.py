"""The server: takes requests on loopback, and plays what the scripts say."""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import routing
from .answers import Answer, Failure, answer
from .stream import send_stream, whole_message

PORT = 8787
KINDS = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error"}


class Api:
    """Scripts, gates, and a record of what was asked. `other_posts` holds (path, body) of posts that
    do not belong to the API: messages to a phone, for instance."""

    def __init__(self, log):
        self.scripts, self.gates, self.failures = {}, {}, {}
        self.waiting = set()
        self.requests, self.other_posts = [], []
        self.log, self.lock = log, threading.Lock()

    def gate(self, name):
        with self.lock:
            return self.gates.setdefault(name, threading.Event())

    def hold(self, name, seconds):
        """Waits until the gate is open, or for so long; returns whether it is open."""
        self.waiting.add(name)
        return self.gate(name).wait(seconds)

    def reached(self, name, seconds=30):
        """Waits until an answer stands before the gate: what comes before it was sent."""
        deadline = time.monotonic() + seconds
        while name not in self.waiting:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no answer came to the gate {name}")
            time.sleep(0.03)

    def open(self, name):
        """Lets go on what waits for the gate."""
        self.gate(name).set()

    def record(self, **what):
        with self.lock:
            self.requests.append(what)
            self.log.write(json.dumps({"at": round(time.time(), 4), **what}) + "\n")
            self.log.flush()

    def next_step(self, script, number):
        """The step, with failures that have had their turn replaced by what comes after them."""
        steps = self.scripts.get(script) or []
        step = steps[number] if number < len(steps) else answer("ok.")
        while isinstance(step, Failure) and step.times:
            with self.lock:
                had = self.failures.get(id(step), 0)
                self.failures[id(step)] = had + 1
            if had < step.times:
                break
            step = step.then or answer("ok.")
        return step

    def serve(self):
        """Serves in threads of its own, until the process ends."""
        handler = type("Bound", (Handler,), {"api": self})
        ThreadingHTTPServer.daemon_threads = True
        server = ThreadingHTTPServer(("127.0.0.1", PORT), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    api = None

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.reply(200, {})

    def do_GET(self):
        self.api.record(method="GET", path=self.path)
        self.reply(200, {"data": [], "has_more": False} if "models" in self.path else {})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.split("?")[0]
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            body = {}
        if path == "/v1/messages/count_tokens":
            self.reply(200, {"input_tokens": len(raw) // 4 + 1})
        elif path == "/v1/messages":
            self.message(body, raw.decode("utf8", "replace"))
        else:
            self.api.other_posts.append((path, body))
            self.api.record(method="POST", path=path)
            self.reply(200, {})

    def message(self, body, raw):
        step = self.step_for(body)
        if isinstance(step, Failure):
            kind = KINDS.get(step.status, "api_error")
            error = {"type": "error", "error": {"type": kind, "message": step.message or f"the mock says {kind}"}}
            self.reply(step.status, error, step.headers)
            return
        blocks = [(it, routing.fill(it.input, raw.replace("\\/", "/"))) for it in step.blocks]
        try:
            if step.until:
                self.api.hold(step.until, 300)
            time.sleep(step.delay)
            model = body.get("model") or "mock"
            if body.get("stream"):
                self.start(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked", **step.headers})
                self.close_connection = send_stream(self.wfile, model, step, blocks, self.api)
            else:
                self.reply(200, whole_message(model, blocks))
        except OSError:
            self.close_connection = True

    def step_for(self, body):
        if not body.get("tools"):
            self.api.record(kind="aside")
            return answer(routing.aside(body))
        if routing.compacts(body):
            self.api.record(kind="compact")
            written = self.api.scripts.get("compact")
            return written[0] if written else Answer(answer(routing.SUMMARY).blocks, delay=3)
        script, number = routing.step(body)
        self.api.record(kind="turn", script=script, step=number)
        return self.api.next_step(script, number)

    def reply(self, status, body, headers=None):
        text = json.dumps(body).encode()
        self.start(status, {"content-type": "application/json", "content-length": str(len(text)), **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(text)

    def start(self, status, headers):
        self.send_response(status)
        self.send_header("request-id", "req_" + uuid.uuid4().hex[:20])
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
