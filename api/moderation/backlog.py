"""What is still to be done: counted, listed, and taken up again after it was given up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select, update
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.paging import Order, Page
from api.moderation.queues import BUILT_IN, tending
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.jobs import oldest_due
from api.store.outbox import Event, Job
from api.store.review import Waiting
from api.store.tables import Comment

OLDEST = Order((Job.id,), descending=False)

COUNTED = 100_000
"""Where there is more of something, counting stops here: it would only delay what is to be done."""

LATE = timedelta(seconds=60)
"""A job that has been due for longer than this says that no worker runs, or too few."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of everything waits. `jobs` counts by kind and state, see `state`.

    `queues` has, of each queue that every site has, how many comments wait in it and for how long
    the first of them; places that sites have made are `other`.
    """

    jobs: dict[tuple[str, str], int]
    oldest_due: timedelta
    unsealed: int
    pending: int
    queues: dict[str, tuple[int, timedelta]]
    has_worker: bool


def state(job: Job, now: datetime) -> str:
    """`failed` (a dead letter), `running`, `due`, or `later`."""
    if job.failed_at is not None:
        return "failed"
    if job.due_at <= now:
        return "due"
    return "later" if job.worker is None else "running"


def survey(services: Services) -> Backlog:
    """Count what waits, of all sites."""
    now = services.now()
    one = literal(1)
    with services.database.reading() as session:
        return Backlog(
            {(kind, name): number for kind, name, number in session.execute(_by_kind(now))},
            _age(session.connection(), now),
            _count(session, select(one).where(Event.number.is_(None))),
            _count(session, select(one).where(Comment.status == "pending")),
            _count_queues(session, now),
            _has_worker(session.connection(), now),
        )


def is_late(services: Services) -> bool:
    """Whether a job has been due for longer than it should take a worker to come."""
    with services.database.looking() as connection:
        return _age(connection, services.now()) > LATE


def has_worker(services: Services) -> bool:
    """Whether some worker, on whichever host, has lately done what any does every minute."""
    with services.database.looking() as connection:
        return _has_worker(connection, services.now())


def list_jobs(
    services: Services,
    site_id: int | None,
    failed: bool | None,
    limit: int,
    cursor: str | None = None,
) -> Page[Job]:
    """One page of the jobs of a site, or of all and of none; `failed` asks for one sort only."""
    conditions = [] if site_id is None else [Job.site_id == site_id]
    if failed is not None:
        conditions.append(Job.failed_at.is_not(None) if failed else Job.failed_at.is_(None))
    paged = OLDEST.apply(select(Job).where(*conditions), cursor).limit(limit + 1)
    with services.database.reading() as session:
        found = session.scalars(paged).all()
    more = len(found) > limit
    return Page(found[:limit], OLDEST.encode(found[limit - 1]) if more else None)


def replay(services: Services, caller: Caller, job_id: int) -> Job:
    """Have a dead letter of the caller's site done again, from the first try on.

    Raises NotFoundError, or ConflictError where the job was not given up.
    """

    def act(session: Session) -> Job:
        mine = Job.id == job_id, Job.site_id == caller.site_id
        revived = _revive(session.connection(), services.now(), mine)
        job = session.scalar(select(Job).where(*mine))
        if job is None:
            raise NotFoundError(f"There is no job {job_id}.")
        if not revived:
            raise ConflictError("This job was not given up: it will be done without that.")
        return job

    return perform(services, caller.site_id, caller.ticket, act)


def replay_any(services: Services, job_id: int | None = None) -> int:
    """Have one dead letter, or all of them, of whichever site done again; return how many."""
    chosen = [] if job_id is None else [Job.id == job_id]
    return services.database.write(lambda connection: _revive(connection, services.now(), chosen))


def _revive(connection: Connection, now: datetime, chosen: Collection[ColumnElement[bool]]) -> int:
    dead = update(Job).where(Job.failed_at.is_not(None), *chosen)
    return connection.execute(dead.values(failed_at=None, due_at=now, attempts=0)).rowcount


def _by_kind(now: datetime) -> Select[str, str, int]:
    some = select(Job.kind, Job.due_at, Job.worker, Job.failed_at).limit(COUNTED).subquery()
    name = case(
        (some.c.failed_at.is_not(None), "failed"),
        (some.c.due_at <= now, "due"),
        (some.c.worker.is_not(None), "running"),
        else_="later",
    )
    return select(some.c.kind, name, func.count()).group_by(some.c.kind, name)


def _count_queues(session: Session, now: datetime) -> dict[str, tuple[int, timedelta]]:
    some = select(Waiting.queue, Waiting.since).limit(COUNTED).subquery()
    name = case((some.c.queue.in_(BUILT_IN), some.c.queue), else_="other").label("name")
    found = dict.fromkeys([*BUILT_IN, "other"], (0, timedelta()))
    counted = select(name, func.count(), func.min(some.c.since)).group_by(name)
    for queue, number, since in session.execute(counted):
        found[queue] = number, max(now - since, timedelta())
    return found


def _age(connection: Connection, now: datetime) -> timedelta:
    since = oldest_due(connection, now)
    return now - since if since else timedelta()


def _has_worker(connection: Connection, now: datetime) -> bool:
    # Done, it is due in a minute; taken, when its lease ends: it is late where nobody comes.
    due_at = connection.scalar(select(Job.due_at).where(Job.key == tending.JOB))
    return due_at is not None and now - due_at <= LATE


def _count(session: Session, rows: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(rows.limit(COUNTED).subquery())) or 0
