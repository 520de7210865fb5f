"""Lets threads that wait for SQLite's one writer share a transaction, and so its one sync."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
_BUSY = "The database is busy with other writers."

Opening = Callable[[float], AbstractContextManager[Connection]]
"""Begins a transaction, or raises BusyError when it cannot before that moment (monotonic)."""


class BusyError(Exception):
    """Other writers had the database for too long."""


@dataclass(eq=False, slots=True)
class _Job(Generic[T]):
    work: Callable[[Connection], T]
    result: T | None = None
    error: BaseException | None = None
    finished: threading.Event = field(default_factory=threading.Event)

    def finish(self, result: T | None, error: BaseException | None) -> None:
        self.result, self.error = result, error
        self.finished.set()


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
        # Whoever does it, it is this caller's work, in the log and in traces.
        context = copy_context()
        job = _Job(lambda connection: context.run(work, connection))
        give_up = time.monotonic() + self._patience
        self._waiting.append(job)
        if not self._turn.acquire(timeout=self._patience):
            self._withdraw(job)
        else:
            try:
                if not job.finished.is_set():
                    self._do_all(job, give_up)
            finally:
                self._turn.release()
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]

    @contextmanager
    def turn_taken(self) -> Iterator[float]:
        """Hold the turn for a block; give the moment until which its wait may last in all."""
        give_up = time.monotonic() + self._patience
        if not self._turn.acquire(timeout=self._patience):
            raise BusyError(_BUSY)
        try:
            yield give_up
        finally:
            self._turn.release()

    def _withdraw(self, job: _Job[Any]) -> None:
        try:
            self._waiting.remove(job)
        except ValueError:
            # Somebody is doing it right now, and what is done must not be called undone.
            job.finished.wait()
        else:
            raise BusyError(_BUSY)

    def _do_all(self, first: _Job[Any], give_up: float) -> None:
        """Do `first` and whatever else waits by the time the transaction has begun."""
        jobs = [first]
        self._waiting.remove(first)
        try:
            with self._opening(give_up) as connection:
                while self._waiting:
                    jobs.append(self._waiting.popleft())
                results = [job.work(connection) for job in jobs]
        except BaseException as error:
            if len(jobs) > 1:
                for job in jobs:
                    self._do_one(job, give_up)
            else:
                first.finish(None, error)
        else:
            for job, result in zip(jobs, results, strict=True):
                job.finish(result, None)

    def _do_one(self, job: _Job[Any], give_up: float) -> None:
        try:
            with self._opening(give_up) as connection:
                result = job.work(connection)
        except BaseException as error:
            job.finish(None, error)
        else:
            job.finish(result, None)
