"""`winnow privacy`: says what would go, and keeps what is set."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.commands.privacy import privacy


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of its own, with a site."""
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["site", "create", "gazette"]).exit_code == 0


def run(*words: str) -> Result:
    return CliRunner().invoke(privacy, [words[0], "--site", "gazette", *words[1:]])


def test_everything_is_kept_until_somebody_says_so() -> None:
    assert run("show").output == "rejected: for ever\n"


def test_what_is_set_is_shown_and_taken_back() -> None:
    said = run("set", "--rejected", "15")
    assert said.output.startswith("0 comments are older")
    assert run("show").output == "rejected: 15 days\n"

    assert run("set", "--rejected", "for-ever").exit_code == 0
    assert run("show").output == "rejected: for ever\n"


def test_a_dry_run_changes_nothing() -> None:
    assert run("set", "--rejected", "15", "--dry-run").exit_code == 0
    assert run("show").output == "rejected: for ever\n"


@pytest.mark.parametrize("days", ["0", "3651", "soon", "-1"])
def test_what_is_no_time_is_refused(days: str) -> None:
    assert run("set", "--rejected", days).exit_code != 0
    assert run("show").output == "rejected: for ever\n"
