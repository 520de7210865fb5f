"""`winnow doctor` on installations that are well, and on ones of which something was broken."""

import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from api.cli import main
from api.commands.doctor import databases, findings, machine, neighbours, variables
from api.moderation import access, intake
from api.moderation.access import Caller
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from api.store import jobs, schema
from api.store.database import Database
from tests.api.work.doing import work
from tests.conftest import ON_POSTGRESQL
from tests.factories import fail_a_job, words_scorer

PASSWORD = "hunter2hunter2"
SECRET = "s3cr3t" * 8


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment with a home and no second stage, and nothing else of ours."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    found = tmp_path / "home"
    monkeypatch.setenv("WINNOW_HOME", str(found))
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.chdir(tmp_path)
    return found


@pytest.fixture
def services(home: Path) -> Iterator[Services]:
    """An installation on which all is well and a worker has just been."""
    home.mkdir(mode=0o700)
    key = home / "secret-key"
    key.touch(mode=0o600)
    key.write_text(SECRET)
    found = Services(Database(f"sqlite:///{home / 'winnow.sqlite3'}"), words_scorer())
    schema.migrate(found.database)
    access.create_site(found, "gazette")
    work(found)
    yield found
    found.database.dispose()


Set = Callable[[str, str], None]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets a variable of ours: `put("WORKERS", "3")`."""
    return lambda name, value: monkeypatch.setenv(f"WINNOW_{name}", value)


def doctor(*given: str) -> Result:
    result = CliRunner().invoke(main, ["doctor", *given])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert SECRET not in result.output
    assert PASSWORD not in result.output
    return result


def found(state: str) -> dict[str, str]:
    """What is in that state: sentences and advice; the exit status must fit."""
    result = doctor("--json")
    said = json.loads(result.output)
    checks = said["checks"]
    assert result.exit_code == (1 if said["problems"] else 0)
    assert said["well"] is (result.exit_code == 0)
    for one in checks:
        assert one["said"].strip().endswith("."), one
        assert bool(one["advice"]) is (one["state"] != "ok"), one
    return {one["said"]: one["advice"] for one in checks if one["state"] == state}


def has(sentences: dict[str, str], *parts: str) -> bool:
    return any(all(part in f"{said} {does}" for part in parts) for said, does in sentences.items())


def test_where_all_is_well_it_says_so_and_ends_with_0(services: Services) -> None:
    result = doctor()

    assert result.exit_code == 0
    assert result.output.endswith("\nNo problems, no warnings.\n")
    areas = [line for line in result.output.splitlines() if line and not line.startswith(" ")]
    assert areas[:-1] == [
        *("release", "settings", "disk", "database", "schema", "clock", "worker", "classifier"),
        "limits",
    ]
    assert (found("warning"), found("problem")) == ({}, {})


def test_it_changes_nothing(home: Path) -> None:
    result = doctor()

    assert result.exit_code == 0
    assert not home.exists()
    assert "WINNOW_SECRET_KEY" not in os.environ
    assert has(found("warning"), "There is no folder", "winnow serve")
    assert has(found("warning"), "There is no database yet")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("WORKRES", "WORKERS"), ("DATABASEURL", "DATABASE_URL"), ("TRUSTED_PROXY", "TRUSTED_PROXIES")],
)
def test_a_variable_that_is_spelt_wrongly_is_named_with_the_right_one(
    services: Services, put: Set, wrong: str, right: str
) -> None:
    put(wrong, PASSWORD)

    assert has(found("warning"), f"WINNOW_{wrong} is no setting", f"Did you mean WINNOW_{right}?")


def test_one_that_is_like_none_is_named_too(services: Services, put: Set) -> None:
    put("QQQQ", "1")

    assert has(found("warning"), "WINNOW_QQQQ", "Remove it")


def test_no_secret_is_shown(services: Services, put: Set) -> None:
    put("SECRET_KEY", SECRET)
    put("LIMITS_URL", f"redis://:{PASSWORD}@127.0.0.1:9/0?password={PASSWORD}")
    put("DATABASE_URL", f"postgresql://winnow:{PASSWORD}@127.0.0.1:9/winnow")

    for form in ((), ("--json",)):
        shown = doctor(*form).output
        assert "WINNOW_SECRET_KEY is set" in shown
        assert "127.0.0.1:9" in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql+psycopg://ada:pw@db.example/winnow",
            "postgresql+psycopg://…@db.example/winnow",
        ),
        ("sqlite:////srv/winnow.sqlite3", "sqlite:////srv/winnow.sqlite3"),
        ("redis://127.0.0.1:6379/0?password=pw", "redis://127.0.0.1:6379/0?…"),
        ("https://idp.example/a", "https://idp.example/a"),
        ("http://[::1", "a URL that cannot be read"),
    ],
)
def test_a_url_is_shown_without_what_is_secret_in_it(url: str, shown: str) -> None:
    assert variables.mask_url(url) == shown


def test_a_setting_that_cannot_be_used_is_a_problem(services: Services, put: Set) -> None:
    put("WORKERS", "0")

    assert has(found("problem"), "WINNOW_WORKERS must be at least 1, not 0.")
    assert has(found("ok"), "are free where")


def test_what_is_set_is_told(services: Services, put: Set) -> None:
    for name, value in (("WORKERS", "3"), ("WORKER", "no"), ("PROXY_NETWORKS", "10.0.0.0/8")):
        put(name, value)

    said = found("ok")

    assert has(said, "WINNOW_WORKERS is 3.")
    assert has(said, "WINNOW_WORKER is no.")
    assert has(said, "WINNOW_PROXY_NETWORKS is 10.0.0.0/8.")
    assert has(said, "Each of the 3 processes counts for itself.")


def test_proxies_and_the_public_url_must_go_together(services: Services, put: Set) -> None:
    put("PUBLIC_URL", "https://winnow.example/")
    assert has(found("warning"), "no proxy is trusted", "WINNOW_TRUSTED_PROXIES")

    put("PUBLIC_URL", "")
    put("TRUSTED_PROXIES", "1")
    assert has(found("warning"), "WINNOW_PUBLIC_URL is not set")

    put("PROXY_NETWORKS", "0.0.0.0/0")
    assert has(found("problem"), "anyone can claim any address")


def test_webhooks_to_everywhere_are_a_problem(services: Services, put: Set) -> None:
    put("WEBHOOK_NETWORKS", "::/0")

    assert has(found("problem"), "WINNOW_WEBHOOK_NETWORKS is everywhere")


def test_a_home_that_others_may_look_into(services: Services, home: Path) -> None:
    home.chmod(0o755)
    assert has(found("warning"), "may look into", f"chmod 700 {home}")

    (home / "secret-key").chmod(0o644)
    assert has(found("problem"), "forge signatures", "chmod 600")


def test_a_home_that_cannot_be_written_to(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To root, who may run the tests, everything can be written.
    monkeypatch.setattr(os, "access", lambda *_: False)

    assert has(found("problem"), "may not write")


@pytest.mark.parametrize(
    ("free", "state", "said"),
    [(10_000_000, "problem", "is full"), (500_000_000, "warning", "a backup needs as much")],
)
def test_a_disk_without_room(
    services: Services, monkeypatch: pytest.MonkeyPatch, free: int, state: str, said: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))

    assert has(found(state), said)


def test_a_file_system_is_found_by_its_longest_mount() -> None:
    assert machine.file_system(Path("/proc/self")) == "proc"
    assert machine.file_system(Path("/")) != "proc"


def test_sqlite_on_a_network_s_file_system(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "file_system", lambda _: "nfs4")

    assert has(found("problem"), "nfs4", "PostgreSQL")


def test_a_database_that_is_no_database(services: Services, home: Path) -> None:
    services.database.dispose()
    for name in ("winnow.sqlite3-wal", "winnow.sqlite3-shm"):
        (home / name).unlink(missing_ok=True)
    (home / "winnow.sqlite3").write_bytes(b"no database " * 100)

    assert has(found("problem"), "The database refused to answer: file is not a database")


def test_a_server_that_is_not_there(services: Services, put: Set) -> None:
    put("DATABASE_URL", f"postgresql://winnow:{PASSWORD}@127.0.0.1:9/winnow")

    assert has(found("problem"), "The database refused to answer", "refused")


def test_a_database_without_tables_of_an_older_and_of_a_newer_release(
    services: Services, home: Path, tmp_path: Path, put: Set
) -> None:
    path = tmp_path / "other.sqlite3"
    put("DATABASE_URL", f"sqlite:///{path}")
    path.touch()
    assert has(found("warning"), "It has no tables yet")

    database = Database(f"sqlite:///{path}")
    schema.migrate(database, "0007")
    assert has(found("warning"), "older release (schema 0007)", "Take a backup")

    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    assert has(found("problem"), "newer release (schema 9999)")


def test_a_clock_that_was_put_back(services: Services) -> None:
    late = Services(services.database, words_scorer(), lambda: datetime.now(UTC) + timedelta(1))
    site = access.find_site(services, "gazette")
    caller = Caller(site, "backend", "key:test")
    intake.submit(late, caller, [Draft(text="Hello.", article={"id": "a-1"})])

    assert has(found("problem"), "from the future", "NTP")


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (5, "warning"), (60, "problem")])
def test_a_clock_that_differs_from_the_database_s(seconds: int, state: str) -> None:
    now = datetime.now(UTC)

    for sign in (1, -1):
        [one] = databases._compare(now, now + sign * timedelta(seconds=seconds))
        assert one.state == state


def test_no_worker_late_jobs_and_dead_letters(services: Services) -> None:
    site = access.find_site(services, "gazette")
    fail_a_job(services, site)
    assert has(found("warning"), "1 job was given up", "winnow jobs")

    due_at = services.now() - timedelta(minutes=5)
    services.database.write(lambda c: jobs.enqueue(c, "test", {}, due_at))
    assert has(found("warning"), "A job has been due for 30")

    with services.database.writing() as session:
        session.execute(text("UPDATE jobs SET due_at = '2026-01-01 00:00:00.000000'"))
    assert has(found("warning"), "No worker runs", "winnow worker")


def test_a_model_that_cannot_be_read(services: Services, put: Set, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"no model")
    put("MODEL", str(tmp_path / "model"))

    assert has(found("problem"), "There is no classifier, all comments are held")


def test_a_model_that_knows_nothing(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.commands import doctor as command

    monkeypatch.setattr(command, "Scorer", lambda *_: words_scorer())

    assert has(found("problem"), "Such a model is of no use")


def test_a_second_stage_that_cannot_be_used(services: Services, put: Set, tmp_path: Path) -> None:
    put("READER", str(tmp_path / "nowhere"))

    assert has(found("warning"), "There are no second opinions", "WINNOW_READER=none")


def test_a_store_of_limits_that_is_away(services: Services, put: Set) -> None:
    put("LIMITS_URL", "redis://127.0.0.1:9/0")

    assert has(found("warning"), "redis://127.0.0.1:9/0 does not answer", "WINNOW_LIMITS_URL")


def test_a_collector_that_is_away_and_one_that_is_there(services: Services, put: Set) -> None:
    put("TRACES", "http://127.0.0.1:9/v1/traces")
    assert has(found("warning"), "cannot be reached", "WINNOW_TRACES")

    with socket.create_server(("127.0.0.1", 0)) as there:
        put("TRACES", f"http://127.0.0.1:{there.getsockname()[1]}/v1/traces")
        assert has(found("ok"), "can be reached")


@pytest.fixture
def provider() -> Iterator[Any]:
    """An identity provider; `named` is what it calls itself."""

    class Answer(BaseHTTPRequestHandler):
        """Tells who it is."""

        def do_GET(self) -> None:
            """Answer."""
            body = json.dumps({"issuer": self.server.named}).encode()  # type: ignore[attr-defined]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    server.url = server.named = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_identity_provider(provider: Any) -> None:
    def check(issuer: str) -> list[str]:
        settings: Any = SimpleNamespace(oidc_issuer=issuer)
        return [one.state for one in neighbours.check_identity(settings)]

    assert check("") == []
    assert check(provider.url) == ["ok"]
    assert check(f"{provider.url}/") == ["ok"]
    provider.named = "https://other.example"
    assert check(provider.url) == ["problem"]
    assert check("http://127.0.0.1:9") == ["warning"]


def test_a_check_that_fails_itself_is_told_and_the_others_go_on() -> None:
    def check() -> Iterator[findings.Finding]:
        yield findings.ok("disk", "It is there.")
        raise ValueError(PASSWORD)

    states = [(one.state, PASSWORD in one.said) for one in findings.look("disk", check)]

    assert states == [("ok", False), ("problem", False)]


@ON_POSTGRESQL
def test_on_postgresql(database: Database, put: Set) -> None:
    put("DATABASE_URL", database.url)
    work(Services(database, words_scorer()))

    assert found("problem") == {}
    assert has(found("ok"), "It is PostgreSQL")
    assert has(found("ok"), "s apart")
    assert has(found("ok"), "What it acknowledges is on disk")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("synchronous_commit = off", "synchronous_commit off: acknowledged comments can be lost"),
        (
            "default_transaction_isolation = 'serializable'",
            "by default serializable",
        ),
        ("default_transaction_read_only = on", "This role may only read"),
    ],
)
@pytest.mark.postgresql
def test_on_postgresql_that_is_set_up_otherwise(
    make_postgresql_url: Callable[[], str], put: Set, setting: str, said: str
) -> None:
    url = make_postgresql_url()
    database = Database(url)
    schema.migrate(database)
    with database.engine.begin() as connection:
        name = database.engine.url.database
        connection.execute(text(f"ALTER DATABASE {name} SET {setting}"))
    database.dispose()
    put("DATABASE_URL", url)

    assert has(found("problem"), said)


@pytest.mark.postgresql
def test_on_postgresql_of_another_encoding(
    make_postgresql_url: Callable[[str], str], put: Set
) -> None:
    put("DATABASE_URL", make_postgresql_url("LATIN1"))

    assert has(found("problem"), "Its encoding is LATIN1")
