"""`winnow policy preview` as an operator types it."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.commands import open_services, previewing
from api.moderation import access, intake
from api.moderation.access import Caller
from api.moderation.drafts import previewing as going
from api.moderation.drafts import previews
from api.moderation.policy.subject import Draft
from api.settings import read_settings

SITE = ("--site", "gazette")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of its own, with a site."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    monkeypatch.setattr(going, "PIECE", 2)
    assert winnow("site", "create", "gazette").exit_code == 0
    return tmp_path


@pytest.fixture
def strict(home: Path) -> str:
    """A file that holds everything."""
    file = home / "strict.yaml"
    file.write_text("note: All to people\nmode: pre\n")
    return str(file)


def winnow(*given: str) -> Result:
    return CliRunner().invoke(main, given)


def preview(*given: str) -> Result:
    return winnow("policy", "preview", *SITE, *given)


def post(*texts: str) -> None:
    services = open_services(read_settings())
    caller = Caller(access.find_site(services, "gazette"), "admin", "test")
    for number, text in enumerate(texts):
        intake.submit(services, caller, [Draft(text, {"id": "a-1"}, id=f"c-{number}")])
    services.database.dispose()


def test_a_summary_says_what_would_change(strict: str) -> None:
    post(*["What a thoughtful article, thank you."] * 3)

    result = preview(strict)

    assert result.exit_code == 0, result.output
    assert re.match(r"Preview preview-\w{24} is done: 3 of 3 comments.\n", result.stdout)
    assert re.search(r"^approve +0 +3 +0$", result.stdout, re.MULTILINE)
    assert re.search(r"^Newly held +3$", result.stdout, re.MULTILINE)
    assert "1 minutes of review added: 3 held instead of 0 (20 s each, a guess)." in result.stdout
    assert "Reasons: mode_pre 3." in result.stdout
    assert "c-2  approve -> hold  mode_pre" in result.stdout
    assert result.stderr == ""


def test_a_program_reads_it_as_json(strict: str) -> None:
    post("Thank you.", "Thank you very much.")

    found = json.loads(preview("--last", "1", "--format", "json", strict).stdout)

    assert (found["state"], found["judged"], found["newly_held"]) == ("done", 1, 1)
    assert found["note"] == "All to people"


def test_a_text_cannot_do_anything_to_the_terminal(strict: str) -> None:
    post("Look:\x1b]0;gone\x07\u202eback")

    stdout = preview(strict).stdout

    assert "Look: ]0;gone back" in stdout
    assert not set("\x1b\x07\u202e") & set(stdout)


def test_what_ctrl_c_has_stopped_goes_on(strict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    post(*["Thank you."] * 5)
    advance = previews.advance

    def interrupt(*given: Any) -> Any:
        monkeypatch.setattr(previews, "advance", stop)
        return advance(*given)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(previews, "advance", interrupt)
    cut = preview(strict)
    monkeypatch.setattr(previews, "advance", advance)
    [name] = re.findall(r"--resume (preview-\w{24})", cut.stderr)
    assert (cut.exit_code, cut.stdout) == (previewing.INTERRUPTED, "")

    result = preview("--resume", name)

    assert f"Preview {name} is done: 5 of 5 comments." in result.stdout


def test_faults_are_told_with_their_line(home: Path) -> None:
    file = home / "wrong.yaml"
    file.write_text("mode: post\nmodus: pre\n")

    result = preview(str(file))

    assert result.exit_code == 1
    assert f"{file}:2: /modus: Unknown field." in result.output


def test_what_cannot_be_is_said_in_one_sentence(strict: str) -> None:
    for given, status, said in (
        (("--resume", f"preview-{'0' * 24}"), 1, "There is no preview"),
        ((), 2, "Give either a FILE or --resume."),
        (("--resume", "preview-1", strict), 2, "Give either a FILE or --resume."),
        (("--last", "0", strict), 2, "0 is not in the range"),
    ):
        result = preview(*given)
        assert (result.exit_code, said in result.stderr) == (status, True), result.stderr


def test_the_defaults_change_nothing_of_what_they_did(home: Path) -> None:
    file = home / "defaults.yaml"
    file.write_text("{}\n")
    post("Thank you.", "Buy cheap pills now at https://pills.example/ !!!", "You idiot.")

    found = json.loads(preview("--format", "json", str(file)).stdout)

    assert found["unchanged"] == found["judged"] == 3
