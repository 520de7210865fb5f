"""Records the statements with which a release fills its tables, for the releases after it.

    git archive <commit> api classifier tests | tar x -C OLD
    PYTHONPATH=OLD python tests/api/store/recording.py PostgreSQL-URL > release_NNNN.json

`tests/api/store/test_migrations.py` replays them on that release's schema: these are the rows,
and the SQL, of its own code.
"""

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

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
    """The statements of an engine that change something, with their parameters."""

    def __init__(self, engine: Any) -> None:
        self.found: list[list[Any]] = []
        event.listen(engine, "before_cursor_execute", self)

    def __call__(self, _c: Any, _cursor: Any, sql: str, values: Any, _x: Any, many: bool) -> None:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "alembic" not in sql:
            self.found.append([sql, values if many else [values]])


def record(url: str) -> list[list[Any]]:
    """Fill an empty database through the API and the command line's rules."""
    from api import create_app
    from api.moderation import access
    from api.moderation.services import Services
    from api.store import schema
    from api.store.database import Database
    from tests.factories import plain_settings, words_scorer

    services = Services(Database(url), words_scorer())
    schema.migrate(services.database)
    recorder = Recorder(services.database.engine)
    site = access.create_site(services, "gazette")
    access.create_moderator(services, site, "ada@gazette.example", "a long password")
    access.sign_in(services, "ada@gazette.example", "a long password", 12)
    client = create_app(plain_settings(Path(), url), services).test_client()
    key = access.create_key(services, site, "admin")
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
