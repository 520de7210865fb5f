"""What is decided about a campaign, carried out comment by comment, a batch in each transaction.

All the decisions on comments that it makes bear the time of the campaign's own: by that they are
found when it is taken back.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, or_
from sqlalchemy.orm import Session

from api.moderation import comments, review, standing
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.review import Choice
from api.moderation.services import Services
from api.store.jobs import LaterError, TakenJob, enqueue
from api.store.outbox import Claim
from api.store.policies import CampaignDecision
from api.store.tables import Comment, Decision

DECIDE, UNDO = "campaign.decide", "campaign.undo"
"""The jobs that go on where a request has stopped."""

BATCH = 100
"""How many comments a transaction decides."""

BATCHES = 10
"""How many transactions a request, or one run of a job, makes before others have a turn."""

LATER = timedelta(seconds=15)
"""When a job looks for what the request has left, and for what was just being judged then."""


@dataclass(frozen=True, slots=True)
class Task:
    """A campaign's decision to be carried out or taken back, and by whom; `at` is its time."""

    kind: str
    campaign: str
    action: str
    at: str
    actor: str
    reason: str | None = None
    note: str | None = None


def make_task(
    kind: str, caller: Caller, decision: CampaignDecision, note: str | None = None
) -> Task:
    """What the caller wants done about a campaign."""
    at = decision.created_at.isoformat()
    return Task(kind, decision.campaign, decision.action, at, caller.actor, decision.reason, note)


def begin(session: Session, services: Services, caller: Caller, task: Task) -> None:
    """Do the first batch, and leave a job that does what nobody comes to do."""
    _STEPS[task.kind](session, services, caller, task, 0)
    due_at, key = services.now() + LATER, f"{task.kind}:{task.campaign}:{task.at}"
    connection, site_id = session.connection(), caller.site_id
    enqueue(connection, task.kind, asdict(task), due_at, site_id=site_id, key=key)


def go_on(services: Services, caller: Caller, task: Task) -> bool:
    """Do some more batches, each in a transaction of its own; whether nothing is left."""
    after = 0
    for _ in range(BATCHES):
        with services.database.writing() as session:
            last = _STEPS[task.kind](session, services, caller, task, after)
        if last is None:
            return True
        after = last
    return False


def carry_on(services: Services, job: TakenJob) -> None:
    """Do the job's batches; raise LaterError where there are more."""
    task = Task(**job.payload)
    caller = Caller(job.site_id or 0, "moderator", task.actor)
    if not go_on(services, caller, task):
        raise LaterError(timedelta(seconds=1), counts=False)


def lock(session: Session, site_id: int, campaign: str) -> CampaignDecision | None:
    """What was decided about a campaign; others wait with it until this transaction ends."""
    return session.get(CampaignDecision, (site_id, campaign), with_for_update=True)


def _settle(
    session: Session, services: Services, caller: Caller, task: Task, after: int
) -> int | None:
    """Decide the next batch of what waits; the last one's number, None at the end."""
    row = lock(session, caller.site_id, task.campaign)
    if row is None or row.created_at.isoformat() != task.at:
        # It was taken back, or had come to its end and was decided anew.
        return None
    live = Claim.expires_at > services.now(), Claim.actor != caller.actor
    claimed = exists().where(Claim.comment_id == Comment.id, *live)
    waiting = _members(caller, task, after).where(Comment.status == "pending", ~claimed)
    found, last = _take_batch(session, waiting)
    choice = Choice(task.action, task.reason, task.note)
    for state in found:
        review.settle(session, services, caller, state, choice, row.created_at)
    return last


def _take_back(
    session: Session, services: Services, caller: Caller, task: Task, after: int
) -> int | None:
    """Undo the next batch of what was decided, and have judged again what has followed."""
    decided_at = datetime.fromisoformat(task.at)
    made = and_(Decision.action == task.action, Decision.created_at == decided_at)
    codes = Comment.reason_codes.contains(" campaign_decided ")
    followed = and_(Comment.decision_version.is_(None), codes)
    found, last = _take_batch(session, _members(caller, task, after).where(or_(made, followed)))
    for state in found:
        if state.decision is None:
            standing.ask_again(session.connection(), services, state.comment)
        else:
            review.take_back(session, services, caller, state)
    return last


def _members(caller: Caller, task: Task, after: int) -> Select[*tuple[Any, ...]]:
    return comments.states().where(
        Comment.site_id == caller.site_id, Comment.campaign == task.campaign, Comment.id > after
    )


def _take_batch(
    session: Session, wanted: Select[*tuple[Any, ...]]
) -> tuple[list[State], int | None]:
    """The next of them, locked, without those that others have changed until then.

    Also the number to go on after; None where there are no more.
    """
    batch = wanted.order_by(Comment.id).limit(BATCH)
    numbers = session.scalars(batch.with_only_columns(Comment.id)).all()
    comments.lock_rows(session, Comment.id.in_(numbers))
    locked = wanted.where(Comment.id.in_(numbers)).order_by(Comment.id)
    found = [State(*row) for row in session.execute(locked)]
    return found, numbers[-1] if len(numbers) == BATCH else None


_STEPS = {DECIDE: _settle, UNDO: _take_back}
