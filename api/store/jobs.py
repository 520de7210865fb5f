"""Jobs as rows: written with what makes them necessary, taken under a lease, deleted when done."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, update

from api.store.database import Database
from api.store.inserting import NewRow
from api.store.outbox import Job
from api.store.tables import Instant

PLACES = 4
"""How many jobs of one lane are done at once, by all workers together."""

LEASE = timedelta(seconds=60)
"""How long a job stays its worker's without a sign of life; then it is due again."""

LOST = 20
"""A job with so many tries that is found without its worker again is given up."""

_TURN = 0x4A6F6273
"""The PostgreSQL lock of whoever takes jobs: any number, the same for all, of no other use."""


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job that a worker has taken.

    `attempts` counts this try: it is 1 at the first. `worker` is another one each time a job
    is taken: whoever was late finds that the job is no longer their own.
    """

    id: int
    site_id: int | None
    kind: str
    lane: str
    payload: dict[str, Any]
    attempts: int
    worker: str
    created_at: datetime


class LaterError(Exception):
    """Raised by a handler: try again after so long; if not `counts`, as if for the first time."""

    def __init__(self, after: timedelta, reason: str | None = None, counts: bool = True) -> None:
        super().__init__(reason or "Not yet.")
        self.after, self.reason, self.counts = after, reason, counts


class GiveUpError(Exception):
    """Raised by a handler: no further try would help. `reason` is kept and shown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def enqueue(
    connection: Connection,
    kind: str,
    payload: dict[str, Any],
    due_at: datetime,
    *,
    site_id: int | None = None,
    lane: str = "",
    key: str | None = None,
) -> None:
    """Write a job in the transaction of `connection`; nothing where one has the same `key`."""
    values = {
        "site_id": site_id,
        "kind": kind,
        "lane": lane or kind,
        "key": key,
        "payload": payload,
        "due_at": due_at,
        "attempts": 0,
        "created_at": due_at,
    }
    NewRow(connection.dialect, Job, values, unique=True).write_if_new(connection)


def take(
    database: Database, now: datetime, worker: str, most: int, places: int = PLACES
) -> list[TakenJob]:
    """Up to `most` jobs that are due, now this worker's until `now + LEASE`.

    Lanes with the fewest jobs being done come first. Where nothing is due, nothing is written.
    """
    asked = {"now": now, "most": 1, "places": places}
    with database.looking() as connection:
        if not connection.execute(_OPEN_LANES, asked).first():
            return []
    name = f"{worker} {secrets.token_hex(8)}"
    return database.write(lambda connection: _take(connection, now, name, most, places))


def extend(database: Database, now: datetime, jobs: Sequence[TakenJob]) -> None:
    """Say that these are still being done: their leases start anew."""
    moved = _mine().values(due_at=now + LEASE)
    database.write(lambda connection: connection.execute(moved, _owned(jobs)))


def finish(database: Database, job: TakenJob) -> bool:
    """Delete what is done; False, with nothing changed, when it is no longer this worker's."""
    done = delete(Job).where(Job.id == job.id, Job.worker == job.worker)
    return database.write(lambda connection: connection.execute(done).rowcount == 1)


def put_off(
    database: Database,
    job: TakenJob,
    due_at: datetime,
    error: str | None = None,
    counts: bool = True,
) -> bool:
    """Have it done again at `due_at`; with `counts` False as if for the first time.

    False as in `finish`.
    """
    tries = Job.attempts if counts else 0
    return _change(database, job, due_at=due_at, attempts=tries, worker=None, error=error)


def put_back(database: Database, now: datetime, jobs: Sequence[TakenJob]) -> None:
    """Return jobs as if they had never been taken."""
    back = _mine().values(due_at=now, attempts=Job.attempts - 1, worker=None)
    database.write(lambda connection: connection.execute(back, _owned(jobs)))


def bury(database: Database, now: datetime, job: TakenJob, error: str) -> bool:
    """Give a job up: it becomes a dead letter, kept until somebody replays it."""
    return _change(database, job, failed_at=now, worker=None, error=error)


def _change(database: Database, job: TakenJob, **values: Any) -> bool:
    change = update(Job).where(Job.id == job.id, Job.worker == job.worker).values(**values)
    return database.write(lambda connection: connection.execute(change).rowcount == 1)


def _mine() -> Any:
    # The columns themselves cannot be bound: an update names those it sets.
    return update(Job.__table__).where(  # type: ignore[arg-type]
        Job.id == bindparam("job"), Job.worker == bindparam("holder")
    )


def _owned(jobs: Sequence[TakenJob]) -> list[dict[str, Any]]:
    # In one order, so that two who change several rows cannot wait for each other.
    return [{"job": job.id, "holder": job.worker} for job in sorted(jobs, key=lambda job: job.id)]


# A step from lane to lane in the index: a lane with a million jobs costs no more than one with two.
_LANES = """
    WITH RECURSIVE lanes(lane) AS (
        SELECT (SELECT lane FROM jobs WHERE failed_at IS NULL ORDER BY lane LIMIT 1)
        UNION ALL
        SELECT (SELECT jobs.lane FROM jobs WHERE jobs.failed_at IS NULL AND jobs.lane > lanes.lane
                ORDER BY jobs.lane LIMIT 1)
        FROM lanes WHERE lanes.lane IS NOT NULL
    ), standing AS (
        SELECT lane,
            (SELECT jobs.due_at FROM jobs WHERE jobs.lane = lanes.lane AND jobs.failed_at IS NULL
             ORDER BY jobs.due_at LIMIT 1) AS due_at,
            (SELECT count(*) FROM jobs WHERE jobs.lane = lanes.lane AND jobs.worker IS NOT NULL
             AND jobs.due_at > :now) AS running
        FROM lanes WHERE lane IS NOT NULL
    )
"""

_OPEN = """
    SELECT lane, running FROM standing WHERE due_at <= :now AND running < :places
    ORDER BY running, due_at LIMIT :most
"""

_OPEN_LANES = text(_LANES + _OPEN).bindparams(bindparam("now", type_=Instant))

_OLDEST = (
    text(_LANES + " SELECT min(due_at) AS due_at FROM standing WHERE due_at <= :now")  # noqa: S608
    .bindparams(bindparam("now", type_=Instant))
    .columns(due_at=Instant)
)


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Since when the job that is due for longest has been due; None where none is."""
    found: datetime | None = connection.scalar(_OLDEST, {"now": now})
    return found


def _take(
    connection: Connection, now: datetime, name: str, most: int, places: int
) -> list[TakenJob]:
    if connection.dialect.name == "postgresql" and not connection.scalar(
        text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": _TURN}
    ):
        # Another worker is counting places at this moment.
        return []
    _bury_lost(connection, now)
    found: list[int] = []
    asked = {"now": now, "most": most, "places": places}
    for lane, running in connection.execute(_OPEN_LANES, asked).all():
        room = min(places - running, most - len(found))
        if room > 0:
            found += connection.scalars(_DUE, {"lane": lane, "now": now, "room": room})
    if not found:
        return []
    taken = connection.execute(_TAKE, {"ids": found, "end": now + LEASE, "name": name})
    return [TakenJob(*row) for row in sorted(taken, key=lambda row: found.index(row.id))]


def _bury_lost(connection: Connection, now: datetime) -> None:
    """Give up what nobody has ever come back from, lest it takes one worker after another along."""
    lost = update(Job).where(
        Job.worker.is_not(None),
        Job.failed_at.is_(None),
        Job.due_at <= now,
        Job.attempts >= LOST,
    )
    error = "Its workers never came back."
    connection.execute(lost.values(failed_at=now, worker=None, error=error))


_DUE = (
    select(Job.id)
    .where(Job.lane == bindparam("lane"), Job.failed_at.is_(None), Job.due_at <= bindparam("now"))
    .order_by(Job.due_at, Job.id)
    .limit(bindparam("room"))
    .with_for_update(skip_locked=True)
)

_TAKE = (
    update(Job)
    .where(Job.id.in_(bindparam("ids", expanding=True)))
    .values(due_at=bindparam("end"), worker=bindparam("name"), attempts=Job.attempts + 1)
    .returning(
        Job.id,
        Job.site_id,
        Job.kind,
        Job.lane,
        Job.payload,
        Job.attempts,
        Job.worker,
        Job.created_at,
    )
)
