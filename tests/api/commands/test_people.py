"""`winnow privacy export` and `erase`: what a person wants to know, and what they want gone."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.commands.policy import open_site
from api.moderation import standings
from api.moderation.standings import Said

ID = "u-xylocanary"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of its own, with a site that has said something of a person."""
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["site", "create", "gazette"]).exit_code == 0
    services, caller = open_site("gazette")
    standings.put(services, caller, Said("author", ID, "held", "Insults."))


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["privacy", words[0], "--site", "gazette", *words[1:]])


def export(*words: str) -> list[str]:
    said = run("export", "--author-id", ID, *words)
    assert said.exit_code == 0, said.output
    return [json.loads(line)["kind"] for line in said.stdout.splitlines()]


def test_who_is_erased_is_not_in_the_next_export() -> None:
    assert export() == ["person", "standing", "end"]

    said = run("erase", "--author-id", ID, "--yes")

    assert said.exit_code == 0
    assert said.stdout.splitlines()[0].startswith("Erasure era_")
    assert said.stdout.splitlines()[1:] == ["standings 1."]
    assert export() == ["person", "end"]


def test_nothing_goes_before_somebody_says_yes() -> None:
    assert run("erase", "--author-id", ID).exit_code == 1
    assert export() == ["person", "standing", "end"]


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    out = tmp_path / "ann.jsonl"
    assert export("--out", str(out)) == []
    assert [json.loads(line)["kind"] for line in out.read_text().splitlines()][1] == "standing"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize("act", ["export", "erase"])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "--author-id: Say who"),
        (("--email", "nobody"), "--email: Not an e-mail address."),
        (("--address", "nowhere"), "--address: Not an IPv4 or IPv6 address."),
        (("--moderator", "a@b.example", "--author-id", ID), "--moderator: Name a moderator alone"),
    ],
)
def test_what_names_nobody_is_refused(act: str, words: tuple[str, ...], says: str) -> None:
    said = run(act, *words)
    assert said.exit_code == 2
    assert says in said.output


def test_a_moderator_s_account_goes_first() -> None:
    made = CliRunner().invoke(
        main,
        ["moderator", "create", "--site", "gazette", "eve@a.example"],
        input="a long password\n",
    )
    assert made.exit_code == 0, made.output
    said = run("erase", "--moderator", "eve@a.example", "--yes")
    assert said.exit_code == 1
    assert "remove their account first" in said.output
