"""One act for each ticket: while it is done, when it fails, and when it was done before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session

from api.moderation.errors import RunningError, WrongRepeatError
from api.moderation.repeats import Answer, RepeatError, Ticket, perform
from api.moderation.services import Services
from api.store.database import Database
from api.store.tables import Site
from tests.conftest import ON_POSTGRESQL, ON_SQLITE
from tests.factories import START, count

PATIENCE = 20
"""Seconds after which a thread that should long be done is stuck."""


def ticket(key: str = "k-1", digest: str = "d-1") -> Ticket:
    return Ticket(key, digest, lambda result: Answer(201, f"made {result}"))


def make(name: str) -> Callable[[Session], str]:
    """An act that can be counted."""

    def act(session: Session) -> str:
        session.add(Site(name=name, created_at=START))
        return name

    return act


class Slow:
    """An act that stays in its transaction until it is let go."""

    def __init__(self, fail: bool = False) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.fail = fail

    def __call__(self, session: Session) -> str:
        session.add(Site(name="slow", created_at=START))
        session.flush()
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        if self.fail:
            raise OSError("stumbled")
        return "slow"


@contextmanager
def going_on(services: Services, site: int, act: Slow) -> Iterator[list[BaseException]]:
    """Do it in another thread; it ends with the block."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            perform(services, site, ticket(), act)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert act.begun.wait(PATIENCE)
        yield failures
    finally:
        act.go_on.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_an_act_is_done_once_and_its_answer_given_again(
    services: Services, site: int, database: Database
) -> None:
    assert perform(services, site, ticket(), make("one")) == "one"

    for _ in range(2):
        with pytest.raises(RepeatError) as repeat:
            perform(services, site, ticket(), make("two"))
        assert (repeat.value.answer.status, repeat.value.answer.body) == (201, "made one")
    assert count(database)["sites"] == 2


def test_without_a_ticket_it_is_done_every_time(
    services: Services, site: int, database: Database
) -> None:
    perform(services, site, None, make("one"))
    perform(services, site, None, make("two"))

    assert count(database)["sites"] == 3
    assert count(database)["kept_answers"] == 0


def test_a_ticket_of_something_else_is_wrong(
    services: Services, site: int, database: Database
) -> None:
    perform(services, site, ticket(), make("one"))

    with pytest.raises(WrongRepeatError, match="was used for another request"):
        perform(services, site, ticket(digest="d-2"), make("two"))

    assert count(database)["sites"] == 2


def test_an_act_that_fails_has_not_used_its_ticket(
    services: Services, site: int, database: Database
) -> None:
    def fail(_session: Session) -> str:
        make("one")(_session)
        raise OSError("stumbled")

    with pytest.raises(OSError, match="stumbled"):
        perform(services, site, ticket(), fail)
    assert count(database)["sites"] == 1

    assert perform(services, site, ticket(digest="d-2"), make("two")) == "two"


def test_an_answer_that_cannot_be_made_undoes_the_act(
    services: Services, site: int, database: Database
) -> None:
    broken = Ticket("k-1", "d-1", lambda _: Answer(201, str(1 / 0)))

    with pytest.raises(ZeroDivisionError):
        perform(services, site, broken, make("one"))

    assert count(database)["sites"] == 1
    assert perform(services, site, ticket(), make("one")) == "one"


@ON_POSTGRESQL
@pytest.mark.parametrize("fail", [False, True])
def test_while_it_is_done_the_same_ticket_is_told_so(
    services: Services, site: int, database: Database, fail: bool
) -> None:
    slow = Slow(fail)

    with going_on(services, site, slow) as failures:
        with pytest.raises(RunningError, match="is still being worked on"):
            perform(services, site, ticket(), make("two"))
        assert perform(services, site, ticket("k-2"), make("other")) == "other"

    assert [type(one) for one in failures] == [OSError] * fail
    if fail:
        assert perform(services, site, ticket(), make("three")) == "three"
    else:
        with pytest.raises(RepeatError):
            perform(services, site, ticket(), make("three"))


@ON_SQLITE
def test_on_sqlite_the_same_ticket_waits_for_its_turn(
    services: Services, site: int, database: Database
) -> None:
    slow = Slow()
    answers: list[str] = []

    def repeat() -> None:
        try:
            perform(services, site, ticket(), make("two"))
        except RepeatError as error:
            answers.append(error.answer.body)

    with going_on(services, site, slow):
        second = threading.Thread(target=repeat)
        second.start()
        assert answers == []
    second.join(PATIENCE)

    assert answers == ["made slow"]
    assert count(database)["sites"] == 2
