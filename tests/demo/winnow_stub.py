"""A real HTTP server that plays Winnow: it keeps comments and answers as it is told to."""

import json
import threading

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

KEY = "a-backend-key"
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
        self.views = []
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

    def respond(self, environ, start_response):
        request = Request(environ)
        if self.answer == "hang":
            self.released.wait(30)
        body = request.get_data()
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            code, answer = 401, {"detail": "Unknown key."}
        elif request.path != "/v1/comments":
            code, answer = 404, {}
        elif request.method == "POST":
            code, answer = self.post(request, body)
        else:
            code, answer = self.list(request)
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
        verdict = {"action": "hold", "reasons": self.reasons}
        state = {"status": self.answer, "verdict": verdict, "decision": None}
        return 201, self.comments.setdefault(comment["id"], comment | state)

    def list(self, request):
        self.views.append(dict(request.args))
        if isinstance(self.answer, int):
            return self.answer, {"detail": "As told."}
        if self.answer not in STATUSES:
            return 200, self.answer
        items = [
            comment
            for comment in self.comments.values()
            if comment["article"]["id"] == request.args["article"]
        ]
        return 200, {"items": items[-100:][::-1], "next": None}
