"""Records the statements with which a release fills its tables, for the releases after it.

    git archive <commit> api classifier tests | tar x -C OLD
    PYTHONPATH=OLD python tests/api/store/recording.py PostgreSQL-URL > release_NNNN.json

`tests/api/store/test_migrations.py` replays them on that release's schema: these are the rows,
and the SQL, of its own code.
"""

import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

COMMENTS = [
    {"id": "c-1", "text": "Ä fine day ☀, \U0001f600, 'quotes' \\ and \t.", "language": "de"},
    {"id": "c-2", "text": "spam0.60", "metadata": {"any": ["thing", {"at": None}]}},
    {"id": "c-3", "text": "insult0.95", "parent_id": "c-1", "html": True},
    {"text": "An id of the server's."},
    {"id": "c-4", "text": "To be deleted."},
    {"id": "c-1", "text": "The same day, edited: spam0.70"},
]
DECISIONS = [("c-1", "reject"), ("c-1", "approve"), ("c-2", "escalate"), ("c-3", "approve")]


class Recorder:
    """The statements that change something, with their parameters, as the drivers get them."""

    def __init__(self, engine: Any) -> None:
        self.found: list[list[Any]] = []
        self.open = False
        event.listen(engine, "do_connect", self._connect)

    def _connect(self, dialect: Any, _record: Any, _given: Any, named: dict[str, Any]) -> None:
        keep = self._keep
        if dialect.name == "sqlite":
            named["factory"] = _sqlite_connection(keep)
        else:
            named["cursor_factory"] = _postgresql_cursor(keep)

    def _keep(self, sql: Any, rows: list[Any]) -> None:
        changes = str(sql).lstrip().startswith(("INSERT", "UPDATE", "DELETE", "WITH head"))
        if self.open and changes:
            self.found.append([str(sql), rows])


def _sqlite_connection(keep: Callable[[Any, list[Any]], None]) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, values: Any = ()) -> Any:
            keep(sql, [values])
            return super().execute(sql, values)

        def executemany(self, sql: str, rows: Any) -> Any:
            keep(sql, list(rows))
            return super().executemany(sql, rows)

    class Connection(sqlite3.Connection):
        def cursor(self, *_: Any) -> Any:
            return super().cursor(Cursor)

        def execute(self, *given: Any) -> Any:
            return self.cursor().execute(*given)

    return Connection


def _postgresql_cursor(keep: Callable[[Any, list[Any]], None]) -> type[psycopg.Cursor[Any]]:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, sql: Any, values: Any = None, **more: Any) -> Any:
            keep(sql, [values])
            return super().execute(sql, values, **more)

        def executemany(self, sql: Any, rows: Any, **more: Any) -> None:
            keep(sql, list(rows))
            super().executemany(sql, rows, **more)

    return Cursor


def record(url: str) -> list[list[Any]]:
    """Fill an empty database through the API and the command line's rules."""
    from api import create_app
    from api.moderation import access, keys, people, signins
    from api.moderation.people import Newcomer
    from api.moderation.services import Services
    from api.store import schema
    from api.store.database import Database
    from tests.factories import operator, plain_settings, words_scorer

    services = Services(Database(url), words_scorer())
    recorder = Recorder(services.database.engine)
    schema.migrate(services.database)
    recorder.open = True
    site = access.create_site(services, "gazette")
    ada = Newcomer("ada@gazette.example", password="a long password")
    people.create(services, operator(site), ada)
    signins.sign_in(services, ada.email, "a long password", 12)
    client = create_app(plain_settings(Path(), url), services).test_client()
    key = keys.create(services, operator(site), "admin")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    for one in COMMENTS:
        author = {"id": "u-5", "name": "Ada", "created_at": "2020-01-01T00:00:00Z"}
        body = {"article": {"id": "a-1", "section": "world"}, "author": author, **one}
        assert client.post("/v1/comments", json=body).status_code == 201
    for name, action in DECISIONS:
        body = {"action": action, "reason": "r", "note": "Because."}
        assert client.post(f"/v1/comments/{name}/decision", json=body).status_code == 200
    assert client.delete("/v1/comments/c-3/decision").status_code == 200
    assert client.delete("/v1/comments/c-4").status_code == 204
    services.database.dispose()
    return recorder.found


def plain(value: Any) -> Any:
    """A parameter as JSON has it; `test_migrations.py` knows the way back."""
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    return {"$json": value.obj}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        recorded = {
            "sqlite": record(f"sqlite:///{folder}/old.sqlite3"),
            "postgresql": record(sys.argv[1]),
        }
    json.dump(recorded, sys.stdout, default=plain, indent=0, ensure_ascii=False)
