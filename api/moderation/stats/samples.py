"""What the machine gets wrong, by the comments that people were asked about at random.

Of what it holds, all; of what it approves or rejects by itself, the audit samples, each of which
stands for as many comments as its chance says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, select

from api.moderation import policies, sampling
from api.moderation.services import Services
from api.moderation.stats import shares
from api.moderation.stats.decided import Decided, Row
from api.moderation.stats.periods import Period
from api.moderation.stats.reasons import weigh
from api.moderation.stats.shares import LEAST, Share
from api.store.asking import Question
from api.store.tables import Comment, Verdict


@dataclass(frozen=True, slots=True)
class Errors:
    """Shares of comments that came in the period; each None where too few were decided."""

    false_holds: Share
    """Of what is held, how much people approve."""
    false_rejections: Share
    """Of what is rejected without a person, how much people would have approved."""
    missed: Share
    """Of what is approved without a person, how much people would have rejected."""
    agreement: Share
    """Of all automatic decisions, how many people would have made as well."""
    caught: Share
    """Of all that people reject, how much was held or rejected."""
    stopped: Share
    """Of all that people approve, how much was held or rejected."""
    open: int
    """Samples that nobody has decided about yet."""


class _Told(NamedTuple):
    verdict: str
    rejected: bool
    weight: float


def judge(
    services: Services, connection: Connection, site_id: int, decided: Decided, period: Period
) -> Errors:
    """What was wrong among the comments that came in the period."""
    rows = [row for row in decided.rows if weigh(row) and row.received_at >= period.since]
    audited = {
        version
        for version in {row.policy for row in rows}
        if policies.get(services, site_id, version).document.audit
    }
    asked = {"site": site_id, "first": period.first}
    pending = dict(_PENDING.ask(connection, **asked))
    [[opened, drawn]] = _OPEN.ask(connection, **asked)
    told = [_Told(row.verdict, row.action == "reject", weigh(row)) for row in rows]
    held = [row for row in rows if row.verdict == "hold" and row.policy in audited]
    waiting = sum(number for version, number in pending.items() if version in audited)
    return Errors(
        **_by_verdict(told),
        **_overall(held, [one for one in told if one.verdict != "hold"], waiting, drawn or 0.0),
        open=opened,
    )


def _by_verdict(told: Sequence[_Told]) -> dict[str, Share]:
    kinds = {"false_holds": ("hold", False), "false_rejections": ("reject", False)}
    kinds["missed"] = "approve", True
    found = {}
    for name, (verdict, wrong) in kinds.items():
        own = [one for one in told if one.verdict == verdict]
        found[name] = shares.weigh([one.rejected == wrong for one in own], [o.weight for o in own])
    automatic = [one for one in told if one.verdict != "hold"]
    right = [one.rejected == (one.verdict == "reject") for one in automatic]
    return {**found, "agreement": shares.weigh(right, [one.weight for one in automatic])}


def _overall(
    held: Sequence[Row], samples: Sequence[_Told], waiting: int, waiting_drawn: float
) -> dict[str, Share]:
    """What is stopped and what passes, together: of comments alone that could be drawn.

    Those of a kind that were decided stand for those that wait.
    """
    drawn = sum(one.weight for one in samples)
    told = [_Told("hold", row.action == "reject", 1 + waiting / len(held)) for row in held]
    told += [one._replace(weight=one.weight * (1 + waiting_drawn / drawn)) for one in samples]
    return {"caught": _stopped(told, True), "stopped": _stopped(told, False)}


def _stopped(told: Sequence[_Told], rejected: bool) -> Share:
    """Of what people rejected, or approved, the share that the machine did not let pass."""
    sides = [
        [one for one in told if (one.verdict != "approve") is stopped] for stopped in (True, False)
    ]
    kind = [one for one in told if one.rejected is rejected]
    among = [one for one in kind if one.verdict != "approve"]
    if len(kind) < LEAST or min(map(len, sides)) < LEAST:
        return Share(len(kind), len(among))
    above, below = (
        shares.add_up([one.rejected is rejected for one in side], [one.weight for one in side])
        for side in sides
    )
    return shares.part_of(above, below, len(kind), len(among))


_here = Comment.site_id == bindparam("site"), Comment.id >= bindparam("first")
_PENDING = Question(
    select(Verdict.policy, func.count())
    .select_from(Comment)
    .join(
        Verdict,
        and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version),
    )
    .where(*_here, Comment.status == "pending")
    .group_by(Verdict.policy)
)
_OPEN = Question(
    select(func.count(Comment.id), func.sum(1.0 / Comment.sampled)).where(
        *_here, sampling.are_open()
    )
)
