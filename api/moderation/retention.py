"""What is kept for a time only, swept out in small batches so that nobody waits for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, inspect, not_, or_, select, tuple_

from api.moderation import bulk, drafts
from api.moderation.privacy import expiring
from api.moderation.services import Services
from api.moderation.throttling import REMEMBERED
from api.store.jobs import LaterError, TakenJob
from api.store.learning import DriftDay
from api.store.outbox import Claim, Delivery, KeptAnswer
from api.store.policies import AuthorStanding, NudgeAsked, PolicyDraft, ShadowVerdict, UsedToken
from api.store.review import BulkDecision, Skip
from api.store.tables import FailedSignIn, SignIn

DELIVERIES_KEPT = timedelta(days=30)
"""How long the log says what became of a message, from when it was delivered or given up."""

CLAIMS_KEPT = timedelta(days=1)
"""How long after its end a claim is kept, for whoever still shows it."""

NUDGES_KEPT = timedelta(days=1)
"""The longest time in which a policy may count how often an author asks."""

STANDINGS_KEPT = timedelta(days=365)
"""How long after its end moderators can see what was said of an author."""

DRAFTS_KEPT = timedelta(days=30)
"""How long previews, and drafts that were in shadow, are kept after anything came of them."""

BULK_KEPT = timedelta(days=365)
"""How long after its end a bulk decision can be undone whole."""

DRIFT_KEPT = timedelta(days=400)
"""How long it is known what a day was like: a year, and a month to compare it with."""

BATCH = 500
"""How many rows a transaction deletes."""

BATCHES = 200
"""How many transactions one sweep makes before it lets others have its place."""


def sweep(services: Services, _job: TakenJob) -> None:
    """Delete what has expired; raise LaterError when there is so much that it must go on."""
    for number, swept in enumerate(_batches(services), start=1):
        if swept == BATCH and number >= BATCHES:
            raise LaterError(timedelta(seconds=1), counts=False)
    # Last, as it leaves nothing in SQLite's file of what has been deleted.
    if not expiring.sweep(services):
        raise LaterError(timedelta(seconds=1), counts=False)


def expired(now: datetime) -> dict[type[Any], ColumnElement[bool]]:
    """Which rows of which tables have no use any more; a delivery takes its attempts along."""
    return {
        KeptAnswer: KeptAnswer.expires_at <= now,
        Delivery: Delivery.finished_at <= now - DELIVERIES_KEPT,
        SignIn: SignIn.expires_at <= now,
        FailedSignIn: FailedSignIn.last_at <= now - REMEMBERED,
        Skip: Skip.until <= now,
        Claim: Claim.expires_at <= now - CLAIMS_KEPT,
        UsedToken: UsedToken.expires_at <= now,
        DriftDay: DriftDay.day < (now - DRIFT_KEPT).date(),
        NudgeAsked: NudgeAsked.created_at <= now - NUDGES_KEPT,
        AuthorStanding: _is_past(now - STANDINGS_KEPT),
        # Before the drafts, each of which would take all of its own along at once.
        ShadowVerdict: ShadowVerdict.draft_id.in_(
            select(PolicyDraft.id).where(_is_forgotten(now - DRAFTS_KEPT))
        ),
        PolicyDraft: _is_forgotten(now - DRAFTS_KEPT),
        BulkDecision: and_(
            BulkDecision.updated_at <= now - BULK_KEPT,
            BulkDecision.state.not_in((bulk.RUNNING, bulk.UNDOING)),
        ),
    }


def _is_past(moment: datetime) -> ColumnElement[bool]:
    return or_(AuthorStanding.ended_at <= moment, AuthorStanding.until <= moment)


def _is_forgotten(moment: datetime) -> ColumnElement[bool]:
    in_shadow = and_(PolicyDraft.kind == drafts.SHADOW, PolicyDraft.state == drafts.RUNNING)
    return and_(PolicyDraft.updated_at <= moment, not_(in_shadow))


def _batches(services: Services) -> Iterator[int]:
    """Delete batch after batch; how many rows each had."""
    for table, condition in expired(services.now()).items():
        key = inspect(table).primary_key
        some = select(*key).where(condition).limit(BATCH)
        batch = delete(table).where(tuple_(*key).in_(some))
        swept = BATCH
        while swept == BATCH:
            swept = services.database.write(_deleting(batch))
            yield swept


def _deleting(batch: Any) -> Any:
    def work(connection: Connection) -> int:
        return connection.execute(batch).rowcount

    return work
