"""Reporters: what decisions make of their reports, and what is known of each."""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, case, func, or_, select, update
from sqlalchemy.orm import Session

from api.moderation import credence
from api.moderation.access import Caller
from api.moderation.credence import DISMISSED, OUTDATED, UPHELD, Record
from api.moderation.errors import NotFoundError
from api.moderation.services import Services
from api.store.outbox import Report
from api.store.tables import Comment, Decision

OUTCOMES = {"approve": DISMISSED, "reject": UPHELD}
"""What a decision makes of the reports of the wording that it is about; others leave them open."""

COUNTED = 10_000
"""How many of a reporter's reports are counted when they are shown, the newest ones."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody who reports, by the site's id; `whole` is whether all their reports were counted."""

    id: str
    reported: int
    upheld: int
    dismissed: int
    outdated: int
    whole: bool
    record: Record

    @property
    def open(self) -> int:
        """How many nobody has judged yet."""
        return self.reported - self.upheld - self.dismissed - self.outdated


def settle(connection: Connection, comment: Comment, action: str | None) -> None:
    """Have the reports of a comment follow the decision in force; None where there is none.

    What a decision has judged that was undone since is open again. A person's yes or no judges
    the reports of this wording that came before it. Of an earlier wording it says nothing: what
    is still open of that is outdated.
    """
    here = Report.comment_id == comment.id
    undone = select(Decision.version).where(
        Decision.comment_id == comment.id, Decision.undone_at.is_not(None)
    )
    reopened = update(Report).where(here, Report.decision_version.in_(undone))
    connection.execute(reopened.values(outcome=None, decision_version=None))
    outcome = OUTCOMES.get(action or "")
    if outcome is None:
        return
    before = func.coalesce(Report.version, 0) < comment.decision_version
    of_this = func.coalesce(Report.revision, comment.revision) == comment.revision
    judged = update(Report).where(here, before, or_(of_this, Report.outcome.is_(None)))
    connection.execute(
        judged.values(
            outcome=case((of_this, outcome), else_=OUTDATED),
            revision=func.coalesce(Report.revision, comment.revision),
            decision_version=comment.decision_version,
        )
    )


def find(services: Services, caller: Caller, reporter_id: str) -> Reporter:
    """A reporter of the caller's site; raise NotFoundError where nobody of this id reported."""
    with services.database.reading() as session:
        latest = _find_latest(session, caller, reporter_id)
        if latest is None:
            raise NotFoundError("Nobody of this id has reported anything.")
        counts = _count(session, caller, reporter_id)
        [record] = credence.find_records(session.connection(), [latest]).values()
    total = sum(counts.values())
    upheld, dismissed, outdated = (counts.get(one, 0) for one in (UPHELD, DISMISSED, OUTDATED))
    whole = total < COUNTED
    return Reporter(reporter_id, total, upheld, dismissed, outdated, whole, record)


def _find_latest(session: Session, caller: Caller, reporter_id: str) -> int | None:
    return session.scalar(_by(caller, reporter_id).with_only_columns(Report.id).limit(1))


def _count(session: Session, caller: Caller, reporter_id: str) -> dict[str | None, int]:
    newest = _by(caller, reporter_id).limit(COUNTED).subquery()
    found = select(newest.c.outcome, func.count()).group_by(newest.c.outcome)
    return dict(session.execute(found).all())


def _by(caller: Caller, reporter_id: str) -> Select[str | None]:
    """The outcomes of somebody's reports, the newest first."""
    return (
        select(Report.outcome)
        .join(Comment, Comment.id == Report.comment_id)
        .where(Report.reporter == reporter_id, Comment.site_id == caller.site_id)
        .order_by(Report.id.desc())
    )
