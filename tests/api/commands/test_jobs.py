"""`winnow jobs` and `winnow worker` as an operator types them."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from api.cli import main
from api.moderation import access
from api.moderation.services import Services
from api.store import jobs, schema
from api.store.database import Database
from api.store.outbox import Job
from tests.factories import fail_a_job, words_scorer


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Services]:
    """A home of its own, with a site, 1."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    found = Services(Database(f"sqlite:///{tmp_path / 'winnow.sqlite3'}"), words_scorer())
    schema.migrate(found.database)
    access.create_site(found, "gazette")
    yield found
    found.database.dispose()


def winnow(*given: str) -> Result:
    return CliRunner().invoke(main, given)


def put(services: Services, kind: str, minutes: float = 0) -> None:
    due_at = services.now() + timedelta(minutes=minutes)
    services.database.write(lambda c: jobs.enqueue(c, kind, {}, due_at))


def test_jobs_are_listed_a_line_each(services: Services) -> None:
    failed = fail_a_job(services, 1, "The receiver is gone.")
    put(services, "early", minutes=-1)
    put(services, "late", minutes=5)

    lines = winnow("jobs", "list").stdout.splitlines()

    assert [line.split()[1:4] for line in lines] == [
        ["test", "failed", "1"],
        ["early", "due", "0"],
        ["late", "later", "0"],
    ]
    assert lines[0].split()[0] == str(failed)
    assert lines[0].endswith("The receiver is gone.")
    [only] = winnow("jobs", "list", "--failed").stdout.splitlines()
    assert only == lines[0]


def test_a_long_list_says_that_there_is_more(services: Services) -> None:
    for _ in range(5):
        put(services, "test")

    result = winnow("jobs", "list", "--limit", "3")

    assert len(result.stdout.splitlines()) == 3
    assert "--limit 6" in result.stderr
    assert len(winnow("jobs", "list").stdout.splitlines()) == 5


def test_one_job_or_all_are_done_again(services: Services) -> None:
    first, *_ = [fail_a_job(services, 1) for _ in range(3)]

    one = winnow("jobs", "replay", str(first))
    again = winnow("jobs", "replay", str(first))
    others = winnow("jobs", "replay", "--all")
    none = winnow("jobs", "replay", "--all")

    assert (one.exit_code, one.stdout) == (0, "1 job is done again.\n")
    assert again.exit_code == 1
    assert again.stderr == f"Error: There is no job {first} that was given up.\n"
    assert (others.stdout, none.stdout) == ("2 jobs are done again.\n", "0 jobs are done again.\n")
    with services.database.reading() as session:
        found = session.scalars(select(Job)).all()
    assert [(job.failed_at, job.attempts) for job in found] == [(None, 0)] * 3


@pytest.mark.parametrize("given", [[], ["1", "--all"], ["0"], ["x"], [str(2**63)]])
def test_a_replay_of_what_cannot_be_is_refused(services: Services, given: list[str]) -> None:
    assert winnow("jobs", "replay", *given).exit_code == 2


@pytest.mark.parametrize("threads", ["0", "-1", "201", "many"])
def test_a_worker_of_so_many_threads_is_refused(services: Services, threads: str) -> None:
    assert winnow("worker", "--threads", threads).exit_code == 2


@pytest.mark.parametrize(
    ("given", "variable", "kept"),
    [([], "yes", True), (["--no-worker"], "yes", False), ([], "no", False)],
)
def test_a_server_keeps_a_worker_unless_told_otherwise(
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    given: list[str],
    variable: str,
    kept: bool,
) -> None:
    server = Mock()
    monkeypatch.setattr("api.cli.Server", server)
    monkeypatch.setattr("api.cli.check_port", Mock())
    monkeypatch.setenv("WINNOW_WORKER", variable)

    assert winnow("serve", *given).exit_code == 0

    assert server.call_args.args[1].worker is kept
