"""Bulk decisions whose workers are killed in the middle: gone on with, nothing decided twice."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from api.moderation import access, bulk, intake
from api.moderation.access import Caller
from api.moderation.bulk import DONE, SETTLED, TAKEN_BACK, UNDONE, acts
from api.moderation.bulk.wanting import Wanted
from api.moderation.filters import Filter
from api.moderation.policy.subject import Draft
from api.moderation.review import Choice
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from api.store.outbox import Event
from api.store.review import BulkDecision, Waiting
from api.store.tables import Comment, Decision
from tests.conftest import BOTH
from tests.factories import words_scorer

COMMENTS = 600

PROGRAM = """
import time
from datetime import timedelta
from api.moderation.bulk import carrying
from api.store import jobs

jobs.LEASE = timedelta(seconds=1)
carrying.BATCH, carrying.ROUND, carrying.PAUSE = 10, 50, 0.02
from api.cli import main
main()
"""


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'winnow.sqlite3'}"
    make: Callable[[], str] = request.getfixturevalue("make_postgresql_url")
    return make().replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def services(url: str) -> Iterator[Services]:
    database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    found = Services(database, words_scorer())
    schema.migrate(found.database)
    yield found
    found.database.dispose()


@pytest.fixture
def caller(services: Services) -> Caller:
    found = Caller(access.create_site(services, "gazette"), "moderator", "test")
    drafts = [Draft("spam0.60", {"id": "a-1"}, author={"id": "u-5"}) for _ in range(COMMENTS)]
    for start in range(0, COMMENTS, 100):
        intake.submit(services, found, drafts[start : start + 100])
    return found


def start(home: Path, url: str) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "WINNOW_HOME": str(home), "WINNOW_DATABASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "worker"], env=env, stderr=subprocess.DEVNULL
    )


def kill_until(
    services: Services,
    caller: Caller,
    row: BulkDecision,
    state: str,
    counted: str,
    start_worker: Callable[[], "subprocess.Popen[bytes]"],
    chance: Random,
) -> int:
    """Have workers go on, each killed at some moment after it has come further; how many were."""
    killed, give_up = 0, time.monotonic() + 120

    def look() -> BulkDecision:
        return bulk.find(services, caller, row.public_id)

    while look().state != state:
        worker = start_worker()
        few = bulk.measure(look()).get(counted) + chance.randint(150, 250)
        # Nearly through, it is left to come to its end: counted all, it may not have said so yet.
        while look().state != state and not few <= bulk.measure(look()).get(counted) < COMMENTS:
            assert time.monotonic() < give_up, f"it does not go on: {look().tally}"
            time.sleep(chance.random() * 0.05)
        worker.kill()
        worker.wait()
        killed += 1
    return killed


def test_whoever_is_killed_each_is_decided_and_undone_once(
    services: Services, caller: Caller, tmp_path: Path, url: str
) -> None:
    chance = Random(7)

    def start_worker() -> "subprocess.Popen[bytes]":
        return start(tmp_path, url)

    wanted = Wanted(filter=Filter(author="u-5", status="pending"))
    row = acts.begin(services, caller, wanted, Choice("reject", "spam"))
    assert kill_until(services, caller, row, DONE, SETTLED, start_worker, chance) > 1
    done = bulk.find(services, caller, row.public_id)
    assert bulk.measure(done).get(SETTLED) == COMMENTS
    assert tally(services) == {("rejected", 2): COMMENTS}
    assert events(services)["comment.decided"] == COMMENTS

    acts.undo(services, caller, row.public_id)
    assert kill_until(services, caller, row, UNDONE, TAKEN_BACK, start_worker, chance) > 1

    undone = bulk.find(services, caller, row.public_id)
    assert bulk.measure(undone).get(TAKEN_BACK) == COMMENTS
    assert tally(services) == {("pending", 3): COMMENTS}
    assert events(services)["comment.undone"] == COMMENTS
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Waiting)) == COMMENTS
        assert session.scalar(select(func.count()).select_from(Decision)) == COMMENTS


def tally(services: Services) -> dict[tuple[str, int], int]:
    """How many comments have which status and version."""
    with services.database.reading() as session:
        rows = session.execute(select(Comment.status, Comment.version)).all()
    return dict(Counter((status, version) for status, version in rows))


def events(services: Services) -> "Counter[str]":
    """How many events there are of each type."""
    with services.database.reading() as session:
        return Counter(session.scalars(select(Event.type)))
