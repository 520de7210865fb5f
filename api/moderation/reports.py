"""Reports: what readers, or the site itself, tell about a comment."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.paging import Order, Page
from api.moderation.queues import placing
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.outbox import Report
from api.store.tables import Comment

_IN_ORDER = Order((Report.id,), descending=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody reports: a code, and what they say about it; `reporter` is the site's id."""

    reason: str
    note: str | None = None
    reporter: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A report, and whether it is new: what somebody has reported already is not kept again."""

    report: Report
    new: bool


def report(services: Services, caller: Caller, public_id: str, notice: Notice) -> Kept:
    """Keep a report, and have a person look at what is public; its status stays as it is.

    Neither the note nor who reports goes into the event log.
    """

    def act(session: Session) -> Kept:
        state = comments.load(session, caller, public_id, lock=True)
        comment = state.comment
        said = _find_same(session, comment, notice)
        if said is not None:
            return Kept(said, new=False)
        row = Report(
            comment_id=comment.id,
            reporter=notice.reporter,
            reason=notice.reason,
            note=notice.note,
            actor=caller.actor,
            created_at=services.now(),
            revision=comment.revision,
            version=comment.version,
        )
        session.add(row)
        session.flush()
        connection = session.connection()
        more = {"reason": notice.reason}
        comments.record(
            connection, services, caller, comment, comment.status, "comment.reported", **more
        )
        placing.place(connection, services, comment, state.verdict)
        return Kept(row, new=True)

    return perform(services, caller.site_id, caller.ticket, act)


def _find_same(session: Session, comment: Comment, notice: Notice) -> Report | None:
    """The report of this wording in which the same reporter gave the same reason."""
    if notice.reporter is None:
        # Nobody knows whether it is the same one.
        return None
    same = select(Report).where(
        Report.comment_id == comment.id,
        Report.revision == comment.revision,
        Report.reporter == notice.reporter,
        Report.reason == notice.reason,
    )
    return session.scalar(same.order_by(Report.id).limit(1))


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
