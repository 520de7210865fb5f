"""A time limit for calls that nothing can end from outside: their threads are left behind.

The caller waits while another thread works, and goes on when that takes too long. A call that
holds Python's lock all the while, as one long regular expression does, stops the whole process
and with it the clock of this limit: then it is the server's master that ends the process.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

MOST_STUCK = 4
"""How many calls may be stuck before nothing is tried until one of them comes back."""

PAUSE_SECONDS = 10.0
"""How long nothing is tried after a call got stuck, so that not every caller waits in vain."""


class LateError(Exception):
    """The call took too long, or was not tried because another is stuck."""


class TimeLimit:
    """Calls of one kind, which may all hang for the same reason."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._process = os.getpid()
        self._idle: deque[_Hand] = deque()
        self.stuck = 0
        """How many calls have been given up and have not come back."""
        self._resting_until = 0.0

    def call(self, work: Callable[[], T], seconds: float) -> T:
        """Return what `work` returns, or raise what it raises.

        Raises LateError after so many seconds, or at once while others are stuck.
        """
        if self._process != os.getpid():
            # A forked process has none of its parent's threads.
            self._forget()
        if self.stuck and not self._may_try():
            raise LateError("an earlier call has not come back yet")
        try:
            hand = self._idle.pop()
        except IndexError:
            hand = _Hand(self)
        return hand.do(work, seconds)

    def _may_try(self) -> bool:
        """Whether it is time for one call to find out if things are better."""
        with self._lock:
            if self.stuck >= MOST_STUCK or time.monotonic() < self._resting_until:
                return False
            self._resting_until = time.monotonic() + PAUSE_SECONDS
            return True

    def give_up(self) -> None:
        """Count a call that is left behind."""
        with self._lock:
            self.stuck += 1
            self._resting_until = time.monotonic() + PAUSE_SECONDS

    def take_back(self, hand: "_Hand", late: bool) -> None:
        """Have a thread wait for the next call; `late` when its last was given up."""
        if late:
            with self._lock:
                self.stuck -= 1
        self._idle.append(hand)


class _Hand:
    """A thread that does one call at a time. Bare locks: they are what costs least."""

    def __init__(self, limit: TimeLimit) -> None:
        self._limit = limit
        self._work: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._given, self._done, self._ending = (threading.Lock() for _ in range(3))
        self._given.acquire()
        self._done.acquire()
        self._given_up = False
        threading.Thread(target=self._run, name="within a time limit", daemon=True).start()

    def do(self, work: Callable[[], T], seconds: float) -> T:
        # What the caller is at, for the log and for traces: it is the caller's work.
        self._work = partial(copy_context().run, work)
        self._given.release()
        if not self._done.acquire(timeout=seconds):
            with self._ending:
                # It may have ended just now, between the wait and this line.
                if not self._done.acquire(blocking=False):
                    self._given_up = True
                    self._limit.give_up()
                    raise LateError(f"no answer in {seconds:.1f} s")
        result, error = self._result, self._error
        self._result = self._error = None
        self._limit.take_back(self, late=False)
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]

    def _run(self) -> None:
        while True:
            self._given.acquire()
            try:
                self._result = self._work()  # type: ignore[misc]
            except BaseException as error:
                self._error = error
            self._work = None
            with self._ending:
                late, self._given_up = self._given_up, False
                if not late:
                    self._done.release()
            if late:
                self._result = self._error = None
                self._limit.take_back(self, late=True)
