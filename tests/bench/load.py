"""Clients that post as fast as they are answered, over kept-alive connections."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

TEXTS = (
    "I have lived in this town for thirty years and never seen the council listen like this.",
    "Thank you for this piece. The second chart would be clearer with the years on the axis.",
    (
        "Not sure I agree: the ferry was late twice last week, and nobody told the people waiting. "
        "My neighbour missed the hospital appointment she had waited four months for, and the only "
        "answer at the counter was that the timetable is only a plan. If the company wants us back "
        "on board, it should begin by answering the telephone."
    ),
    "Best prices for watches, visit http://watches.example.com today and save 80%!!!",
    "What a load of rubbish, the author should be ashamed.",
)


@dataclass(frozen=True, slots=True)
class Round:
    """What one run of the clients measured; latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    failed: int


def bodies(count: int, prefix: str) -> Iterator[bytes]:
    """Different comments, as a website would send them."""
    for number in range(count):
        body: dict[str, Any] = {
            "id": f"{prefix}-{number}",
            "article": {"id": f"a-{number % 50}", "url": "https://news.example/ferry"},
            "text": f"{TEXTS[number % len(TEXTS)]} ({number})",
            "author": {"id": f"u-{number % 500}", "name": "Ada", "email": "ada@example.com"},
        }
        yield json.dumps(body).encode()


def run_round(port: int, key: str, clients: int, requests: int, prefix: str) -> Round:
    """Post `requests` comments from `clients` connections and measure."""
    work = list(bodies(requests, prefix))
    return post_all(port, "/v1/comments", work, clients, {"Authorization": f"Bearer {key}"}, 201)


def post_all(
    port: int,
    path: str,
    work: list[bytes],
    clients: int,
    headers: dict[str, str],
    wanted: int = 200,
) -> Round:
    """Post JSON bodies from `clients` connections and measure; `wanted` is a good status."""
    latencies: list[float] = []
    failed = 0
    barrier = threading.Barrier(clients + 1)

    def post(mine: list[bytes]) -> None:
        nonlocal failed
        connection = http.client.HTTPConnection("127.0.0.1", port)
        sent = {"Content-Type": "application/json", **headers}
        barrier.wait()
        for body in mine:
            begin = time.perf_counter()
            connection.request("POST", path, body, sent)
            answer = connection.getresponse()
            answer.read()
            latencies.append((time.perf_counter() - begin) * 1000)
            failed += answer.status != wanted
        connection.close()

    threads = [threading.Thread(target=post, args=(work[i::clients],)) for i in range(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begin
    cuts = quantiles(latencies, n=100)
    return Round(len(work) / elapsed, cuts[49], cuts[98], failed)
