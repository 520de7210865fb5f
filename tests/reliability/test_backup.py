"""A backup made while websites post: the restored copy holds all that was acknowledged before."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3
from click.testing import CliRunner
from sqlalchemy import text

from api.cli import main
from api.moderation import access
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests.conftest import BOTH
from tests.factories import make_key, words_scorer
from tests.reliability.load import Load
from tests.reliability.serving import Server

POSTS_BEFORE = 150
POSTS_AFTER = 50

HALVES = """
SELECT count(*) FROM comments c
LEFT JOIN revisions r ON r.comment_id = c.id AND r.number = c.revision
LEFT JOIN verdicts v ON v.comment_id = c.id AND v.version = c.verdict_version
LEFT JOIN events e ON e.site_id = c.site_id AND e.comment_id = c.public_id
LEFT JOIN kept_answers k ON k.site_id = c.site_id AND k.comments LIKE '% ' || c.public_id || ' %'
WHERE r.text IS NULL OR v.action IS NULL OR e.type IS NULL OR k.key IS NULL
"""
"""Comments that are there without all of what their transaction wrote."""


@pytest.fixture(params=BOTH)
def make_server(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Server]]:
    """Makes servers of different homes and databases."""
    made: list[Server] = []

    def make(name: str) -> Server:
        (tmp_path / name).mkdir()
        url = None
        if request.param == "postgresql":
            url = request.getfixturevalue("make_postgresql_url")()
        made.append(Server(tmp_path / name, url))
        return made[-1]

    yield make
    for server in made:
        server.close()


def winnow(server: Server, *command: str) -> str:
    """Run a command on a server's home and database; what it prints."""
    done = CliRunner().invoke(main, command, env=server.env)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def set_up(server: Server) -> str:
    """Make a site in an empty database, and a key of it."""
    services = Services(Database(server.database_url), words_scorer())
    schema.migrate(services.database)
    key = make_key(services, access.create_site(services, "gazette"), "backend")
    services.database.dispose()
    return key


def texts(server: Server) -> set[str]:
    """What the database of a server has, once it is seen that each comment is whole."""
    database = Database(server.database_url)
    with database.engine.connect() as connection:
        assert connection.scalar(text(HALVES)) == 0
        found = set(connection.scalars(text("SELECT text FROM revisions")))
        assert connection.scalar(text("SELECT count(*) FROM comments")) == len(found)
    database.dispose()
    return found


def post(server: Server, text: str, key: str, name: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "POST",
        f"{server.url}/v1/comments",
        json={"article": {"id": "a-1"}, "text": text},
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": name},
        retries=False,
    )


def test_a_backup_has_what_was_acknowledged_before_it_began(
    make_server: Callable[[str], Server], tmp_path: Path
) -> None:
    first, second = make_server("first"), make_server("second")
    key = set_up(first)
    load = Load(first.url, key, clients=4)
    first.start()
    answered = post(first, "The first.", key, "k-1")
    load.start()

    try:
        load.wait_for(POSTS_BEFORE)
        before = {one.text for one in load.acknowledged}
        said = winnow(first, "backup", str(tmp_path / "backup"))
        sent_by_then = load.sent
        load.wait_for(POSTS_AFTER)
    finally:
        load.stop()
        first.kill()
    winnow(second, "restore", str(tmp_path / "backup"))

    restored = texts(second) - {"The first."}
    assert load.strange == []
    assert len(before) >= POSTS_BEFORE
    assert before - restored == set()
    assert restored - sent_by_then == set()
    assert said == f"{len(restored) + 1} comments are in {tmp_path / 'backup'}."
    assert {one.text for one in load.acknowledged} - texts(first) == set()

    second.start()
    again = post(second, "The first.", key, "k-1")
    assert (again.status, again.data) == (201, answered.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert post(second, "Another.", key, "k-2").status == 201


def test_a_command_that_cannot_says_so_in_a_sentence(
    make_server: Callable[[str], Server], tmp_path: Path
) -> None:
    server = make_server("first")
    (tmp_path / "words").write_text("Dear diary,\n")

    no_backup = CliRunner().invoke(main, ["restore", str(tmp_path / "words")], env=server.env)
    no_winnow = CliRunner().invoke(main, ["backup", str(tmp_path / "backup")], env=server.env)

    for done in (no_backup, no_winnow):
        assert done.exit_code == 1
        assert done.stdout == ""
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "backup").exists()
