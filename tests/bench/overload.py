"""Offers a server more than it can answer: what it answers in time, with shedding and without.

`python -m tests.bench.overload`: the clients and the server share the machine's cores, so what
the clients used of them is printed too.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import urllib3

from tests.bench.hammer import Hammer, Told
from tests.bench.servers import Winnow

FACTORS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
SERVERS = {"shedding": {}, "no shedding": {"WINNOW_QUEUE_MS": "0"}}
# All clients have one key and one address; what those may do is not what is measured here.
LIMITS = {f"WINNOW_LIMIT_{name}": "none" for name in ("KEY", "ADDRESS", "AUTHOR")}
CLIENTS = 16


def main() -> None:
    """Measure the capacity, then offer parts and multiples of it to both, in turns."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {}
        for name, given in SERVERS.items():
            home = folder / name.replace(" ", "-")
            servers[name] = Winnow(home, None, WINNOW_WORKER="no", **LIMITS, **given)
            stack.enter_context(servers[name].serving())
        capacity = measure_capacity(servers["shedding"], options.seconds)
        print(f"capacity: {capacity:.0f} comments a second, {CLIENTS} clients in a closed loop")
        found: dict[str, dict[float, list[Told]]] = {name: {} for name in servers}
        for number in range(options.rounds):
            for factor in options.factors:
                for name, server in servers.items():
                    hammer = Hammer(server.port, server.key, f"r{number} {factor}")
                    told = hammer.run(factor * capacity, options.seconds)
                    found[name].setdefault(factor, []).append(told)
                    print_row(name, factor, told)
                    wait_until_idle(server.port)
    print_summary(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each round")
    parser.add_argument("--factors", type=float, nargs="+", default=FACTORS)
    return parser.parse_args()


def measure_capacity(server: Winnow, seconds: float) -> float:
    """What a closed loop gets through; the first of three rounds warms the server up."""
    rounds = [
        Hammer(server.port, server.key, f"w{number}").saturate(CLIENTS, seconds).goodput
        for number in range(3)
    ]
    return median(rounds[1:])


def wait_until_idle(port: int) -> None:
    """Until a page that needs a thread comes at once: the next round begins with nothing left."""
    for _ in range(600):
        began = time.perf_counter()
        answer = urllib3.request(
            "GET", f"http://127.0.0.1:{port}/openapi.json", retries=False, timeout=60
        )
        if answer.status == 200 and time.perf_counter() - began < 0.1:
            return
        time.sleep(0.1)


def print_row(name: str, factor: float, told: Told) -> None:
    """A line of the table."""
    share = told.client_seconds / told.seconds
    print(
        f"{name:<12}{factor:4.1f}x  offered {told.offered / told.seconds:6.0f}/s"
        f"  in time {told.goodput:6.0f}/s  p50 {told.cut(50):6.0f} ms  p99 {told.cut(99):6.0f} ms"
        f"  refused {told.statuses[503]:6}, p50 {told.refusal(50):5.0f} ms"
        f"  given up {told.given_up:5}  broken {told.broken}  unsent {told.unsent:5}"
        f"  clients' CPU {share:4.0%}",
        flush=True,
    )


def print_summary(found: dict[str, dict[float, list[Told]]]) -> None:
    """The goodput at each load as a part of the best one, medians over the rounds."""
    for name, rounds in found.items():
        goodput = {factor: median(one.goodput for one in told) for factor, told in rounds.items()}
        best = max(goodput.values())
        shares = ", ".join(f"{factor:g}x {value / best:.0%}" for factor, value in goodput.items())
        print(f"{name}: peak {best:.0f}/s; of it at {shares}")


if __name__ == "__main__":
    main()
