"""Callbacks: URLs that came with a comment, where its site hears what is decided of it later.

Unlike a webhook, which a site sets up for its events, a callback is of one comment; see
`api.moderation.dropin.telling` for what it is sent.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.moderation.events.outcomes import outcome
from api.moderation.services import Services
from api.store import jobs
from api.store.dropin import DropinCheck
from api.store.outbox import Event, Job
from api.store.tables import Comment

JOB = "dropin.tell"

_LONGEST_LANE = 100


def plan(session: Session, services: Services, sealed: Sequence[Event]) -> None:
    """Write a job for each comment that events have decided and that has a callback.

    A comment has one job at most; one that was given up makes room.
    """
    decided = {(event.site_id, event.comment_id) for event in sealed if _decides(event)}
    if not decided:
        return
    wanted = (
        select(Comment.id, Comment.site_id, Comment.public_id, DropinCheck.callback)
        .join(DropinCheck, DropinCheck.comment_id == Comment.id)
        .where(
            Comment.site_id.in_({site for site, _ in decided}),
            Comment.public_id.in_({comment for _, comment in decided}),
            DropinCheck.callback.is_not(None),
        )
        .order_by(Comment.id)
    )
    found = session.execute(wanted).all()
    rows = [row for row in found if (row.site_id, row.public_id) in decided]
    if not rows:
        return
    buried = Job.key.in_([make_key(row.id) for row in rows]), Job.failed_at.is_not(None)
    session.execute(delete(Job).where(*buried))
    for row in rows:
        jobs.enqueue(
            session.connection(),
            JOB,
            {"comment": row.id},
            services.now(),
            site_id=row.site_id,
            # A host that hangs holds up nobody but itself.
            lane=f"{JOB}:{row.site_id}:{urlsplit(row.callback).netloc}".lower()[:_LONGEST_LANE],
            key=make_key(row.id),
        )


def make_key(comment_id: int) -> str:
    """The key of a comment's job."""
    return f"{JOB}:{comment_id}"


def _decides(event: Event) -> bool:
    """Whether a comment has a result by it that is no answer to the check itself."""
    fresh = event.type == "comment.created"
    return not fresh and outcome(event.data) in ("comment.approved", "comment.rejected")
