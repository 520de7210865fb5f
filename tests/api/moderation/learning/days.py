"""Days of a made-up site: what came and what was decided, written down at once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select

from api.moderation.learning import drift
from api.moderation.services import Services
from api.store.learning import DriftDay
from api.store.outbox import Event
from api.store.tables import Comment, Decision, Revision, Verdict
from classifier import LABELS
from tests.factories import Clock

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "ei", "o", "u") for c in "lmnrst"]
"""What people talk about here."""


@dataclass
class Came:
    """A comment, what the machine said of it, and what a person decided within the day."""

    text: str
    spam: float = 0.02
    verdict: str = "approve"
    code: str = ""
    decision: str | None = None
    bulk: int | None = None
    asked: float | None = None
    undone: bool = False
    model: str = "words-1"


def tell(chance: np.random.Generator, many: int, held: float = 0.25, wrong: float = 0.3) -> Any:
    """An ordinary day: mostly harmless, some held for spam, all of those decided about."""
    rows = []
    for _ in range(many):
        text = " ".join(chance.choice(WORDS, 8))
        if chance.random() < held:
            said = "approve" if chance.random() < wrong else "reject"
            rows.append(Came(text, float(chance.beta(6, 4)), "hold", "spam_score", said))
        else:
            rows.append(Came(text, float(chance.beta(1, 20))))
    return rows


def live(services: Services, clock: Clock, site: int, rows: Sequence[Came]) -> None:
    """Let a day pass on which these came, and have it measured."""
    keep(services, site, rows)
    clock.move(days=1)
    drift.watch(services)


def keep(services: Services, site: int, rows: Sequence[Came]) -> None:
    """Write down what came today."""
    if not rows:
        return
    with services.database.writing() as session:
        before = session.scalar(select(func.max(Comment.id))) or 0
        session.execute(insert(Comment), [_comment(services, site, row) for row in rows])
        ids = session.scalars(select(Comment.id).where(Comment.id > before).order_by(Comment.id))
        pairs = list(zip(ids, rows, strict=True))
        for table, make in ((Revision, _revision), (Verdict, _verdict), (Decision, _decision)):
            found = [one for key, row in pairs for one in make(services, key, row)]
            if found:
                session.execute(insert(table), found)


def read_days(services: Services, site: int) -> list[DriftDay]:
    """What was measured of a site, oldest first."""
    wanted = select(DriftDay).where(DriftDay.site_id == site).order_by(DriftDay.day)
    with services.database.reading() as session:
        return list(session.scalars(wanted))


def read_events(services: Services, site: int) -> list[tuple[str, str]]:
    """The alarms that were told of, oldest first: what happened, and to which figure."""
    wanted = select(Event).where(Event.site_id == site).order_by(Event.id)
    with services.database.reading() as session:
        return [(event.type, event.data["measure"]) for event in session.scalars(wanted)]


def _comment(services: Services, site: int, row: Came) -> dict[str, Any]:
    now = services.now()
    decided = row.decision is not None and not row.undone
    return {
        "site_id": site,
        "public_id": f"d-{uuid.uuid4()}",
        "article_id": "a-1",
        "article": {"id": "a-1"},
        "author": {},
        "form": {},
        "extra": {},
        "status": "approved",
        "queue": "default",
        "reason_codes": f" {row.code} " if row.code else "",
        "priority": 0.5,
        "version": 2,
        "revision": 1,
        "verdict_version": 1,
        "decision_version": 2 if decided else None,
        "asked": row.asked,
        "created_at": now,
        "received_at": now,
        "updated_at": now,
    }


def _revision(services: Services, key: int, row: Came) -> list[dict[str, Any]]:
    now = services.now()
    return [{"comment_id": key, "number": 1, "text": row.text, "html": False, "created_at": now}]


def _verdict(services: Services, key: int, row: Came) -> list[dict[str, Any]]:
    return [
        {
            "comment_id": key,
            "version": 1,
            "revision": 1,
            "action": row.verdict,
            "blatant": False,
            "scores": {**dict.fromkeys(LABELS, 0.02), "spam": row.spam},
            "reasons": [],
            "model": row.model,
            "policy": 1,
            "flips_if": "",
            "created_at": services.now(),
        }
    ]


def _decision(services: Services, key: int, row: Came) -> list[dict[str, Any]]:
    if row.decision is None:
        return []
    at = services.now() + timedelta(minutes=5)
    return [
        {
            "comment_id": key,
            "version": 2,
            "revision": 1,
            "action": row.decision,
            "actor": "moderator:ada@example.org",
            "created_at": at,
            "undone_at": at if row.undone else None,
            "bulk": row.bulk,
        }
    ]
