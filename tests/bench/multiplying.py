"""Fills a database with many like the comments that were posted, and all that they left behind.

Each copy has an author, an address, an article and a time of its own. Its text and its signature
are two of 20,000 others: as many comments share a band with a new one as would of so many different
texts, each of them has to be compared, and nearly none is alike.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, create_engine, text

from api.moderation.policy.signatures import sign, spell
from tests.bench.crowds import ARTICLES, AUTHORS
from tests.bench.wording import Writer

_DAYS = 90
# A factor that scatters: coprime with the numbers of authors and articles.
_SCATTER = 7_919
_SERIES = {
    "sqlite": (
        "(WITH RECURSIVE counting(n) AS (SELECT :start UNION ALL SELECT n + 1 FROM counting"
        " WHERE n < :stop) SELECT n FROM counting) AS series"
    ),
    "postgresql": "generate_series(CAST(:start AS bigint), CAST(:stop AS bigint)) AS series(n)",
}
_AGO = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-' || ({}) || ' seconds')",
    "postgresql": "now() - ({}) * interval '1 second'",
}
_TEXTS = 20_000
_TEXT = (
    "(SELECT text FROM temporary_texts WHERE number ="
    f" ((:base + (n - :start) * :count + one.comment_id - :first) * {_SCATTER}) % {_TEXTS})"
)
_JSON = {"sqlite": "{}", "postgresql": "CAST({} AS json)"}


@dataclass(frozen=True, slots=True)
class Posted:
    """The comments that are copied: `count` in a row from the number `first` on."""

    first: int
    count: int


def find_posted(url: str, site: str) -> Posted:
    """Return what has been posted to a site; raise ValueError unless it is all in a row."""
    with _begin(url) as connection:
        found = connection.execute(
            text(
                "SELECT min(comments.id), max(comments.id), count(*) FROM comments"
                " JOIN sites ON sites.id = comments.site_id WHERE sites.name = :site"
            ),
            {"site": site},
        ).one()
    if found[1] - found[0] + 1 != found[2]:
        raise ValueError("Another site's comments lie between those that are to be copied.")
    return Posted(found[0], found[2])


def multiply(url: str, posted: Posted, copies: range, writer: Writer) -> None:
    """Add so many copies of all that was posted, with texts by `writer`."""
    with _begin(url) as connection:
        base = connection.execute(text("SELECT max(id) + 1 FROM comments")).scalar_one()
        given = {**asdict(posted), "start": copies[0], "stop": copies[-1], "base": base}
        _write_texts(connection, writer)
        of_comment = {"comment_id": _id("one.comment_id")}
        _copy(connection, "comments", "one.id", given, _comment(connection.dialect.name))
        for table in ("verdicts", "linked_hosts", "rule_hits"):
            _copy(connection, table, "one.comment_id", given, of_comment)
        _copy(connection, "revisions", "one.comment_id", given, of_comment | {"text": _TEXT})
        _copy_signatures(connection, given)
        _copy_events(connection, given)
        if connection.dialect.name == "postgresql":
            last = "SELECT setval('comments_id_seq', (SELECT max(id) FROM comments))"
            connection.execute(text(last))
    with _begin(url) as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def _begin(url: str) -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _place(one: str) -> str:
    """Which copy it is, of those of this call: 0, 1, 2 and so on."""
    return f"((n - :start) * :count + {one} - :first)"


def _id(one: str) -> str:
    return f"(:base + {_place(one)})"


def _comment(dialect: str) -> dict[str, str]:
    """What of a comment is not as it was, in SQL; `make_author` has the same authors."""
    number = f"({_id('one.id')} * {_SCATTER} % {AUTHORS})"
    email = f"'reader' || {number} || '@mail' || ({number} % 500) || '.example'"
    network = f"'10.' || ({number} / 65536) || '.' || ({number} / 256 % 256) || '.'"
    address = f"{network} || ({number} % 256)"
    article = f"'a-' || ({_id('one.id')} * {_SCATTER} % {ARTICLES})"
    author = (
        f'\'{{"id": "u-\' || {number} || \'", "name": "Reader", "email": "\' || {email}'
        f' || \'", "ip": "\' || {address} || \'"}}\''
    )
    share = f"{_place('one.id')} * 1.0 / ((:stop - :start + 1) * :count)"
    time = _AGO[dialect].format(f"{_DAYS * 86_400} * (1 - {share})")
    status = (
        f"CASE WHEN {_id('one.id')} % 20 = 0 THEN 'rejected'"
        f" WHEN {_id('one.id')} % 20 = 1 THEN 'pending' ELSE 'approved' END"
    )
    return {
        "id": _id("one.id"),
        "public_id": f"'f-' || {_id('one.id')}",
        "article_id": article,
        "article": _JSON[dialect].format(f"'{{\"id\": \"' || {article} || '\"}}'"),
        "author_id": f"'u-' || {number}",
        "author": _JSON[dialect].format(author),
        "address": address,
        "network": f"{network} || '0/24'",
        "mailbox": f"'reader@mail' || ({number} % 500) || '.example'",
        "status": status,
        "decision_version": f"CASE WHEN {_id('one.id')} % 4 = 0 THEN one.verdict_version END",
        **dict.fromkeys(("created_at", "received_at", "updated_at"), time),
    }


def _write_texts(connection: Connection, writer: Writer) -> None:
    """Have texts and the bands of their signatures at hand until the transaction ends."""
    texts = list(enumerate(writer.write(_TEXTS)))
    bands = [(number, band) for number, one in texts for band in _sign(one)]
    for table, column, rows in (("texts", "text text", texts), ("bands", "band bigint", bands)):
        connection.execute(text(f"DROP TABLE IF EXISTS temporary_{table}"))
        connection.execute(
            text(f"CREATE TEMPORARY TABLE temporary_{table} (number integer, {column})")
        )
        connection.execute(text(f"CREATE INDEX ix_temporary_{table} ON temporary_{table} (number)"))
        name = column.split()[0]
        connection.execute(
            text(f"INSERT INTO temporary_{table} (number, {name}) VALUES (:number, :{name})"),
            [{"number": number, name: one} for number, one in rows],
        )


def _sign(one: str) -> tuple[int, ...]:
    spelt = spell(one)
    return sign(spelt) if len(spelt) >= 30 else ()


def _copy_signatures(connection: Connection, given: dict[str, int]) -> None:
    connection.execute(
        text(
            "INSERT INTO signatures (site_id, band, comment_id)"
            " SELECT DISTINCT comments.site_id, bands.band, comments.id FROM comments"
            f" JOIN temporary_bands AS bands ON bands.number = comments.id % {_TEXTS}"
            " WHERE comments.id >= :base ORDER BY comments.site_id, bands.band, comments.id"
        ),
        {"base": given["base"]},
    )


def _copy(
    connection: Connection, table: str, one: str, given: dict[str, int], other: dict[str, str]
) -> None:
    columns = list(connection.execute(text(f"SELECT * FROM {table} WHERE 1 = 0")).keys())
    values = ", ".join(other.get(column, f"one.{column}") for column in columns)
    connection.execute(
        text(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
            f" FROM {_SERIES[connection.dialect.name]} CROSS JOIN {table} AS one"
            f" WHERE {one} BETWEEN :first AND :first + :count - 1"
        ),
        given,
    )


def _copy_events(connection: Connection, given: dict[str, int]) -> None:
    """An event for each copy, sealed already; the hashes are none, and nobody asks for them."""
    columns = list(connection.execute(text("SELECT * FROM events WHERE 1 = 0")).keys())
    other = {
        "comment_id": "comments.public_id",
        "number": "1000000 + comments.id",
        "hash": f"'{'0' * 64}'",
    }
    columns.remove("id")
    values = ", ".join(other.get(column, f"one.{column}") for column in columns)
    connection.execute(
        text(
            f"INSERT INTO events ({', '.join(columns)}) SELECT {values} FROM comments CROSS JOIN"
            " (SELECT * FROM events WHERE type = 'comment.created' ORDER BY id LIMIT 1) AS one"
            " WHERE comments.id >= :base ORDER BY comments.id"
        ),
        {"base": given["base"]},
    )
