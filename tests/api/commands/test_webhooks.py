"""`winnow webhook` as an operator types it."""

import base64
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of its own, with a site."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    assert winnow("site", "create", "gazette").exit_code == 0


def winnow(*given: str) -> Result:
    return CliRunner().invoke(main, given)


def test_a_webhook_is_made_listed_and_ended() -> None:
    made = winnow("webhook", "create", "--site", "gazette", "https://gazette.example/hook")
    held = ("--type", "comment.held", "--type", "comment.deleted")
    winnow("webhook", "create", "--site", "gazette", *held, "https://gazette.example/held")

    assert len(base64.b64decode(made.stdout.strip().removeprefix("whsec_"))) == 32
    first, second = winnow("webhook", "list", "--site", "gazette").stdout.splitlines()
    assert first.endswith("https://gazette.example/hook  everything  works")
    assert second.endswith("https://gazette.example/held  comment.held, comment.deleted  works")
    ended = winnow("webhook", "delete", "--site", "gazette", first.split()[0])
    assert ended.exit_code == 0
    assert winnow("webhook", "list", "--site", "gazette").stdout.splitlines() == [second]


def test_what_cannot_be_is_said_in_one_sentence() -> None:
    for given, said in (
        (("create", "--site", "gazette", "http://127.0.0.1/"), "Use https"),
        (("create", "--site", "nowhere", "https://gazette.example/"), "no site called"),
        (("delete", "--site", "gazette", "wh_0"), "There is no webhook wh_0."),
    ):
        result = winnow("webhook", *given)
        assert result.exit_code == 1
        assert said in result.stderr
        assert result.stderr.count("\n") == 1


def test_http_is_for_networks_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_WEBHOOK_NETWORKS", "127.0.0.1/32")

    assert winnow("webhook", "create", "--site", "gazette", "http://127.0.0.1:5000/").exit_code == 0
