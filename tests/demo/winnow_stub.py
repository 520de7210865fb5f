"""A real HTTP server that plays Winnow: it keeps comments and answers as it is told to."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

KEY = "a-backend-key"
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
STATUSES = ("approved", "pending", "rejected", "escalated")


class QuietHandler(WSGIRequestHandler):
    def log(self, *_):
        pass


class WinnowStub:
    """`answer` is what comments get: a status, an HTTP code, "hang", "echo", or any text."""

    def __init__(self):
        self.answer = "approved"
        self.reasons = []
        self.errors = []
        self.comments = {}
        self.posts = []
        self.events = []
        self.tokens = 0
        self.posted = threading.Event()
        self.released = threading.Event()
        self.port = 0
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.server = make_server(
            "127.0.0.1", self.port, self.respond, threaded=True, request_handler=QuietHandler
        )
        self.port = self.server.port
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01])
        self.thread.start()

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def decide(self, comment_id, status):
        """Play the moderator."""
        action = "approve" if status == "approved" else "reject"
        decision = {"action": action, "reason": "secret-code", "note": "secret note"}
        self.comments[comment_id] |= {"status": status, "decision": decision}
        self.happen(comment_id)

    def happen(self, comment_id):
        self.events.append({"number": len(self.events) + 1, "comment_id": comment_id})

    def tell(self, site, secret=SECRET, off=timedelta(), **changes):
        """Send the last event to the site's webhook, signed as Winnow does."""
        body = json.dumps({"type": "comment.decided", "data": self.events[-1]})
        now = datetime.now(UTC) + off
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("msg_1", now, body),
        }
        sent = {"data": body, "headers": headers} | changes
        return site.app.test_client().post("/webhook", **sent).status_code

    def respond(self, environ, start_response):
        request = Request(environ)
        if self.answer == "hang":
            self.released.wait(30)
        body = request.get_data()
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            code, answer = 401, {"detail": "Unknown key."}
        elif request.method == "POST" and request.path == "/v1/comments":
            code, answer = self.post(request, body)
        elif isinstance(self.answer, int):
            code, answer = self.answer, {"detail": "As told."}
        elif self.answer not in STATUSES:
            code, answer = 200, self.answer
        elif request.path == "/v1/form-token":
            code, answer = 200, self.make_token(request)
        elif request.path == "/v1/events":
            code, answer = 200, self.list_events(request)
        else:
            found = self.comments.get(request.path.removeprefix("/v1/comments/"))
            code, answer = (200, found) if found else (404, {})
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(text, code, mimetype="application/json")(environ, start_response)

    def post(self, request, body):
        assert request.content_type == "application/json"
        comment = json.loads(body)
        self.posts.append((comment["id"], body))
        self.posted.set()
        if isinstance(self.answer, int):
            return self.answer, {"detail": "As told.", "errors": self.errors}
        if self.answer == "echo":
            return 201, comment
        if self.answer not in STATUSES:
            return 200, self.answer
        if comment["id"] not in self.comments:
            self.happen(comment["id"])
        verdict = {"action": "hold", "reasons": self.reasons}
        state = {"status": self.answer, "verdict": verdict, "decision": None}
        return 201, self.comments.setdefault(comment["id"], comment | state)

    def make_token(self, request):
        """Another for each form, and another name for its hidden field."""
        self.tokens += 1
        return {
            "token": f"{request.args['article']}-token-{self.tokens}",
            "expires_at": "2030-01-01T00:00:00Z",
            "honeypot": f"topic_{self.tokens:08x}",
        }

    def list_events(self, request):
        """Two at a time, as an impatient Winnow might."""
        begin = int(request.args.get("cursor", request.args["after"]))
        items = [event for event in self.events if event["number"] > begin][:2]
        end = items[-1]["number"] if items else begin
        return {"items": items, "next": str(end) if end < len(self.events) else None}
