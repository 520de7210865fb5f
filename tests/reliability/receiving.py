"""A website's receiver of webhooks that remembers every message."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Receiver:
    """`with Receiver() as receiver:` listens on `receiver.url` and says thanks to all."""

    def __init__(self) -> None:
        seen: dict[str, list[str]] = defaultdict(list)
        self.seen = seen
        """The messages' ids, in the order they came, by the comment whose making they tell."""

        class Handler(BaseHTTPRequestHandler):
            """Takes one message after another."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                message = json.loads(self.rfile.read(length))
                if message["type"] == "comment.created":
                    seen[message["data"]["comment_id"]].append(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def untold(self, comments: Iterable[str]) -> list[str]:
        """Those of these comments of which no message has come."""
        return [one for one in comments if not self.seen.get(one)]

    def renamed(self) -> list[str]:
        """Comments of whose making messages with different ids have come."""
        return [one for one, ids in list(self.seen.items()) if len(set(ids)) > 1]

    @property
    def repeats(self) -> int:
        """How many messages came again, with the same id."""
        return sum(len(ids) - len(set(ids)) for ids in list(self.seen.values()))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
