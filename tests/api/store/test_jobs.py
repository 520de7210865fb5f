"""Jobs as rows: due, taken under a lease, finished by whoever holds them and nobody else."""

import threading
from typing import Any

import pytest
from sqlalchemy import select

from api.store import jobs
from api.store.database import Database
from api.store.jobs import TakenJob
from api.store.outbox import Job
from tests.factories import Clock


def put(database: Database, clock: Clock, *names: str, **more: Any) -> None:
    for name in names:
        database.write(
            lambda c, name=name: jobs.enqueue(  # type: ignore[misc]
                c, more.get("kind", "test"), {"name": name}, clock(), lane=more.get("lane", "")
            )
        )


def take(database: Database, clock: Clock, most: int = 10, **more: Any) -> list[TakenJob]:
    return jobs.take(database, clock(), more.pop("worker", "w"), most, **more)


def names(taken: list[TakenJob]) -> list[str]:
    return [job.payload["name"] for job in taken]


def rows(database: Database) -> list[Job]:
    with database.reading() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def test_what_is_due_is_taken_oldest_first_and_once(database: Database, clock: Clock) -> None:
    put(database, clock, "first")
    clock.move(seconds=1)
    put(database, clock, "second")
    clock.move(seconds=-0.5)

    [taken] = take(database, clock)

    assert (taken.payload, taken.attempts, taken.kind) == ({"name": "first"}, 1, "test")
    assert take(database, clock) == []
    clock.move(seconds=1)
    assert names(take(database, clock)) == ["second"]


def test_a_job_of_the_same_key_is_written_once(database: Database, clock: Clock) -> None:
    for _ in range(2):
        database.write(lambda c: jobs.enqueue(c, "test", {}, clock(), key="sweep"))

    assert len(rows(database)) == 1


def test_what_is_finished_is_gone(database: Database, clock: Clock) -> None:
    put(database, clock, "one")
    [taken] = take(database, clock)

    assert jobs.finish(database, taken)

    assert rows(database) == []
    assert not jobs.finish(database, taken)


def test_a_job_whose_worker_is_gone_is_due_again_and_no_longer_the_first_ones(
    database: Database, clock: Clock
) -> None:
    put(database, clock, "one")
    [first] = take(database, clock, worker="gone")
    clock.move(seconds=jobs.LEASE.total_seconds() - 1)
    assert take(database, clock, worker="other") == []
    clock.move(seconds=1)

    [second] = take(database, clock, worker="other")

    assert (second.id, second.attempts) == (first.id, 2)
    before = [vars(row) | {"_sa_instance_state": 0} for row in rows(database)]
    assert not jobs.finish(database, first)
    assert not jobs.put_off(database, first, clock())
    assert not jobs.bury(database, clock(), first, "late")
    jobs.put_back(database, clock(), [first])
    jobs.extend(database, clock(), [first])
    assert [vars(row) | {"_sa_instance_state": 0} for row in rows(database)] == before
    assert jobs.finish(database, second)


def test_one_worker_that_takes_the_same_job_twice_holds_it_once(
    database: Database, clock: Clock
) -> None:
    put(database, clock, "one")
    [first] = take(database, clock)
    jobs.put_off(database, first, clock(), counts=False)
    [second] = take(database, clock)

    assert first.attempts == second.attempts == 1
    assert not jobs.finish(database, first)
    assert jobs.finish(database, second)


def test_a_lease_that_is_extended_lasts(database: Database, clock: Clock) -> None:
    put(database, clock, "one", "two")
    taken = take(database, clock)
    clock.move(seconds=50)
    jobs.extend(database, clock(), taken)
    clock.move(seconds=50)

    assert take(database, clock) == []
    clock.move(seconds=10)
    assert len(take(database, clock)) == 2


def test_what_is_put_back_was_never_tried(database: Database, clock: Clock) -> None:
    put(database, clock, "one", "two")
    jobs.put_back(database, clock(), take(database, clock))

    assert [(row.attempts, row.worker) for row in rows(database)] == [(0, None)] * 2
    assert names(take(database, clock)) == ["one", "two"]


def test_what_is_put_off_waits(database: Database, clock: Clock) -> None:
    put(database, clock, "one")
    [taken] = take(database, clock)
    later = clock()
    clock.move(seconds=-30)
    assert jobs.put_off(database, taken, later, "Not now.")

    assert take(database, clock) == []
    assert rows(database)[0].error == "Not now."
    clock.move(seconds=30)
    [again] = take(database, clock)
    assert again.attempts == 2


def test_a_buried_job_is_kept_and_not_taken(database: Database, clock: Clock) -> None:
    put(database, clock, "one")
    [taken] = take(database, clock)
    assert jobs.bury(database, clock(), taken, "No use.")
    clock.move(days=30)

    assert take(database, clock) == []
    [row] = rows(database)
    assert (row.error, row.worker, row.failed_at is None) == ("No use.", None, False)


def test_a_lane_has_few_places_whatever_waits_in_it(database: Database, clock: Clock) -> None:
    put(database, clock, *map(str, range(50)), lane="slow")
    clock.move(seconds=1)
    put(database, clock, "quick", lane="other")

    first = take(database, clock, worker="a")

    assert [job.lane for job in first] == ["slow"] * jobs.PLACES + ["other"]
    assert take(database, clock, worker="b") == []
    jobs.finish(database, first[0])
    put(database, clock, "quicker", lane="other")
    # Where less is being done comes first, though the other lane has waited longer.
    assert names(take(database, clock, worker="b")) == ["quicker", str(jobs.PLACES)]


def test_places_of_a_worker_that_is_gone_are_free_again(database: Database, clock: Clock) -> None:
    put(database, clock, *map(str, range(3)))
    take(database, clock, worker="gone", places=2)
    clock.move(seconds=jobs.LEASE.total_seconds())

    assert len(take(database, clock, worker="other", places=2)) == 2


def test_no_more_is_taken_than_was_asked_for(database: Database, clock: Clock) -> None:
    for lane in "abcd":
        put(database, clock, "1", "2", lane=lane)

    assert len(take(database, clock, most=3)) == 3
    assert len(take(database, clock, most=3)) == 3
    assert len(take(database, clock, most=3)) == 2


def test_what_nobody_comes_back_from_is_given_up(database: Database, clock: Clock) -> None:
    put(database, clock, "poison", "other")
    for _ in range(jobs.LOST):
        taken = take(database, clock)
        assert {"poison", "other"} == set(names(taken))
        jobs.put_back(database, clock(), [j for j in taken if j.payload["name"] == "other"])
        clock.move(seconds=jobs.LEASE.total_seconds())

    assert names(take(database, clock)) == ["other"]

    assert rows(database)[0].error == "Its workers never came back."
    assert rows(database)[0].failed_at == clock()


@pytest.mark.parametrize("workers", [4])
def test_workers_that_take_at_once_share_without_overlap_or_a_place_too_many(
    database: Database, clock: Clock, workers: int
) -> None:
    for lane in "abc":
        put(database, clock, *map(str, range(20)), lane=lane)
    start = threading.Barrier(workers)
    most_at_once: list[int] = []
    done: list[int] = []
    doing: dict[str, int] = {}
    guard = threading.Lock()

    def work(number: int) -> None:
        start.wait()
        misses = 0
        while misses < 30:
            taken = jobs.take(database, clock(), f"w{number}", 3, places=2)
            misses = 0 if taken else misses + 1
            with guard:
                for job in taken:
                    doing[job.lane] = doing.get(job.lane, 0) + 1
                    most_at_once.append(doing[job.lane])
            for job in taken:
                with guard:
                    doing[job.lane] -= 1
                assert jobs.finish(database, job)
                done.append(job.id)

    threads = [threading.Thread(target=work, args=[number]) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    while taken := take(database, clock):
        done += [job.id for job in taken if jobs.finish(database, job)]
    assert sorted(done) == sorted(set(done))
    assert len(done) == 60
    assert max(most_at_once) <= 2
