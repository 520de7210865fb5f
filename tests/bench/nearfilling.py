"""Fills a database with comments that have signatures, as if a policy had looked for duplicates."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from api.moderation.policy.signatures import SHINGLE, sign, spell
from api.moderation.services import Services
from tests.bench.wording import Writer

AT_ONCE = 50_000
"""Comments that a transaction adds: their rows are held in memory."""

SAMPLED = 50
"""So many of the texts of a transaction are looked up again."""

LARGE = 10
"""One comment in so many is of the one large campaign, whose texts are all the same."""

CAMPAIGN = "cmp_" + "0" * 24
LARGE_TEXT = (
    "Meet our traders who turn two hundred into nine thousand within a week, from your own sofa."
)


def fill(services: Services, site_id: int, writer: Writer, have: int, want: int) -> list[str]:
    """Add comments until there are so many; some of their texts, to be looked up again."""
    kept: list[str] = []
    for first in range(have, want, AT_ONCE):
        texts = writer.write(min(AT_ONCE, want - first))
        for place in range(0, len(texts), LARGE):
            texts[place] = LARGE_TEXT
        some = texts[1 :: max(1, len(texts) // SAMPLED)]
        kept += [one for one in some if one != LARGE_TEXT and len(spell(one)) >= 30]
        # Before the transaction, which may not idle for as long as this takes.
        signed = [_sign(one) for one in texts]
        with services.database.migrating() as connection:
            _write(connection, site_id, texts, signed, services.now() - timedelta(hours=1))
    with services.database.migrating() as connection:
        connection.execute(text("ANALYZE"))
        if connection.dialect.name == "postgresql":
            last = "(SELECT max(id) FROM comments)"
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('comments', 'id'), {last})")
            )
    return kept


def _write(
    connection: Connection,
    site_id: int,
    texts: Sequence[str],
    signed: Sequence[tuple[int, ...]],
    came: datetime,
) -> None:
    """Copies of the first comment, with other texts, authors and articles."""
    last = connection.execute(text("SELECT max(id) FROM comments")).scalar() or 0
    numbered = list(enumerate(texts, last + 1))
    connection.execute(text("CREATE TEMPORARY TABLE written (id bigint, text text)"))
    _load(connection, "written", ("id", "text"), numbered)
    comments = {
        "id": "written.id",
        "public_id": "'n-' || written.id",
        "author_id": "'u-' || (written.id * 7919 % 100000)",
        "article_id": "'a-' || (written.id % 20000)",
        "campaign": f"CASE WHEN written.text = '{LARGE_TEXT}' THEN '{CAMPAIGN}' END",
        "received_at": f"'{came:%Y-%m-%d %H:%M:%S.%f}'",
    }
    _copy(connection, "comments", comments)
    _copy(connection, "revisions", {"comment_id": "written.id", "text": "written.text"})
    _copy(connection, "verdicts", {"comment_id": "written.id"})
    connection.execute(text("DROP TABLE written"))
    numbers = range(last + 1, last + 1 + len(texts))
    pairs = zip(numbers, signed, strict=True)
    bands = sorted((band, number) for number, some in pairs for band in some)
    rows = [(site_id, band, number) for band, number in bands]
    _load(connection, "signatures", ("site_id", "band", "comment_id"), rows)


def _sign(one: str) -> tuple[int, ...]:
    spelt = spell(one)
    return sign(spelt) if len(spelt) >= SHINGLE else ()


def _copy(connection: Connection, table: str, others: dict[str, str]) -> None:
    """For each text, a row like the table's first but for some columns."""
    columns = list(connection.execute(text(f"SELECT * FROM {table} WHERE 1 = 0")).keys())
    values = ", ".join(others.get(column, f"one.{column}") for column in columns)
    first = f"(SELECT * FROM {table} ORDER BY {columns[0]} LIMIT 1) AS one"
    connection.execute(
        text(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {values} FROM written CROSS JOIN {first}"
        )
    )


def _load(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    driver: Any = connection.connection.driver_connection
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        return
    with driver.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
