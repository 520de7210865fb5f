"""Whether a site's comments, or its people, have changed: told once a day, when it has ended.

A figure that leaves its band is an alarm, and an event; so is its return. What became of the
decisions of the last days is counted anew, for some have been undone since.
"""

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any

from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.events import recording
from api.moderation.learning import driftcounts, driftmeasures, vocabulary
from api.moderation.learning.bands import DAYS
from api.moderation.learning.driftmeasures import LEAST
from api.moderation.learning.driftscales import Before, Found
from api.moderation.services import Services
from api.store.database import in_session
from api.store.inserting import NewRow
from api.store.jobs import LaterError, TakenJob
from api.store.learning import DriftDay
from api.store.tables import Site

JOB = "learning.drift"
EVERY = timedelta(hours=1)

NOTICED = "drift.noticed"
ENDED = "drift.ended"

BACK = 42
"""How many days before today are measured where none have been: then bands are known at once."""

ANEW = 7
"""Of how many days before the decisions are counted anew."""

_SETTLED = timedelta(minutes=10)
"""So long after its end everything that came on a day has been written down."""
_FRESH = timedelta(days=2)
"""An alarm of a day that is longer over is no news."""
_FORGOTTEN = timedelta(days=7)
"""An alarm ends when its figure could not be told for so long."""
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
    with services.database.looking() as connection:
        counted = driftcounts.count(connection, site_id, day)
        recent = [day - timedelta(days=ago) for ago in range(ANEW, -1, -1)]
        decided = {one: driftcounts.count_decisions(connection, site_id, one) for one in recent}
    with services.database.reading() as session:
        rows = _read(session, site_id, day)
    document = {**counted.document, "decided": decided[day]}
    changed = _renew(services, rows, decided)
    usual = [one.words for one in rows if one.words and _is_before(one, day, LEAST)]
    words = driftmeasures.compare_words(counted.words, document["came"], usual)
    found, outside = driftmeasures.measure(document, words, _look_back(rows, day))
    alarms, news = _find_news(rows, day, found, outside)
    new = {
        "site_id": site_id,
        "day": day,
        "measures": {**document, "found": _round(found), "alarms": alarms},
        "outside": outside,
        "words": vocabulary.pack(counted.words),
        "measured_at": services.now(),
    }
    row = NewRow(services.database.dialect, DriftDay, new, unique=True)

    # All is worked out before: nobody who writes is to wait for it.
    def keep(session: Session) -> None:
        written = row.write_if_new(session.connection())
        if written and services.now().date() - day <= _FRESH:
            _tell(session, services, site_id, news)
        for one in changed:
            session.execute(_rewrite(one))
        _forget_words(session, site_id, day)

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
    since = day - timedelta(days=DAYS + ANEW)
    wanted = select(DriftDay).where(
        DriftDay.site_id == site_id, DriftDay.day >= since, DriftDay.day < day
    )
    return list(session.scalars(wanted.order_by(DriftDay.day)))


def _is_before(row: DriftDay, day: date, least: int) -> bool:
    return 0 < (day - row.day).days <= DAYS and row.measures["came"] >= least


def _look_back(rows: Sequence[DriftDay], day: date) -> list[Before]:
    """The days that a day is compared with, from the first on which anything came."""
    found: list[Before] = []
    for row in rows:
        if _is_before(row, day, 0) and (found or row.measures["came"]):
            known = {name: Found(*one) for name, one in row.measures["found"].items()}
            found.append(Before((day - row.day).days, row.measures, known, row.outside))
    return found


def _renew(
    services: Services, rows: Sequence[DriftDay], decided: dict[date, dict[str, list[int]]]
) -> list[DriftDay]:
    """Measure anew where decisions have changed; no alarm is raised or taken back by that."""
    changed = [
        row for row in rows if row.day in decided and row.measures["decided"] != decided[row.day]
    ]
    for row in changed:
        document = {**row.measures, "decided": decided[row.day]}
        words = {
            name: Found(*one)
            for name, one in row.measures["found"].items()
            if name.startswith("words.")
        }
        found, row.outside = driftmeasures.measure(document, words, _look_back(rows, row.day))
        row.measures = {**document, "found": _round(found)}
        row.measured_at = services.now()
    return changed


def _rewrite(row: DriftDay) -> Update:
    values = {"measures": row.measures, "outside": row.outside, "measured_at": row.measured_at}
    mine = DriftDay.site_id == row.site_id, DriftDay.day == row.day
    return update(DriftDay).where(*mine).values(**values)


def _round(found: dict[str, Found]) -> dict[str, list[Any]]:
    return {
        name: [round(part, 6) if isinstance(part, float) else part for part in one]
        for name, one in found.items()
    }


def _find_news(
    rows: Sequence[DriftDay], day: date, found: dict[str, Found], outside: list[str]
) -> tuple[list[str], list[tuple[str, dict[str, Any]]]]:
    """Which alarms are on at the end of a day, and the events of those that began or ended."""
    before = rows[-1].measures["alarms"] if rows and rows[-1].day == day - timedelta(1) else []
    lately = [row.measures["found"] for row in rows if row.day > day - _FORGOTTEN]
    # Of what cannot be told today nobody knows that it is over.
    silent = [name for name in before if name not in found and any(name in told for told in lately)]
    alarms = sorted({*outside, *silent})
    news = [(NOTICED, name) for name in outside if name not in before]
    news += [(ENDED, name) for name in before if name not in alarms]
    return alarms, [(kind, _describe(name, day, found.get(name))) for kind, name in news]


def _describe(name: str, day: date, found: Found | None) -> dict[str, Any]:
    parts = _round({name: found})[name] if found else []
    told = {key: part for key, part in zip(Found._fields, parts, strict=False) if part is not None}
    return {"measure": name, "day": day.isoformat(), **told}


def _tell(
    session: Session, services: Services, site_id: int, news: Sequence[tuple[str, dict[str, Any]]]
) -> None:
    caller = Caller(site_id, "admin", "winnow")
    for kind, data in news:
        recording.record(session, services, caller, kind, data)


def _forget_words(session: Session, site_id: int, day: date) -> None:
    old = update(DriftDay).where(DriftDay.site_id == site_id, DriftDay.day <= day - timedelta(DAYS))
    session.execute(old.where(DriftDay.words.is_not(None)).values(words=None))
