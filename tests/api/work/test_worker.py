"""The worker with a clock that is moved and handlers that do as they are told."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from api.moderation import events
from api.moderation.services import Services
from api.store import jobs
from api.store.jobs import GiveUpError, LaterError, TakenJob
from api.store.outbox import Job
from api.work import running
from api.work.handlers import HANDLERS, TRIES, Handler
from api.work.worker import LONGEST, Worker
from tests.conftest import ON_SQLITE
from tests.factories import Clock


class Told:
    """A handler that does what a test wants, and notes what it was given."""

    def __init__(self) -> None:
        self.seen: list[TakenJob] = []
        self.then: Callable[[TakenJob], None] = lambda job: None

    def __call__(self, services: Services, job: TakenJob) -> None:
        self.seen.append(job)
        self.then(job)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def worker(services: Services, told: Told) -> Worker:
    return make_worker(services, told)


def make_worker(services: Services, told: Told, name: str = "w", **more: Any) -> Worker:
    handlers = {"told": Handler(told), "endless": Handler(told, tries=None)}
    return Worker(services, name, handlers=handlers, chance=lambda: 0.5, **more)


def put(services: Services, kind: str = "told", **payload: Any) -> None:
    services.database.write(lambda c: jobs.enqueue(c, kind, payload, services.now()))


def row(services: Services) -> Job:
    with services.database.reading() as session:
        return session.scalars(select(Job)).one()


def count(services: Services) -> int:
    with services.database.reading() as session:
        return len(session.scalars(select(Job)).all())


def tick(worker: Worker) -> bool:
    busy = worker.tick()
    worker.join()
    return busy


def fail(job: TakenJob) -> None:
    raise ValueError(f"the secret of {job.id}")


def raise_(error: Exception) -> Callable[[TakenJob], None]:
    def then(_: TakenJob) -> None:
        raise error

    return then


def test_a_job_is_done_once_and_then_gone(services: Services, worker: Worker, told: Told) -> None:
    put(services, n=1)

    assert tick(worker)

    assert [job.payload for job in told.seen] == [{"n": 1}]
    assert count(services) == 0
    assert not tick(worker)


def test_a_job_that_fails_comes_again_later_and_later_until_it_is_given_up(
    services: Services,
    worker: Worker,
    told: Told,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(services)
    told.then = fail
    waits = []

    for _ in range(TRIES - 1):
        tick(worker)
        wait = row(services).due_at - clock()
        waits.append(wait.total_seconds())
        clock.time += wait - timedelta(seconds=1)
        assert not tick(worker)
        clock.move(seconds=1)
    tick(worker)

    # Half of the chance is taken off each: three quarters of 5, 10, 20 ... up to an hour.
    assert waits == [0.75 * min(5 * 2**n, 3600) for n in range(TRIES - 1)]
    assert [job.attempts for job in told.seen] == list(range(1, TRIES + 1))
    assert row(services).failed_at == clock()
    assert row(services).error.startswith("ValueError at ")  # type: ignore[union-attr]
    assert "test_worker.py" in caplog.text
    assert "secret" not in caplog.text
    assert "secret" not in str(row(services).error)
    clock.move(days=30)
    assert not tick(worker)


@pytest.mark.parametrize("attempts", [1, 2, 5, 11, 50, 100_000])
def test_waits_stay_within_bounds_and_differ_by_chance(attempts: int) -> None:
    longest = min(timedelta(seconds=5) * 2 ** min(attempts - 1, 20), timedelta(hours=1))

    assert running.back_off(attempts, 0) == longest
    assert running.back_off(attempts, 0.999) >= longest / 2


def test_what_is_never_given_up_is_tried_for_ever(
    services: Services, worker: Worker, told: Told, clock: Clock
) -> None:
    put(services, "endless")
    told.then = fail

    for _ in range(TRIES + 5):
        tick(worker)
        clock.move(hours=1)

    assert len(told.seen) == TRIES + 5
    assert row(services).failed_at is None


def test_a_handler_may_choose_when_to_be_asked_again(
    services: Services, worker: Worker, told: Told, clock: Clock
) -> None:
    put(services)
    told.then = raise_(LaterError(timedelta(minutes=7), "The receiver asked for it."))
    tick(worker)
    assert row(services).due_at == clock() + timedelta(minutes=7)
    assert (row(services).attempts, row(services).error) == (1, "The receiver asked for it.")

    clock.move(minutes=7)
    told.then = raise_(LaterError(timedelta(minutes=7), counts=False))
    for _ in range(TRIES + 5):
        assert tick(worker)
        clock.move(minutes=7)

    assert (row(services).attempts, row(services).failed_at) == (0, None)


def test_a_handler_may_give_up_at_once(services: Services, worker: Worker, told: Told) -> None:
    put(services)
    told.then = raise_(GiveUpError("The receiver is gone for good."))

    tick(worker)

    assert row(services).error == "The receiver is gone for good."
    assert row(services).failed_at is not None


def test_a_job_that_only_newer_workers_know_waits_for_one(
    services: Services, worker: Worker, clock: Clock
) -> None:
    put(services, "brand-new")

    for _ in range(TRIES + 5):
        tick(worker)
        clock.move(minutes=1)

    assert (row(services).attempts, row(services).failed_at) == (0, None)
    assert "brand-new" in str(row(services).error)


class Hanging:
    """A job that lasts until it is let go."""

    def __init__(self, told: Told) -> None:
        self.begun, self.over = threading.Semaphore(0), threading.Event()
        self.threads: list[threading.Thread] = []
        told.then = self

    def __call__(self, _: TakenJob) -> None:
        self.threads.append(threading.current_thread())
        self.begun.release()
        assert self.over.wait(30)

    def end(self) -> None:
        """Let them all go, and wait until what came of it is written down."""
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_two_workers_never_have_one_job_until_its_lease_has_run_out(
    services: Services, told: Told, clock: Clock
) -> None:
    frozen, other = make_worker(services, told, "frozen"), make_worker(services, told, "other")
    put(services)
    hanging = Hanging(told)
    frozen.tick()
    hanging.begun.acquire()
    clock.move(seconds=59)
    assert not tick(other)
    clock.move(seconds=1)

    assert other.tick()
    hanging.begun.acquire()
    told.then = lambda job: None
    holder = row(services).worker
    frozen_job, other_job = told.seen

    # Who was late neither ends the job nor gives it back, though its handler has ended.
    assert not jobs.finish(services.database, frozen_job)
    hanging.end()
    assert frozen_job.worker != other_job.worker == holder
    assert [job.attempts for job in told.seen] == [1, 2]
    assert count(services) == 0


def test_a_worker_that_lives_keeps_a_long_job_for_a_quarter_of_an_hour(
    services: Services, told: Told, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    slow, other = make_worker(services, told, "slow", threads=1), make_worker(services, told, "o")
    put(services)
    hanging = Hanging(told)
    slow.tick()
    hanging.begun.acquire()

    for _ in range(int(LONGEST / timedelta(seconds=30))):
        clock.move(seconds=30)
        assert not slow.tick()
        assert not other.tick()
    for _ in range(3):
        clock.move(seconds=30)
        slow.tick()
    taken_again = len(told.seen)
    hanging.end()

    # The thread is counted as lost: the worker has a place for the job again.
    assert taken_again == 2
    assert "hangs" in caplog.text


def test_a_slow_lane_leaves_places_for_others(services: Services, told: Told) -> None:
    worker = make_worker(services, told, threads=6)
    for n in range(20):
        put(services, n=n)
    hanging = Hanging(told)
    worker.tick()
    for _ in range(jobs.PLACES):
        hanging.begun.acquire()

    put(services, "endless")
    worker.tick()
    hanging.begun.acquire()

    assert [job.kind for job in told.seen] == ["told"] * jobs.PLACES + ["endless"]
    hanging.end()


def test_a_worker_takes_no_more_than_it_has_threads(services: Services, told: Told) -> None:
    worker = make_worker(services, told, threads=2)
    for n in range(5):
        put(services, n=n)
    hanging = Hanging(told)

    worker.tick()
    worker.tick()

    assert len(told.seen) == 2
    hanging.end()


def test_a_worker_that_is_stopped_lets_jobs_end(services: Services, told: Told) -> None:
    worker = make_worker(services, told)
    put(services)
    hanging = Hanging(told)
    thread = threading.Thread(target=worker.run)
    thread.start()
    hanging.begun.acquire()

    worker.stop(grace=30)
    hanging.end()
    thread.join()

    assert count(services) == 0


def test_a_worker_that_may_wait_no_longer_returns_jobs_unharmed(
    services: Services, told: Told
) -> None:
    worker = make_worker(services, told)
    put(services)
    hanging = Hanging(told)
    thread = threading.Thread(target=worker.run)
    thread.start()
    hanging.begun.acquire()

    worker.stop(grace=30)
    worker.stop(grace=0)
    thread.join()

    left = row(services)
    assert (left.attempts, left.worker, left.due_at) == (0, None, services.now())
    hanging.end()
    # It was returned, so it is not this worker's to end.
    assert count(services) == 1


def test_a_worker_that_nobody_wants_any_more_ends(services: Services, worker: Worker) -> None:
    put(services)
    answers = iter([True, True, False])

    worker.run(lambda: next(answers))
    worker.join()

    assert count(services) == 0


@ON_SQLITE
def test_a_database_that_is_away_is_said_once_and_waited_for(
    services: Services,
    worker: Worker,
    told: Told,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(services)
    looks: list[int] = []

    def seal(*_: Any) -> int:
        looks.append(1)
        if len(looks) < 4:
            raise OperationalError("SELECT 1", {}, Exception("no such host\nrow: someone"))
        return 0

    monkeypatch.setattr(events, "seal", seal)
    monkeypatch.setattr(running.Outage, "LONGEST_WAIT", 0.01)
    worker.run(lambda: len(looks) < 5)
    worker.join()

    # What can be done is done, whatever becomes of the log.
    assert len(told.seen) == 1
    said = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert said == [
        (logging.ERROR, "the database is away: no such host"),
        (logging.WARNING, "the database is back"),
    ]


@ON_SQLITE
def test_what_is_done_is_written_down_when_the_database_is_back(
    services: Services, worker: Worker, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(services)
    finish, waits = jobs.finish, []

    def away_twice(*given: Any) -> bool:
        if len(waits) < 2:
            raise OperationalError("DELETE", {}, Exception("gone"))
        return finish(*given)

    monkeypatch.setattr(jobs, "finish", away_twice)
    monkeypatch.setattr("api.work.running.time.sleep", waits.append)
    tick(worker)

    assert len(waits) == 2
    assert waits == sorted(waits)
    assert count(services) == 0
    assert len(told.seen) == 1


@ON_SQLITE
def test_events_that_cannot_be_sealed_hold_no_job_up(
    services: Services,
    worker: Worker,
    told: Told,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(services)

    def seal(*_: Any) -> int:
        raise KeyError("someone@example.org")

    monkeypatch.setattr(events, "seal", seal)

    assert tick(worker)
    assert len(told.seen) == 1
    assert "events could not be sealed" in caplog.text
    assert "someone" not in caplog.text


def test_an_error_of_our_own_making_is_no_outage(
    services: Services,
    worker: Worker,
    told: Told,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(services)
    error = IntegrityError("INSERT INTO events", {}, Exception("someone@example.org"))
    monkeypatch.setattr(events, "seal", Mock(side_effect=error))
    monkeypatch.setattr(jobs, "finish", Mock(side_effect=error))

    worker.run(lambda: not told.seen)
    worker.join()

    assert "events could not be sealed" in caplog.text
    assert "is not written down" in caplog.text
    assert "away" not in caplog.text
    assert "someone" not in caplog.text


def test_handlers_exist_for_the_kinds_we_write() -> None:
    assert {"webhook.deliver", "comment.rejudge", "retention.sweep"} <= set(HANDLERS)
