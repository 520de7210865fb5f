"""Settings: read once from the environment, refused in one sentence when they cannot work."""

import stat
from pathlib import Path

import pytest

from api.errors import StartupError
from api.settings import Settings, read_settings
from classifier.reader import SHIPPED


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment with a home and nothing else of ours."""
    import os

    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_without_settings_there_are_defaults(bare: Path) -> None:
    found = read_settings()

    assert found == Settings(
        home=bare,
        database_url=f"sqlite:///{bare / 'winnow.sqlite3'}",
        model=None,
        secret_key=found.secret_key,
        workers=2,
        threads=4,
        max_body=1024 * 1024,
        trusted_proxies=0,
        session_hours=12,
        reader=SHIPPED,
    )


def test_the_home_is_beside_where_it_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("WINNOW_HOME")
    monkeypatch.chdir(tmp_path)

    assert read_settings().home == tmp_path / "winnow-data"


def test_every_setting_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "SECRET_KEY": "s" * 32,
        "MODEL": "/models/own",
        "READER": "/models/reader",
        "WORKERS": "8",
        "THREADS": "2",
        "MAX_BODY": "4096",
        "TRUSTED_PROXIES": "1",
        "SESSION_HOURS": "1",
        "IDLE_MINUTES": "0",
        "WORKER": "no",
        "STREAMS": "0",
        "WEBHOOK_NETWORKS": "10.1.0.0/16, fd00::/8,",
        "PROXY_NETWORKS": "10.2.0.0/16",
        "REQUEST_SECONDS": "5",
        "QUEUE_MS": "0",
        "LOG": "JSON",
        "LOG_LEVEL": "debug",
        "ACCESS_LOG": "yes",
        "TRACES": "http://127.0.0.1:4318/v1/traces",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"WINNOW_{name}", value)

    found = read_settings()

    assert (found.secret_key, found.model) == ("s" * 32, Path("/models/own"))
    assert found.reader == Path("/models/reader")
    assert (found.workers, found.threads, found.max_body) == (8, 2, 4096)
    assert (found.trusted_proxies, found.session_hours) == (1, 1)
    assert found.idle_minutes == 0
    assert [str(one) for one in found.webhook_networks] == ["10.1.0.0/16", "fd00::/8"]
    assert (found.worker, found.streams) == (False, 0)
    assert [str(one) for one in found.proxy_networks] == ["10.2.0.0/16"]
    assert (found.request_seconds, found.queue_ms) == (5, 0)
    assert (found.log, found.log_level, found.access_log) == ("json", "debug", True)
    assert found.traces == "http://127.0.0.1:4318/v1/traces"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u@h/db", "postgresql+psycopg://u@h/db"),
        ("postgres://u@h/db", "postgresql+psycopg://u@h/db"),
        ("postgresql+psycopg://u@h/db", "postgresql+psycopg://u@h/db"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_a_database_may_be_written_the_usual_ways(
    monkeypatch: pytest.MonkeyPatch, given: str, used: str
) -> None:
    monkeypatch.setenv("WINNOW_DATABASE_URL", given)

    assert read_settings().database_url == used


def test_the_secret_key_is_made_once_and_for_its_owner_alone(bare: Path) -> None:
    first, second = read_settings().secret_key, read_settings().secret_key

    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((bare / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(bare.stat().st_mode) == 0o700


@pytest.mark.parametrize("kept", ["", "short", "\n"])
def test_a_kept_secret_key_that_is_too_short_is_refused(bare: Path, kept: str) -> None:
    bare.mkdir()
    (bare / "secret-key").write_text(kept)

    with pytest.raises(StartupError, match="secret-key"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("WORKERS", "two"),
        ("WORKERS", "1.5"),
        ("THREADS", "0"),
        ("THREADS", " "),
        ("MAX_BODY", "0"),
        ("MAX_BODY", "1MB"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "yes"),
        ("PROXY_NETWORKS", "nginx"),
        ("REQUEST_SECONDS", "0"),
        ("QUEUE_MS", "-1"),
        ("SESSION_HOURS", "0"),
        ("IDLE_MINUTES", "-1"),
        ("WORKER", "perhaps"),
        ("SESSION_HOURS", "9" * 5000),
        ("SECRET_KEY", "x" * 31),
        ("WEBHOOK_NETWORKS", "10.1.2.3/16"),
        ("WEBHOOK_NETWORKS", "10.1.0.0/16;10.2.0.0/16"),
        ("WEBHOOK_NETWORKS", "intranet"),
        ("DATABASE_URL", "mysql://u@h/db"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:"),
        ("DATABASE_URL", "postgresql+asyncpg://u@h/db"),
        ("DATABASE_URL", "postgresql://u@h:port/db"),
    ],
)
def test_a_setting_that_cannot_work_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"WINNOW_{name}", value)

    with pytest.raises(StartupError) as refused:
        read_settings()

    said = str(refused.value)
    assert name in said
    assert "\n" not in said
    assert len(said) < 300
    assert said.endswith(".")


def test_a_secret_that_is_refused_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_SECRET_KEY", "hunter2")

    with pytest.raises(StartupError) as refused:
        read_settings()

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["under-a-file", "dangling"])
def test_a_home_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "at" / "all")
    home = tmp_path / ("file/home" if name == "under-a-file" else "dangling")
    monkeypatch.setenv("WINNOW_HOME", str(home))

    with pytest.raises(StartupError, match=str(home)):
        read_settings()


@pytest.mark.parametrize("given", ["none", "None"])
def test_there_may_be_no_second_stage(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("WINNOW_READER", given)

    assert read_settings().reader is None
