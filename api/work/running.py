"""One job: done by its handler, and whatever comes of it written down."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from api.errors import where_it_broke
from api.moderation.services import Services
from api.store import jobs
from api.store.gathering import BusyError
from api.store.jobs import GiveUpError, LaterError, TakenJob
from api.telemetry import traces
from api.work.handlers import Handler

log = logging.getLogger(__name__)

OUTAGES = (OperationalError, InterfaceError, BusyError)
"""What a database that is away, locked or too slow raises; it may be well a moment later."""

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)

UNKNOWN_WAIT = timedelta(minutes=1)
"""For a kind that only newer workers know: one of them may come for it."""


def back_off(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many tries: twice as long each time, less up to half by chance.

    `chance` is in [0, 1). What failed at once is not tried again at once.
    """
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_WAIT) * (1 - chance / 2)


def do(
    services: Services, job: TakenJob, handler: Handler | None, chance: Callable[[], float]
) -> None:
    """Have the handler do a job and write down what came of it."""
    write = _do(services, job, handler, chance)
    for wait in (0.2, 1, 2, 5, 10, 20):
        try:
            if not write():
                log.warning("job %d (%s) took longer than its lease", job.id, job.kind)
            return
        except OUTAGES:
            # What is done and not written down is done again: worth some patience.
            time.sleep(wait)
        except Exception as error:
            log.error(
                "job %d (%s) is not written down: %s", job.id, job.kind, where_it_broke(error)
            )
            return
    log.error("job %d (%s): the database is away, it will be done again", job.id, job.kind)


def _do(
    services: Services, job: TakenJob, handler: Handler | None, chance: Callable[[], float]
) -> Callable[[], bool]:
    """Have it done; return what writes down what came of it."""
    database, now = services.database, services.now
    if handler is None:
        error = f"No worker knows jobs of the kind {job.kind}."
        return lambda: jobs.put_off(database, job, now() + UNKNOWN_WAIT, error, counts=False)
    try:
        with traces.span("job", kind=job.kind, attempt=job.attempts):
            handler.run(services, job)
    except LaterError as later:
        due_at, words, counts = now() + later.after, later.reason, later.counts
        return lambda: jobs.put_off(database, job, due_at, words, counts)
    except GiveUpError as given_up:
        reason = given_up.reason
        return lambda: jobs.bury(database, now(), job, reason)
    except Exception as failure:
        return _failed(services, job, handler, chance(), where_it_broke(failure))
    if handler.every is not None:
        again = now() + handler.every
        return lambda: jobs.put_off(database, job, again, counts=False)
    return lambda: jobs.finish(database, job)


def _failed(
    services: Services, job: TakenJob, handler: Handler, chance: float, error: str
) -> Callable[[], bool]:
    log.error("job %d (%s), try %d: %s", job.id, job.kind, job.attempts, error)
    database, now = services.database, services.now()
    if handler.tries is not None and job.attempts >= handler.tries:
        return lambda: jobs.bury(database, now, job, error)
    return lambda: jobs.put_off(database, job, now + back_off(job.attempts, chance), error)


class Outage:
    """A database that is away: said once when it begins and once when it ends."""

    LONGEST_WAIT = 5.0

    def __init__(self) -> None:
        self._wait: float | None = None

    def begin_or_go_on(self, error: DBAPIError | BusyError) -> float:
        """How many seconds to wait before the next look."""
        if self._wait is None:
            # Only the driver's first line: the others may quote rows.
            words = str(getattr(error, "orig", error)).splitlines()
            log.error("the database is away: %s", words[0] if words else type(error).__name__)
        self._wait = min(2 * self._wait, self.LONGEST_WAIT) if self._wait else 0.2
        return self._wait

    def end(self) -> None:
        """It answers again."""
        if self._wait is not None:
            log.warning("the database is back")
            self._wait = None
