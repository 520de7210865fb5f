"""Whether the time of a refusal tells an unknown key from a revoked or a malformed one.

    python -m tests.bench.keytiming [--calls 2000] [--postgresql URL]

A server of one process is called over one kept-alive connection with keys of each kind in turns,
and the medians are shown as ratios to the unknown key's. Each round's order is another one, so
that what the machine does besides is shared by all. Two kinds that are the same, `unknown` and
`unknown again`, say how much of a ratio is noise.
"""

import argparse
import http.client
import random
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from tests.factories import revoke_key, words_scorer
from tests.reliability.serving import Server

TARGET = 0.05
"""How far from the unknown key's the median of any other kind may be."""

SEED = 20261127


def make_keys(server: Server) -> dict[str, str]:
    """A key of each kind that opens nothing."""
    good = server.make_key("backend")
    revoked = server.make_key("backend")
    database = Database(server.database_url)
    services = Services(database, words_scorer())
    site = access.find_site(services, "gazette")
    revoke_key(services, site, access.key_prefix(revoked))
    database.dispose()
    return {
        "unknown": f"wnw_00000000_{'x' * 43}",
        "unknown again": f"wnw_11111111_{'y' * 43}",
        "revoked": revoked,
        "right but for its last letter": good[:-1] + ("b" if good[-1] == "a" else "a"),
        "right in its first half": good[:34] + "x" * 22,
        "malformed": "-" * 56,
    }


DOORS: dict[str, tuple[str, str, Callable[[str], Mapping[str, str]]]] = {
    "native": ("GET", "/v1/site", lambda key: {"Authorization": f"Bearer {key}"}),
    "perspective": ("GET", "/$discovery/rest", lambda key: {"X-Goog-Api-Key": key}),
    "openai": ("GET", "/v1/models", lambda key: {"Authorization": f"Bearer {key}"}),
}
"""Ways to say a key: method, path and headers."""


def measure(port: int, door: str, keys: Mapping[str, str], calls: int) -> dict[str, float]:
    """The median of each kind's calls, in microseconds."""
    method, path, say = DOORS[door]
    connection = http.client.HTTPConnection("127.0.0.1", port)
    taken: dict[str, list[int]] = {kind: [] for kind in keys}
    order, chance = list(keys), random.Random(SEED)
    for _ in range(calls):
        chance.shuffle(order)
        for kind in order:
            headers = say(keys[kind])
            begin = time.perf_counter_ns()
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            taken[kind].append(time.perf_counter_ns() - begin)
            if answer.status == 200:
                raise SystemExit(f"{door}: the {kind} key is a good one.")
    connection.close()
    return {kind: median(some) / 1000 for kind, some in taken.items()}


def show(door: str, medians: Mapping[str, float]) -> bool:
    """Print the ratios; whether all are within the target."""
    base = medians["unknown"]
    print(f"{door}: unknown {base:.0f} µs")
    for kind, found in medians.items():
        print(f"  {kind:32} {found:8.0f} µs   ratio {found / base:.3f}")
    return all(abs(found / base - 1) <= TARGET for found in medians.values())


def main() -> None:
    """Measure every door and say whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000, help="of each kind at each door")
    parser.add_argument("--postgresql", help="the URL of an empty database; else SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        more = {"WINNOW_WORKERS": "1", "WINNOW_WORKER": "0", "WINNOW_READER": "none"}
        server = Server(Path(home), given.postgresql, **more)
        try:
            keys = make_keys(server)
            server.start()
            for door in DOORS:
                measure(server.port, door, keys, 50)
            met = [show(one, measure(server.port, one, keys, given.calls)) for one in DOORS]
        finally:
            server.close()
    print(f"within {TARGET:.0%}: {'yes' if all(met) else 'no'}")


if __name__ == "__main__":
    main()
