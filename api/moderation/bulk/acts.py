"""What people do with bulk decisions: take them, stop them, undo them."""

import secrets

from sqlalchemy.orm import Session

from api.moderation import bulk, policies, reasons, review
from api.moderation.access import Caller
from api.moderation.bulk import (
    MISSING,
    RUNNING,
    STOPPED,
    carrying,
    wanting,
)
from api.moderation.bulk.wanting import Counted, Preview, Wanted
from api.moderation.errors import TooManyError
from api.moderation.repeats import perform
from api.moderation.review import Choice
from api.moderation.services import Services
from api.store.review import BulkDecision


def begin(
    services: Services,
    caller: Caller,
    wanted: Wanted,
    choice: Choice,
    at_most: int | None = None,
) -> BulkDecision:
    """Decide about all comments that are wanted now: the first of them at once, the rest by a job.

    Raise TooManyError, with nothing decided, where there are more than `at_most`.
    """
    now = services.now()
    with services.database.reading() as session:
        counted = wanting.count(session, caller, wanted, now)

    rules = policies.find(services, caller.site_id).document.review
    reasons.check(rules, choice.action, choice.reason)

    def act(session: Session) -> BulkDecision:
        review.check_queue(session, caller, choice)
        if at_most is not None and counted.count > at_most:
            raise TooManyError(counted.count, at_most)
        row = _make(services, caller, counted, choice)
        row.created_at = row.updated_at = now
        session.add(row)
        session.flush()
        carrying.begin(session, services, caller, row)
        return row

    return perform(services, caller.site_id, caller.ticket, act)


def preview(services: Services, caller: Caller, wanted: Wanted) -> Preview:
    """What a bulk decision would be about now; nothing changes."""
    found = wanting.preview(services, caller, wanted)
    if caller.ticket is None:
        return found
    return perform(services, caller.site_id, caller.ticket, lambda _: found)


def stop(services: Services, caller: Caller, public_id: str) -> BulkDecision:
    """Decide about no more comments; what is decided stays. Nothing happens where it has ended."""

    def act(session: Session) -> BulkDecision:
        row = bulk.load(session, caller, public_id, lock=True)
        if row.state == RUNNING:
            row.state, row.updated_at = STOPPED, services.now()
        return row

    return perform(services, caller.site_id, caller.ticket, act)


def undo(services: Services, caller: Caller, public_id: str) -> BulkDecision:
    """Take back everything that it has decided and that nobody has changed since.

    One that runs is stopped first. To undo it again takes along what was passed by before.
    """

    def act(session: Session) -> BulkDecision:
        row = bulk.load(session, caller, public_id)
        return carrying.turn_back(session, services, caller, row)

    return perform(services, caller.site_id, caller.ticket, act)


def _make(services: Services, caller: Caller, counted: Counted, choice: Choice) -> BulkDecision:
    now = services.now()
    return BulkDecision(
        site_id=caller.site_id,
        public_id=f"bulk_{secrets.token_hex(12)}",
        action=choice.action,
        reason=choice.reason,
        note=choice.note,
        queue=choice.queue,
        wanted=counted.kept,
        state=RUNNING,
        total=counted.count + counted.missing,
        last=counted.last,
        cursor=0,
        tally={MISSING: counted.missing},
        actor=caller.actor,
        created_at=now,
        updated_at=now,
    )
