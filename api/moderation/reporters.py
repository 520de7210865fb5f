"""Reporters: how far to believe those who report comments, from how often they were right."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.services import Services
from api.store.outbox import Report
from api.store.tables import Comment, Decision

UPHELD = "upheld"
DISMISSED = "dismissed"
OUTDATED = "outdated"

OUTCOMES = {"approve": DISMISSED, "reject": UPHELD}
"""What a decision makes of the reports of the wording that it is about; others leave them open."""

RIGHT, WRONG = 2.0, 3.0
"""What everybody is taken to have reported before they began: two rightly, three wrongly.

So who is unknown is believed with 2 in 5, and it takes as many reports again to outweigh that.
"""

JUDGED = 200
"""How many of a reporter's judged reports count, the newest ones."""

ASKED = 100
"""How many reporters of a comment are looked up, those who came first."""

COUNTED = 10_000
"""How many of a reporter's reports are counted when they are shown, the newest ones."""


@dataclass(frozen=True, slots=True)
class Record:
    """How often somebody was right, of those reports that people have judged."""

    upheld: int = 0
    dismissed: int = 0

    @property
    def accuracy(self) -> float | None:
        """The share that was right; None where none was judged."""
        judged = self.upheld + self.dismissed
        return self.upheld / judged if judged else None

    @property
    def weight(self) -> float:
        """The chance that their next report is right: the mean of the posterior beta."""
        return (self.upheld + RIGHT) / (self.upheld + self.dismissed + RIGHT + WRONG)


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


def combine(weights: Iterable[float]) -> float:
    """The chance that one of several is right, as if each judged alone: a noisy or."""
    wrong = 1.0
    for weight in sorted(weights):
        wrong *= 1 - weight
    return 1 - wrong


def believe(connection: Connection, comment_id: int) -> float:
    """The chance, from 0 to 1, that one of those is right who have reported a comment."""
    return believe_all(connection, [comment_id]).get(comment_id, 0.0)


def believe_all(connection: Connection, comment_ids: Sequence[int]) -> dict[int, float]:
    """The same for many comments; those are left out that nobody reports.

    Whoever reports twice counts once, and who tells no name is one unknown reporter with all who
    tell none. Whose report of this very wording was dismissed is not believed when they say it
    again.
    """
    rows = connection.execute(_OPEN, {"ids": list(comment_ids)}).all()
    # By comment the reporters, each with one of their reports to know them by.
    reporters: dict[int, dict[str | None, int]] = defaultdict(dict)
    for report_id, comment_id, reporter in rows:
        some = reporters[comment_id]
        if len(some) < ASKED:
            some.setdefault(reporter, report_id)
    known = _find_records(connection, (key for some in reporters.values() for key in some.values()))
    return {
        comment_id: combine(known[key].weight for key in some.values())
        for comment_id, some in reporters.items()
    }


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
        [record] = _find_records(session.connection(), [latest]).values()
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


def _not_again() -> ColumnElement[bool]:
    """That nobody has dismissed the same reporter's report of the same wording."""
    earlier = aliased(Report)
    return ~exists().where(
        earlier.comment_id == Report.comment_id,
        earlier.outcome == DISMISSED,
        earlier.revision == Report.revision,
        func.coalesce(earlier.reporter, "") == func.coalesce(Report.reporter, ""),
    )


_OPEN = (
    select(Report.id, Report.comment_id, Report.reporter)
    .where(
        Report.comment_id.in_(bindparam("ids", expanding=True)),
        Report.outcome.is_(None),
        _not_again(),
    )
    .order_by(Report.comment_id, Report.id)
)

_RIGHTLY = 1_000
"""What a right report adds to the sum in which wrong ones count one; more than are summed."""


def _select_records() -> Select[int, int | None]:
    """For each of some reports, how often whoever made it was right; read along the index."""
    theirs, where = aliased(Report), aliased(Comment)
    newest = (
        select(theirs.outcome)
        .join(where, where.id == theirs.comment_id)
        .where(
            theirs.reporter == Report.reporter,
            where.site_id == Comment.site_id,
            theirs.outcome.in_(OUTCOMES.values()),
        )
        .order_by(theirs.id.desc())
        .limit(JUDGED)
        .correlate(Report, Comment)
        .subquery()
    )
    each = case((newest.c.outcome == UPHELD, _RIGHTLY), else_=1)
    return (
        select(Report.id, select(func.sum(each)).scalar_subquery())
        .join(Comment, Comment.id == Report.comment_id)
        .where(Report.id.in_(bindparam("ids", expanding=True)))
    )


_RECORDS = _select_records()

_AT_ONCE = 500
"""How many reporters are looked up in one statement."""


def _find_records(connection: Connection, report_ids: Iterable[int]) -> dict[int, Record]:
    """By report the record of whoever made it."""
    found = {}
    ids = iter(report_ids)
    while some := list(islice(ids, _AT_ONCE)):
        for key, total in connection.execute(_RECORDS, {"ids": some}):
            found[key] = Record(*divmod(total or 0, _RIGHTLY))
    return found
