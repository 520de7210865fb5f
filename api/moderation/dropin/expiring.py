"""Comments that came by a foreign protocol are kept for a set time: their site has its own."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.services import Services
from api.store.database import in_session
from api.store.dropin import DropinCheck
from api.store.jobs import LaterError, TakenJob
from api.store.tables import Comment

JOB = "dropin.expire"

BATCH = 100
"""How many comments a transaction deletes."""

BATCHES = 50
"""How many transactions one run makes before it lets other jobs have its place."""

ACTOR = "retention"


def expire(services: Services, _job: TakenJob) -> None:
    """Delete what has been kept long enough; raise LaterError where there is more."""
    for _ in range(BATCHES):
        if services.database.write(in_session(lambda session: _expire(session, services))) < BATCH:
            return
    raise LaterError(timedelta(seconds=1), counts=False)


def _expire(session: Session, services: Services) -> int:
    over = DropinCheck.expires_at <= services.now()
    ids = list(session.scalars(select(DropinCheck.comment_id).where(over).limit(BATCH)))
    comments.lock_rows(session, Comment.id.in_(ids))
    for comment in session.scalars(select(Comment).where(Comment.id.in_(ids))):
        caller = Caller(comment.site_id, "admin", ACTOR)
        comments.remove(session, services, caller, comment)
    return len(ids)
