"""The worker: seals events, takes jobs that are due and has threads do them, until told to stop."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from api.errors import where_it_broke
from api.moderation import events
from api.moderation.services import Services
from api.store import jobs
from api.store.jobs import TakenJob
from api.telemetry import counters
from api.work.handlers import HANDLERS, Handler
from api.work.running import OUTAGES, Outage, do

log = logging.getLogger(__name__)

THREADS = 16
"""How many jobs a worker does at once; most of them wait for somebody's answer."""

POLL_SECONDS = 0.2
"""How long it waits before it looks again, where there was nothing to do."""

GRACE_SECONDS = 20.0
"""How long it lets jobs end when it is told to stop; a webhook may take 15 seconds."""

ORPHANED_SECONDS = 5.0
"""The same for a worker whose server is gone without a word."""

LONGEST = timedelta(minutes=15)
"""A job that takes longer is no longer kept from other workers; long work is cut into pieces."""

_SEALED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Running:
    """A job in the hands of a thread."""

    job: TakenJob
    thread: threading.Thread
    since: datetime


class Worker:
    """Does the jobs of one database, beside any number of others like it on any hosts."""

    def __init__(
        self,
        services: Services,
        name: str,
        threads: int = THREADS,
        handlers: Mapping[str, Handler] = HANDLERS,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._services = services
        self._name = name
        self._threads = threads
        self._handlers = handlers
        self._chance = chance
        # By the name a job was taken under: it may have been taken from us and by us again.
        self._running: dict[tuple[int, str], _Running] = {}
        self._extended = services.now()
        self._free = threading.Event()
        self._grace: float | None = None
        self._outage = Outage()
        self._planned = False
        self._failures, self._opinions = counters.Failures("worker"), counters.Opinions()

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Take no more jobs, and let those that run have `grace` seconds. For signal handlers."""
        self._grace = grace if self._grace is None else min(grace, self._grace)

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._grace is not None

    def run(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Work until `stop` is called or `wanted` says no, then leave nothing half done."""
        while self._grace is None and wanted():
            self._wait(self._try_tick())
        if self._grace is None:
            self.stop(ORPHANED_SECONDS)
        self._leave()

    def tick(self) -> bool:
        """Look once for what is to be done and begin it; whether there was anything."""
        self._plan()
        self._failures.note(self._services.scorer.failed)
        self._opinions.note(self._services.scorer.second.outcomes)
        now = self._services.now()
        self._keep_leases(now)
        # Before and after: no job waits for the log, and none that it makes for the next look.
        taken = self._take(now)
        sealed = self._seal()
        if sealed:
            taken += self._take(self._services.now())
        return sealed == _SEALED_AT_ONCE or taken > 0

    def join(self) -> None:
        """Wait until the jobs that run have ended."""
        for running in list(self._running.values()):
            running.thread.join()

    def _try_tick(self) -> float:
        """How many seconds to wait after a tick; the database may be away for any time."""
        try:
            busy = self.tick()
        except OUTAGES as error:
            return self._outage.begin_or_go_on(error)
        except Exception as error:
            # Whatever it is, the next tick may do better, and the other jobs need it.
            log.error("the worker stumbled: %s", where_it_broke(error))
            return 1.0
        self._outage.end()
        return 0.0 if busy else POLL_SECONDS

    def _wait(self, seconds: float) -> None:
        """Wait, though not after a job has ended or the worker was told to stop."""
        until = time.monotonic() + seconds
        while self._grace is None and (left := until - time.monotonic()) > 0:
            if self._free.wait(min(left, POLL_SECONDS)):
                self._free.clear()
                return

    def _plan(self) -> None:
        """Write the jobs of which there is always one, where they are not there."""
        if self._planned:
            return
        now = self._services.now()

        def write(connection: Connection) -> None:
            for kind, handler in self._handlers.items():
                if handler.every is not None:
                    jobs.enqueue(connection, kind, {}, now, key=kind)

        self._services.database.write(write)
        self._planned = True

    def _seal(self) -> int:
        try:
            return events.seal(self._services, _SEALED_AT_ONCE)
        except OUTAGES:
            raise
        except Exception as error:
            log.error("events could not be sealed: %s", where_it_broke(error))
            return 0

    def _take(self, now: datetime) -> int:
        """Begin what is due and can be begun; how many jobs that was."""
        room = self._threads - len(self._running)
        taken = jobs.take(self._services.database, now, self._name, room) if room else []
        for job in taken:
            self._start(job)
        return len(taken)

    def _start(self, job: TakenJob) -> None:
        thread = threading.Thread(target=self._do, args=[job], daemon=True)
        self._running[job.id, job.worker] = _Running(job, thread, self._services.now())
        thread.start()

    def _do(self, job: TakenJob) -> None:
        try:
            do(self._services, job, self._handlers.get(job.kind), self._chance)
        finally:
            self._running.pop((job.id, job.worker), None)
            self._free.set()

    def _keep_leases(self, now: datetime) -> None:
        """Say of what runs that it is being done; forget what runs for too long."""
        if now - self._extended < jobs.LEASE / 3:
            return
        self._extended = now
        kept = []
        for key, running in list(self._running.items()):
            if now - running.since <= LONGEST:
                kept.append(running.job)
            elif self._running.pop(key, None):
                log.error("job %d (%s) hangs; another worker may take it", key[0], running.job.kind)
        if kept:
            jobs.extend(self._services.database, now, kept)

    def _leave(self) -> None:
        """Let jobs end for as long as they may; return the others to whoever comes."""
        began = time.monotonic()
        while self._running and time.monotonic() < began + (self._grace or 0):
            self._free.wait(0.05)
            self._free.clear()
        left = [running.job for running in list(self._running.values())]
        if left:
            try:
                jobs.put_back(self._services.database, self._services.now(), left)
            except OUTAGES:
                log.error("%d jobs are returned when their leases end", len(left))
