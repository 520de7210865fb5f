"""Watches what people make of the verdicts of an adapter in force, and takes it back.

A verdict is overridden where it was let pass and is rejected, or was not and is approved. The two
are counted apart: of what was let pass people see little else than what somebody complains of.
Whoever looks every few minutes finds a jump by chance sooner or later, so it must be a clear one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.errors import where_it_broke
from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.learning import noise, stored, versions
from api.moderation.learning.training import ACTOR
from api.moderation.moving import made_here
from api.moderation.services import Services
from api.store.jobs import TakenJob
from api.store.learning import StoredAdapter
from api.store.tables import Comment, Decision, Site, Verdict

JOB: Final = "learning.watch"
EVERY: Final = timedelta(minutes=10)

LEAST: Final = 30
"""So many of its verdicts must have been decided about."""
MOST: Final = 2_000
"""Among so many comments, those decided about last, is looked."""
BY_CHANCE: Final = 0.001
"""A rise this improbable is none by chance."""
LEAST_RISE: Final = 0.05
"""And one of less than this is not worth it."""

log = logging.getLogger(__name__)


class Row(NamedTuple):
    """A verdict that somebody has decided about; `number` is the comment's."""

    number: int
    model: str | None
    passed: bool
    overridden: bool


@dataclass(frozen=True, slots=True)
class Jump:
    """How many verdicts of a kind were overridden before an adapter, and with it."""

    kind: str
    before: int
    of: int
    after: int
    among: int

    @property
    def is_clear(self) -> bool:
        """Whether it is larger than chance and worth acting on."""
        if self.among < LEAST or self.of < LEAST:
            return False
        rise = self.after / self.among - self.before / self.of
        return rise >= LEAST_RISE and (
            noise.chance_of_rise(self.before, self.of, self.after, self.among) <= BY_CHANCE
        )

    def __str__(self) -> str:
        return (
            f"Of {self.kind} {self.after} of {self.among} were overridden, "
            f"and {self.before} of {self.of} before it."
        )


def watch(services: Services, _job: TakenJob) -> None:
    """Take back every adapter whose verdicts people override much more than those before it."""
    with services.database.reading() as session:
        sites = session.execute(select(Site.id, Site.adapter).where(Site.adapter.is_not(None)))
        found = sites.all()
    for site_id, adapter_id in found:
        try:
            watch_site(services, site_id, adapter_id)
        except Exception as error:
            # The others are to be watched all the same.
            log.error("site %d is not watched: %s", site_id, where_it_broke(error))


def watch_site(services: Services, site_id: int, adapter_id: int | None) -> bool:
    """Take a site's adapter back where that is needed; whether it was."""
    with services.database.reading() as session:
        row = adapter_id and session.get(StoredAdapter, adapter_id, options=[stored.LIGHT])
        jumps = measure(_find(session, site_id), row.version) if row else []
    clear = [jump for jump in jumps if jump.is_clear]
    if not clear:
        return False
    why = " ".join(map(str, clear))
    versions.rollback(services, Caller(site_id, "admin", ACTOR), why, only=adapter_id)
    log.warning("the adapter of site %d is taken back: %s", site_id, why)
    return True


def measure(rows: Sequence[Row], version: str) -> list[Jump]:
    """How often a version's verdicts were overridden beside those of the comments before it."""
    first = min((row.number for row in rows if row.model == version), default=None)
    if first is None:
        return []
    jumps = []
    for kind, passed in (("what it let pass", True), ("what it held or rejected", False)):
        alike = [row for row in rows if row.passed == passed]
        mine = [row.overridden for row in alike if row.model == version]
        before = [row.overridden for row in alike if row.model != version and row.number < first]
        jumps.append(Jump(kind, sum(before), len(before), sum(mine), len(mine)))
    return jumps


def _find(session: Session, site_id: int) -> list[Row]:
    wanted = (
        comments.states()
        .with_only_columns(Comment.id, Verdict.model, Verdict.action, Decision.action)
        .where(
            Comment.site_id == site_id,
            Comment.decision_version.is_not(None),
            # A thousand at once are one opinion, and what the model is unsure of is asked for
            # just that.
            Decision.bulk.is_(None),
            Comment.asked.is_(None),
            Decision.actor != ACTOR,
            made_here(),
            or_(Decision.action == "approve", Decision.action == "reject"),
            Verdict.version < Decision.version,
        )
        .order_by(Comment.updated_at.desc(), Comment.id.desc())
        .limit(MOST)
    )
    return [
        Row(number, model, verdict == "approve", (verdict == "approve") != (action == "approve"))
        for number, model, verdict, action in session.execute(wanted)
    ]
