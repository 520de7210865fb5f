"""`winnow policy secret` as an operator types it."""

import base64
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of its own, with two sites."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    for site in ("gazette", "herald"):
        assert winnow("site", "create", site).exit_code == 0


def winnow(*given: str) -> Result:
    return CliRunner().invoke(main, given)


def test_the_secret_stands_alone_and_stays_the_same() -> None:
    sites = ("gazette", "gazette", "herald")
    first, again, other = (winnow("policy", "secret", "--site", one).stdout for one in sites)

    assert first == again != other
    assert len(base64.b64decode(first.strip().removeprefix("whsec_"))) == 32


def test_a_site_that_is_not_there_is_told() -> None:
    result = winnow("policy", "secret", "--site", "nowhere")

    assert result.exit_code == 1
    assert "no site called" in result.stderr
