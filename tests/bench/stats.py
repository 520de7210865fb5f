"""How long the dashboard's figures take among many comments, and what writers feel of it."""

import argparse
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, text

from api.moderation import access, intake
from api.moderation.access import Caller
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from api.moderation.stats import gathering
from api.store import schema
from api.store.database import Database
from tests import postgresql
from tests.factories import Clock, put_policy, words_scorer

_SERIES = {
    "sqlite": (
        "(WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting"
        " WHERE n < :most) SELECT n FROM counting)"
    ),
    "postgresql": "(SELECT n FROM generate_series(1, :most) AS series(n))",
}
_AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', {}, 'unixepoch')",
    "postgresql": "to_timestamp({})",
}
_HELD, _DRAWN, _DECIDED = "{} % 10 = 0", "{} % 100 = 1", "({0} % 10 = 0 AND {0} % 200 <> 0)"


def main() -> None:
    """Fill each database and measure; print what was found."""
    options = _options()
    for name in options.databases:
        for span in options.spans:
            with ExitStack() as stack:
                print(f"{name}, {options.count:,} comments over {span} days")
                measure(_open(name, stack), options.count, span, options.rounds)


def measure(database: Database, count: int, span: int, rounds: int) -> None:
    """The figures of 7, 30 and 90 days, and submissions meanwhile."""
    schema.migrate(database)
    services = Services(database, words_scorer(), Clock())
    site = access.create_site(services, "gazette")
    put_policy(services, site, {"audit": 0.01})
    caller = Caller(site, "moderator", "key:bench")
    _submit(services, caller)
    with database.migrating() as connection:
        _fill(connection, services, count, span)
    for days in (7, 30, 90):
        began = time.process_time()
        took = [_time(services, caller, days) for _ in range(rounds)]
        worked = (time.process_time() - began) / rounds
        found = gathering.gather(services, caller, days)
        print(
            f"  {days} days: {median(took):.2f} s, at most {max(took):.2f} s"
            f" ({worked:.2f} s of work in this process);"
            f" {found.volumes.whole.came:,} came (1 in {found.volumes.every}),"
            f" {found.work.decisions:,} decisions"
        )
    alone = _feel(services, caller, None)
    beside = _feel(services, caller, lambda: gathering.gather(services, caller, 90))
    print(f"  a submission: {alone} ms alone, {beside} ms beside the figures")


def _time(services: Services, caller: Caller, days: int) -> float:
    began = time.perf_counter()
    gathering.gather(services, caller, days)
    return time.perf_counter() - began


def _submit(services: Services, caller: Caller) -> None:
    draft = Draft(text="insult0.60 A fine day.", article={"id": "a-1"}, author={"id": "u-1"})
    intake.submit(services, caller, [draft])


def _feel(services: Services, caller: Caller, beside: object) -> str:
    """Submissions for a few seconds while something else is done: the median and the longest."""
    ending = threading.Event()

    def repeat() -> None:
        while not ending.is_set() and callable(beside):
            beside()

    thread = threading.Thread(target=repeat)
    thread.start()
    took = []
    until = time.monotonic() + 8
    while time.monotonic() < until:
        began = time.perf_counter()
        _submit(services, caller)
        took.append(1000 * (time.perf_counter() - began))
        time.sleep(0.02)
    ending.set()
    thread.join()
    return f"{median(took):.1f} (at most {max(took):.0f})"


def _fill(connection: Connection, services: Services, count: int, span: int) -> None:
    """Copies of the one comment, evenly over the days: a tenth held, most of them decided."""
    name = connection.dialect.name
    start = (services.now() - timedelta(days=span)).timestamp()
    came = _AT[name].format(f"{start} + n * {span * 86400 / count}")
    _copy(
        connection,
        "comments",
        f"CROSS JOIN {_SERIES[name]} AS numbers",
        {
            "id": "n + 1000",
            "public_id": "'f-' || n",
            "received_at": came,
            "created_at": came,
            "updated_at": came,
            "status": (
                f"CASE WHEN {_DECIDED.format('n')} THEN 'rejected'"
                f" WHEN {_HELD.format('n')} THEN 'pending' ELSE 'approved' END"
            ),
            "sampled": f"CASE WHEN {_DRAWN.format('n')} THEN 0.01 END",
            "decision_version": f"CASE WHEN {_DECIDED.format('n')} THEN 2 END",
        },
        most=count,
    )
    verdict = f"CASE WHEN {_HELD.format('(comments.id - 1000)')} THEN 'hold' ELSE 'approve' END"
    copies = "JOIN comments ON comments.id > 1000"
    same = {"comment_id": "comments.id", "created_at": "comments.received_at"}
    _copy(connection, "verdicts", copies, {**same, "action": verdict})
    _copy(connection, "revisions", copies, same)
    waiting = f"{copies} AND comments.status = 'pending'"
    _copy(connection, "waiting", waiting, {"comment_id": "comments.id"})
    later = {
        "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', received_at, '+50 minutes')",
        "postgresql": "received_at + interval '50 minutes'",
    }
    connection.execute(
        text(
            "INSERT INTO decisions (comment_id, version, revision, action, actor, created_at)"
            " SELECT id, 2, 1, 'reject', 'moderator:' || id % 7, " + later[name] + " FROM comments"
            " WHERE decision_version = 2"
        )
    )
    connection.execute(text("ANALYZE"))


def _copy(
    connection: Connection, table: str, beside: str, other: dict[str, str], **given: int
) -> None:
    """Copies of a table's first row, one for each row beside it, with other values in columns."""
    columns = list(connection.execute(text(f"SELECT * FROM {table} WHERE 1 = 0")).keys())
    values = ", ".join(other.get(column, f"one.{column}") for column in columns)
    one = f"(SELECT * FROM {table} LIMIT 1) AS one"
    connection.execute(
        text(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {one} {beside}"),
        given,
    )


def _open(name: str, stack: ExitStack) -> Database:
    if name == "sqlite":
        home = stack.enter_context(tempfile.TemporaryDirectory())
        return Database(f"sqlite:///{Path(home) / 'winnow.sqlite3'}")
    server = stack.enter_context(postgresql.Server())
    return Database(server.url)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--spans", nargs="+", type=int, default=[365, 90])
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
