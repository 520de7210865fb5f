"""Perspective's comments:analyze beside a bare Flask view that sends the same JSON back.

Six attributes of each comment. `analyze` says doNotStore, as Coral does by default; `storing`
keeps each comment as well, durably, as POST /v1/comments does.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests import postgresql
from tests.bench.load import TEXTS, Round, post_all
from tests.bench.servers import echo, winnow
from tests.bench.service import median, middle, print_row, ratios

ATTRIBUTES = (*("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"),)
PATH = "/v1alpha1/comments:analyze"


def main() -> None:
    """Alternate rounds against the servers and print each, the ratios and their spread."""
    options = _options()
    for database in options.databases:
        print(f"\n{database}: {options.clients} clients, {options.requests} comments a round")
        measure(database, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=3000, help="comments a round")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    return parser.parse_args()


def measure(database: str, options: argparse.Namespace) -> dict[str, list[Round]]:
    """Rounds against each server in turns, printed as they come."""
    found: dict[str, list[Round]] = {"echo": [], "analyze": [], "storing": []}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgresql.Server()).url if database == "postgresql" else None
        server = stack.enter_context(winnow(folder, url))
        reference = stack.enter_context(echo())
        # Round 0 warms them up and does not count.
        for number in range(options.rounds + 1):
            for name, rounds in found.items():
                work = list(bodies(options.requests, f"r{number}", store=name == "storing"))
                port = reference if name == "echo" else server.port
                path = PATH if name == "echo" else f"{PATH}?key={server.key}"
                one = post_all(port, path, work, options.clients, {})
                if number:
                    rounds.append(one)
                    print_row(f"{name} {number}", one)
    _print_summary(found)
    return found


def bodies(count: int, prefix: str, store: bool) -> Iterator[bytes]:
    """Different requests, as Perspective's clients send them."""
    for number in range(count):
        body = {
            "comment": {"text": f"{TEXTS[number % len(TEXTS)]} ({prefix} {number})"},
            "languages": ["en"],
            "requestedAttributes": {name: {} for name in ATTRIBUTES},
            "doNotStore": not store,
        }
        yield json.dumps(body).encode()


def _print_summary(found: dict[str, list[Round]]) -> None:
    for name, rounds in found.items():
        print_row(f"median {name}", middle(rounds))
    for name in ("analyze", "storing"):
        each = ratios(found[name], found["echo"])
        print(
            f"{name} / bare Flask echo: requests per second, median {median(each):.2f}"
            f" (from {each[0]:.2f} to {each[-1]:.2f} in {len(each)} rounds)"
        )


if __name__ == "__main__":
    main()
