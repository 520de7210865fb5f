"""What is learnt of which comment, for people to see, and to have forgotten."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.moderation import comments, policies
from api.moderation.access import Caller
from api.moderation.learning import decided, erasing, unlearning
from api.moderation.paging import Order, Page
from api.moderation.services import Services
from api.store.learning import ForgottenLabel
from api.store.tables import Comment

FORGOTTEN, REMEMBERED = "label.forgotten", "label.remembered"
"""The types of the events that tell of it."""

_NEWEST = Order((Comment.id,), descending=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """What was decided about a comment, as it is learnt of unless it is forgotten.

    `weight` is that of the decision alone, before others about nearly the same text are counted.
    """

    comment_id: str
    rejected: bool
    weight: float
    actor: str
    reason: str | None
    decided_at: datetime
    forgotten: bool


def list_labels(
    services: Services, caller: Caller, limit: int, cursor: str | None = None
) -> Page[Listed]:
    """One page of what is learnt of decisions on comments, newest comment first."""
    ignored = policies.find(services, caller.site_id).document.learning.ignore
    paged = _NEWEST.apply(decided.select_decided(caller.site_id, ignored), cursor)
    with services.database.reading() as session:
        found = session.execute(paged.limit(limit + 1)).all()
    more = _NEWEST.encode(found[limit - 1]) if len(found) > limit else None
    return Page([describe(row) for row in found[:limit]], more)


def describe(row: Any) -> Listed:
    """A row of `decided.select_decided` as a label."""
    return Listed(
        comment_id=row.public_id,
        rejected=row.action == "reject",
        weight=decided.weigh(row),
        actor=row.actor,
        reason=row.reason,
        decided_at=row.created_at,
        forgotten=row.forgotten_at is not None,
    )


def is_forgotten(session: Session, comment_key: int) -> bool:
    """Whether nothing is learnt of what is decided about the comment."""
    return session.get(ForgottenLabel, comment_key) is not None


def forget(services: Services, caller: Caller, public_id: str) -> None:
    """Have nothing learnt of what is or will be decided about a comment, from the next training on.

    That is within a day. Raises NotFoundError. What is forgotten already changes nothing.
    """
    with services.database.writing() as session:
        unlearning.lock(session, caller.site_id)
        comment = comments.load(session, caller, public_id, lock=True).comment
        if is_forgotten(session, comment.id):
            return
        row = ForgottenLabel(comment_id=comment.id, actor=caller.actor, created_at=services.now())
        session.add(row)
        erasing.mark_comment(session, comment)
        _record(session, services, caller, comment, FORGOTTEN)


def remember(services: Services, caller: Caller, public_id: str) -> None:
    """Have it learnt of again; raises NotFoundError."""
    with services.database.writing() as session:
        comment = comments.load(session, caller, public_id, lock=True).comment
        row = session.get(ForgottenLabel, comment.id)
        if row is not None:
            session.delete(row)
            _record(session, services, caller, comment, REMEMBERED)


def _record(
    session: Session, services: Services, caller: Caller, comment: Comment, kind: str
) -> None:
    comments.record(session.connection(), services, caller, comment, comment.status, kind)
