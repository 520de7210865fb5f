"""Previews whose workers are killed in the middle: gone on with, and nothing counted twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from api.moderation import access, intake
from api.moderation.access import Caller
from api.moderation.drafts import previewing, previews
from api.moderation.policy.reading import read_plain
from api.moderation.policy.subject import Draft
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from api.store.outbox import Job
from tests.conftest import BOTH

COMMENTS = 1_500

PROGRAM = """
import time
from datetime import timedelta
from api.moderation.drafts import bulkreading, previewing
from api.store import jobs

jobs.LEASE = timedelta(seconds=1)
previewing.PIECE = 25
read = bulkreading.read

def dawdle(*given):
    time.sleep(0.02)
    return read(*given)

bulkreading.read = dawdle
from api.cli import main
main()
"""

DRAFT = {"thresholds": {"spam": {"hold": 0.3}}, "authors": {"newcomers": 2}}


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'winnow.sqlite3'}"
    make: Callable[[], str] = request.getfixturevalue("make_postgresql_url")
    return make().replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def services(url: str) -> Iterator[Services]:
    found = Services(Database(url.replace("postgresql://", "postgresql+psycopg://")), Scorer())
    schema.migrate(found.database)
    yield found
    found.database.dispose()


@pytest.fixture
def admin(services: Services) -> Caller:
    caller = Caller(access.create_site(services, "gazette"), "admin", "test")
    texts = ("A fine day.", "Buy cheap pills at https://pills.example/", "You are an idiot.")
    drafts = [
        Draft(texts[number % 3], {"id": "a-1"}, author={"id": f"u-{number % 200}"})
        for number in range(COMMENTS)
    ]
    for start in range(0, COMMENTS, 50):
        intake.submit(services, caller, drafts[start : start + 50])
    return caller


def start(home: Path, url: str) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "WINNOW_HOME": str(home), "WINNOW_DATABASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "worker"], env=env, stderr=subprocess.DEVNULL
    )


def test_whoever_is_killed_every_comment_is_counted_once(
    services: Services,
    admin: Caller,
    tmp_path: Path,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previewing, "AT_ONCE", 0)
    expected = previews.begin(services, admin, read_plain(DRAFT), by_job=False)
    while expected.draft.state == "running":
        expected = previews.advance(services, expected)
    begun = previews.begin(services, admin, read_plain(DRAFT))
    assert begun.draft.state == "running"
    chance, seen, give_up = Random(7), [0], time.monotonic() + 120

    while previews.find(services, admin, begun.draft.public_id).draft.state == "running":
        assert time.monotonic() < give_up, f"it does not end: {seen}"
        worker = start(tmp_path, url)
        # Killed at any moment of a piece, but not before it has come further; the last one is let.
        few = seen[-1] + chance.randint(400, 600)
        while (found := previews.find(services, admin, begun.draft.public_id)).seen < min(
            few, COMMENTS
        ):
            assert time.monotonic() < give_up, f"it does not go on: {seen}"
            time.sleep(chance.random() * 0.05)
        seen.append(found.seen)
        if found.seen >= COMMENTS:
            until_left(services, give_up)
        worker.kill()
        worker.wait()

    found = previews.find(services, admin, begun.draft.public_id)
    assert len(seen) > 2
    assert found.seen == COMMENTS == found.tally.judged
    assert found.tally.write() == expected.tally.write()


def until_left(services: Services, give_up: float) -> None:
    """Wait until the job is gone."""
    wanted = select(Job.id).where(Job.kind == previewing.JOB)
    while time.monotonic() < give_up:
        with services.database.reading() as session:
            if session.scalar(wanted) is None:
                return
        time.sleep(0.05)
