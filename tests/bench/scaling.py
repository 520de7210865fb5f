"""Posting comments with 1, 2 and 4 server processes, on SQLite, PostgreSQL and behind a pooler.

Prints comments a second, latencies, and where the processor's time goes: to the server, the
database, the pooler and the clients, who all share this machine's cores.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg
from sqlalchemy import update

from api.moderation import events
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.outbox import Event
from tests import postgresql
from tests.bench.load import Round, run_round
from tests.bench.servers import Winnow
from tests.pooling import Pooler, find_pooler

TICKS = os.sysconf("SC_CLK_TCK")
WHO = ("server", "database", "pooler", "clients")


@dataclass(frozen=True, slots=True)
class Measured:
    """One round: what the clients saw, and milliseconds of processor a comment by whose it was."""

    seen: Round
    cost: Mapping[str, float]


@dataclass(slots=True)
class Place:
    """A server with so many processes on one kind of database."""

    name: str
    winnow: Winnow
    server: postgresql.Server | None = None
    pooler: Pooler | None = None

    def spent(self) -> dict[str, float]:
        """Seconds of processor that each has taken so far."""
        found = {"server": _tree(_serving(self.winnow.port)), "clients": _one(os.getpid())}
        server, pooler = self.server, self.pooler
        if server is not None and server.process is not None:
            found["database"] = _tree(server.process.pid)
        if pooler is not None and pooler.process is not None:
            found["pooler"] = _tree(pooler.process.pid)
        return found

    def written(self) -> int:
        """Bytes that PostgreSQL has put into its write-ahead log so far; 0 for SQLite."""
        if self.server is None:
            return 0
        with psycopg.connect(self.server.url) as connection:
            asked = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
            [[found]] = connection.execute(asked).fetchall()
            return int(found)

    def size(self) -> int:
        """Bytes of the database."""
        if self.server is None:
            path = self.winnow.url.removeprefix("sqlite:///")
            # No server runs, so all of it is in the one file.
            return Path(path).stat().st_size
        with psycopg.connect(self.server.url) as connection:
            [[found]] = connection.execute("SELECT pg_database_size(current_database())").fetchall()
            return int(found)


def main() -> None:
    """Rounds of each kind in turns; medians, ratios to one process, and what a million costs."""
    options = _options()
    for kind in options.kinds:
        measure(kind, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=1500, help="comments a round")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    kinds = ["sqlite"]
    if postgresql.find_binaries():
        kinds.append("postgresql")
        kinds += ["pgbouncer"] if find_pooler() else []
    parser.add_argument("--kinds", nargs="+", choices=kinds, default=kinds)
    return parser.parse_args()


def measure(kind: str, options: argparse.Namespace) -> None:
    """Alternate rounds over the numbers of processes, one serving at a time."""
    cores = len(os.sched_getaffinity(0))
    print(
        f"\n{kind}: {options.clients} clients, {options.requests} comments a round, {cores} cores"
    )
    found: dict[int, list[Measured]] = {number: [] for number in options.processes}
    with ExitStack() as stack:
        places = {number: stack.enter_context(_place(kind, number)) for number in options.processes}
        before = {number: one.size() for number, one in places.items()}
        logged = {number: one.written() for number, one in places.items()}
        for round_ in range(options.rounds):
            for number, place in places.items():
                one = _run(place, options, f"r{round_}")
                found[number].append(one)
                _print(f"{number} processes", [one])
        # The first of each round warms up, and is kept too.
        kept = options.rounds * options.requests + options.rounds * _WARM
        grown = {number: one.size() - before[number] for number, one in places.items()}
        wal = max(one.written() - logged[number] for number, one in places.items())
    for number, rounds in found.items():
        _print(f"median {number}", rounds)
    first = found[options.processes[0]]
    for number, rounds in found.items():
        pairs = zip(rounds, first, strict=True)
        each = sorted(one.seen.per_second / other.seen.per_second for one, other in pairs)
        print(
            f"{number} processes / {options.processes[0]}: {median(each):.2f}"
            f" (from {each[0]:.2f} to {each[-1]:.2f})"
        )
    with _place(kind, 1) as place:
        _run(place, options, "sealed")
        print(f"one sealer: {seal_again(place.winnow.url):.0f} events/s")
    cheapest = min(sum(_costs(rounds, "server", "database", "pooler")) for rounds in found.values())
    print(
        f"a million comments: {cheapest * 1000 / 3600:.2f} core hours without the clients,"
        f" {max(grown.values()) / kept * 1e6 / 1e9:.2f} GB"
        f", {wal / kept * 1e6 / 1e9:.2f} GB of write-ahead log"
    )


def seal_again(url: str) -> float:
    """Events a second that a sealer numbers with nobody beside it: those there are, anew."""
    database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    services = Services(database, Scorer())
    again = update(Event).values(number=None, hash=None, salt=None)
    count = database.write(lambda connection: connection.execute(again).rowcount)
    start = time.perf_counter()
    while events.seal(services):
        pass
    taken = time.perf_counter() - start
    database.engine.dispose()
    return count / taken


_WARM = 500
"""Comments before each round: processes load the second stage when they first need it."""


def _run(place: Place, options: argparse.Namespace, prefix: str) -> Measured:
    with place.winnow.serving():
        load = (place.winnow.key, options.clients)
        run_round(place.winnow.port, *load, _WARM, f"{prefix}-warm")
        _wait_until_idle(place)
        before = place.spent()
        seen = run_round(place.winnow.port, *load, options.requests, prefix)
        after = place.spent()
    cost = {who: (after[who] - before[who]) * 1000 / options.requests for who in after}
    return Measured(seen, cost)


def _wait_until_idle(place: Place) -> None:
    """Until what a server does when it starts is done: its worker loads what it needs, too."""
    before = place.spent()["server"]
    for _ in range(_IDLE_TRIES):
        time.sleep(1)
        after = place.spent()["server"]
        if after - before < _IDLE:
            return
        before = after


_IDLE, _IDLE_TRIES = 0.05, 20
"""Seconds of processor in a second that are as none, and how long to wait for that."""


@contextmanager
def _place(kind: str, processes: int) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = pooler = url = None
        if kind != "sqlite":
            server = stack.enter_context(postgresql.Server())
            url = server.url
        if kind == "pgbouncer" and server is not None:
            pooler = stack.enter_context(Pooler(server, size=4))
            url = f"{pooler.url}?pooler=transaction"
        winnow = Winnow(folder, url, WINNOW_WORKERS=str(processes))
        yield Place(f"{kind} {processes}", winnow, server, pooler)


def _costs(rounds: list[Measured], *who: str) -> list[float]:
    return [median(one.cost[each] for one in rounds) for each in who if each in rounds[0].cost]


def _print(name: str, rounds: list[Measured]) -> None:
    seen = [one.seen for one in rounds]
    rate = median(one.per_second for one in seen)
    p50, p99 = median(one.p50 for one in seen), median(one.p99 for one in seen)
    costs = ", ".join(f"{who} {_costs(rounds, who)[0]:.2f}" for who in WHO if who in rounds[0].cost)
    failed = sum(one.failed for one in seen)
    print(
        f"{name:<14}{rate:6.0f}/s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   failed {failed}"
        f"   ms of processor a comment: {costs}",
        flush=True,
    )


def _serving(port: int) -> int:
    """The process that serves on that port."""
    wanted = f"serve\0--port\0{port}\0".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cmdline").read_bytes().endswith(wanted):
                return int(entry.name)
        except OSError:
            continue
    raise ProcessLookupError(f"nobody serves on port {port}")


def _tree(root: int) -> float:
    """Seconds of processor of a process, its living children, and its dead ones it has waited for.

    PostgreSQL's processes are children of the one that was started, and so are a server's.
    """
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(entry.name))
        if fields is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = 0.0, [root]
    while todo:
        one = todo.pop()
        found += _one(one, waited=True)
        todo += children.get(one, [])
    return found


def _one(process: int, waited: bool = False) -> float:
    fields = _fields(process)
    if fields is None:
        return 0.0
    return sum(map(int, fields[11 : 15 if waited else 13])) / TICKS


def _fields(process: int) -> list[str] | None:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None


if __name__ == "__main__":
    main()
