"""What is erased or forgotten must not stay in force: adapters that have learnt of it are stale.

Whoever erases marks them in the same transaction. A stale one judges on until the worker has had
the site taught anew, and is never put in force again, by whatever force.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.moderation.learning import stored
from api.store.learning import ForgottenLabel, ImportedLabel, StoredAdapter
from api.store.tables import Comment, Site

ERASED: Final = "Something that has taught it is erased or forgotten since."

TAUGHT_BY: Final = "taught_by"
"""The member of a shared adapter's report that has the numbers of the sites which taught it."""

_BATCH = 500


def lock(session: Session, site_id: int) -> None:
    """Wait for whoever keeps a new adapter of the site: it sees what is gone, or is marked.

    To be called before anything else is locked. New comments need not wait.
    """
    session.get_one(Site, site_id, with_for_update={"key_share": True})


def mark(
    session: Session, site_id: int, since: datetime | None = None, until: datetime | None = None
) -> None:
    """Mark the adapters that were taught of a site's labels in this time; the site is locked."""
    then = [StoredAdapter.state != stored.STALE]
    if since is not None:
        then.append(StoredAdapter.created_at >= since)
    if until is not None:
        then.append(StoredAdapter.created_at <= until)
    own = update(StoredAdapter).where(StoredAdapter.site_id == site_id, *then)
    session.execute(own.values(state=stored.STALE))
    shared = select(StoredAdapter).options(stored.LIGHT)
    for row in session.scalars(shared.where(StoredAdapter.site_id.is_(None), *then)):
        if site_id in row.report.get(TAUGHT_BY, [site_id]):
            row.state = stored.STALE


def is_gone(session: Session, keys: Sequence[str]) -> bool:
    """Whether any of these labels is erased or forgotten; the site is locked."""
    for kind, table in (("comment", Comment), ("import", ImportedLabel)):
        numbers = [int(key.partition(":")[2]) for key in keys if key.startswith(f"{kind}:")]
        for begin in range(0, len(numbers), _BATCH):
            some = set(numbers[begin : begin + _BATCH])
            there = select(func.count()).where(table.id.in_(some))
            if table is Comment:
                there = there.where(
                    Comment.id.not_in(
                        select(ForgottenLabel.comment_id).where(ForgottenLabel.comment_id.in_(some))
                    )
                )
            if session.scalar(there) != len(some):
                return True
    return False
