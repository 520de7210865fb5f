"""What is known of an author: how their comments stand, and what was said of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.knowledge import pasts
from api.moderation.policy.records import Record, take
from api.moderation.services import Services
from api.store.policies import AuthorStanding
from api.store.tables import Comment

COUNTED = 10_000
"""How many of an author's comments are counted, the newest ones."""

MOST_STANDINGS = 100
"""How many standings are shown, the newest ones."""


@dataclass(frozen=True, slots=True)
class Author:
    """An author by the site's id. `counts` is by status; `whole` is whether all were counted."""

    id: str
    counts: Mapping[str, int]
    whole: bool
    first_at: datetime | None
    last_at: datetime | None
    days: int
    record: Record
    standings: Sequence[AuthorStanding]


def find(services: Services, caller: Caller, author_id: str) -> Author:
    """An author of the caller's site; raise NotFoundError where nothing is known of them."""
    days = policies.find(services, caller.site_id).document.authors.recent_record.days
    with services.database.reading() as session:
        counts = _count(session, caller, author_id)
        said = _find_standings(session, caller, author_id)
        if not counts and not said:
            raise NotFoundError("There is no author of this id.")
        found = pasts.find_by_id(session.connection(), caller.site_id, author_id)
        total = sum(counts.values())
        return Author(
            author_id,
            counts,
            total < COUNTED,
            *_find_ends(session, caller, author_id),
            days,
            take(found, services.now(), days),
            said,
        )


def _count(session: Session, caller: Caller, author_id: str) -> dict[str, int]:
    newest = (
        select(Comment.status)
        .where(Comment.site_id == caller.site_id, Comment.author_id == author_id)
        .order_by(Comment.id.desc())
        .limit(COUNTED)
        .subquery()
    )
    by_status = select(newest.c.status, func.count()).group_by(newest.c.status)
    found: dict[str, int] = dict(session.execute(by_status).all())
    return found


def _find_ends(
    session: Session, caller: Caller, author_id: str
) -> tuple[datetime | None, datetime | None]:
    """When the first comment came that is still there, and when the last."""
    here = Comment.site_id == caller.site_id, Comment.author_id == author_id
    came = select(Comment.received_at).where(*here).limit(1)
    first = session.scalar(came.order_by(Comment.id))
    return first, session.scalar(came.order_by(Comment.id.desc()))


def _find_standings(session: Session, caller: Caller, author_id: str) -> Sequence[AuthorStanding]:
    wanted = select(AuthorStanding).where(
        AuthorStanding.site_id == caller.site_id,
        AuthorStanding.kind == "author",
        AuthorStanding.value == author_id,
    )
    newest = wanted.order_by(AuthorStanding.id.desc()).limit(MOST_STANDINGS)
    return session.scalars(newest).all()
