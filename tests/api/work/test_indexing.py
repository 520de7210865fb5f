"""The job that gives words to comments that were there before there was a search."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from api.moderation import indexing
from api.moderation.services import Services
from api.store.jobs import LaterError
from api.store.review import SearchProgress
from api.work.handlers import HANDLERS
from tests.factories import Clock, submit, walk


def found(client: FlaskClient, q: str) -> list[str]:
    return [item["id"] for item in walk(client, "/v1/comments", q=q)]


def forget(services: Services, where: str = "") -> None:
    """Be as after a migration, with comments and without their words."""
    with services.database.writing() as session:
        session.execute(text(f"DELETE FROM comment_words {where}"))


def progress(services: Services) -> int | None:
    with services.database.reading() as session:
        return session.scalar(select(SearchProgress.upto))


def test_the_job_is_done_each_minute() -> None:
    handler = HANDLERS["search.index"]
    assert (handler.run, handler.tries, handler.every) == (
        indexing.index,
        None,
        timedelta(minutes=1),
    )


def test_old_comments_are_found_once_the_job_has_come_to_them(
    services: Services, backend: FlaskClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        submit(backend, f"old news {n}", id=f"c-{n}", author={"name": "Ada"})
    submit(backend, "<i>older</i>", id="c-7", html=True)
    backend.patch("/v1/comments/c-0", json={"text": "a new wording"})
    forget(services)
    clock.move(hours=1)
    submit(backend, "brand new", id="c-8")
    assert found(backend, "old") == []
    monkeypatch.setattr(indexing, "BATCH", 2)
    monkeypatch.setattr(indexing, "BATCHES", 2)

    with pytest.raises(LaterError) as put_off:
        indexing.index(services)

    assert not put_off.value.counts
    assert found(backend, "old ada") == ["c-3", "c-2", "c-1"]
    assert found(backend, "wording") == ["c-0"]
    with pytest.raises(LaterError):
        indexing.index(services)
    indexing.index(services)
    assert found(backend, "old") == [f"c-{n}" for n in range(6, 0, -1)]
    assert (found(backend, "older"), found(backend, "i")) == (["c-7"], [])
    assert found(backend, "brand") == ["c-8"]


def test_it_remembers_how_far_it_has_come_but_for_the_last_minutes(
    services: Services, backend: FlaskClient, clock: Clock
) -> None:
    submit(backend, "first", id="c-1")
    clock.move(minutes=11)
    submit(backend, "second", id="c-2")
    indexing.index(services)
    upto = progress(services)
    # An old server may keep one with a smaller number yet, or this one's words may be lacking.
    forget(services)
    indexing.index(services)

    assert upto is not None
    assert (found(backend, "first"), found(backend, "second")) == ([], ["c-2"])
    clock.move(minutes=11)
    indexing.index(services)
    assert progress(services) == upto + 1
    indexing.index(services)
    assert progress(services) == upto + 1


def test_nothing_to_do_is_done_at_once(services: Services) -> None:
    indexing.index(services)
    assert progress(services) is None
