"""What a full policy adds to posting a comment, with 10 thousand to a million stored.

One server has two sites in one database: `plain` with the default policy, `full` with 5,000
words, 200 patterns and every check that reads a past. One client posts each comment to both, so
that what else the machine does hits both alike.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests import postgresql
from tests.bench.crowds import AUTHORS, Crowd
from tests.bench.fullpolicy import PATTERNS, WORDS, make_policy
from tests.bench.multiplying import find_posted, multiply
from tests.bench.servers import Winnow
from tests.bench.turns import Client, Turn, take_turns

POSTED = 2_000
"""Comments that are posted first and copied then."""

Turns = dict[int, list[Turn]]
"""Rounds by the number of stored comments."""


def main() -> None:
    """Measure at each size, print every round, what is added, and how it grows."""
    options = _options()
    print(f"{WORDS:,} words, {PATTERNS} patterns, {AUTHORS:,} authors; one client, in ms")
    found = {name: dict(measure(name, options)) for name in options.databases}
    for name, turns in found.items():
        _print_summary(name, turns)
    if options.out:
        from tests.bench.graphs import draw_policy

        options.out.write_bytes(draw_policy(found))
        print(f"wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=300, help="comments a round and site")
    sizes = [10_000, 100_000, 1_000_000]
    parser.add_argument("--stored", type=int, nargs="+", default=sizes, help="rising")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    parser.add_argument("--out", type=Path, help="draw the growth into this SVG file")
    return parser.parse_args()


def measure(database: str, options: argparse.Namespace) -> Iterator[tuple[int, list[Turn]]]:
    """Yield the rounds at each number of stored comments."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None
        if database == "postgresql":
            url = stack.enter_context(postgresql.Server()).url
        server = Winnow(folder / "home", url)
        keys, crowd = {"full": server.key, "plain": _make_plain(server)}, Crowd()
        post_first(server, crowd)
        posted, copies = find_posted(server.url, "bench"), 0
        for stored in sorted(options.stored):
            print(f"\n{database}: filling up to {stored:,} comments …", flush=True)
            start, copies = copies + 1, max(copies + 1, stored // posted.count - 1)
            multiply(server.url, posted, range(start, copies + 1), crowd.writer)
            with server.serving():
                yield stored, list(_run_rounds(Client(server.port), keys, crowd, options))


def _make_plain(server: Winnow) -> str:
    server.run("site", "create", "plain")
    return server.run("key", "create", "--site", "plain", "--role", "backend").strip()


def post_first(server: Winnow, crowd: Crowd) -> None:
    """Put the policy of the site `bench` in force and post to it what is to be copied."""
    with server.serving():
        client, document = Client(server.port), make_policy(crowd.writer.write(1000))
        policy = {"policy": document, "version": 1}
        client.send(server.make_key("admin"), "PUT", "/v1/policy", policy)
        for body in crowd.write(POSTED, "first"):
            client.post(server.key, body)


def _run_rounds(
    client: Client, keys: dict[str, str], crowd: Crowd, options: argparse.Namespace
) -> Iterator[Turn]:
    # Round 0 warms the server up and does not count.
    for number in range(options.rounds + 1):
        one = take_turns(client, keys, crowd.write(options.requests, f"{time.time_ns()}"))
        if number:
            _print_row(f"round {number}", one)
            yield one


def _print_row(name: str, one: Turn) -> None:
    print(
        f"{name:<22} p50 {one.plain:5.2f} -> {one.full:5.2f}  adds {one.added:5.2f}"
        f" ({one.full / one.plain:.2f} times)   p99 {one.plain_p99:5.1f} -> {one.full_p99:5.1f}",
        flush=True,
    )


def _print_summary(database: str, turns: Turns) -> None:
    print(f"\n{database}, median of the rounds:")
    for stored, rounds in turns.items():
        figures = ("plain", "full", "plain_p99", "full_p99")
        middle = Turn(*(median(getattr(one, name) for one in rounds) for name in figures))
        _print_row(f"{stored:,}", middle)
        each = sorted(one.added for one in rounds)
        spread = f"from {each[0]:.2f} to {each[-1]:.2f} in {len(each)} rounds"
        print(f"{'':<22} adds {median(each):.2f} ms ({spread})")


if __name__ == "__main__":
    main()
