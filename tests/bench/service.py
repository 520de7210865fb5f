"""Posting comments to Winnow beside a bare Flask insert under the same server."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from tests import postgresql
from tests.bench.load import Round, run_round
from tests.bench.servers import bare, winnow

REFERENCES = {
    "fresh": "a connection a request (as in Flask's documentation)",
    "kept": "a connection kept by each thread",
}
Rounds = dict[str, list[Round]]


def main() -> None:
    """Alternate rounds against the servers and print each, the ratios and their spread."""
    options = _options()
    found = {name: measure(name, options) for name in options.databases}
    if options.out:
        from tests.bench.graphs import draw_posting

        options.out.write_bytes(draw_posting(found))
        print(f"wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=2000, help="comments a round")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    parser.add_argument("--out", type=Path, help="draw the figures into this SVG file")
    return parser.parse_args()


def measure(database: str, options: argparse.Namespace) -> Rounds:
    """Rounds against each server in turns, printed as they come."""
    print(f"\n{database}: {options.clients} clients, {options.requests} comments a round")
    found: Rounds = {"winnow": [], **{name: [] for name in REFERENCES}}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, theirs = stack.enter_context(_places(database, folder))
        server = stack.enter_context(winnow(folder, ours))
        ports = {"winnow": server.port}
        for name, where in theirs.items():
            ports[name] = stack.enter_context(bare(where, kept=name == "kept"))
        # Round 0 warms them up and does not count.
        for number in range(options.rounds + 1):
            load = (server.key, options.clients, options.requests, f"r{number}")
            for name, port in ports.items():
                one = run_round(port, *load)
                if number:
                    found[name].append(one)
                    print_row(f"{name} {number}", one)
    _print_summary(found)
    return found


@contextmanager
def _places(database: str, folder: Path) -> Iterator[tuple[str | None, dict[str, str]]]:
    """Where Winnow and each reference keep their rows: all on one disk, or in one server."""
    if database == "sqlite":
        yield None, {name: str(folder / f"bare-{name}.sqlite3") for name in REFERENCES}
        return
    with postgresql.Server() as server:
        # A database of its own, so that nobody's vacuum or checkpoint is only somebody's.
        yield server.url, dict.fromkeys(REFERENCES, server.url)


def middle(rounds: list[Round]) -> Round:
    """The median of each figure."""
    return Round(
        median(one.per_second for one in rounds),
        median(one.p50 for one in rounds),
        median(one.p99 for one in rounds),
        sum(one.failed for one in rounds),
    )


def ratios(ours: list[Round], theirs: list[Round]) -> list[float]:
    """Requests a second, ours to theirs, of each round, in rising order."""
    pairs = zip(ours, theirs, strict=True)
    return sorted(one.per_second / other.per_second for one, other in pairs)


def _print_summary(found: Rounds) -> None:
    for name, rounds in found.items():
        print_row(f"median {name}", middle(rounds))
    ours = middle(found["winnow"])
    print(f"winnow: p99 is {ours.p99 / ours.p50:.1f} times p50")
    for name, meaning in REFERENCES.items():
        each = ratios(found["winnow"], found[name])
        print(
            f"winnow / bare Flask insert, {meaning}: requests per second, median"
            f" {median(each):.2f} (from {each[0]:.2f} to {each[-1]:.2f}"
            f" in {len(each)} rounds)"
        )


def print_row(name: str, found: Round) -> None:
    """A line of the table."""
    print(
        f"{name:<14}{found.per_second:6.0f}/s   p50 {found.p50:6.1f} ms   p99 {found.p99:6.1f} ms"
        f"   failed {found.failed}",
        flush=True,
    )


if __name__ == "__main__":
    main()
