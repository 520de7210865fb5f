"""How long an event takes from the answer to its comment to the webhook's first try."""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.bench.load import bodies
from tests.bench.servers import Winnow, winnow

LOOPBACK = {"WINNOW_WEBHOOK_NETWORKS": "127.0.0.0/8"}
PATIENCE_SECONDS = 60


def main() -> None:
    """Post at a steady rate, note when each event arrives, print and draw the delays."""
    options = _options()
    with (
        tempfile.TemporaryDirectory() as folder,
        _receiving() as (port, arrivals),
        winnow(Path(folder), **LOOPBACK) as server,
    ):
        _subscribe(server, port)
        answered = _post(server, options.rate, options.count)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while len(arrivals) < len(answered) and time.monotonic() < give_up:
            time.sleep(0.05)
    missing = answered.keys() - arrivals.keys()
    delays = [1000 * max(0.0, arrivals[one] - answered[one]) for one in answered.keys() - missing]
    cuts = quantiles(delays, n=100)
    print(
        f"{len(answered)} comments at {options.rate:.0f}/s: {len(missing)} events missing; from"
        f" the 201 to the first try p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms,"
        f" most {max(delays):.0f} ms"
    )
    if options.out:
        from tests.bench.graphs import draw_delays

        title = f"{len(delays):,} events at {options.rate} a second"
        options.out.write_bytes(draw_delays(delays, title))
        print(f"wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50, help="comments a second")
    parser.add_argument("--count", type=int, default=2000, help="comments in all")
    parser.add_argument("--out", type=Path, help="draw the figures into this SVG file")
    return parser.parse_args()


@contextmanager
def _receiving() -> Iterator[tuple[int, dict[str, float]]]:
    """A webhook receiver; gives its port and when each comment's event came first."""
    arrivals: dict[str, float] = {}

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            arrivals.setdefault(body["data"]["comment"]["id"], time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, arrivals
    finally:
        server.shutdown()
        server.server_close()


def _subscribe(server: Winnow, port: int) -> None:
    connection = HTTPConnection("127.0.0.1", server.port)
    wanted = {"url": f"http://127.0.0.1:{port}/hook", "types": ["comment.created"]}
    headers = {
        "Authorization": f"Bearer {server.make_key('admin')}",
        "Content-Type": "application/json",
    }
    connection.request("POST", "/v1/webhooks", json.dumps(wanted), headers)
    answer = connection.getresponse()
    if answer.status != 201:
        raise SystemExit(f"The webhook was not made: {answer.read().decode()}")
    connection.close()


def _post(server: Winnow, rate: float, count: int) -> dict[str, float]:
    """Post one comment after the other in even steps; when each was answered."""
    connection = HTTPConnection("127.0.0.1", server.port)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    answered: dict[str, float] = {}
    begin = time.monotonic()
    for number, body in enumerate(bodies(count, "w")):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        connection.request("POST", "/v1/comments", body, headers)
        answer = json.loads(connection.getresponse().read())
        answered[answer["id"]] = time.monotonic()
    connection.close()
    return answered


if __name__ == "__main__":
    main()
