"""Adapters as rows: what is kept of one that was trained, and finding it again."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, delete, or_, select
from sqlalchemy.orm import Session, defer

from api.moderation.errors import NotFoundError
from api.moderation.learning.gate import Report
from api.store.learning import StoredAdapter
from api.store.outbox import Event
from api.store.tables import Site
from classifier import Adapter
from classifier.adapter import dump

WAITING, REFUSED, PROMOTED, WITHDRAWN = "waiting", "refused", "promoted", "withdrawn"
STALE = "stale"
"""The states. A stale one has learnt of what is erased since: see `unlearning`."""

ROLLED_BACK = "model.rolled_back"
"""The event of one that was taken back."""

KEPT: Final = 20
"""How many that were never in force are kept of a site; what has judged is kept for good."""

LIGHT = defer(StoredAdapter.data, raiseload=True)
"""Leaves the numbers themselves out: they are only of use to who scores with them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An adapter that has been trained, how many labels have taught it, and what the gate says.

    `holds` are the thresholds it was trained to correct; `began` is when its labels were read, and
    `keys` are theirs.
    """

    adapter: Adapter
    labels: int
    taught_until: datetime | None
    report: Report
    holds: Mapping[str, float]
    began: datetime
    keys: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """How verdicts name it."""
        return f"{self.adapter.manifest['base']}+{self.adapter.digest[:8]}"


def make(session: Session, candidate: Candidate, site_id: int | None, actor: str) -> StoredAdapter:
    """Write one, waiting or refused; `site_id` is None for what several sites have taught."""
    report = candidate.report
    told = {"open": report.open, "why": report.why, **report.figures}
    row = StoredAdapter(
        site_id=site_id,
        public_id=f"mdl_{secrets.token_hex(8)}",
        version=candidate.version,
        base=candidate.adapter.manifest["base"],
        state=WAITING if report.open else REFUSED,
        data=dump(candidate.adapter),
        labels=candidate.labels,
        taught_until=candidate.taught_until,
        report={**told, "holds": dict(candidate.holds)},
        replaced=None,
        actor=actor,
        created_at=candidate.began,
        promoted_at=None,
    )
    session.add(row)
    session.flush()
    return row


def choose(site_id: int) -> Select[StoredAdapter]:
    """Those that a site may use: its own, and those that several sites have taught."""
    theirs = or_(StoredAdapter.site_id == site_id, StoredAdapter.site_id.is_(None))
    return select(StoredAdapter).options(LIGHT).where(theirs)


def load(session: Session, site_id: int, public_id: str) -> StoredAdapter:
    """One that a site may use; raise NotFoundError where there is none of that name."""
    found = session.scalar(choose(site_id).where(StoredAdapter.public_id == public_id))
    if found is None:
        raise NotFoundError(f"There is no model {public_id}.")
    return found


def find_last(
    session: Session, site_id: int | None, state: str | None = None
) -> StoredAdapter | None:
    """The newest that a site has taught, of whatever state; with None, several sites."""
    mine = StoredAdapter.site_id.is_not_distinct_from(site_id)
    newest = select(StoredAdapter).options(LIGHT).where(mine).order_by(StoredAdapter.id.desc())
    if state is not None:
        newest = newest.where(StoredAdapter.state == state)
    return session.scalar(newest.limit(1))


def find_taken_back(session: Session, site_id: int) -> set[str]:
    """The versions that a site has had in force and has taken back."""
    here = Event.site_id == site_id, Event.comment_id.is_(None), Event.type == ROLLED_BACK
    told = session.scalars(select(Event.data).where(*here))
    # Going back from a stale one says nothing against what the same labels teach again.
    return {str(data.get("version")) for data in told if not data.get("erased")}


def is_taken_back(session: Session, site_id: int, row: StoredAdapter) -> bool:
    """Whether a site has taken it back; one of several sites others may use all the same."""
    if row.site_id is not None:
        return row.state == WITHDRAWN
    return row.version in find_taken_back(session, site_id)


def find_before(session: Session, site_id: int, row: StoredAdapter) -> StoredAdapter | None:
    """What was in force before it, was not taken back, and has not learnt of what is erased."""
    seen, number = {row.id}, row.replaced
    while number is not None and number not in seen:
        seen.add(number)
        found = session.get(StoredAdapter, number, options=[LIGHT])
        if found is None or _may_return(session, site_id, found):
            return found
        number = found.replaced
    return None


def find_standing(session: Session, site_id: int, number: int | None) -> int | None:
    """The adapter of this number, in force, or what a site goes back to where that one is stale.

    None where it is the shipped model.
    """
    row = None if number is None else session.get(StoredAdapter, number, options=[LIGHT])
    if row is not None and row.state == STALE:
        row = find_before(session, site_id, row)
    return None if row is None else row.id


def forget_old(session: Session, site_id: int | None) -> None:
    """Drop what was never in force, nor is on trial, but for the newest."""
    mine = StoredAdapter.site_id.is_not_distinct_from(site_id)
    spent = and_(StoredAdapter.state == STALE, StoredAdapter.promoted_at.is_(None))
    idle = or_(StoredAdapter.state.in_((WAITING, REFUSED)), spent)
    tried = select(Site.trial).where(Site.trial.is_not(None))
    old = select(StoredAdapter.id).where(mine, idle, StoredAdapter.id.not_in(tried))
    gone = list(session.scalars(old.order_by(StoredAdapter.id.desc()).offset(KEPT)))
    session.execute(delete(StoredAdapter).where(StoredAdapter.id.in_(gone)))


def _may_return(session: Session, site_id: int, row: StoredAdapter) -> bool:
    return row.state != STALE and not is_taken_back(session, site_id, row)
