"""How far to believe those who report a comment: by how often they were right before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, exists, func, select
from sqlalchemy.orm import aliased

from api.store.outbox import Report
from api.store.tables import Comment

UPHELD = "upheld"
DISMISSED = "dismissed"
OUTDATED = "outdated"
"""What a decision makes of a report: see `api.moderation.reporters.settle`."""

RIGHT, WRONG = 2.0, 3.0
"""What everybody is taken to have reported before they began: two rightly, three wrongly.

So who is unknown is believed with 2 in 5, and it takes five reports of their own to outweigh that.
"""

JUDGED = 200
"""How many of a reporter's judged reports count, the newest ones."""

ASKED = 100
"""How many reporters of a comment are looked up, those who came first."""


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
    # One report of each reporter to know them by, and who has reported each comment.
    reports: dict[tuple[int, str | None], int] = {}
    reporters: dict[int, set[int]] = defaultdict(set)
    for report_id, comment_id, site_id, reporter in rows:
        some = reporters[comment_id]
        if len(some) < ASKED:
            some.add(reports.setdefault((site_id, reporter), report_id))
    known = find_records(connection, reports.values())
    return {
        comment_id: combine(known[report_id].weight for report_id in some)
        for comment_id, some in reporters.items()
    }


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
    select(Report.id, Report.comment_id, Comment.site_id, Report.reporter)
    .join(Comment, Comment.id == Report.comment_id)
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
            theirs.outcome.in_((UPHELD, DISMISSED)),
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


def find_records(connection: Connection, report_ids: Iterable[int]) -> dict[int, Record]:
    """By report the record of whoever made it."""
    found = {}
    ids = iter(report_ids)
    while some := list(islice(ids, _AT_ONCE)):
        for key, total in connection.execute(_RECORDS, {"ids": some}):
            found[key] = Record(*divmod(total or 0, _RIGHTLY))
    return found
