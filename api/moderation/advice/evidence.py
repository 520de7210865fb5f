"""What a site's own decisions say of a score.

The evidence is comments that people decided about: those that were held, and audit samples of the
others. What else was decided came to somebody's notice because something was the matter with it,
and says nothing of the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, Integer, and_, bindparam, func, or_, select

from api.moderation import sampling
from api.moderation.advice.weighing import Flags, Floats
from api.moderation.moving import made_here
from api.moderation.scoring import base_of
from api.store.asking import Question
from api.store.since import find_first_comment
from api.store.tables import Comment, Decision, Verdict

MOST = 50_000
"""How many decisions are looked at, those about the newest comments first."""

_SPAM_CODES = (None, "spam")
_ABUSE_CODES = (None, "abusive")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Decided comments with scores of one model; the arrays (n,) have an entry for each."""

    scores: Floats
    truth: Floats
    """1 where the label was right."""
    weights: Floats
    """How many comments each stands for."""
    passed: Flags
    """Whether it was approved without a person, and drawn."""
    held: int
    samples: int
    left_out: int
    """How many were rejected for what has nothing to do with the label."""
    other_models: int
    waiting: int
    """How many held ones, and samples, nobody has decided about yet."""
    model: str
    first: int
    """The number of the first comment that was looked at."""

    @property
    def rejected(self) -> int:
        """In how many the label was right."""
        return int(self.truth.sum())

    @property
    def approved(self) -> int:
        """In how many it was wrong."""
        return len(self.truth) - self.rejected


class _Decided(NamedTuple):
    comment: int
    action: str
    reason: str | None
    verdict: str
    model: str | None
    score: float | None
    sampled: float | None


def gather(
    connection: Connection, site_id: int, label: str, model: str, since: datetime
) -> Evidence:
    """The site's decisions in force about comments that came since then."""
    first = find_first_comment(connection, since)
    found = _ask(label).ask(connection, site=site_id, first=first, most=MOST)
    rows = [_Decided(*row) for row in found]
    if len(rows) == MOST:
        first = rows[-1].comment
    [[held]] = _PENDING.ask(connection, site=site_id, first=first)
    [[samples, drawn]] = _OPEN.ask(connection, site=site_id, first=first)
    return _weigh(label, model, rows, first, (held, samples, drawn or 0.0))


def _weigh(
    label: str, model: str, rows: Sequence[_Decided], first: int, waiting: tuple[int, int, float]
) -> Evidence:
    """Sort out what counts; those of a kind that were decided stand for those that wait."""
    waiting_held, waiting_samples, waiting_drawn = waiting
    held = [row for row in rows if row.verdict == "hold"]
    samples = [row for row in rows if row.verdict != "hold" and row.sampled]
    drawn = sum(1 / row.sampled for row in samples if row.sampled)
    weighed = [(row, 1 + waiting_held / len(held)) for row in held]
    weighed += [(row, (1 + waiting_drawn / drawn) / row.sampled) for row in samples if row.sampled]
    known = [one for one in weighed if base_of(one[0].model) == model and one[0].score is not None]
    telling = [(row, truth, weight) for row, weight in known if (truth := _read(label, row)) >= 0]
    return Evidence(
        scores=np.array([row.score for row, *_ in telling], dtype=np.float64),
        truth=np.array([truth for _, truth, _ in telling], dtype=np.float64),
        weights=np.array([weight for *_, weight in telling], dtype=np.float64),
        passed=np.array([row.verdict == "approve" for row, *_ in telling], dtype=np.bool_),
        held=sum(row.verdict == "hold" for row, *_ in telling),
        samples=sum(row.verdict != "hold" for row, *_ in telling),
        left_out=len(known) - len(telling),
        other_models=len(weighed) - len(known),
        waiting=waiting_held + waiting_samples,
        model=model,
        first=first,
    )


def _read(label: str, row: _Decided) -> int:
    """Whether a decision says that the label is right: 1, 0, or -1 where it says neither."""
    if row.action == "approve":
        return 0
    return 1 if row.reason in (_SPAM_CODES if label == "spam" else _ABUSE_CODES) else -1


@cache
def _ask(label: str) -> Question:
    # By the decisions: they are few beside the comments, and a comment is found by its number.
    return Question(
        select(
            Comment.id,
            Decision.action,
            Decision.reason,
            Verdict.action,
            Verdict.model,
            Verdict.scores[label].as_float(),
            Comment.sampled,
        )
        .select_from(Decision)
        .join(
            Comment,
            and_(Comment.id == Decision.comment_id, Comment.decision_version == Decision.version),
        )
        .join(
            Verdict,
            and_(
                Verdict.comment_id == Comment.id,
                Verdict.version == Comment.verdict_version,
                # A verdict may come after the decision, when the classifier was away before.
                Verdict.version < Decision.version,
            ),
        )
        .where(
            Decision.comment_id >= bindparam("first"),
            or_(Decision.action == "approve", Decision.action == "reject"),
            Comment.site_id + 0 == bindparam("site"),
            # What was decided before it came here was not drawn as a sample of what comes.
            made_here(),
        )
        .order_by(Decision.comment_id.desc())
        .limit(bindparam("most", type_=Integer))
    )


_here = Comment.site_id == bindparam("site"), Comment.id >= bindparam("first")
_PENDING = Question(select(func.count(Comment.id)).where(*_here, Comment.status == "pending"))
_OPEN = Question(
    select(func.count(Comment.id), func.sum(1.0 / Comment.sampled)).where(
        *_here, sampling.are_open()
    )
)
