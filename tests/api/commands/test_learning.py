"""`winnow learn` and `winnow model` as an operator types them."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.commands import open_services
from api.moderation import access, inforce
from api.moderation.access import Caller
from api.moderation.learning import proving, sharing, training, versions
from api.moderation.learning.gate import Report
from api.moderation.learning.trust import Account
from api.moderation.services import Services
from api.settings import read_settings
from api.store.learning import StoredAdapter
from classifier import load
from tests.api.moderation.learning.adapters import make_candidate
from tests.factories import put_policy

BASE = load().version
SITE = ("--site", "gazette")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of its own, with two sites."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    for site in ("gazette", "herald"):
        assert winnow("site", "create", site).exit_code == 0
    return tmp_path


def winnow(*given: str) -> Result:
    return CliRunner().invoke(main, given)


@contextmanager
def opened() -> Iterator[tuple[Services, Caller]]:
    """The services, and who asks for the site."""
    services = open_services(read_settings())
    yield services, Caller(access.find_site(services, "gazette"), "admin", "test")
    services.database.dispose()


def keep(*biases: float, why_not: str = "", promote: bool = True) -> list[str]:
    """Keep adapters of the site, each put in force where the gate is open; their ids."""
    found = []
    with opened() as (services, caller):
        for bias in biases:
            present = inforce.find(services, caller.site_id).adapter
            candidate = make_candidate(bias, why_not, BASE)
            found.append(versions.keep(services, caller, candidate, promote, present).public_id)
    return found


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, bool]]:
    """Which sites were trained for: what comes of it is only made up for the first."""
    found: list[tuple[int, str, bool]] = []

    def train(services: Services, site_id: int, actor: str, promote: bool) -> StoredAdapter | None:
        found.append((site_id, actor, promote))
        if site_id != 1:
            return None
        caller = Caller(site_id, "admin", actor)
        return versions.keep(services, caller, make_candidate(1, base=BASE), promote)

    monkeypatch.setattr(training, "train", train)
    return found


def test_every_site_learns_and_says_what_came_of_it(trained: list[tuple[int, str, bool]]) -> None:
    result = winnow("learn")

    assert result.exit_code == 0, result.output
    assert trained == [(1, "command line", True), (2, "command line", True)]
    first, second = result.stdout.splitlines()
    assert re.fullmatch(r"gazette: mdl_\w{16} is promoted, of 50 labels. It is better.", first)
    assert second == ("herald: too little is decided: it takes 30 decisions, 8 of each kind.")
    assert result.stderr == ""


def test_one_site_may_learn_and_wait(trained: list[tuple[int, str, bool]]) -> None:
    result = winnow("learn", *SITE, "--wait")

    assert trained == [(1, "command line", False)]
    assert "is waiting, of 50 labels." in result.stdout


def test_who_wants_no_learning_is_told_so() -> None:
    with opened() as (services, caller):
        put_policy(services, caller.site_id, {"learning": {"on": False}})

    assert "gazette: its policy wants no learning.\n" in winnow("learn").stdout


def test_those_that_share_learn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened() as (services, caller):
        put_policy(services, caller.site_id, {"learning": {"share": True}})
    assert winnow("learn").stdout.endswith("Of those that share: none has decided enough.\n")

    def train(services: Services, actor: str) -> StoredAdapter:
        return versions.keep_shared(services, make_candidate(1, "It is worse.", BASE), actor)

    monkeypatch.setattr(sharing, "train", train)

    last = winnow("learn").stdout.splitlines()[-1]
    assert re.fullmatch(r"Of those that share: mdl_\w{16} is refused. It is worse.", last)


def test_an_unknown_site_is_one_sentence() -> None:
    for command in (["learn"], ["model", "list"], ["model", "rollback"]):
        result = winnow(*command, "--site", "nowhere")

        assert result.exit_code == 1
        assert result.stderr == "Error: There is no site called 'nowhere'.\n"


def test_they_are_listed_with_what_is_in_force() -> None:
    first, second = keep(1, 2)
    [third] = keep(3, why_not="It is worse.")

    result = winnow("model", "list", *SITE)

    assert [line.split("  ")[:2] for line in result.stdout.splitlines()] == [
        [third, "refused"],
        [second, "in force"],
        [first, "promoted"],
    ]
    assert f"     50 labels  {BASE}+" in result.stdout
    few = winnow("model", "list", *SITE, "--limit", "2")
    assert len(few.stdout.splitlines()) == 2
    assert few.stderr == "There are more; ask for them with --limit 4.\n"


def test_one_is_shown_with_what_was_measured() -> None:
    [name] = keep(1, why_not="It is worse.")

    found = json.loads(winnow("model", "show", *SITE, name).stdout)

    assert (found["id"], found["state"], found["base"]) == (name, "refused", BASE)
    assert found["report"]["why"] == "It is worse."


def test_both_stages_are_shown_and_whether_they_can_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WINNOW_READER", str(tmp_path / "there is none"))
    [name] = keep(1, why_not="It is worse.")

    found = json.loads(winnow("model", "show", *SITE).stdout)

    assert set(found) == {"first_stage", "second_stage"}
    assert found["first_stage"] == {"version": BASE, "usable": True, "why_not": None}
    second = found["second_stage"]
    assert (second["version"], second["usable"]) == (None, False)
    assert "there is none" in second["why_not"]
    assert json.loads(winnow("model", "show", *SITE, name).stdout)["second_stage"] == second

    monkeypatch.setenv("WINNOW_READER", "none")
    second = json.loads(winnow("model", "show", *SITE).stdout)["second_stage"]
    assert second["why_not"] == "WINNOW_READER says that there is to be none."


def test_one_is_shown_with_how_far_its_teachers_are_believed() -> None:
    accounts = {"mo": Account(90, 0.25, 0.5, capped=False), "ann": Account(9, None, 1.0, True)}
    report = Report(True, "", {"accounts": proving.show_accounts(accounts)})
    with opened() as (services, caller):
        candidate = replace(make_candidate(1, base=BASE), report=report)
        name = versions.keep(services, caller, candidate).public_id

    found = json.loads(winnow("model", "show", *SITE, name).stdout)["report"]["accounts"]

    assert [one["actor"] for one in found["items"]] == ["mo", "ann"]
    assert found["items"][0] == {
        "actor": "mo",
        "labels": 90,
        "trust": 0.5,
        "disagreement": 0.25,
        "capped": False,
    }
    assert (found["count"], found["doubted"], found["capped"]) == (2, 1, 1)


def test_one_is_promoted_and_taken_back() -> None:
    first, second = keep(1, 2)
    [third] = keep(3, promote=False)

    assert winnow("model", "promote", *SITE, third).stdout == f"{third} is in force.\n"
    back = winnow("model", "rollback", *SITE).stdout
    assert back == f"It is taken back: {second} is in force again.\n"
    winnow("model", "rollback", *SITE)
    last = winnow("model", "rollback", *SITE).stdout
    assert last == "It is taken back: the shipped model judges alone.\n"
    with opened() as (services, caller):
        assert inforce.find(services, caller.site_id).adapter is None
    assert winnow("model", "rollback", *SITE).exit_code == 1
    assert first != second


def test_one_that_is_refused_takes_force() -> None:
    [name] = keep(1, why_not="It is worse.")

    refused = winnow("model", "promote", *SITE, name)

    assert refused.exit_code == 1
    assert refused.stderr == "Error: The gate was shut for it: It is worse. Or use --force.\n"
    assert winnow("model", "promote", *SITE, "--force", name).exit_code == 0


def test_without_a_model_nothing_can_learn(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("WINNOW_MODEL", str(home / "none"))

    result = winnow("learn")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
