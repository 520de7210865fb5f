"""The release before this one goes on serving while the database is migrated under it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from flask.testing import FlaskClient

from api import create_app
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests.conftest import BOTH
from tests.factories import plain_settings, walk, words_scorer
from tests.reliability.serving import Server

RELEASE = "eae95e1"
"""The last commit of the release before this one, whose schema is the one below."""
SCHEMA = "0007"

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def old_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of that release; skips where the clone has no such history."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git to find the release before")
    archive = [git, "-C", str(ROOT), "archive", RELEASE, "api", "classifier"]
    found = subprocess.run(archive, capture_output=True)
    if found.returncode != 0:
        pytest.skip(f"this clone has no commit {RELEASE}")
    folder = tmp_path_factory.mktemp("old")
    subprocess.run(["tar", "x", "-C", str(folder)], input=found.stdout, check=True)
    return folder


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as that release has made it."""
    if request.param == "postgresql":
        found = Database(request.getfixturevalue("make_postgresql_url")())
    else:
        found = Database(f"sqlite:///{tmp_path / 'winnow.sqlite3'}")
    schema.migrate(found, SCHEMA)
    yield found
    found.dispose()


@pytest.fixture
def server(old_code: Path, database: Database, tmp_path: Path) -> Iterator[Server]:
    """A server of that release."""
    path = os.pathsep.join([str(old_code), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    # Its code comes before that of the folder in which the tests run.
    found = Server(tmp_path, database.url, PYTHONPATH=path, PYTHONSAFEPATH="1")
    yield found
    found.close()


class Website:
    """A client of the server's API that expects to be served."""

    def __init__(self, server: Server, key: str) -> None:
        self.url, self.headers = server.url, {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, status: int, body: Any = None) -> Any:
        answer = urllib3.request(
            method, f"{self.url}/v1{path}", json=body, headers=self.headers, retries=False
        )
        assert answer.status == status, answer.data
        return answer.json() if answer.data else None

    def smoke(self, name: str) -> None:
        """Submit, read, edit, decide, take back, list and delete, under ids that begin so."""
        for one in ("kept", "gone"):
            body = {"id": f"{name}-{one}", "article": {"id": "a-1"}, "text": f"A fine {name}."}
            self.ask("POST", "/comments", 201, body)
            self.ask("POST", "/comments", 200, body)
        kept = f"/comments/{name}-kept"
        assert self.ask("GET", kept, 200)["text"] == f"A fine {name}."
        assert self.ask("POST", f"{kept}/decision", 200, {"action": "reject"})["version"] == 2
        assert self.ask("DELETE", f"{kept}/decision", 200)["decision"] is None
        assert self.ask("PATCH", kept, 200, {"text": f"Another {name}."})["revision"] == 2
        self.ask("POST", f"{kept}/decision", 200, {"action": "escalate"})
        self.ask("DELETE", f"/comments/{name}-gone", 204)
        assert f"{name}-kept" in [one["id"] for one in self.ask("GET", "/queue", 200)["items"]]
        assert len(self.ask("GET", f"{kept}/history", 200)["events"]) == 5
        self.ask(
            "POST", "/comments/batch", 207, {"items": [{"article": {"id": "a"}, "text": name}]}
        )


def today(database: Database, home: Path, key: str) -> FlaskClient:
    """A client of this release, on the same database."""
    services = Services(database, words_scorer())
    client = create_app(plain_settings(home, database.url), services).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def test_the_release_before_serves_a_database_that_is_migrated_meanwhile(
    server: Server, database: Database, tmp_path: Path
) -> None:
    server.run("site", "create", "gazette")
    key = server.run("key", "create", "--site", "gazette", "--role", "admin").strip()
    server.start()
    old = Website(server, key)
    old.smoke("before")
    assert not schema.is_current(database)

    schema.migrate(database)

    old.smoke("after")
    client = today(database, tmp_path, key)
    client.post("/v1/comments", json={"id": "new", "article": {"id": "a-1"}, "text": "Newest."})
    assert old.ask("GET", "/comments/new", 200)["text"] == "Newest."
    assert old.ask("POST", "/comments/new/decision", 200, {"action": "reject"})["version"] == 2

    shown = walk(client, "/v1/comments")
    assert len(shown) == 5
    assert {one["id"]: one["status"] for one in shown}["new"] == "rejected"
    events = walk(client, "/v1/events")
    assert [one["number"] for one in events] == list(range(1, len(events) + 1))
    assert len(events) == 2 * (2 + 4 + 1 + 1) + 2
