"""What limits cost a posted comment: none, counted in memory, and counted in Redis or Valkey.

Three servers alike, each with a database of its own, take rounds in turns. A key's and an
author's requests are counted, as by default, but nobody is refused.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from api.limiting.limiter import Limiter
from api.limiting.rates import KEY, read_rates
from tests.bench.load import Round, run_round
from tests.bench.servers import UNLIMITED, Winnow, winnow
from tests.bench.service import middle, print_row
from tests.reliability.valkey import PROGRAM, Store

COUNTED = dict.fromkeys(UNLIMITED, "100000000/minute")
Rounds = dict[str, list[Round]]


def main() -> None:
    """Alternate rounds against the servers and print each, and what limits add."""
    options = _options()
    print(f"to count in memory takes {time_memory():.1f} microseconds of one processor")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {
            "none": stack.enter_context(winnow(folder / "none", None)),
            "memory": stack.enter_context(winnow(folder / "memory", None, **COUNTED)),
        }
        if PROGRAM is not None:
            store = stack.enter_context(Store(folder))
            shared = {**COUNTED, "WINNOW_LIMITS_URL": store.url}
            servers["store"] = stack.enter_context(winnow(folder / "store", None, **shared))
        _print_summary(measure(servers, options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--clients", type=int, default=1, help="one measures the time of each")
    parser.add_argument("--requests", type=int, default=1000, help="comments a round")
    return parser.parse_args()


def time_memory(counts: int = 20_000) -> float:
    """How long one count takes, in microseconds of a processor: of ten thousand who take turns."""
    limiter = Limiter({KEY: read_rates(COUNTED["WINNOW_LIMIT_KEY"])}, "s" * 32)
    begin = time.thread_time()
    for number in range(counts):
        limiter.take(KEY, f"somebody {number % 10_000}")
    return (time.thread_time() - begin) / counts * 1e6


def measure(servers: dict[str, Winnow], options: argparse.Namespace) -> Rounds:
    """Rounds against each server in turns, another one first each time, printed as they come."""
    found: Rounds = {name: [] for name in servers}
    # Round 0 warms them up and does not count.
    for number in range(options.rounds + 1):
        for name in sorted(servers, reverse=bool(number % 2)):
            server = servers[name]
            load = (server.key, options.clients, options.requests, f"r{number}")
            one = run_round(server.port, *load)
            if one.failed:
                raise SystemExit(f"{name}: {one.failed} comments were refused")
            if number:
                found[name].append(one)
                print_row(f"{name} {number}", one)
    return found


def _print_summary(found: Rounds) -> None:
    for name, rounds in found.items():
        print_row(f"median {name}", middle(rounds))
    for name in [name for name in found if name != "none"]:
        pairs = list(zip(found[name], found["none"], strict=True))
        added = sorted(ours.p50 - plain.p50 for ours, plain in pairs)
        share = sorted(ours.p50 / plain.p50 - 1 for ours, plain in pairs)
        print(
            f"{name} adds to p50, median {median(added):.3f} ms, {median(share):.1%}"
            f" (from {share[0]:.1%} to {share[-1]:.1%} in {len(pairs)} rounds)"
        )


if __name__ == "__main__":
    main()
