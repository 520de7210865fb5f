"""The log played back tells where every comment stands, and the command says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from api.cli import main
from api.moderation.events import playback, proof
from api.moderation.services import Services
from api.store.tables import Comment
from tests.factories import decide, submit
from tests.reliability.tampering import (
    LENGTH,
    change,
    find_site,
    remove,
    sealed,
    sneak,
    tampering,
    walk,
)

__all__ = ["sealed"]


@pytest.mark.usefixtures("sealed")
def test_the_log_played_back_gives_every_status(services: Services) -> None:
    with proof.one_moment(services) as session:
        assert list(playback.compare(session, find_site(session))) == []


@pytest.mark.usefixtures("sealed")
def test_what_is_not_sealed_yet_is_played_back_as_well(
    services: Services, moderator: FlaskClient
) -> None:
    decide(moderator, "c-0", "approve")

    with proof.one_moment(services) as session:
        assert list(playback.compare(session, find_site(session))) == []
        assert walk(session).unsealed == 1


@pytest.mark.usefixtures("sealed")
def test_a_comment_that_does_not_stand_where_the_log_left_it_is_named(services: Services) -> None:
    with tampering(services) as session:
        mine = Comment.site_id == find_site(session).id
        for name, status in (("c-1", "approved"), ("c-2", "pending")):
            here = mine, Comment.public_id == name
            session.execute(update(Comment).where(*here).values(status=status))
        session.execute(delete(Comment).where(mine, Comment.public_id == "c-3"))
        renamed = update(Comment).where(mine, Comment.public_id == "c-4")
        session.execute(renamed.values(public_id="c-8"))

        assert list(playback.compare(session, find_site(session))) == [
            "comment c-1 is approved, but the log says rejected",
            "comment c-2 is pending, but the log says rejected",
            "comment c-3 is deleted, but the log says rejected",
            "comment c-4 is deleted, but the log says rejected",
            "comment c-8 is kept, but the log does not know it",
        ]


@pytest.mark.usefixtures("sealed")
def test_events_that_do_not_follow_from_each_other_are_named(services: Services) -> None:
    with tampering(services) as session:
        sneak(session, 13)
        found = list(playback.compare(session, find_site(session)))
        assert found == ["comment c-1 is rejected, but the log says approved"]
        remove(session, 2)
        assert "comment c-1: event 8 says it was pending, not deleted" in list(
            playback.compare(session, find_site(session))
        )


@pytest.fixture
def command(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Result]:
    """Runs `winnow events verify` on the database of the test."""
    monkeypatch.setenv("WINNOW_DATABASE_URL", services.database.url)
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["events", "verify", *arguments])

    return run


@pytest.mark.usefixtures("sealed")
def test_the_command_says_how_much_is_intact_and_where_the_head_is(
    command: Callable[..., Result], moderator: FlaskClient
) -> None:
    head = moderator.get("/v1/events/head").json

    result = command("--status")

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == f"gazette: {LENGTH} events intact; head {LENGTH}:{head['hash']}"
    assert lines[1].startswith("elsewhere: 1 events intact; head 1:")
    assert len(lines) == 2
    noted = command("--site", "gazette", "--head", f"{LENGTH}:{head['hash']}")
    assert noted.exit_code == 0, noted.output


@pytest.mark.usefixtures("sealed")
def test_the_command_fails_and_names_what_is_wrong(
    command: Callable[..., Result], services: Services, moderator: FlaskClient
) -> None:
    submit(moderator, "spam0.60", id="c-7")
    with services.database.writing() as session:
        change(session, 3, actor="eve")
        remove(session, 9)
        here = Comment.site_id == find_site(session).id, Comment.public_id == "c-1"
        session.execute(update(Comment).where(*here).values(status="approved"))

    result = command("--status", "--site", "gazette")

    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert "9 events intact (1 not sealed yet); head 12:" in lines[0]
    assert lines[1:] == [
        "gazette: number 3 is not what was written",
        "gazette: number 9 is missing",
        "gazette: comment c-1 is approved, but the log says rejected",
        "gazette: comment c-2 is rejected, but the log says pending",
        "Error: The log is not what was written.",
    ]
    assert command("--site", "elsewhere").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--site", "nowhere"],
        ["--head", f"1:{'0' * 64}"],
        ["--site", "gazette", "--head", "1"],
        ["--site", "gazette", "--head", "1:xyz"],
    ],
)
@pytest.mark.usefixtures("site")
def test_the_command_refuses_what_it_cannot_mean(
    command: Callable[..., Result], arguments: list[str]
) -> None:
    result = command(*arguments)

    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
