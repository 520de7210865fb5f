"""Reports: what readers, or the site itself, tell about a comment."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.paging import Order, Page
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.outbox import Report

_IN_ORDER = Order((Report.id,), descending=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody reports: a code, and what they say about it; `reporter` is the site's id."""

    reason: str
    note: str | None = None
    reporter: str | None = None


def report(services: Services, caller: Caller, public_id: str, notice: Notice) -> Report:
    """Keep a report. Neither the note nor who reports goes into the event log."""

    def act(session: Session) -> Report:
        comment = comments.load(session, caller, public_id, lock=True).comment
        kept = Report(
            comment_id=comment.id,
            reporter=notice.reporter,
            reason=notice.reason,
            note=notice.note,
            actor=caller.actor,
            created_at=services.now(),
        )
        session.add(kept)
        session.flush()
        comments.record(
            session.connection(),
            services,
            caller,
            comment,
            comment.status,
            "comment.reported",
            reason=notice.reason,
        )
        return kept

    return perform(services, caller.site_id, caller.ticket, act)


def list_reports(
    services: Services, caller: Caller, public_id: str, limit: int, cursor: str | None = None
) -> Page[Report]:
    """One page of a comment's reports, oldest first."""
    with services.database.reading() as session:
        key = comments.load(session, caller, public_id).comment.id
        query = _IN_ORDER.apply(select(Report).where(Report.comment_id == key), cursor)
        found = session.scalars(query.limit(limit + 1)).all()
    more = len(found) > limit
    return Page(found[:limit], _IN_ORDER.encode(found[limit - 1]) if more else None)
