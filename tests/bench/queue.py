"""The queue and the search, with ten thousand comments and with a million.

One client asks a running server again and again; each kind of question in turns, so that what else
the machine does hits all alike.
"""

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from tests import postgresql
from tests.bench.queuefilling import ARTICLES, AUTHORS, RARE, REPORTERS, Site, fill, pick_words
from tests.bench.servers import Winnow

BAR = 50
"""What the 99th of a hundred must not exceed, in milliseconds."""

SAVED = 10


class Figure(NamedTuple):
    """The median and the 99th of a hundred of one kind of question, in milliseconds."""

    p50: float
    p99: float


Figures = dict[str, list[Figure]]
"""Every round, by the kind of question."""


class Asker:
    """A moderator's program on a kept-alive connection."""

    def __init__(self, port: int, keys: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._keys = keys
        self.last: dict[str, Any] = {}

    def send(self, method: str, path: str, body: Any = None, who: str = "moderator") -> float:
        """Send a request and return the milliseconds it took; the answer is in `last`."""
        headers = {"Authorization": f"Bearer {self._keys[who]}", "Content-Type": "application/json"}
        plain = None if body is None else json.dumps(body).encode()
        begin = time.perf_counter()
        self._connection.request(method, path, plain, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        took = (time.perf_counter() - begin) * 1000
        if answer.status not in (200, 201):
            raise SystemExit(f"{method} {path}: {answer.status} {said[:500].decode()}")
        self.last = json.loads(said)
        return took

    def get(self, path: str, who: str = "moderator", **query: Any) -> float:
        """The milliseconds that an answer takes."""
        return self.send("GET", f"{path}?{urlencode(query)}", who=who)


def main() -> None:
    """Measure at each size; print the sizes side by side."""
    options = _options()
    found = {name: dict(measure(name, options)) for name in options.databases}
    for name, sizes in found.items():
        _print_table(name, sizes)
    if options.out:
        from tests.bench.graphs import draw_queue

        options.out.write_bytes(draw_queue(found, BAR))
        print(f"wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100, help="of each kind, a round")
    parser.add_argument("--stored", type=int, nargs="+", default=[10_000, 1_000_000])
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    parser.add_argument("--only", default="", help="kinds of questions that begin so")
    parser.add_argument("--out", type=Path, help="draw the figures into this SVG file")
    return parser.parse_args()


def measure(database: str, options: argparse.Namespace) -> Iterator[tuple[int, Figures]]:
    """Yield the rounds with so many comments stored, each size on a database of its own."""
    for stored in options.stored:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = None
            if database == "postgresql":
                url = stack.enter_context(postgresql.Server()).url
            server = Winnow(folder / "home", url)
            keys = _prepare(server, stored)
            print(f"\n{database}, {stored:,} comments", flush=True)
            with server.serving():
                asker = Asker(server.port, keys)
                _save_queues(asker)
                yield stored, _run_rounds(asker, stored, options)


def _prepare(server: Winnow, stored: int) -> dict[str, str]:
    server.run("site", "create", "other")
    other = server.run("key", "create", "--site", "other", "--role", "moderator").strip()
    keys = {role: server.make_key(role) for role in ("moderator", "admin")}
    keys |= {"other": other, "backend": server.key}
    with server.serving():
        asker = Asker(server.port, keys)
        body = {"article": {"id": "a-0"}, "text": "The first of many.", "author": {"name": "Ada"}}
        asker.send("POST", "/v1/comments", body, who="backend")
    begin = time.monotonic()
    engine = create_engine(server.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        ids = dict(connection.execute(text("SELECT name, id FROM sites")).all())
    fill(server.url, Site(ids["bench"], ids["other"]), stored)
    with engine.begin() as connection:
        # The job that looks for comments without words need not look at these.
        connection.execute(text("DELETE FROM search_progress"))
        seen = "INSERT INTO search_progress (id, upto) SELECT 1, max(id) FROM comments"
        connection.execute(text(seen))
    engine.dispose()
    print(f"filled with {stored:,} comments in {time.monotonic() - begin:.0f} s", flush=True)
    return keys


def _save_queues(asker: Asker) -> None:
    for number in range(SAVED):
        wanted = {"section": f"section-{number}", "score": ["toxicity:0.2"]}
        if number % 2:
            wanted = {"reason": "spam_score", "score": [f"insult:0.{number}"]}
        queue = {"title": f"Queue {number}", "filter": wanted}
        asker.send("PUT", f"/v1/queues/queue-{number}", queue, who="admin")


def _run_rounds(asker: Asker, stored: int, options: argparse.Namespace) -> Figures:
    kinds = {
        name: ask for name, ask in _kinds(asker, stored).items() if name.startswith(options.only)
    }
    found: Figures = {name: [] for name in kinds}
    # Round 0 warms the server up and does not count.
    for number in range(options.rounds + 1):
        took: dict[str, list[float]] = {name: [] for name in kinds}
        for turn in range(options.requests):
            for name, ask in kinds.items():
                took[name].append(ask(number * options.requests + turn))
        if number:
            for name, each in took.items():
                cuts = quantiles(each, n=100)
                found[name].append(Figure(cuts[49], cuts[98]))
    for name, rounds in found.items():
        print(f"  {name:<42} {_show(rounds)}", flush=True)
    return found


def _kinds(asker: Asker, stored: int) -> dict[str, Callable[[int], float]]:
    """Each kind of question, asked for the n-th time."""
    words = pick_words(20_000)
    the, second, some = words["common"], words["second"], words["middling"]

    def queue(**query: Any) -> Callable[[int], float]:
        return lambda n: asker.get("/v1/queue", **{k: _vary(v, n) for k, v in query.items()})

    def search(q: str, who: str = "moderator", **query: Any) -> Callable[[int], float]:
        return lambda n: asker.get(
            "/v1/comments", who, q=q, **{k: _vary(v, n) for k, v in query.items()}
        )

    def decide(_: int) -> float:
        took = asker.send("POST", "/v1/queue/claims", {"count": 1})
        one = asker.last["items"][0]
        act = {"action": "approve", "claim": one["claim"]["id"], "version": one["version"]}
        took += asker.send("POST", f"/v1/comments/{one['id']}/decision", act)
        # So that as many wait as before; not part of the figure.
        asker.send("DELETE", f"/v1/comments/{one['id']}/decision")
        return took

    return {
        "queue by priority": queue(),
        "queue oldest first": queue(sort="oldest"),
        "queue, one reason": queue(reason="spam_score"),
        "queue, one section and score": queue(section="section-{}", score="toxicity:0.3-0.9"),
        "queue, one article": queue(article=f"a-{{{ARTICLES}}}"),
        "queue, one reporter": queue(reporter=f"r-{{{REPORTERS}}}"),
        "queue, a saved one": queue(queue="queue-{}"),
        "queues and their counts": lambda _: asker.get("/v1/queues"),
        "claim and decide": decide,
        "search rare": search(RARE),
        "search middling": search(some),
        "search common": search(the),
        "search two common": search(f"{the} {second}"),
        "search common and rare": search(f"{the} {RARE}"),
        "search phrase, common": search(f'"{the} {second}"'),
        "search phrase, never": search(f'"{the} {the} {the} {the}"'),
        "search beginning": search(f"{some[:3]}*"),
        "search beginning, one letter": search("b*"),
        "search without": search(f"{some} -{the}"),
        "search common, rejected": search(the, status="rejected"),
        "search middling, pending": search(some, status="pending"),
        "search common, one author": search(the, author=f"u-{{{AUTHORS}}}"),
        "search rare, one article": search(RARE, article=f"a-{{{ARTICLES}}}"),
        "search common, other site": search(the, "other"),
        "search rare, other site": search(RARE, "other"),
        "search in the queue, rare": queue(q=RARE),
        "search in the queue, middling": queue(q=some),
        "search in the queue, common": queue(q=the),
    }


def _vary(value: str, turn: int) -> str:
    """Another author, article or section each time: `{100}` is one of a hundred, `{}` of ten."""
    before, brace, rest = value.partition("{")
    if not brace:
        return value
    many, _, after = rest.partition("}")
    return f"{before}{turn * 7919 % int(many or 10)}{after}"


def _show(rounds: list[Figure]) -> str:
    p50, p99 = (median(each) for each in zip(*rounds, strict=True))
    worst = max(one.p99 for one in rounds)
    return f"p50 {p50:6.1f}  p99 {p99:6.1f} (worst round {worst:6.1f})"


def _print_table(database: str, sizes: dict[int, Figures]) -> None:
    print(f"\n{database}: p50, p99 in ms, medians of the rounds; the bar is {BAR}")
    heads = "".join(f"{stored:>18,}" for stored in sizes)
    print(f"{'':<34}{heads}   ratio of p50")
    for name in next(iter(sizes.values())):
        each = [[median(part) for part in zip(*one[name], strict=True)] for one in sizes.values()]
        cells = "".join(f"{p50:>9.1f}{p99:>9.1f}" for p50, p99 in each)
        high = "  over the bar" if each[-1][1] > BAR else ""
        print(f"{name:<34}{cells}   {each[-1][0] / each[0][0]:.2f}{high}")


if __name__ == "__main__":
    main()
