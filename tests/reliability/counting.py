"""What is in the database after all that happened to it, held against what clients were told."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, make_url, text

from api.store.database import Database
from tests.postgresql import find_binaries
from tests.reliability.load import Acknowledged, Load

# Each asks for rows that cannot be there if every transaction was kept whole or not at all.
_HALVES = {
    "comment without its revision": """
        SELECT count(*) FROM comments WHERE NOT EXISTS (SELECT 1 FROM revisions
        WHERE comment_id = comments.id AND number = comments.revision)""",
    "comment without its verdict": """
        SELECT count(*) FROM comments WHERE NOT EXISTS (SELECT 1 FROM verdicts
        WHERE comment_id = comments.id AND version = comments.verdict_version)""",
    "comment without its event": """
        SELECT count(*) FROM comments WHERE NOT EXISTS (SELECT 1 FROM events
        WHERE site_id = comments.site_id AND comment_id = comments.public_id)""",
    "revision without a comment": """
        SELECT count(*) FROM revisions WHERE comment_id NOT IN (SELECT id FROM comments)""",
    "verdict without a comment": """
        SELECT count(*) FROM verdicts WHERE comment_id NOT IN (SELECT id FROM comments)""",
    "event without a comment": """
        SELECT count(*) FROM events WHERE comment_id NOT IN (SELECT public_id FROM comments)""",
    "more revisions than comments": """
        SELECT (SELECT count(*) FROM revisions) - (SELECT count(*) FROM comments)""",
    # A comment that came while the classifier was late is judged again.
    "other verdicts than the log tells of": """
        SELECT (SELECT count(*) FROM verdicts) - (SELECT count(*) FROM events
        WHERE type IN ('comment.created', 'comment.rejudged'))""",
}


@dataclass(slots=True)
class Count:
    """What became of all that was sent."""

    sent: int
    acknowledged: int
    found: int
    lost: list[str]
    duplicated: list[str]
    unexplained: list[str]
    events_lost: list[str]
    events_duplicated: list[str]
    retries: int
    seconds: float
    integrity: list[str] = field(default_factory=list)
    """What is wrong with the database itself."""
    strange: list[str] = field(default_factory=list)
    """Answers that are none of those the API promises."""
    untold: list[str] = field(default_factory=list)
    """Acknowledged comments of which the webhook was not told."""
    renamed: list[str] = field(default_factory=list)
    """Comments of which the webhook was told by more than one message id."""

    @property
    def fine(self) -> bool:
        """Whether all is there, and once."""
        return not any(
            (
                self.lost,
                self.duplicated,
                self.unexplained,
                self.events_lost,
                self.events_duplicated,
                self.integrity,
                self.strange,
                self.untold,
                self.renamed,
            )
        )

    def __str__(self) -> str:
        rate = self.acknowledged / self.seconds if self.seconds else 0.0
        parts = {
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "found": self.found,
            "lost": len(self.lost),
            "duplicated": len(self.duplicated),
            "unexplained": len(self.unexplained),
            "events lost": len(self.events_lost),
            "events duplicated": len(self.events_duplicated),
            "retries": self.retries,
            "rate": f"{rate:.0f}/s",
            "integrity": "; ".join(self.integrity) or "ok",
        }
        said = ", ".join(f"{name} {value}" for name, value in parts.items())
        return said + "".join(f"\n  strange answer: {one}" for one in self.strange[:5])


def count_all(load: Load, database_url: str, seconds: float) -> Count:
    """Compare what `load` was told with what there is; the server may still run."""
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT public_id, text FROM comments JOIN revisions "
                    "ON comment_id = comments.id AND number = comments.revision"
                )
            ).all()
            created = connection.execute(
                text("SELECT comment_id FROM events WHERE type = 'comment.created'")
            ).scalars()
            events = Counter(str(one) for one in created)
            integrity = [*_halves(connection), *_broken(connection, database_url)]
    finally:
        database.dispose()
    found = [(str(row[0]), str(row[1])) for row in rows]
    texts, there, sent = Counter(one for _, one in found), set(found), load.sent
    acknowledged = load.acknowledged
    return Count(
        sent=len(sent),
        acknowledged=len(acknowledged),
        found=len(found),
        lost=[kept.id for kept in acknowledged if (kept.id, kept.text) not in there],
        duplicated=[one for one, times in texts.items() if times > 1],
        unexplained=[one for one in texts if one not in sent],
        events_lost=_without(acknowledged, events),
        events_duplicated=[one for one, times in events.items() if times > 1],
        retries=load.retries,
        seconds=seconds,
        integrity=integrity,
        strange=load.strange,
    )


def _without(acknowledged: Sequence[Acknowledged], events: Counter[str]) -> list[str]:
    return [kept.id for kept in acknowledged if not events[kept.id]]


def _halves(connection: Connection) -> list[str]:
    found = {name: connection.scalar(text(query)) for name, query in _HALVES.items()}
    return [f"{name}: {number}" for name, number in found.items() if number]


def _broken(connection: Connection, database_url: str) -> list[str]:
    """What the database's own check finds."""
    if connection.dialect.name == "sqlite":
        said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
        return [one for one in said if one != "ok"] + [str(row) for row in orphans]
    binaries = find_binaries()
    program = shutil.which("pg_amcheck") or (binaries and str(binaries / "pg_amcheck"))
    if not program:
        return []
    plain = make_url(database_url).set(drivername="postgresql")
    url = plain.render_as_string(hide_password=False)
    command = [program, "--install-missing", "--heapallindexed", f"--maintenance-db={url}", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [(done.stdout + done.stderr).strip()]
