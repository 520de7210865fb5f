"""Fills a database with comments that look like the ones that were posted."""

from sqlalchemy import Connection, create_engine, text

_SERIES = {
    "sqlite": (
        "(WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting"
        " WHERE n < :most) SELECT n FROM counting)"
    ),
    "postgresql": "generate_series(1, :most)",
}
_SCATTERED = {"sqlite": "lower(hex(randomblob(12)))", "postgresql": "md5(n::text)"}
_TABLES = {"revisions": "number", "verdicts": "version"}


def fill(url: str, count: int) -> None:
    """Add `count` copies of the latest comment, with other ids, articles and authors."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        _copy_comments(connection, count)
        for table in _TABLES:
            _copy_parts(connection, table)
        _copy_events(connection)
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _columns(connection: Connection, table: str) -> list[str]:
    return list(connection.execute(text(f"SELECT * FROM {table} WHERE 1 = 0")).keys())


def _copy_comments(connection: Connection, count: int) -> None:
    name = connection.dialect.name
    other = {
        "public_id": f"'f-' || {_SCATTERED[name]}",
        "article_id": "'f-' || (n % 20000)",
        "author_id": "'f-' || (n % 199999 * 7919 % 200000)",
    }
    columns = [column for column in _columns(connection, "comments") if column != "id"]
    values = [other.get(column, f"one.{column}") for column in columns]
    series = f"{_SERIES[name]} AS series" + ("(n)" if name == "postgresql" else "")
    connection.execute(
        text(
            f"INSERT INTO comments ({', '.join(columns)}) SELECT {', '.join(values)}"
            f" FROM (SELECT * FROM comments ORDER BY id DESC LIMIT 1) AS one CROSS JOIN {series}"
        ),
        {"most": count},
    )


def _copy_parts(connection: Connection, table: str) -> None:
    """Give each copy the revision and the verdict of the comment it was copied from."""
    columns = [column for column in _columns(connection, table) if column != "comment_id"]
    values = ", ".join(f"one.{column}" for column in columns)
    connection.execute(
        text(
            f"INSERT INTO {table} (comment_id, {', '.join(columns)})"
            f" SELECT comments.id, {values} FROM comments CROSS JOIN"
            f" (SELECT * FROM {table} ORDER BY comment_id DESC LIMIT 1) AS one"
            " WHERE comments.public_id LIKE 'f-%' ORDER BY comments.id"
        )
    )


def _copy_events(connection: Connection) -> None:
    """An event for each copy, sealed already; the hashes are none, and nobody asks for them."""
    columns = [one for one in _columns(connection, "events") if one != "id"]
    other = {
        "comment_id": "comments.public_id",
        "number": "1000000 + comments.id",
        "hash": f"'{'0' * 64}'",
    }
    values = ", ".join(other.get(column, f"one.{column}") for column in columns)
    connection.execute(
        text(
            f"INSERT INTO events ({', '.join(columns)}) SELECT {values} FROM comments CROSS JOIN"
            " (SELECT * FROM events ORDER BY id DESC LIMIT 1) AS one"
            " WHERE comments.public_id LIKE 'f-%' ORDER BY comments.id"
        )
    )
