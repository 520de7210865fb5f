"""Comments that were judged and decided about, many at once."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select

from api.moderation.services import Services
from api.store.tables import Comment, Decision, Revision, Verdict
from classifier import LABELS

STATUS = {"approve": "approved", "hold": "pending", "reject": "rejected", "escalate": "pending"}


@dataclass(frozen=True)
class Kept:
    """A comment: what the machine said, and what a person did."""

    score: float | None
    verdict: str = "hold"
    decision: str | None = None
    reason: str | None = None
    sampled: float | None = None
    model: str | None = "words-1"
    policy: int = 1
    days_ago: float = 1.0
    late: bool = False
    """Whether the verdict came after the decision."""


def keep(services: Services, site: int, label: str, rows: Iterable[Kept]) -> None:
    """Write comments with their verdicts and decisions, the oldest first."""
    made = sorted(rows, key=lambda row: -row.days_ago)
    with services.database.writing() as session:
        before = session.scalar(select(func.max(Comment.id))) or 0
        session.execute(insert(Comment), [_comment(services, site, row) for row in made])
        ids = session.scalars(select(Comment.id).where(Comment.id > before).order_by(Comment.id))
        pairs = list(zip(ids, made, strict=True))
        for table, make in ((Revision, _revision), (Verdict, _verdict), (Decision, _decision)):
            found = [one for key, row in pairs for one in make(services, label, key, row)]
            if found:
                session.execute(insert(table), found)


def _comment(services: Services, site: int, row: Kept) -> dict[str, Any]:
    came = services.now() - timedelta(days=row.days_ago)
    return {
        "site_id": site,
        "public_id": f"k-{uuid.uuid4()}",
        "article_id": "a-1",
        "article": {"id": "a-1"},
        "author": {},
        "form": {},
        "extra": {},
        "status": STATUS[row.decision or row.verdict],
        "queue": "default",
        "reason_codes": "",
        "priority": 0.5,
        "version": 3,
        "revision": 1,
        "verdict_version": 3 if row.late else 1,
        "decision_version": 2 if row.decision else None,
        "sampled": row.sampled,
        "created_at": came,
        "received_at": came,
        "updated_at": came,
    }


def _revision(services: Services, label: str, key: int, row: Kept) -> list[dict[str, Any]]:
    now = services.now()
    return [{"comment_id": key, "number": 1, "text": "A.", "html": False, "created_at": now}]


def _verdict(services: Services, label: str, key: int, row: Kept) -> list[dict[str, Any]]:
    scores = {} if row.score is None else {**dict.fromkeys(LABELS, 0.01), label: row.score}
    return [
        {
            "comment_id": key,
            "version": 3 if row.late else 1,
            "revision": 1,
            "action": row.verdict,
            "blatant": False,
            "scores": scores,
            "reasons": [],
            "model": row.model,
            "policy": row.policy,
            "flips_if": "",
            "created_at": services.now() - timedelta(days=row.days_ago),
        }
    ]


def _decision(services: Services, label: str, key: int, row: Kept) -> list[dict[str, Any]]:
    if row.decision is None:
        return []
    return [
        {
            "comment_id": key,
            "version": 2,
            "revision": 1,
            "action": row.decision,
            "reason": row.reason,
            "actor": "moderator:mo@example.org",
            "created_at": services.now() - timedelta(days=row.days_ago),
        }
    ]
