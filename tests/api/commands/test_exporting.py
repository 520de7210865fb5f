"""`winnow export` as an operator types it: all that is there, once, and back again."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

import api.commands
from api.cli import main
from api.moderation import access
from api.moderation.access import Caller
from api.moderation.moving import leaving
from api.moderation.services import Services
from api.moving import columns, writing
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, submit
from tests.planning import watch_plans


@pytest.fixture
def winnow(
    services: Services, site: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Result]:
    """The commands, on the test's database and with its clock."""
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(api.commands, "create_services", lambda _: services)
    return lambda *given: CliRunner().invoke(main, list(map(str, given)))


@pytest.fixture
def filled(
    backend: FlaskClient, moderator: FlaskClient, stranger: FlaskClient, clock: Clock
) -> None:
    """Comments of all kinds, and one of another site."""
    author = {"id": "u-1", "name": "Zoë", "email": "zoe@readers.example", "ip": "192.0.2.7"}
    submit(backend, "Où est le chat?", id="c-1", author=author, metadata={"likes": 3})
    submit(backend, "spam0.97 now", id="c-2", parent_id="c-1", form={"elapsed_ms": 900})
    submit(backend, "insult0.6, <b>you</b>", id="c-3", html=True, language="en")
    submit(backend, "spam0.6", id="c-4", created_at="2026-11-20T10:00:00Z")
    clock.move(hours=1)
    decide(moderator, "c-2", "approve", note="Fine, all in all.")
    decide(moderator, "c-4", "reject", reason="spam")
    submit(stranger, id="theirs")


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("filled")
def test_all_is_there_as_the_api_shows_it(
    winnow: Callable[..., Result], moderator: FlaskClient, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    result = winnow("export", "--site", "gazette", out)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "4 comments.\n")
    found = read_lines(out)
    assert [one["id"] for one in found] == ["c-1", "c-2", "c-3", "c-4"]
    for one in found:
        shown = moderator.get(f"/v1/comments/{one['id']}").json
        if one["decision"]:
            for name in ("version", "undone_at"):
                del shown["decision"][name]
        for name in ("version", "revision", "updated_at", "published_text", "text_deleted"):
            del shown[name]
        assert one == shown
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("filled")
def test_out_and_in_and_out_again_is_the_same(
    winnow: Callable[..., Result], services: Services, clock: Clock, tmp_path: Path
) -> None:
    access.create_site(services, "herald")
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert winnow("export", "--site", "gazette", first).exit_code == 0
    clock.move(days=30)
    result = winnow("import", "--site", "herald", first)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == "4 comments read, 4 taken in."
    assert winnow("export", "--site", "herald", second).exit_code == 0
    assert read_lines(second) == read_lines(first)
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.usefixtures("filled")
def test_to_standard_output_and_through_a_pipe(
    winnow: Callable[..., Result], tmp_path: Path
) -> None:
    result = winnow("export", "--site", "gazette", "-")
    winnow("export", "--site", "gazette", tmp_path / "out.jsonl")
    assert result.stdout == (tmp_path / "out.jsonl").read_text(encoding="utf-8")


@pytest.mark.usefixtures("filled")
def test_only_some(winnow: Callable[..., Result], backend: FlaskClient, clock: Clock) -> None:
    clock.move(days=2)
    submit(backend, id="c-5")

    def ids(*given: str) -> list[str]:
        result = winnow("export", "--site", "gazette", *given, "-")
        return [json.loads(line)["id"] for line in result.stdout.splitlines()]

    assert ids("--status", "rejected") == ["c-4"]
    assert ids("--status", "pending") == ["c-3"]
    assert ids("--since", "2026-11-23") == ["c-5"]
    assert ids("--since", "2026-11-22T13:00:00+02:00") == ["c-1", "c-2", "c-3", "c-4", "c-5"]
    assert ids("--since", "2026-11-22T12:00:01Z", "--status", "approved") == ["c-5"]


@pytest.mark.usefixtures("filled")
def test_without_personal_data(winnow: Callable[..., Result]) -> None:
    result = winnow("export", "--site", "gazette", "--without-personal", "-")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["author"] for one in found] == [{}] * 4
    assert [one["metadata"] for one in found] == [{}] * 4
    assert {one["decision"]["actor"] for one in found if one["decision"]} == {"key"}
    for secret in ("Zoë", "zoe@", "192.0.2", "u-1", "likes", "wnw_", "all in all"):
        assert secret not in result.stdout
    assert "Où est le chat?" in result.stdout


@pytest.mark.usefixtures("filled")
def test_parquet(
    winnow: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(leaving, "AT_ONCE", 2)
    monkeypatch.setattr(columns, "GROUP", 2)
    out, lines = tmp_path / "out.parquet", tmp_path / "out.jsonl"
    assert winnow("export", "--site", "gazette", out).exit_code == 0
    assert winnow("export", "--site", "gazette", lines).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    file = pq.ParquetFile(out)
    assert file.num_row_groups == 2
    found = file.read().to_pylist()
    for row, one in zip(found, read_lines(lines), strict=True):
        assert {n: row[n] for n in ("id", "text", "status", "html")} == {
            n: one[n] for n in ("id", "text", "status", "html")
        }
        assert json.loads(row["author"]) == one["author"]
        assert json.loads(row["verdict"]) == one["verdict"]
        assert row["spam"] == one["verdict"]["scores"]["spam"]
        assert row["created_at"] == datetime.fromisoformat(one["created_at"])
    assert found[1]["decision_action"] == "approve"
    assert found[1]["decision_at"] == datetime(2026, 11, 22, 13, tzinfo=UTC)
    assert found[2]["reasons"] == ["insult_score"]


def test_an_empty_site(winnow: Callable[..., Result], tmp_path: Path) -> None:
    assert winnow("export", "--site", "gazette", tmp_path / "out.jsonl").exit_code == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    assert winnow("export", "--site", "gazette", tmp_path / "out.parquet").exit_code == 0
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_what_fails_leaves_what_was_there(
    winnow: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out" / name
    out.parent.mkdir()
    out.write_text("as it was")

    def fail(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    result = winnow("export", "--site", "gazette", out)
    assert result.exit_code == 1
    assert "cannot be written: No space left on device." in result.output
    assert out.read_text() == "as it was"
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.usefixtures("filled")
def test_it_is_all_of_one_moment(
    winnow: Callable[..., Result],
    backend: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """What comes and goes meanwhile is in it as it was when it began."""
    monkeypatch.setattr(leaving, "AT_ONCE", 2)
    show, shown = leaving._show, 0

    def disturb(*given: Any) -> dict[str, Any]:
        nonlocal shown
        shown += 1
        if shown == 1:
            submit(backend, id="c-9")
            assert backend.patch("/v1/comments/c-3", json={"text": "Changed."}).status_code == 200
            assert backend.delete("/v1/comments/c-4").status_code == 204
        return show(*given)

    monkeypatch.setattr(leaving, "_show", disturb)
    winnow("export", "--site", "gazette", tmp_path / "out.jsonl")
    found = read_lines(tmp_path / "out.jsonl")
    assert [one["id"] for one in found] == ["c-1", "c-2", "c-3", "c-4"]
    assert found[2]["text"] == "insult0.6, <b>you</b>"


@ON_SQLITE
def test_where_it_cannot_be_written(
    winnow: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = winnow("export", "--site", "gazette", tmp_path / "nowhere" / "out.jsonl")
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory." in result.output
    result = winnow("export", "--site", "gazette", "--since", "yesterday", "-")
    assert result.exit_code == 2

    def lack() -> Any:
        raise writing.StartupError("Parquet needs what winnow[bulk] installs.")

    monkeypatch.setattr(writing, "_import_columns", lack)
    result = winnow("export", "--site", "gazette", tmp_path / "out.parquet")
    assert "Parquet needs what winnow[bulk] installs." in result.output
    assert not (tmp_path / "out.parquet").exists()


@ON_SQLITE
@pytest.mark.usefixtures("filled")
def test_each_part_is_read_in_order_and_not_sorted_out_of_all(
    services: Services, site: int
) -> None:
    """A million comments would take an hour, and not minutes."""
    with watch_plans(services.database) as steps:
        list(leaving.read(services, Caller(site, "admin", "test"), leaving.Wanted()))

    assert any("ix_comments_site" in one for one in steps), steps
    assert not any("TEMP B-TREE" in one for one in steps), steps
