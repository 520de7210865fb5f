"""Who does not answer is left alone for a while, then asked once."""

from api.moderation.outgoing.breaker import MOST_FAILURES, REST, Breaker
from tests.factories import Clock


def fail(breaker: Breaker, clock: Clock, times: int, name: str = "a") -> list[bool]:
    return [breaker.fail(name, clock()) for _ in range(times)]


def test_some_failures_are_borne(clock: Clock) -> None:
    breaker = Breaker()

    assert fail(breaker, clock, MOST_FAILURES - 1) == [False] * (MOST_FAILURES - 1)
    assert breaker.lets_through("a", clock())
    assert fail(breaker, clock, 1) == [True]
    assert not breaker.lets_through("a", clock())


def test_a_success_between_begins_the_count_anew(clock: Clock) -> None:
    breaker = Breaker()
    for _ in range(3):
        fail(breaker, clock, MOST_FAILURES - 1)
        breaker.succeed("a")

    assert breaker.lets_through("a", clock())


def test_others_do_not_suffer(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker, clock, MOST_FAILURES)

    assert breaker.lets_through("b", clock())


def test_after_the_rest_one_finds_out(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker, clock, MOST_FAILURES)
    clock.time += REST

    assert [breaker.lets_through("a", clock()) for _ in range(3)] == [True, False, False]
    # The same rest goes on: it is not news.
    assert fail(breaker, clock, 1) == [False]
    assert not breaker.lets_through("a", clock())
    clock.time += REST
    assert breaker.lets_through("a", clock())
    breaker.succeed("a")
    assert [breaker.lets_through("a", clock()) for _ in range(3)] == [True, True, True]


def test_a_clock_that_is_set_back_makes_no_long_rest(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker, clock, MOST_FAILURES)
    clock.move(days=-30)

    assert breaker.lets_through("a", clock())
    assert not breaker.lets_through("a", clock())
