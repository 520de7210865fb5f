"""Comments go that their site wants to keep for a time only, in small batches."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.events import recording
from api.moderation.learning import erasing, unlearning
from api.moderation.privacy import SWEPT, settings
from api.moderation.services import Services
from api.store.tables import Comment, Site

BATCH = 100
"""How many comments a transaction deletes."""

ACTOR = "retention"


def count(services: Services, site_id: int, days: int) -> int:
    """How many comments would go now if rejected ones were kept for so long."""
    with services.database.reading() as session:
        here = select(func.count()).select_from(Comment).where(_over(services, site_id, days))
        return session.scalar(here) or 0


def sweep(services: Services) -> None:
    """Delete what every site has kept long enough; for each that had any, one event has counts."""
    with services.database.reading() as session:
        sites = list(session.scalars(select(Site.id).where(Site.privacy.is_not(None))))
    for site_id in sites:
        gone, after = 0, 0
        while True:
            deleted, after = _sweep_some(services, site_id, after)
            gone += deleted
            if not after:
                break
        if gone:
            _tell(services, site_id, gone)


def _sweep_some(services: Services, site_id: int, after: int) -> tuple[int, int]:
    """Delete some that come after a number; how many, and the last number, 0 at the end."""
    with services.database.writing() as session:
        unlearning.lock(session, site_id)
        days = settings.read(session, site_id)["rejected"]
        if days is None:
            return 0, 0
        over = _over(services, site_id, days)
        some = select(Comment.id).where(over, Comment.id > after).order_by(Comment.id).limit(BATCH)
        ids = list(session.scalars(some))
        comments.lock_rows(session, Comment.id.in_(ids))
        # Some may have been approved before they were locked.
        found = session.scalars(select(Comment).where(over, Comment.id.in_(ids))).all()
        for comment in found:
            _remove(session, services, comment)
        return len(found), ids[-1] if len(ids) == BATCH else 0


def _remove(session: Session, services: Services, comment: Comment) -> None:
    erasing.mark_comment(session, comment)
    comments.remove(session, services, Caller(comment.site_id, "admin", ACTOR), comment)


def _over(services: Services, site_id: int, days: int) -> ColumnElement[bool]:
    # Imported comments came long before their numbers: only the time says how old one is.
    limit = services.now() - timedelta(days=days)
    own = Comment.site_id == site_id, Comment.status == "rejected"
    return and_(*own, Comment.received_at <= limit)


def _tell(services: Services, site_id: int, gone: int) -> None:
    with services.database.writing() as session:
        caller = Caller(site_id, "admin", ACTOR)
        recording.record(session, services, caller, SWEPT, {"rejected": gone})
