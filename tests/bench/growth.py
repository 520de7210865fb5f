"""Posting comments to a database that holds a million, beside one that holds none."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests import postgresql
from tests.bench.filling import fill
from tests.bench.load import Round, run_round
from tests.bench.servers import Winnow
from tests.bench.service import middle, print_row, ratios


def main() -> None:
    """Alternate rounds against both and print each, the ratios and their spread."""
    options = _options()
    found = {name: measure(name, options) for name in options.databases}
    if options.out:
        from tests.bench.graphs import draw_growth

        options.out.write_bytes(draw_growth(found, options.stored))
        print(f"wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=2000, help="comments a round")
    parser.add_argument("--stored", type=int, default=1_000_000, help="comments stored before")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    parser.add_argument("--out", type=Path, help="draw the figures into this SVG file")
    return parser.parse_args()


def measure(database: str, options: argparse.Namespace) -> dict[str, list[Round]]:
    """Rounds against an empty and a full database in turns, printed as they come."""
    print(f"\n{database}: none and {options.stored:,} comments stored")
    found: dict[str, list[Round]] = {"empty": [], "full": []}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {}
        for name in found:
            url = None
            if database == "postgresql":
                url = stack.enter_context(postgresql.Server()).url
            servers[name] = Winnow(folder / name, url)
        _fill(servers["full"], options.stored)
        for server in servers.values():
            stack.enter_context(server.serving())
        for number in range(options.rounds + 1):
            for name, server in servers.items():
                load = (server.key, options.clients, options.requests, f"r{number}")
                one = run_round(server.port, *load)
                if number:
                    found[name].append(one)
                    print_row(f"{name} {number}", one)
    for name, rounds in found.items():
        print_row(f"median {name}", middle(rounds))
    each = ratios(found["full"], found["empty"])
    print(
        f"{options.stored:,} stored / none stored: requests per second, median"
        f" {median(each):.2f} (from {each[0]:.2f} to {each[-1]:.2f} in {len(each)} rounds)"
    )
    return found


def _fill(server: Winnow, count: int) -> None:
    with server.serving():
        run_round(server.port, server.key, 1, 2, "first")
    print(f"filling with {count:,} comments …", flush=True)
    fill(server.url, count)


if __name__ == "__main__":
    main()
