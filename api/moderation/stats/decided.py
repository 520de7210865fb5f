"""What people decided in a period: the rows that most figures are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from api.moderation.moving import made_here
from api.moderation.stats.periods import Period
from api.store.asking import Question
from api.store.days import day_of
from api.store.review import SecondLook
from api.store.tables import Comment, Decision, Verdict

MOST = 50_000
"""How many decisions are looked at, the newest first."""


class Row(NamedTuple):
    """A decision that somebody made about one comment, and what the machine had said before."""

    comment: int
    action: str
    actor: str
    at: datetime
    undone: bool
    in_force: bool
    first: bool
    """Whether nobody had approved or rejected this wording before."""
    blind: bool
    """Whether a colleague is being asked, who is not to know what was decided."""
    verdict: str
    verdict_at: datetime
    policy: int
    codes: str | None
    """The verdict's reasons, each between blanks; None where a later verdict took their place."""
    sampled: float | None
    received_at: datetime


class Bulk(NamedTuple):
    """Decisions that were made many at once, those alike together."""

    actor: str
    day: str
    verdict_day: str
    waited: bool
    """Whether they ended the waiting of what was held."""
    undone: bool
    number: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions of a period, the oldest first, and those made in bulk.

    `since` is that of the oldest row where there were more than `MOST`.
    """

    rows: Sequence[Row]
    bulk: Sequence[Bulk]
    since: datetime | None = None


def read(connection: Connection, site_id: int, period: Period) -> Decided:
    """The decisions that a site's people made in a period."""
    asked = {"site": site_id, "since": period.since}
    found = [Row(*row) for row in _ROWS.ask(connection, **asked, most=MOST)]
    found.reverse()
    full = len(found) == MOST
    bulk = [Bulk(*row) for row in _BULK.ask(connection, **asked)]
    return Decided(found, bulk, found[0].at if full else None)


_earlier, _before = aliased(Decision), aliased(Verdict)
_overruled = exists().where(
    _earlier.comment_id == Decision.comment_id,
    _earlier.version < Decision.version,
    _earlier.revision == Decision.revision,
    or_(_earlier.action == "approve", _earlier.action == "reject"),
)
_is_final = or_(Decision.action == "approve", Decision.action == "reject")
_is_first = and_(_is_final, ~_overruled)
# A look at an earlier version came to its end with whatever changed the comment.
_open_look = exists().where(
    SecondLook.comment_id == Comment.id,
    SecondLook.version == Comment.version,
    SecondLook.second_at.is_(None),
)
_version = (
    select(func.max(_before.version))
    .where(_before.comment_id == Decision.comment_id, _before.version < Decision.version)
    .scalar_subquery()
)
_verdict = and_(Verdict.comment_id == Decision.comment_id, Verdict.version == _version)
_is_present = Verdict.version == Comment.verdict_version
_undone = Decision.undone_at.is_not(None)


def _made(columns: Sequence[Any]) -> Any:
    # By the decisions: they are few beside the comments, and a comment is found by its number.
    return (
        select(*columns)
        .select_from(Decision)
        .join(Comment, Comment.id == Decision.comment_id)
        .join(Verdict, _verdict)
        .where(
            Decision.created_at >= bindparam("since"),
            Comment.site_id + 0 == bindparam("site"),
            made_here(),
        )
    )


_ROWS = Question(
    _made(
        [
            Decision.comment_id,
            Decision.action,
            Decision.actor,
            Decision.created_at,
            _undone,
            (Decision.version == func.coalesce(Comment.decision_version, -1)),
            _is_first,
            _open_look,
            Verdict.action,
            Verdict.created_at,
            Verdict.policy,
            case((_is_present, Comment.reason_codes)),
            case((_is_present, Comment.sampled)),
            Comment.received_at,
        ]
    )
    .where(Decision.bulk.is_(None))
    .order_by(Decision.created_at.desc(), Decision.comment_id.desc(), Decision.version.desc())
    .limit(bindparam("most", type_=Integer))
)

# Grouped by what an inner query names: PostgreSQL takes no two parameters for the same one.
_alike = (
    _made(
        [
            Decision.actor,
            day_of(Decision.created_at).label("day"),
            day_of(Verdict.created_at).label("verdict_day"),
            and_(_is_first, Verdict.action == "hold").label("waited"),
            _undone.label("undone"),
        ]
    )
    .where(Decision.bulk.is_not(None))
    .subquery()
)
_BULK = Question(select(*_alike.c, func.count()).group_by(*_alike.c))
