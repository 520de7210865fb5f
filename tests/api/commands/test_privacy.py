"""`winnow privacy`: says what would go, and keeps what is set."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.commands.privacy import privacy

FOR_EVER = {
    **dict.fromkeys(("rejected", "spam", "text", "address", "email"), "for ever"),
    "addresses": "whole",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of its own, with a site."""
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["site", "create", "gazette"]).exit_code == 0


def run(*words: str) -> Result:
    return CliRunner().invoke(privacy, [words[0], "--site", "gazette", *words[1:]])


def show() -> dict[str, str]:
    lines = run("show").output.splitlines()
    return dict(line.split(": ") for line in lines)


def test_everything_is_kept_until_somebody_says_so() -> None:
    assert show() == FOR_EVER


def test_what_is_set_is_shown_and_taken_back() -> None:
    said = run("set", "--rejected", "15", "--address", "30", "--addresses", "truncated")
    assert said.output.splitlines()[0].startswith("rejected: 0 comments")
    changed = {"rejected": "15 days", "address": "30 days", "addresses": "truncated"}
    assert show() == FOR_EVER | changed

    assert run("set", "--rejected", "for-ever").exit_code == 0
    assert show() == FOR_EVER | changed | {"rejected": "for ever"}


def test_a_dry_run_changes_nothing() -> None:
    assert run("set", "--text", "15", "--addresses", "hashed", "--dry-run").exit_code == 0
    assert show() == FOR_EVER


@pytest.mark.parametrize(
    "given",
    [
        ("--rejected", "0"),
        ("--spam", "3651"),
        ("--text", "soon"),
        ("--email", "-1"),
        ("--addresses", "halved"),
        (),
    ],
)
def test_what_is_no_setting_is_refused(given: tuple[str, ...]) -> None:
    said = run("set", *given)
    assert said.exit_code != 0
    assert given[:1] == () or given[0] in said.output
    assert show() == FOR_EVER
