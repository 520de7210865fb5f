"""Whether anything is left of a word, in any table and in the bytes of the database's files."""

from pathlib import Path

from sqlalchemy import inspect, text

from api.moderation.services import Services

LONG = "spam0.60 and words that are compared, so many that they have a signature of their own"
"""A text of which something is left in every table that comments leave anything in."""

POLICY = {
    "links": {"new_host": "flag"},
    "duplicates": {"do": "flag"},
    "rules": [{"word": "compared", "do": "flag"}],
}
"""By which that is so."""


def find_everywhere(services: Services, word: str) -> set[str]:
    """The tables, and the files of the database, in which a word stands."""
    found = set()
    with services.database.reading() as session:
        for table in inspect(session.connection()).get_table_names():
            rows = session.execute(text(f'SELECT * FROM "{table}"')).all()
            # Rows themselves show long values cut.
            if any(word in repr(tuple(row)) for row in rows):
                found.add(table)
    path = services.database.engine.url.database or ""
    if services.database.dialect.name == "sqlite":
        # Whoever has a connection keeps the journal beside it.
        for file in (Path(path), Path(f"{path}-wal")):
            if file.exists() and word.encode() in file.read_bytes():
                found.add(file.suffix)
    return found
