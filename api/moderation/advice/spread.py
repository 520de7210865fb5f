"""How a score is spread over a site's comments, and about which of them nobody could be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from sqlalchemy import BigInteger, Connection, and_, bindparam, func, select

from api.moderation.advice.weighing import Flags, Floats
from api.moderation.policy.inforce import FIRST
from api.moderation.scoring import base_of
from api.store.asking import Question
from api.store.policies import PolicyVersion
from api.store.tables import Comment, Verdict

MOST = 20_000
"""How many comments, evenly spaced in the order they came, stand for all."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Scores of one model (n,), and what became of those comments."""

    scores: Floats
    approved: Flags
    rejected: Flags
    unseen: Flags
    """Whether nobody had a chance to be asked."""
    a_day: float
    """How many comments come, whichever model scored them."""

    def count(self, low: Floats, high: Floats) -> Floats:
        """How many a day have a score from `low` up to below `high`, both (n,)."""
        ranked = np.sort(self.scores)
        found = np.searchsorted(ranked, high) - np.searchsorted(ranked, low)
        return np.asarray(np.maximum(found, 0) * (self.a_day / max(len(ranked), 1)))


def part(which: Flags) -> float:
    """The share of comments that are so; 0 of none."""
    return float(which.mean()) if len(which) else 0.0


def share(spread: Spread, which: Flags, at: Floats) -> Floats:
    """The share of `which` among the comments that reach each threshold (n,)."""
    ranked, some = np.sort(spread.scores), np.sort(spread.scores[which])
    reaching = len(ranked) - np.searchsorted(ranked, at)
    return np.asarray((len(some) - np.searchsorted(some, at)) / np.maximum(reaching, 1))


class _Seen(NamedTuple):
    action: str
    model: str | None
    policy: int
    score: float | None
    sampled: float | None
    received_at: datetime


def survey(
    connection: Connection,
    site_id: int,
    label: str,
    model: str,
    first: int,
    now: datetime,
    since: datetime | None = None,
) -> Spread:
    """The scores of the site's comments from the number `first` on, if they came `since` then."""
    last = max(connection.scalar(select(func.max(Comment.id))) or 0, first)
    step = 1 + (last - first) // MOST
    span = {"first": first, "last": last, "step": step}
    rows = [_Seen(*row) for row in _ask(label).ask(connection, site=site_id, **span)]
    # What was moved here lately came long ago.
    rows = [row for row in rows if since is None or row.received_at >= since]
    known = [row for row in rows if base_of(row.model) == model and row.score is not None]
    audited = _find_audited(connection, site_id, {row.policy for row in known})
    return Spread(
        np.array([row.score for row in known], dtype=np.float64),
        np.array([row.action == "approve" for row in known], dtype=np.bool_),
        np.array([row.action == "reject" for row in known], dtype=np.bool_),
        np.array([_is_unseen(row, audited) for row in known], dtype=np.bool_),
        step * len(rows) / _count_days(rows, now),
    )


def _is_unseen(row: _Seen, audited: set[int]) -> bool:
    return row.action != "hold" and row.sampled is None and row.policy not in audited


def _count_days(rows: Sequence[_Seen], now: datetime) -> float:
    """How long the comments took to come; a site's first hours are no day to multiply."""
    return max((now - rows[0].received_at) / timedelta(days=1), 1.0) if rows else 1.0


def _find_audited(connection: Connection, site_id: int, versions: set[int]) -> set[int]:
    """Those of the policy's versions that have automatic decisions looked at."""
    later = versions - {FIRST}
    if not later:
        return set()
    share = PolicyVersion.document["audit"].as_float()
    wanted = PolicyVersion.site_id == site_id, PolicyVersion.version.in_(later), share > 0
    return set(connection.scalars(select(PolicyVersion.version).where(*wanted)))


_numbers = select(bindparam("first", type_=BigInteger).label("id")).cte("numbers", recursive=True)
_next = _numbers.c.id + bindparam("step", type_=BigInteger)
_numbers = _numbers.union_all(select(_next).where(_next <= bindparam("last", type_=BigInteger)))


@cache
def _ask(label: str) -> Question:
    verdict = and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version)
    return Question(
        select(
            Verdict.action,
            Verdict.model,
            Verdict.policy,
            Verdict.scores[label].as_float(),
            Comment.sampled,
            Comment.received_at,
        )
        .select_from(_numbers)
        .join(Comment, Comment.id == _numbers.c.id)
        .join(Verdict, verdict)
        .where(Comment.site_id + 0 == bindparam("site"))
        .order_by(Comment.id)
    )
