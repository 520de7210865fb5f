"""All the figures of a period at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.services import Services
from api.moderation.stats import (
    agreement,
    decided,
    drifts,
    notices,
    periods,
    reasons,
    samples,
    volumes,
    waits,
    work,
)
from api.moderation.stats.agreement import Agreement
from api.moderation.stats.decided import Decided
from api.moderation.stats.drifts import Drift
from api.moderation.stats.notices import Notices
from api.moderation.stats.periods import Period
from api.moderation.stats.reasons import Reason
from api.moderation.stats.samples import Errors
from api.moderation.stats.volumes import Volumes
from api.moderation.stats.waits import Backlog, Waits
from api.moderation.stats.work import Work
from api.store.asking import Question
from api.store.review import BulkDecision


@dataclass(frozen=True, slots=True)
class Figures:
    """How the moderation of a site has gone in a period."""

    period: Period
    decided: Decided
    volumes: Volumes
    backlog: Backlog
    waits: Waits
    work: Work
    reasons: Sequence[Reason]
    errors: Errors
    agreement: Agreement
    notices: Sequence[Notices]
    drift: Drift
    bulk_decisions: int
    """How many decisions about many comments were begun."""


def gather(services: Services, caller: Caller, days: int) -> Figures:
    """Count everything for the caller's site, each part by itself in a look-up of its own."""
    site_id = caller.site_id
    review = policies.find(services, site_id).document.review
    with services.database.looking() as connection:
        period = periods.open_period(connection, days, services.now())
        made = decided.read(connection, site_id, period)
        looks = agreement.read(connection, site_id, period)
        return Figures(
            period=period,
            decided=made,
            volumes=volumes.count(connection, site_id, period),
            backlog=waits.count(connection, site_id, made, period),
            waits=waits.measure(made, period, review.within_minutes),
            work=work.describe(made, agreement.count_opinions(looks), period),
            reasons=reasons.judge(made),
            errors=samples.judge(services, connection, site_id, made, period),
            agreement=agreement.measure(looks),
            notices=notices.count(connection, site_id, period),
            drift=drifts.read(connection, site_id, period),
            bulk_decisions=_count_bulk(connection, site_id, period),
        )


def _count_bulk(connection: Connection, site_id: int, period: Period) -> int:
    [[number]] = _BEGUN.ask(connection, site=site_id, since=period.since)
    return int(number)


_BEGUN = Question(
    select(func.count()).where(
        BulkDecision.site_id == bindparam("site"), BulkDecision.created_at >= bindparam("since")
    )
)
