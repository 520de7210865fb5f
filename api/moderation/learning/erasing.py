"""Comments that go: whatever may have learnt of them is marked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.moderation import comments, rejudging
from api.moderation.access import Caller
from api.moderation.dropin import suggestions
from api.moderation.learning import unlearning
from api.moderation.secondlooks import FINAL
from api.moderation.services import Services
from api.store.learning import ForgottenLabel
from api.store.outbox import Event
from api.store.tables import Comment, Decision


def delete_comment(services: Services, caller: Caller, public_id: str) -> None:
    """Remove a comment with all its texts and what was learnt of it.

    The audit log keeps that there was one. Raises NotFoundError.
    """
    with services.database.writing() as session:
        unlearning.lock(session, caller.site_id)
        comment = comments.load(session, caller, public_id, lock=True).comment
        forgotten = session.get(ForgottenLabel, comment.id)
        mark_comment(session, comment, None if forgotten is None else forgotten.created_at)
        comments.remove(session, services, caller, comment)


def mark_comment(session: Session, comment: Comment, until: datetime | None = None) -> None:
    """Mark what may have learnt of a comment that goes, or went at `until`; the site is locked."""
    mark_comments(session, comment.site_id, [comment], until)


def mark_comments(
    session: Session, site_id: int, gone: Sequence[Comment], until: datetime | None = None
) -> None:
    """The same of several of a site."""
    human = Decision.action.in_(FINAL), Decision.actor != rejudging.ACTOR
    own = Decision.comment_id.in_([one.id for one in gone])
    decided = select(func.min(Decision.created_at)).where(own, *human)
    said = select(func.min(Event.created_at)).where(
        Event.site_id == site_id,
        Event.comment_id.in_([one.public_id for one in gone]),
        Event.type == suggestions.EVENT,
    )
    times = [session.scalar(one) for one in (decided, said)]
    known = [time for time in times if time is not None]
    if known:
        unlearning.mark(session, site_id, min(known), until)
