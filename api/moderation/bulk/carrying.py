"""Carries bulk decisions out, and takes them back, a batch in each transaction.

Each batch commits how far it came together with what it has done, so that whoever is killed loses
a batch at most, and two who go on with the same one do nothing twice. Comments are locked before
the bulk decision's own row, always.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from api.moderation import bulk, comments, hearing, policies, review
from api.moderation.access import Caller
from api.moderation.bulk import (
    ALREADY,
    AWAITING,
    CHANGED,
    CLAIMED,
    DONE,
    RUNNING,
    SETTLED,
    UNDOING,
    UNDONE,
    undoing,
    wanting,
)
from api.moderation.comments import State
from api.moderation.policy.document import Review
from api.moderation.review import Choice
from api.moderation.secondlooks import Step
from api.moderation.services import Services
from api.store.database import in_session
from api.store.jobs import LaterError, TakenJob, enqueue
from api.store.patience import Patience
from api.store.review import BulkDecision
from api.store.tables import Comment

JOB = "bulk.go-on"
"""The job that goes on where a request has stopped."""

BATCH = 100
"""How many comments a transaction deals with at most."""

PATIENCE = 0.2
"""After so many seconds it ends with fewer: others wait for it."""

ROUND = 1_000
"""How many comments are looked for at once."""

ROUNDS = 10
"""How many rounds a job makes before others have its place."""

PAUSE, SHARE = 0.01, 0.1
"""Between two transactions others get their turn, since SQLite has one writer: for so many seconds,
or for such a share of what the last one took.
"""


def begin(session: Session, services: Services, caller: Caller, row: BulkDecision) -> None:
    """Do the first batch of a bulk decision that is just being written; a job does the rest."""
    keys = wanting.find_next(session, row, BATCH, 0)
    comments.lock_rows(session, Comment.id.in_(keys))
    last = len(keys) < BATCH or keys[-1] >= row.last
    _move(services, row, keys, _decide(session, services, caller, row, keys), last)
    if row.state == RUNNING:
        _leave_job(session, services, row)


def turn_back(
    session: Session, services: Services, caller: Caller, row: BulkDecision
) -> BulkDecision:
    """Begin to take a bulk decision back: the first batch now, the rest by a job."""
    keys = undoing.find_next(session, row, BATCH, 0)
    row = _lock(session, row.id, keys)
    if row.state == UNDOING:
        return row
    # A worker may have decided about more until it was stopped by this lock.
    whole = len(keys) < BATCH and row.state != RUNNING
    undoing.begin(services, caller, row)
    _move(services, row, keys, _take_back(session, services, caller, row, keys), whole)
    if row.state == UNDOING:
        _leave_job(session, services, row)
    return row


def _leave_job(session: Session, services: Services, row: BulkDecision) -> None:
    """Have a worker go on with it; each site has a lane of its own, so that none waits long."""
    now, site_id = services.now(), row.site_id
    lane, key = f"{JOB} {site_id}", f"{JOB}:{row.id}:{row.state}:{row.tally.get('undos', 0)}"
    job = {"bulk": row.id}
    enqueue(session.connection(), JOB, job, now, site_id=site_id, lane=lane, key=key)


def run(services: Services, job: TakenJob) -> None:
    """Go on with the bulk decision that the job names; raise LaterError when there is more."""
    for _ in range(ROUNDS):
        if not go_on(services, job.payload["bulk"], ROUND):
            return
    raise LaterError(timedelta(), counts=False)


def go_on(services: Services, key: int, most: int) -> bool:
    """Deal with so many comments more; whether there may be others after them."""
    with services.database.reading() as session:
        row = session.get(BulkDecision, key)
        if row is None or row.state not in _STEPS:
            return False
        step = _STEPS[row.state]
        keys = step.find(session, row, most, row.cursor)
    cursor, state, rest = row.cursor, row.state, keys
    while True:
        began, last = time.monotonic(), len(keys) < most and len(rest) <= BATCH
        done = _go_one_further(services, key, (state, cursor), rest[:BATCH], last)
        if done is None:
            return True
        if done:
            cursor, rest = rest[done - 1], rest[done:]
        if not rest:
            return len(keys) == most
        time.sleep(max(PAUSE, SHARE * (time.monotonic() - began)))


def _go_one_further(
    services: Services, key: int, where: tuple[str, int], keys: Sequence[int], last: bool
) -> int | None:
    """Do one batch, or the first of it; None where somebody else has done it or stopped it."""

    def act(session: Session) -> int | None:
        row = _lock(session, key, keys)
        if (row.state, row.cursor) != where:
            return None
        by = row.tally.get("undone_by", row.actor) if row.state == UNDOING else row.actor
        caller = Caller(row.site_id, "moderator", by)
        done = _STEPS[row.state].work(session, services, caller, row, keys)
        _move(services, row, keys, done, last)
        return done

    # Not `writing()`: so what other threads wait to write is written together with it.
    return services.database.write(in_session(act))


def _lock(session: Session, key: int, keys: Sequence[int]) -> BulkDecision:
    """Make others wait with these comments, and then with the bulk decision."""
    comments.lock_rows(session, Comment.id.in_(keys))
    return session.get_one(BulkDecision, key, with_for_update=True)


def _decide(
    session: Session,
    services: Services,
    caller: Caller,
    row: BulkDecision,
    keys: Sequence[int],
) -> int:
    """Decide about those of the next comments that are still as they were.

    How many of the comments it has come to.
    """
    choice = Choice(row.action, row.reason, row.note, queue=row.queue)
    rules = policies.find(services, row.site_id).document.review
    found = wanting.load_unchanged(session, row, keys)
    held = wanting.find_held(session, services, caller, keys)
    counts = dict.fromkeys((SETTLED, AWAITING, CLAIMED, ALREADY), 0)
    patience, reached = Patience(PATIENCE), len(keys)
    for state in found:
        if patience.over:
            reached = keys.index(state.comment.id)
            break
        if state.comment.id in held:
            counts[CLAIMED] += 1
        else:
            counts[_decide_one(session, services, caller, row, state, choice, rules)] += 1
    bulk.add(row, counts)
    return reached


def _take_back(
    session: Session, services: Services, caller: Caller, row: BulkDecision, keys: Sequence[int]
) -> int:
    """Take back what it has said of the next comments; how many it has come to."""
    return undoing.take_back(session, services, caller, row, keys, Patience(PATIENCE))


def _decide_one(
    session: Session,
    services: Services,
    caller: Caller,
    row: BulkDecision,
    state: State,
    choice: Choice,
    rules: Review,
) -> str:
    """Decide about one of them; which count it adds to."""
    made = state.decision
    if made is not None and hearing.is_in_force(made, choice):
        # What stands already keeps its reason.
        choice = replace(choice, reason=made.reason, note=made.note)
    step = review.say(session, services, caller, state, choice, rules, row.id)
    if step is Step.NOTHING:
        return ALREADY
    if step in (Step.DECIDE, Step.SETTLE):
        return SETTLED
    undoing.mark_opinion(session, caller, row, state.comment)
    return AWAITING


def _move(
    services: Services, row: BulkDecision, keys: Sequence[int], done: int, last: bool
) -> None:
    """Note how far it has come; at the end also how many were not any more what was wanted."""
    row.cursor = keys[done - 1] if done else row.cursor
    row.updated_at = services.now()
    if not last or done < len(keys):
        return
    if row.state == RUNNING:
        bulk.add(row, {CHANGED: bulk.measure(row).left})
        row.state = DONE
    else:
        row.state = UNDONE


@dataclass(frozen=True, slots=True)
class _Step:
    """How the next comments are found, and what is done with them."""

    find: Callable[[Session, BulkDecision, int, int], Sequence[int]]
    work: Callable[[Session, Services, Caller, BulkDecision, Sequence[int]], int]


_STEPS = {
    RUNNING: _Step(wanting.find_next, _decide),
    UNDOING: _Step(undoing.find_next, _take_back),
}
