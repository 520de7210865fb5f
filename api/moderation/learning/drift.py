"""Whether a site's comments, or its people, have changed: told once a day, when it has ended.

Where little comes, a day's figures are of the days before it as well, as many as it takes. One
that leaves its band is an alarm, and an event; so is its return. What became of the decisions of
the last days is counted anew, for some have been undone since.
"""

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Update, select, update
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.events import recording
from api.moderation.learning import (
    driftalarms,
    driftcounts,
    driftmeasures,
    driftwindows,
    vocabulary,
)
from api.moderation.learning.driftscales import Before, Found
from api.moderation.services import Services
from api.store.database import in_session
from api.store.inserting import NewRow
from api.store.jobs import LaterError, TakenJob
from api.store.learning import DriftDay
from api.store.tables import Site

JOB = "learning.drift"
EVERY = timedelta(hours=1)

BACK = 84
"""How many days before today are measured where none have been: then bands are known at once."""

ANEW = 7
"""Of how many days before the decisions are counted anew."""

_SETTLED = timedelta(minutes=10)
"""So long after its end everything that came on a day has been written down."""
_FRESH = timedelta(days=2)
"""An alarm of a day that is longer over is no news."""
_MOST = 30
"""How many days are measured before other jobs have their turn."""


def watch(services: Services, _job: TakenJob | None = None) -> None:
    """Measure each site's days that have ended; raise LaterError where there are many."""
    ended = (services.now().astimezone(UTC) - _SETTLED).date() - timedelta(days=1)
    with services.database.reading() as session:
        sites = session.execute(select(Site.id, Site.created_at).order_by(Site.id)).all()
    measured = 0
    for site_id, created_at in sites:
        first = max(created_at.date(), ended - timedelta(days=BACK - 1))
        for day in _find_missing(services, site_id, first, ended):
            if measured == _MOST:
                raise LaterError(timedelta(seconds=1), counts=False)
            close(services, site_id, day)
            measured += 1


def close(services: Services, site_id: int, day: date) -> None:
    """Measure a day that has ended, and those before it as far as they may have changed."""
    with services.database.reading() as session:
        rows = _read(session, site_id, day)
    with services.database.looking() as connection:
        counted = driftcounts.count(connection, site_id, day)
        recent = [day - timedelta(days=ago) for ago in range(ANEW, -1, -1)]
        decided = {one: driftcounts.count_decisions(connection, site_id, one) for one in recent}
        document = {**counted.document, "decided": decided[day]}
        length = driftmeasures.find_length(document, _look_back(rows, day))
        words = _compare_words(connection, site_id, day, counted, rows, length)
    changed = _renew(services, rows, decided)
    found, outside = driftmeasures.measure(document, words, _look_back(rows, day))
    yesterday = rows[-1].measures["alarms"] if rows and _is_before(rows[-1], day, 1) else []
    lately = [row.measures["found"] for row in rows if row.day > day - driftalarms.FORGOTTEN]
    alarms, news = driftalarms.find_news(yesterday, lately, found, outside)
    new = {
        "site_id": site_id,
        "day": day,
        "measures": {**document, "found": _write(found), "alarms": alarms},
        "outside": outside,
        "words": vocabulary.pack(counted.words),
        "measured_at": services.now(),
    }
    row = NewRow(services.database.dialect, DriftDay, new, unique=True)

    # All is worked out before: nobody who writes is to wait for it.
    def keep(session: Session) -> None:
        written = row.write_if_new(session.connection())
        if written and services.now().date() - day <= _FRESH:
            caller = Caller(site_id, "admin", "winnow")
            for kind, name in news:
                told = driftalarms.describe(name, day, found.get(name))
                recording.record(session, services, caller, kind, told)
        for one in changed:
            session.execute(_rewrite(one))
        _forget_words(session, site_id, day, length)

    services.database.write(in_session(keep))


def _find_missing(services: Services, site_id: int, first: date, ended: date) -> list[date]:
    """The days that have ended and are not measured; none before one that is."""
    last = select(DriftDay.day).where(DriftDay.site_id == site_id)
    with services.database.reading() as session:
        known = session.scalar(last.order_by(DriftDay.day.desc()).limit(1))
    if known is not None:
        first = max(first, known + timedelta(days=1))
    return [first + timedelta(days=ahead) for ahead in range((ended - first).days + 1)]


def _read(session: Session, site_id: int, day: date) -> list[DriftDay]:
    """The days before, oldest first: as many as those measured anew are compared with."""
    since = day - timedelta(days=driftwindows.KEPT + ANEW)
    wanted = select(DriftDay).where(
        DriftDay.site_id == site_id, DriftDay.day >= since, DriftDay.day < day
    )
    return list(session.scalars(wanted.order_by(DriftDay.day)))


def _is_before(row: DriftDay, day: date, most: int) -> bool:
    return 0 < (day - row.day).days <= most


def _look_back(rows: Sequence[DriftDay], day: date) -> list[Before]:
    """The days that a day is compared with, from the first on which anything came."""
    found: list[Before] = []
    for row in rows:
        if _is_before(row, day, driftwindows.KEPT) and (found or row.measures["came"]):
            known = {name: Found(*one) for name, one in row.measures["found"].items()}
            found.append(Before((day - row.day).days, row.measures, known, row.outside))
    return found


def _compare_words(
    connection: Connection,
    site_id: int,
    day: date,
    counted: driftcounts.Day,
    rows: Sequence[DriftDay],
    length: int,
) -> dict[str, Found]:
    """The figures of the words of so many days, read again: no word's counts are kept."""
    since = driftwindows.find_since(day, length)
    came = counted.document["came"] + sum(row.measures["came"] for row in rows if row.day >= since)
    words = counted.words
    if length > 1:
        words = driftcounts.count_words(connection, site_id, since, day, came)
    until = since - timedelta(days=driftwindows.find_span(length))
    usual = [row.words for row in rows if row.words and until <= row.day < since]
    return driftmeasures.compare_words(words, came, length, usual)


def _renew(
    services: Services, rows: Sequence[DriftDay], decided: dict[date, dict[str, list[int]]]
) -> list[DriftDay]:
    """Measure anew from where decisions have changed; no alarm is raised or taken back by that."""
    recent = [row for row in rows if row.day in decided]
    same = takewhile(lambda row: row.measures["decided"] == decided[row.day], recent)
    # The days after it are of windows that hold the day as well.
    changed = recent[len(list(same)) :]
    for row in changed:
        document = {**row.measures, "decided": decided[row.day]}
        words = {
            name: Found(*one)
            for name, one in row.measures["found"].items()
            if name.startswith("words.")
        }
        found, row.outside = driftmeasures.measure(document, words, _look_back(rows, row.day))
        row.measures = {**document, "found": _write(found)}
        row.measured_at = services.now()
    return changed


def _rewrite(row: DriftDay) -> Update:
    values = {"measures": row.measures, "outside": row.outside, "measured_at": row.measured_at}
    mine = DriftDay.site_id == row.site_id, DriftDay.day == row.day
    return update(DriftDay).where(*mine).values(**values)


def _write(found: dict[str, Found]) -> dict[str, list[Any]]:
    return {name: one.write() for name, one in found.items()}


def _forget_words(session: Session, site_id: int, day: date, length: int) -> None:
    """Forget those that tomorrow's window is not compared with, if it is as long."""
    until = day - timedelta(days=length - 1 + driftwindows.find_span(length))
    old = update(DriftDay).where(DriftDay.site_id == site_id, DriftDay.day <= until)
    session.execute(old.where(DriftDay.words.is_not(None)).values(words=None))
