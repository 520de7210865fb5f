"""Which comments a bulk decision is about: by their ids, or by a filter; none that come later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from api.moderation import comments, filters
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.errors import FieldError
from api.moderation.filters import Filter
from api.moderation.queues import AUDIT, BUILT_IN, saved
from api.moderation.services import Services
from api.store.outbox import Claim
from api.store.review import BulkDecision, SavedQueue, Waiting
from api.store.tables import Comment

MOST_IDS = 10_000
"""How many comments can be named by their ids."""

SAMPLE = 20
"""How many comments a preview shows."""

AT_ONCE = 1_000
"""How many ids a statement looks up."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The comments of these ids, or those that pass the filter; one of the two is None.

    `queue` names one that they wait in, built-in or saved, beside the filter.
    """

    ids: tuple[str, ...] | None = None
    filter: Filter | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class _Where:
    """In SQL: what passes all of the filters and lies in the queue, where one is named."""

    filters: tuple[Filter, ...] = ()
    queue: str | None = None

    def conditions(self, now: datetime) -> list[ColumnElement[bool]]:
        found = [part for one in self.filters for part in one.conditions(now)]
        if self.queue is not None:
            lies = Waiting.comment_id == Comment.id, Waiting.queue == self.queue
            found.append(exists().where(*lies))
        return found


@dataclass(frozen=True, slots=True)
class Counted:
    """What is wanted, as it is at present.

    `keys` are those of the comments named by id, `last` is the largest of all, `missing` says how
    many ids are of no comment. `kept` is what a row keeps of what is wanted.
    """

    kept: dict[str, Any]
    by_status: Mapping[str, int]
    last: int = 0
    keys: tuple[int, ...] | None = None
    missing: int = 0

    @property
    def count(self) -> int:
        """How many comments there are."""
        return sum(self.by_status.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bulk decision would be about; `sample` are the newest of them."""

    counted: Counted
    sample: Sequence[State]
    claimed_by_others: int


def preview(services: Services, caller: Caller, wanted: Wanted) -> Preview:
    """Count what is wanted and show some of it; nothing is written."""
    now = services.now()
    with services.database.reading() as session:
        counted = count(session, caller, wanted, now)
        found = [Comment.site_id == caller.site_id, *_read(counted.kept).conditions(now)]
        shown = found if counted.keys is None else [Comment.id.in_(counted.keys[-SAMPLE:])]
        newest = comments.states().where(*shown).order_by(Comment.id.desc()).limit(SAMPLE)
        sample = [State(*row) for row in session.execute(newest)]
        held = _held(services, caller).where(*found).with_only_columns(func.count())
        claimed = sum(session.scalar(held.where(*part)) or 0 for part in _parts(counted))
    return Preview(counted, sample, claimed)


def count(session: Session, caller: Caller, wanted: Wanted, now: datetime) -> Counted:
    """How many comments there are of what is wanted."""
    if wanted.ids is not None:
        return _count_ids(session, caller, wanted.ids)
    kept = _resolve(session, caller, wanted)
    found = Comment.site_id == caller.site_id, *_read(kept).conditions(now)
    columns = Comment.status, func.count(), func.max(Comment.id)
    rows = session.execute(
        comments.states().where(*found).with_only_columns(*columns).group_by(Comment.status)
    ).all()
    by_status = {status: number for status, number, _ in rows}
    return Counted(kept, by_status, max((last for _, _, last in rows), default=0))


def of_waiting_unless_said(wanted: Wanted) -> Wanted:
    """The same, of what is pending where neither a status nor a queue is named."""
    if wanted.filter is None or wanted.filter.status is not None or wanted.queue is not None:
        return wanted
    return replace(wanted, filter=replace(wanted.filter, status="pending"))


def find_next(session: Session, row: BulkDecision, most: int, after: int) -> Sequence[int]:
    """The keys of the comments that the bulk decision comes to next, in their order."""
    if "keys" in row.wanted:
        return [key for key in row.wanted["keys"] if key > after][:most]
    here = Comment.id > after, Comment.id <= row.last
    wanted = comments.states().where(*here, *_unchanged(row)).order_by(Comment.id).limit(most)
    return session.scalars(wanted.with_only_columns(Comment.id)).all()


def load_unchanged(session: Session, row: BulkDecision, keys: Sequence[int]) -> list[State]:
    """These comments, which are locked, without those that somebody has changed since."""
    locked = comments.states().where(Comment.id.in_(keys), *_unchanged(row)).order_by(Comment.id)
    return [State(*found) for found in session.execute(locked)]


def find_held(
    session: Session, services: Services, caller: Caller, keys: Sequence[int]
) -> set[int]:
    """Which of these comments somebody else has claimed."""
    return set(session.scalars(_held(services, caller).where(Comment.id.in_(keys))))


def _unchanged(row: BulkDecision) -> list[ColumnElement[bool]]:
    """What was wanted, as it was when the bulk decision was taken."""
    found = [Comment.site_id == row.site_id, Comment.updated_at <= row.created_at]
    return [*found, *_read(row.wanted).conditions(row.created_at)]


def _held(services: Services, caller: Caller) -> Select[Any]:
    live = Claim.expires_at > services.now(), Claim.actor != caller.actor
    waits = exists().where(Waiting.comment_id == Comment.id)
    claimed = exists().where(Claim.comment_id == Comment.id, *live)
    return comments.states().where(claimed, waits).with_only_columns(Comment.id)


def _count_ids(session: Session, caller: Caller, ids: Sequence[str]) -> Counted:
    distinct = list(dict.fromkeys(ids))
    by_status: dict[str, int] = {}
    keys: list[int] = []
    for start in range(0, len(distinct), AT_ONCE):
        here = Comment.public_id.in_(distinct[start : start + AT_ONCE])
        named = select(Comment.id, Comment.status).where(Comment.site_id == caller.site_id, here)
        for key, status in session.execute(named):
            keys.append(key)
            by_status[status] = by_status.get(status, 0) + 1
    keys.sort()
    last, missing = keys[-1] if keys else 0, len(distinct) - len(keys)
    return Counted({"keys": keys}, by_status, last, tuple(keys), missing)


def _resolve(session: Session, caller: Caller, wanted: Wanted) -> dict[str, Any]:
    """What a filter and a queue mean now: a saved queue may be another one tomorrow."""
    kept: dict[str, Any] = {"filter": filters.dump(wanted.filter or Filter())}
    if wanted.queue is None:
        return kept
    if wanted.queue == AUDIT:
        raise FieldError("/filter/queue", "Samples are looked at one by one.")
    plain = None
    if wanted.queue not in BUILT_IN:
        here = SavedQueue.site_id == caller.site_id, SavedQueue.name == wanted.queue
        row = session.scalar(select(SavedQueue).where(*here))
        if row is None:
            raise FieldError("/filter/queue", "There is no such queue.")
        plain = row.filter
    lies_in, view = saved.read(wanted.queue, plain)
    return {**kept, "queue": wanted.queue, "lies_in": lies_in, "view": filters.dump(view)}


def _read(kept: Mapping[str, Any]) -> _Where:
    """What a row has kept of what is wanted, but for the keys."""
    both = tuple(filters.load(kept[name]) for name in ("filter", "view") if name in kept)
    return _Where(both, kept.get("lies_in"))


def _parts(counted: Counted) -> list[list[ColumnElement[bool]]]:
    """Conditions that together are met by what was counted: a statement binds so many keys only."""
    if counted.keys is None:
        return [[]]
    starts = range(0, len(counted.keys), AT_ONCE)
    return [[Comment.id.in_(counted.keys[start : start + AT_ONCE])] for start in starts]
