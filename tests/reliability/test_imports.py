"""`winnow import` in processes of its own: killed in the middle, and beside a server at work."""

import json
import os
import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3
from sqlalchemy import func, select

from api.store import schema
from api.store.database import Database
from api.store.tables import Comment
from tests.bench.comments import make_comments
from tests.conftest import BOTH
from tests.factories import rows
from tests.reliability.serving import COMMAND, Server

COMMENTS = 800


@pytest.fixture(params=BOTH)
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes empty databases."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path / name}.sqlite3"
    make: Callable[[], str] = request.getfixturevalue("make_postgresql_url")
    return lambda _: make()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Comments of all statuses, some of which cannot be kept, and some twice."""
    path = tmp_path_factory.mktemp("file") / "comments.jsonl"
    statuses = ("approved", "rejected", "pending", None)
    with path.open("w", encoding="utf-8") as out:
        for number, text in enumerate(make_comments(COMMENTS, seed=3)):
            one: dict[str, Any] = {
                "id": f"c-{number - 1 if number % 100 == 99 else number}",
                "article": {"id": f"a-{number // 50}"},
                "author": {"id": f"u-{number % 97}", "email": "" if number % 5 else "no address"},
                "text": "" if number % 31 == 0 else text,
                "created_at": f"2019-0{1 + number % 9}-02T08:30:00Z",
                "status": statuses[number % 4],
            }
            out.write(json.dumps(one) + "\n")
    return path


def environment(url: str, home: Path) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
    mine = {"WINNOW_HOME": str(home), "WINNOW_DATABASE_URL": url, "WINNOW_READER": "none"}
    return given | mine


def start(env: dict[str, str], file: Path) -> subprocess.Popen[str]:
    command = [*COMMAND, "import", "--site", "gazette", "--json", str(file)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True)


def run(env: dict[str, str], *command: str) -> None:
    subprocess.run([*COMMAND, *command], env=env, check=True, capture_output=True)


def count(url: str) -> int:
    database = Database(_named(url))
    try:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(Comment)) or 0
    finally:
        database.dispose()


def read(url: str) -> dict[str, list[str]]:
    """What there is of the comments, but for their numbers and when it was written."""
    database = Database(_named(url))
    try:
        found = rows(database)
        with database.reading() as session:
            kept = session.execute(
                select(
                    Comment.public_id,
                    Comment.status,
                    Comment.version,
                    Comment.created_at,
                    Comment.author_id,
                    Comment.parent_id,
                )
            )
            comments = sorted(repr(tuple(row)) for row in kept)
    finally:
        database.dispose()
    names = ("comments", "revisions", "verdicts", "decisions", "waiting")
    return {"comments": comments, "rows": [f"{name} {len(found[name])}" for name in names]}


def _named(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def test_killed_again_and_again_it_comes_to_the_same(
    make_url: Callable[[str], str], tmp_path: Path, file: Path
) -> None:
    told, found, chance = [], [], random.Random(5)
    for name, kills in (("whole", 0), ("killed", 2)):
        url = make_url(name)
        env = environment(url, tmp_path / name)
        run(env, "site", "create", "gazette")
        killed, before = 0, 0
        while killed < kills:
            process = start(env, file)
            while process.poll() is None and count(url) <= before:
                time.sleep(0.05)
            time.sleep(chance.random() / 10)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed, before = killed + 1, count(url)
        process = start(env, file)
        out, err = process.communicate()
        assert process.returncode == 0, err
        told.append(json.loads(out))
        found.append(read(url))
    assert told[0] == told[1]
    assert found[0] == found[1]
    twice = [number for number in range(99, COMMENTS, 100) if number % 31]
    assert (told[0]["read"], told[0]["known"]) == (COMMENTS, len(twice))


def test_two_at_once_are_one(make_url: Callable[[str], str], tmp_path: Path, file: Path) -> None:
    url = make_url("both")
    env = environment(url, tmp_path)
    run(env, "site", "create", "gazette")
    both = [start(env, file) for _ in range(2)]
    said = [process.communicate() for process in both]
    told = [json.loads(out) for out, _ in said if out]
    refused = [err for out, err in said if not out]
    assert len(told) >= 1, said
    # The second may have begun after the first had kept some.
    refusal = (
        r"(Going on after \d+ comments\.\n)?Error: Another process is taking in the same file\.\n"
    )
    assert len(told) + len(refused) == 2
    assert all(re.fullmatch(refusal, err) for err in refused), refused
    assert count(url) == sum(told[0]["taken"].values())


def test_a_server_at_work_goes_on(
    make_url: Callable[[str], str], tmp_path: Path, file: Path
) -> None:
    """Comments that are posted meanwhile are answered, and none of them is refused as busy."""
    url = make_url("served")
    database = Database(_named(url))
    schema.migrate(database)
    database.dispose()
    server = Server(tmp_path, url, WINNOW_READER="none", WINNOW_WORKERS="1")
    key = server.make_key("backend")
    server.start()
    try:
        process = start(server.env, file)
        pool, answers, number = urllib3.PoolManager(), [], 0
        reading = threading.Thread(target=process.wait)
        reading.start()
        while reading.is_alive():
            answer = pool.request(
                "POST",
                f"{server.url}/v1/comments",
                json={"id": f"n-{number}", "article": {"id": "new"}, "text": "A fine day."},
                headers={"Authorization": f"Bearer {key}"},
                retries=False,
                timeout=30,
            )
            answers.append(answer.status)
            number += 1
            time.sleep(0.02)
        out, err = process.communicate()
    finally:
        server.close()
    assert process.returncode == 0, err
    assert set(answers) == {201}
    assert count(url) == sum(json.loads(out)["taken"].values()) + number
