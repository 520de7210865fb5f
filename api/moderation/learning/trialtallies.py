"""What an adapter on trial has found, counted by the database, and who was right by people.

People decide mostly about what is held. Of what both models pass nobody says anything but by
samples and reports, so only the figures of a kind of change compare the two fairly.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.orm import Session

from api.moderation.drafts import shadowtallies
from api.moderation.drafts.shadowtallies import LATEST
from api.moderation.drafts.tallies import Tally, find_kinds
from api.moderation.stats import shares
from api.moderation.stats.shares import Share
from api.store.learning import TrialVerdict
from api.store.tables import Comment

CHANGES = ("newly_held", "newly_passed", "newly_rejected")
"""How an adapter on trial may differ from what is in force, as `tallies.KINDS` has it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Comments that people have decided about: what they said, and how often each was right.

    Right is who passes what people approve, and holds or rejects what they reject.
    """

    approved: int
    rejected: int
    live: Share
    trial: Share


def count(session: Session, site_id: int, adapter_id: int) -> Tally:
    """Count its verdicts on the newest comments, with the newest of each kind as examples."""
    judged = (
        TrialVerdict.comment_id,
        TrialVerdict.live,
        TrialVerdict.action,
        cast(literal("[]"), Text).label("codes"),
    )
    latest = (
        select(*judged)
        .join(Comment, Comment.id == TrialVerdict.comment_id)
        .where(TrialVerdict.adapter_id == adapter_id, Comment.site_id == site_id)
        .order_by(TrialVerdict.comment_id.desc())
        .limit(LATEST)
    )
    return shadowtallies.count_latest(session, latest.subquery())


def find_span(
    session: Session, site_id: int, adapter_id: int
) -> tuple[datetime | None, datetime | None]:
    """When the first and the last comment came that it has judged."""
    ends = (
        select(func.min(Comment.received_at), func.max(Comment.received_at))
        .join(TrialVerdict, TrialVerdict.comment_id == Comment.id)
        .where(TrialVerdict.adapter_id == adapter_id, Comment.site_id == site_id)
    )
    first, last = session.execute(ends).one()
    return first, last


def compare(tally: Tally) -> Mapping[str, Beside]:
    """Both models beside people: over `all` comments, and over those of each of `CHANGES`."""
    found: dict[str, Counter[tuple[str, str, str]]] = {
        kind: Counter() for kind in ("all", *CHANGES)
    }
    for moves, number in tally.decided.items():
        for kind in ("all", *find_kinds(moves[1], moves[2], None)):
            found[kind][moves] += number
    return {kind: _describe(decided) for kind, decided in found.items()}


def _describe(decided: Counter[tuple[str, str, str]]) -> Beside:
    n = decided.total()
    approved = sum(number for (said, *_), number in decided.items() if said == "approve")
    live = sum(number for (said, was, _), number in decided.items() if _is_right(said, was))
    trial = sum(number for (said, _, would), number in decided.items() if _is_right(said, would))
    return Beside(approved, n - approved, shares.of(live, n), shares.of(trial, n))


def _is_right(said: str, action: str) -> bool:
    return (said == "approve") == (action == "approve")
