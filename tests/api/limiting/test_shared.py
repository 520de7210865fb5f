"""What the settings of limits may say, and what is said where they cannot be used."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.errors import StartupError
from api.limiting import shared
from api.limiting.limiter import Limiter
from api.limiting.rates import KEY
from api.settings import read_settings
from tests.factories import plain_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIMIT_KEY", "often"),
        ("LIMIT_ADDRESS", "0/minute"),
        ("LIMIT_AUTHOR", "3/fortnight"),
        ("LIMITS_URL", "http://:secret@store.example"),
        ("LIMITS_URL", "redis://:secret@[store"),
        ("LIMITS_URL", "redis://:secret@store.example:many"),
        ("LIMITS_URL", "memory://"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    monkeypatch.setenv(f"WINNOW_{name}", value)

    with pytest.raises(StartupError, match=f"WINNOW_{name} must") as error:
        read_settings()

    assert "secret" not in str(error.value)


def test_a_store_needs_a_package_and_says_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(shared, "import_module", refuse)
    settings = replace(
        plain_settings(tmp_path, "sqlite://"), limits_url="redis://h", limit_key="1/day"
    )

    with pytest.raises(StartupError, match=r"pip install 'winnow\[limits\]'"):
        Limiter.of(settings)


@pytest.mark.parametrize(
    "url", ["redis://h", "rediss://u:p@h:1/2", "valkey://h", "valkeys://h", "unix:///run/v.sock"]
)
def test_nothing_is_asked_of_the_store_before_there_is_something_to_count(
    tmp_path: Path, url: str
) -> None:
    settings = replace(plain_settings(tmp_path, "sqlite://"), limits_url=url, limit_key="1/day")

    assert Limiter.of(settings).policies[KEY] == '"key-86400";q=1;w=86400'
