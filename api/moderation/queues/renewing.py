"""Renews the order of what waits, where articles have become livelier or the policy's pace other.

Everything else of a comment's rank changes with the comment, and then it is placed again.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.queues import heat, placing, urgency
from api.moderation.queues.urgency import Harm
from api.moderation.services import Services
from api.store.review import Waiting
from api.store.tables import Comment

LITTLE = 0.05
"""How much, as a power of two, a rank may be wrong: one part in thirty of the harm."""

BATCH = 500
"""How many rows a transaction writes."""


class _Row(NamedTuple):
    """What ranks are made of."""

    comment_id: int
    site_id: int
    article_id: str
    version: int
    rank: float
    since: datetime
    severity: float
    probability: float
    exposure: float
    heat: float


def renew(services: Services) -> None:
    """Write the ranks that are wrong by more than a little."""
    with services.database.reading() as session:
        changes = list(_find_changes(services, session.connection()))
    left = iter(changes)
    while some := list(islice(left, BATCH)):
        with services.database.writing() as session:
            _write(session, some)


def _find_changes(services: Services, connection: Connection) -> Iterator[dict[str, Any]]:
    lively = heat.find_all(connection, services.now())
    paces: dict[int, timedelta] = {}
    for row in map(_Row._make, connection.execute(_ROWS)):
        if row.site_id not in paces:
            paces[row.site_id] = placing.doubles_after_now(services, row.site_id)
        heated = lively.get((row.site_id, row.article_id), 1.0)
        change = _find_change(row, heated, paces[row.site_id])
        if change is not None:
            yield change


def _find_change(row: _Row, heated: float, pace: timedelta) -> dict[str, Any] | None:
    if abs(math.log2(heated / row.heat)) < LITTLE:
        heated = row.heat
    exposure = row.exposure / row.heat * heated
    harm = Harm(None, row.severity, row.probability, exposure=exposure)
    rank = urgency.rank(harm, row.since, pace)
    if heated == row.heat and abs(rank - row.rank) < LITTLE:
        return None
    was = {"key": row.comment_id, "at": row.version, "was": row.rank, "then": row.heat}
    return {**was, "to": rank, "seen": exposure, "now": heated}


def _write(session: Session, changes: Iterable[dict[str, Any]]) -> None:
    """Write new ranks, but for rows that somebody else has written meanwhile."""
    some = list(changes)
    # Whoever places comments locks them first, so nobody waits for each other in a circle.
    comments.lock_rows(session, Comment.id.in_([one["key"] for one in some]))
    session.connection().execute(_UPDATE, some)


_ROWS = select(*(getattr(Waiting, name) for name in _Row._fields)).where(Waiting.version >= 0)

_UPDATE = (
    update(Waiting)
    .where(
        Waiting.comment_id == bindparam("key"),
        Waiting.version == bindparam("at"),
        Waiting.rank == bindparam("was"),
        Waiting.heat == bindparam("then"),
    )
    .values(rank=bindparam("to"), exposure=bindparam("seen"), heat=bindparam("now"))
)
