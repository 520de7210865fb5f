"""Labels from elsewhere: what a site has decided about comments before it came to Winnow."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.events import recording
from api.moderation.learning import unlearning
from api.moderation.secondlooks import FINAL
from api.moderation.services import Services
from api.store.database import in_session
from api.store.learning import ImportedLabel

ACTIONS = FINAL
"""What may have been decided."""

IMPORTED, ERASED = "label.imported", "label.erased"
"""The types of the events that tell how many labels came or went."""

BATCH = 200
"""How many rows a transaction writes."""

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Row:
    """A text, and what was decided about it, why, when, and by whom it was written."""

    text: str
    action: str
    decided_at: datetime
    reason: str | None = None
    author_id: str | None = None

    @property
    def digest(self) -> str:
        """By what the text is known again."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def import_labels(services: Services, site_id: int, actor: str, rows: Iterable[Row]) -> int:
    """Keep what was decided elsewhere; how many rows were news.

    A text that is there already keeps what was decided about it last. Each batch is kept whole
    or not at all, and what is imported twice changes nothing.
    """
    caller = Caller(site_id, "admin", actor)
    return sum(_keep(services, caller, batch) for batch in _batches(rows))


def _keep(services: Services, caller: Caller, batch: Sequence[Row]) -> int:
    values = [_values(services, caller, row) for row in batch]
    return services.database.write(
        in_session(lambda session: _put(session, services, caller, values))
    )


def erase_author(services: Services, caller: Caller, author_id: str) -> int:
    """Delete what was imported of an author; how many labels that were.

    What has learnt of them is replaced within a day. What Winnow itself was sent goes with its
    comment.
    """

    def act(session: Session) -> int:
        unlearning.lock(session, caller.site_id)
        here = ImportedLabel.site_id == caller.site_id, ImportedLabel.author_id == author_id
        gone = len(
            session.scalars(delete(ImportedLabel).where(*here).returning(ImportedLabel.id)).all()
        )
        if gone:
            # When they were first imported is not known: a later decision takes their place.
            unlearning.mark(session, caller.site_id)
            recording.record(session, services, caller, ERASED, {"labels": gone})
        return gone

    return services.database.write(in_session(act))


def find_newest(session: Session, site_id: int, ignored: Sequence[str], most: int) -> list[Any]:
    """What was imported, the latest decisions first, without those for ignored reasons."""
    wanted = select(ImportedLabel).where(ImportedLabel.site_id == site_id)
    newest = wanted.order_by(ImportedLabel.decided_at.desc(), ImportedLabel.id.desc())
    return [
        row
        for row in session.scalars(newest.limit(most))
        if row.action == "approve" or row.reason not in ignored
    ]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """So many at a time, of each text the last decision."""
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield list({row.digest: row for row in sorted(batch, key=_when)}.values())


def _when(row: Row) -> datetime:
    return row.decided_at


def _values(services: Services, caller: Caller, row: Row) -> dict[str, Any]:
    return {
        "site_id": caller.site_id,
        "digest": row.digest,
        "text": row.text,
        "author_id": row.author_id,
        "action": row.action,
        "reason": row.reason,
        "actor": caller.actor,
        "decided_at": row.decided_at,
        "created_at": services.now(),
    }


def _put(session: Session, services: Services, caller: Caller, values: list[dict[str, Any]]) -> int:
    insert = _INSERTS[session.get_bind().dialect.name](ImportedLabel).values(values)
    names = ("action", "reason", "author_id", "actor", "decided_at", "created_at")
    later = insert.on_conflict_do_update(
        index_elements=("site_id", "digest"),
        set_={name: insert.excluded[name] for name in names},
        where=ImportedLabel.decided_at < insert.excluded.decided_at,
    )
    kept = len(session.execute(later.returning(ImportedLabel.id)).all())
    if kept:
        recording.record(session, services, caller, IMPORTED, {"labels": kept})
    return kept
