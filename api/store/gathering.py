"""Lets threads that wait for SQLite's one writer share a transaction, and so its one sync."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
_BUSY = "The database is busy with other writers."
Opening = Callable[[], AbstractContextManager[Connection]]


class BusyError(Exception):
    """Other writers of this process had the database for too long."""


@dataclass(eq=False, slots=True)
class _Job(Generic[T]):
    work: Callable[[Connection], T]
    result: T | None = None
    error: BaseException | None = None
    finished: threading.Event = field(default_factory=threading.Event)


class Gatherer:
    """Whoever gets the turn does what all others wait for, in one transaction of `opening`.

    Each piece of work is done whole or not at all: if one of several fails, the transaction
    is rolled back and each is done again in a transaction of its own.
    """

    def __init__(self, opening: Opening, patience: float) -> None:
        self._turn = threading.Lock()
        self._opening = opening
        self._patience = patience
        self._waiting: deque[_Job[Any]] = deque()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction and return what it returns, once that is committed.

        `work` may run twice. Raises what it raises, or BusyError when the turn does not come.
        """
        job = _Job(work)
        self._waiting.append(job)
        if not self._turn.acquire(timeout=self._patience):
            self._give_up(job)
        else:
            try:
                if not job.finished.is_set():
                    self._do(self._take_all())
            finally:
                self._turn.release()
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]

    @contextmanager
    def turn_taken(self) -> Iterator[None]:
        """Hold the turn for a block; raise BusyError when it does not come."""
        if not self._turn.acquire(timeout=self._patience):
            raise BusyError(_BUSY)
        try:
            yield
        finally:
            self._turn.release()

    def _give_up(self, job: _Job[Any]) -> None:
        try:
            self._waiting.remove(job)
        except ValueError:
            # Somebody is doing it right now, and what is done must not be called undone.
            job.finished.wait()
        else:
            raise BusyError(_BUSY)

    def _take_all(self) -> list[_Job[Any]]:
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken

    def _do(self, jobs: list[_Job[Any]]) -> None:
        try:
            with self._opening() as connection:
                results = [job.work(connection) for job in jobs]
        except BaseException as error:
            if len(jobs) > 1:
                for job in jobs:
                    self._do([job])
            else:
                jobs[0].error = error
                jobs[0].finished.set()
        else:
            for job, result in zip(jobs, results, strict=True):
                job.result = result
                job.finished.set()
