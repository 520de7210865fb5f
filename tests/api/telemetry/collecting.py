"""A collector of traces on a real socket, which keeps what it is sent."""

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE_SECONDS = 60


class Collector:
    """An HTTP server for OTLP; `bodies` are the requests as they came, unpacked.

    While `asleep` is set it takes connections and says nothing.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.awake = threading.Event()
        self.awake.set()
        collector = self

        class Answer(BaseHTTPRequestHandler):
            """Takes one request."""

            def do_POST(self) -> None:
                """Keep what is sent."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.awake.wait(PATIENCE_SECONDS)
                collector.bodies.append(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Be quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.awake.set()
        self._server.shutdown()
        self._server.server_close()

    def spans(self) -> list[dict[str, Any]]:
        """All spans so far."""
        found = []
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                about = _read(resource.resource.attributes)
                for scope in resource.scope_spans:
                    found += [
                        {
                            "name": one.name,
                            "trace": one.trace_id.hex(),
                            "id": one.span_id.hex(),
                            "parent": one.parent_span_id.hex(),
                            "state": one.trace_state,
                            "kind": one.kind,
                            "status": one.status.code,
                            "words": one.status.message,
                            "events": [_read(event.attributes) for event in one.events],
                            "about": about,
                            **_read(one.attributes),
                        }
                        for one in scope.spans
                    ]
        return found

    def wait_for(self, name: str, number: int = 1) -> list[dict[str, Any]]:
        """The spans of that name, once there are so many."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = [one for one in self.spans() if one["name"] == name]
            if len(found) >= number:
                return found
            known = sorted({one["name"] for one in self.spans()})
            assert time.monotonic() < give_up, f"{len(found)} of {name}; there are {known}"
            time.sleep(0.1)


def _read(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
