"""Labels over HTTP and by the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from api.cli import main
from api.moderation.learning import labels
from api.moderation.services import Services
from api.settings import Settings
from tests.conftest import ON_SQLITE
from tests.factories import decide, submit, walk


def test_labels_are_listed_and_forgotten(
    backend: FlaskClient, moderator: FlaskClient, connect: Callable[..., FlaskClient]
) -> None:
    admin = connect("admin")
    made = [submit(backend, f"insult0.6 {letter}")["id"] for letter in "abc"]
    for comment_id in made:
        decide(moderator, comment_id, "reject", reason="abusive")
    assert admin.delete(f"/v1/labels/{made[1]}").status_code == 204
    found = walk(moderator, "/v1/labels", limit=2)
    assert [one["comment_id"] for one in found] == made[::-1]
    assert [one["forgotten"] for one in found] == [False, True, False]
    assert (found[0]["rejected"], found[0]["weight"], found[0]["reason"]) == (True, 1.0, "abusive")
    assert admin.put(f"/v1/labels/{made[1]}").status_code == 204
    assert not any(one["forgotten"] for one in walk(moderator, "/v1/labels"))
    for act in ("label.forgotten", "label.remembered"):
        [event] = walk(moderator, "/v1/events", type=act)
        assert event["comment_id"] in (None, made[1])


@ON_SQLITE
def test_forgetting_takes_an_administrator_and_a_comment(
    moderator: FlaskClient, connect: Callable[..., FlaskClient]
) -> None:
    assert moderator.delete("/v1/labels/c-1").status_code == 403
    assert moderator.put("/v1/labels/c-1").status_code == 403
    assert connect("admin").delete("/v1/labels/c-1").status_code == 404
    assert connect("backend").get("/v1/labels").status_code == 403


@ON_SQLITE
def test_an_authors_imports_are_erased_by_name(
    services: Services, site: int, connect: Callable[..., FlaskClient]
) -> None:
    admin = connect("admin")
    answer = admin.delete("/v1/labels")
    assert answer.status_code == 422
    assert "author_id" in answer.text
    assert admin.delete("/v1/labels?author_id=u/1").status_code == 204
    assert labels.gather(services, site) == []


LINE = {"text": "Cheap loans", "action": "reject", "decided_at": "2026-01-02T03:04:05Z"}


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, site: int) -> Callable[..., str]:
    """Runs the command and returns what it prints."""
    monkeypatch.setenv("WINNOW_HOME", str(settings.home))
    monkeypatch.setenv("WINNOW_DATABASE_URL", settings.database_url)

    def run_it(*words: str, fails: bool = False) -> str:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == int(fails), result.output
        return result.output

    return run_it


@ON_SQLITE
def test_a_file_is_imported_once(
    run: Callable[..., str], tmp_path: Path, services: Services, site: int
) -> None:
    file = tmp_path / "labels.jsonl"
    lines = [LINE, {**LINE, "text": "Hello", "action": "approve", "author_id": "u-1"}]
    file.write_text("\ufeff" + "\n\n".join(json.dumps(line) for line in lines) + "\n")
    command = "learn", "import", str(file), "--site", "gazette"
    assert run(*command) == "2 decisions read, 2 of them new.\n"
    assert run(*command) == "2 decisions read, 0 of them new.\n"
    assert run("learn", "erase", "--site", "gazette", "--author", "u-1") == "1 labels deleted.\n"
    assert [label.item.text for label in labels.gather(services, site)] == ["Cheap loans"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "Line 2:"),
        ("[]", "Line 2:"),
        ('{"text": "\udcff"}', "Line 2:"),
        (json.dumps({**LINE, "action": "hold"}), "Line 2: /action:"),
        (json.dumps({**LINE, "decided_at": "yesterday"}), "Line 2: /decided_at:"),
        (json.dumps({**LINE, "more": 1}), "Line 2: /more:"),
        (json.dumps({**LINE, "text": ""}), "Line 2: /text:"),
        (json.dumps({"text": "x", "action": "reject"}), "Line 2: /decided_at:"),
    ],
)
def test_a_fault_is_named_and_nothing_kept(
    run: Callable[..., str], tmp_path: Path, services: Services, site: int, line: str, says: str
) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(f"{json.dumps(LINE)}\n{line}\n", errors="surrogateescape")
    assert says in run("learn", "import", str(file), "--site", "gazette", fails=True)
    assert labels.gather(services, site) == []
