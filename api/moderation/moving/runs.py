"""How far each file has come: noted in the very transaction that keeps its comments.

Whoever runs the same file again goes on where it was interrupted, and does nothing where it is
done.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import ConflictError
from api.moderation.events import recording
from api.moderation.services import Services
from api.store.database import in_session
from api.store.imports import ImportRun

STARTED, FINISHED = "import.started", "import.finished"
"""The events of a file: one when it begins, one when all of it is there."""

GROUPS = ("taken", "skipped", "dropped")
"""What is counted by kind: by status, by why not, and by what was left out."""


@dataclass(slots=True)
class Counts:
    """What has become of a file's comments so far."""

    read: int = 0
    known: int = 0
    """Those of which the site had the id already: nothing of theirs was changed."""
    taken: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    bans: int = 0

    def add(self, other: "Counts") -> None:
        """Count another part of the file too."""
        self.read += other.read
        self.known += other.known
        self.bans += other.bans
        for name in GROUPS:
            getattr(self, name).update(getattr(other, name))

    def show(self) -> dict[str, Any]:
        """As it is kept and told."""
        groups = {name: dict(sorted(getattr(self, name).items())) for name in GROUPS}
        return {"read": self.read, "known": self.known, "bans": self.bans, **groups}


def read_counts(shown: dict[str, Any]) -> Counts:
    """What `show` has made."""
    found = Counts(read=shown["read"], known=shown["known"], bans=shown["bans"])
    for name in GROUPS:
        getattr(found, name).update(shown[name])
    return found


@dataclass(slots=True)
class Run:
    """A file on its way into a site; `position` is how many of its comments are dealt with."""

    id: int
    site_id: int
    form: str
    position: int
    counts: Counts
    began: datetime
    finished_at: datetime | None = None


def begin(services: Services, caller: Caller, source: str, form: str, again: bool = False) -> Run:
    """The run of a file, the one that was interrupted if any; `again` begins it anew."""

    def act(session: Session) -> Run:
        here = ImportRun.site_id == caller.site_id, ImportRun.source == source
        row = session.scalars(select(ImportRun).where(*here).with_for_update()).one_or_none()
        now = services.now()
        if row is None:
            row = ImportRun(site_id=caller.site_id, source=source, created_at=now)
            session.add(row)
            again_now = True
        else:
            again_now = again
        if again_now:
            row.position, row.counts, row.finished_at = 0, Counts().show(), None
            row.updated_at = now
            session.flush()
            told = {"format": form, "import": row.id}
            recording.record(session, services, caller, STARTED, told)
        return _describe(row, form)

    try:
        return services.database.write(in_session(act))
    except IntegrityError:
        # Another process began with it this very moment.
        return services.database.write(in_session(act))


def advance(
    connection: Connection, services: Services, run: Run, position: int, counts: Counts
) -> None:
    """Note in this transaction how far the run has come.

    Raises ConflictError where another process has gone on with it meanwhile.
    """
    mine = ImportRun.id == run.id, ImportRun.position == run.position
    moved = update(ImportRun).where(*mine, ImportRun.finished_at.is_(None))
    noted = {"position": position, "counts": counts.show(), "updated_at": services.now()}
    if connection.execute(moved.values(**noted)).rowcount != 1:
        raise ConflictError("Another process is taking in the same file.")


def finish(services: Services, caller: Caller, run: Run) -> None:
    """All of the file is there: say so, once."""

    def act(session: Session) -> None:
        now = services.now()
        mine = ImportRun.id == run.id, ImportRun.finished_at.is_(None)
        counts = run.counts.show()
        done = update(ImportRun).where(*mine)
        done = done.values(finished_at=now, updated_at=now, counts=counts)
        if session.execute(done).rowcount == 1:  # type: ignore[attr-defined]
            told = {"format": run.form, "import": run.id, "counts": counts}
            recording.record(session, services, caller, FINISHED, told)

    services.database.write(in_session(act))
    run.finished_at = services.now()


def _describe(row: ImportRun, form: str) -> Run:
    counts = read_counts(row.counts)
    values = row.id, row.site_id, form, row.position, counts, row.created_at, row.finished_at
    return Run(*values)
