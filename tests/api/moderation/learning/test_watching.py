"""An adapter whose verdicts people override is taken back by itself."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from api.moderation import access, events, inforce
from api.moderation.access import Caller
from api.moderation.learning import versions, watching
from api.moderation.services import Services
from api.store.learning import StoredAdapter
from api.store.tables import Comment
from tests.api.moderation.deciding import Kept
from tests.api.moderation.deciding import keep as keep_comments
from tests.api.moderation.learning.adapters import make_candidate
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import Clock


@pytest.fixture
def adapter(services: Services, site: int) -> StoredAdapter:
    """An adapter in force."""
    return versions.keep(services, Caller(site, "admin", "winnow"), make_candidate(0.5))


def decided(
    count: int, verdict: str, right: int, model: str | None = "words-1", days_ago: float = 9.0
) -> list[Kept]:
    """Verdicts that people have decided about, so many of them as the machine had."""
    agree, differ = ("approve", "reject") if verdict == "approve" else ("reject", "approve")
    said = [agree] * right + [differ] * (count - right)
    return [Kept(0.5, verdict, one, model=model, days_ago=days_ago) for one in said]


def watch(services: Services, site: int, *rows: list[Kept]) -> int | None:
    """Keep comments, have the job done, and say which adapter is in force."""
    keep_comments(services, site, "spam", [one for some in rows for one in some])
    job: Any = None
    watching.watch(services, job)
    return inforce.find(services, site).adapter


def test_it_is_taken_back_when_much_more_is_overridden(
    services: Services, site: int, adapter: StoredAdapter
) -> None:
    """Of what is held people approve three in four, not one in three."""
    before, after = decided(90, "hold", 60), decided(40, "hold", 10, adapter.version, 1)

    assert watch(services, site, before, after) is None

    caller = Caller(site, "admin", "winnow")
    assert versions.show(services, caller, adapter.public_id).state == "withdrawn"
    events.seal(services)
    [event] = events.list_events(
        services, caller, events.Wanted(type="model.rolled_back"), 10
    ).items
    assert event.actor == "winnow"
    assert event.data["why"] == (
        "Of what it held or rejected 30 of 40 were overridden, and 30 of 90 before it."
    )


def test_what_it_lets_pass_counts_by_itself(
    services: Services, site: int, adapter: StoredAdapter
) -> None:
    """That more is held rightly does not make up for what gets through."""
    before = decided(60, "approve", 54), decided(90, "hold", 30)
    after = (
        decided(40, "approve", 20, adapter.version, 1),
        decided(300, "hold", 200, adapter.version, 1),
    )

    assert watch(services, site, *before, *after) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param((90, 60), (40, 26), id="as before"),
        pytest.param((90, 60), (29, 0), id="too few to say"),
        pytest.param((20, 20), (60, 0), id="nothing to compare with"),
        pytest.param((90, 60), (40, 19), id="it may be chance"),
        pytest.param((900, 882), (900, 855), id="a little, however sure"),
    ],
)
@ON_SQLITE
def test_it_stays_where_that_is_not_clear(
    services: Services,
    site: int,
    adapter: StoredAdapter,
    before: tuple[int, int],
    after: tuple[int, int],
) -> None:
    rows = (
        decided(before[0], "hold", before[1]),
        decided(after[0], "hold", after[1], adapter.version, 1),
    )

    assert watch(services, site, *rows) == adapter.id


@ON_SQLITE
def test_what_was_judged_since_without_it_is_not_before_it(
    services: Services, site: int, adapter: StoredAdapter
) -> None:
    before, since = decided(90, "hold", 30), decided(90, "hold", 90, days_ago=1)
    after = decided(40, "hold", 12, adapter.version, 2)

    assert watch(services, site, before, after, since) == adapter.id


@ON_SQLITE
def test_decisions_at_once_and_those_asked_for_do_not_count(
    services: Services, site: int, adapter: StoredAdapter
) -> None:
    rows = decided(90, "hold", 60), decided(40, "hold", 10, adapter.version, 1)
    keep_comments(services, site, "spam", [one for some in rows for one in some])
    with services.database.writing() as session:
        session.execute(update(Comment).where(Comment.id > 100).values(asked=0.4))

    assert watch(services, site, decided(1, "hold", 1)) == adapter.id


@ON_SQLITE
def test_each_site_is_watched_by_itself(
    services: Services, site: int, adapter: StoredAdapter
) -> None:
    other = access.create_site(services, "elsewhere")
    kept = versions.keep(services, Caller(other, "admin", "winnow"), make_candidate(0.7))
    keep_comments(services, other, "spam", decided(90, "hold", 60))

    assert watch(services, other, decided(40, "hold", 10, kept.version, 1)) is None

    assert inforce.find(services, site).adapter == adapter.id


def test_the_worker_watches(
    services: Services, site: int, clock: Clock, adapter: StoredAdapter
) -> None:
    work(services)
    rows = decided(90, "hold", 60), decided(40, "hold", 10, adapter.version, 1)
    keep_comments(services, site, "spam", [one for some in rows for one in some])

    clock.time += watching.EVERY + timedelta(seconds=1)
    work(services)

    assert inforce.find(services, site).adapter is None
