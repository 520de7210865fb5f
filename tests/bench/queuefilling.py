"""Fills a database with comments to review and to search: each with words of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import psycopg
from sqlalchemy import Connection, create_engine, inspect, text

from api.moderation.queues import urgency
from api.store.searching import words_part
from api.store.wording import split
from classifier import LABELS
from tests.bench.wording import Writer

DAYS, SECTIONS, ARTICLES, AUTHORS, REPORTERS = 90, 12, 20_000, 100_000, 2_000
REASONS = ("spam_score", "toxicity_score", "insult_score", "word_list", "new_author", "first_link")
RARE = "quixotry"
"""A word of one comment in ten thousand."""

_AT_ONCE = 10_000
_PACE = timedelta(hours=24)


class Site(NamedTuple):
    """The two sites that share the database: one comment in ten is the second's."""

    first: int
    second: int


def fill(url: str, sites: Site, count: int) -> None:
    """Add comments like the latest one, of which one in twenty waits for a decision."""
    with _begin(url) as connection:
        old = _read_templates(connection)
        last = connection.execute(text("SELECT max(id) FROM comments")).scalar_one()
        texts = Writer(11).write(200_000)
        with _without_index(connection):
            for begin in range(last + 1, last + 1 + count, _AT_ONCE):
                numbers = range(begin, min(begin + _AT_ONCE, last + 1 + count))
                tables = _make(connection, old, sites, numbers, texts, last + count)
                for table, rows in tables.items():
                    _write(connection, table, rows)
        if connection.dialect.name == "postgresql":
            for table in ("comments", "reports"):
                top = f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"
                connection.execute(text(top))
    with _begin(url) as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def _begin(url: str) -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@contextmanager
def _without_index(connection: Connection) -> Iterator[None]:
    """Build PostgreSQL's index of words at the end, which is several times as fast."""
    if connection.dialect.name == "sqlite":
        yield
        return
    made = connection.execute(
        text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_comment_words'")
    ).scalar_one()
    connection.execute(text("DROP INDEX ix_comment_words"))
    yield
    connection.execute(text(made))


def _read_templates(connection: Connection) -> dict[str, dict[str, Any]]:
    """A row of each table as the driver gives it, to be copied."""
    found = {}
    for table, key in (("comments", "id"), ("revisions", "comment_id"), ("verdicts", "comment_id")):
        columns = [column["name"] for column in inspect(connection).get_columns(table)]
        as_text = "::text" if connection.dialect.name == "postgresql" else ""
        names = ", ".join(f"{name}{as_text}" for name in columns)
        row = connection.exec_driver_sql(f"SELECT {names} FROM {table} ORDER BY {key} DESC LIMIT 1")
        found[table] = dict(zip(columns, row.one(), strict=True))
    return found


def _make(
    connection: Connection,
    old: dict[str, dict[str, Any]],
    sites: Site,
    numbers: range,
    texts: list[str],
    last: int,
) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, for comments with these numbers."""
    chance = np.random.default_rng(numbers[0])
    scores = chance.beta(1, 4, (len(numbers), len(LABELS))).round(4)
    made: dict[str, list[dict[str, Any]]] = {
        table: [] for table in (*old, "waiting", "reports", "comment_words")
    }
    for number, each in zip(numbers, scores.tolist(), strict=True):
        one = _Copy(number, last, sites, dict(zip(LABELS, each, strict=True)))
        said = f"{texts[number * 7919 % len(texts)]} {RARE if number % 10_000 == 5 else ''}"
        made["comments"].append(old["comments"] | one.comment())
        made["revisions"].append(
            old["revisions"] | {"comment_id": number, "number": 1, "text": said}
        )
        verdict = {"comment_id": number, "scores": json.dumps(one.scores), "version": 1}
        made["verdicts"].append(old["verdicts"] | verdict)
        part = words_part(connection.dialect, one.site_id, "Reader", said)
        made["comment_words"].append({**part.row.encoded, str(part.column): number})
        if one.status == "pending":
            made["waiting"].append(one.waiting())
            if number % 100 == 1:
                made["reports"].append(one.report())
    return made


class _Copy:
    """What one copy has of its own."""

    def __init__(self, number: int, last: int, sites: Site, scores: dict[str, float]) -> None:
        self.number, self.scores = number, scores
        self.site_id = sites.second if number % 10 == 7 else sites.first
        self.status = {0: "rejected", 1: "pending"}.get(number % 20, "approved")
        share = (last - number) / last
        self.since = datetime.now(UTC) - timedelta(days=DAYS) * share - timedelta(minutes=20)
        self.article = f"a-{number * 7919 % ARTICLES}"
        self.author = f"u-{number * 7907 % AUTHORS}"
        self.section = f"section-{number * 31 % SECTIONS}"
        self.reasons = f" {REASONS[number // 20 % len(REASONS)]} "

    def comment(self) -> dict[str, Any]:
        """Columns of `comments`."""
        return {
            "id": self.number,
            "site_id": self.site_id,
            "public_id": f"f-{self.number}",
            "article_id": self.article,
            "article": json.dumps({"id": self.article, "section": self.section}),
            "section": self.section,
            "author_id": self.author,
            "author": json.dumps({"id": self.author, "name": "Reader"}),
            "status": self.status,
            "queue": "default",
            "reason_codes": self.reasons if self.status != "approved" else " ",
            "sampled": None,
            **dict.fromkeys(("version", "verdict_version", "revision"), 1),
            **dict.fromkeys(("created_at", "received_at", "updated_at"), self._time()),
        }

    def waiting(self) -> dict[str, Any]:
        """A row of `waiting`."""
        harm = urgency.weigh(self.scores)
        return {
            "comment_id": self.number,
            "site_id": self.site_id,
            "version": 1,
            "queue": "default",
            "rank": urgency.rank(harm, self.since, _PACE),
            "since": self._time(),
            "label": harm.label,
            "severity": harm.severity,
            "probability": harm.probability,
            "reports": harm.reports,
            "exposure": harm.exposure,
            "article_id": self.article,
            "section": self.section,
            "author_id": self.author,
            "language": "en",
            "reason_codes": self.reasons,
            **self.scores,
        }

    def report(self) -> dict[str, Any]:
        """A row of `reports`."""
        return {
            "comment_id": self.number,
            "reporter": f"r-{self.number // 100 % REPORTERS}",
            "reason": "other",
            "actor": "bench",
            "created_at": self._time(),
            "revision": 1,
            "version": 1,
        }

    def _time(self) -> str:
        return self.since.strftime("%Y-%m-%d %H:%M:%S.%f")


def _write(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names, driver = list(rows[0]), connection.connection.driver_connection
    values = [tuple(row.values()) for row in rows]
    if isinstance(driver, psycopg.Connection):
        with driver.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for one in values:
                copy.write_row(one)
        return
    marks = ", ".join("?" * len(names))
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
    connection.exec_driver_sql(sql, values)


def pick_words(of: int) -> dict[str, str]:
    """Words by how common they are: what to search for."""
    writer = Writer(11)
    found: dict[str, int] = {}
    for one in writer.write(of):
        for word in set(split(one)):
            found[word] = found.get(word, 0) + 1
    ordered = sorted(found, key=lambda word: -found[word])
    return {"common": ordered[0], "second": ordered[3], "middling": ordered[600]}
