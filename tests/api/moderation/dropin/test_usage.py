"""Counting how Akismet's callers ask: each key, month and blog for itself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest
from sqlalchemy import Connection

from api.moderation import access
from api.moderation.access import Caller
from api.moderation.dropin import usage
from api.moderation.dropin.usage import Counts
from api.moderation.services import Services
from tests.factories import START, Clock


@pytest.fixture
def caller(site: int) -> Caller:
    return Caller(site, "backend", "key:aks_00000001")


def count(
    services: Services, caller: Caller, what: str, blog: str = "blog.example", times: int = 1
) -> None:
    for _ in range(times):
        services.database.write(
            lambda connection: usage.count(connection, caller, blog, services.now(), what)
        )


@pytest.mark.parametrize("what", usage.COUNTS)
def test_one_more_is_one_more(services: Services, caller: Caller, what: str) -> None:
    count(services, caller, what, times=3)

    [found], total = usage.list_blogs(services, caller, "2026-11")

    counts = {name: getattr(found, name) for name in usage.COUNTS}
    assert counts == {**dict.fromkeys(usage.COUNTS, 0), what: 3}
    assert (found.of, total) == ("blog.example", 1)


def test_what_is_counted_is_kept_apart(services: Services, site: int, caller: Caller) -> None:
    others = (
        Caller(site, "backend", "key:aks_00000002"),
        Caller(access.create_site(services, "elsewhere"), "backend", caller.actor),
    )
    count(services, caller, "ham")
    count(services, caller, "ham", "other.example", times=2)
    for number, other in enumerate(others, 3):
        count(services, other, "ham", times=number)

    def calls(who: Caller) -> Sequence[tuple[str, int]]:
        found, _ = usage.list_blogs(services, who, "2026-11")
        return [(one.of, one.calls) for one in found]

    assert calls(caller) == [("other.example", 2), ("blog.example", 1)]
    assert [calls(other) for other in others] == [[("blog.example", 3)], [("blog.example", 4)]]


def test_a_failed_act_counts_nothing(services: Services, caller: Caller) -> None:
    def fail(connection: Connection) -> None:
        usage.count(connection, caller, "blog.example", START, "spam")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        services.database.write(fail)

    assert usage.count_calls(services, caller) == 0


def test_two_at_once_are_two(services: Services, caller: Caller) -> None:
    threads = [Thread(target=count, args=(services, caller, "ham", "b", 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert usage.count_calls(services, caller) == 20


def test_a_month_is_one_of_utc() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert usage.name_month(late) == "2026-12"
    assert usage.name_month(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01"


def test_calls_are_those_of_this_month(services: Services, caller: Caller, clock: Clock) -> None:
    count(services, caller, "ham", times=2)
    count(services, caller, "spam", "other.example")
    count(services, caller, "missed_spam")
    assert usage.count_calls(services, caller) == 3

    clock.move(days=20)
    assert usage.count_calls(services, caller) == 0


def test_months_are_told_in_order(services: Services, caller: Caller, clock: Clock) -> None:
    count(services, caller, "ham", times=2)
    count(services, caller, "spam", "other.example")
    clock.move(days=60)
    count(services, caller, "false_positives", "other.example")

    assert usage.by_month(services, caller) == [
        Counts("2026-11", 1, 2, 0, 0),
        Counts("2027-01", 0, 0, 0, 1),
    ]
    assert usage.by_month(services, caller, "blog.example") == [Counts("2026-11", 0, 2, 0, 0)]
    assert usage.by_month(services, caller, "nobody.example") == []


def test_a_name_that_is_too_long_is_cut(services: Services, caller: Caller) -> None:
    count(services, caller, "ham", "x" * 400)
    count(services, caller, "ham", "x" * 500)

    [found], _ = usage.list_blogs(services, caller, "2026-11")
    assert (found.of, found.ham) == ("x" * 300, 2)
