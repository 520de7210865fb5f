"""Which function does which kind of job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from api.moderation import indexing, rejudging, retention, standing
from api.moderation.bulk import carrying
from api.moderation.campaigns import batches
from api.moderation.drafts import previewing
from api.moderation.dropin import expiring, rejection
from api.moderation.learning import drift, keepingup, sharing, watching
from api.moderation.privacy import erasures, forgetting
from api.moderation.queues import tending
from api.moderation.services import Services
from api.moderation.webhooks import callbacks
from api.store.jobs import TakenJob
from api.work import telling, webhooks

Run = Callable[[Services, TakenJob], None]
"""Does a job. It may be called again for the same job, so it must not mind what is done already.

Raises `api.store.jobs.LaterError` or `GiveUpError` where it knows better than the usual back-off.
"""

TRIES = 12
"""How often a job that fails is tried: with the usual back-off, for about two hours."""


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of job is done.

    `tries` is None for what is never given up; `every` is set where there is always one such
    job, done again after so long.
    """

    run: Run
    tries: int | None = TRIES
    every: timedelta | None = None


HANDLERS: dict[str, Handler] = {
    "webhook.deliver": Handler(webhooks.deliver),
    batches.DECIDE: Handler(batches.carry_on),
    batches.UNDO: Handler(batches.carry_on),
    carrying.JOB: Handler(carrying.run, tries=None),
    erasures.JOB: Handler(forgetting.run, tries=None),
    standing.REJUDGE: Handler(rejudging.rejudge, tries=None),
    previewing.JOB: Handler(previewing.run),
    tending.JOB: Handler(tending.tend, tries=None, every=timedelta(minutes=1)),
    indexing.JOB: Handler(indexing.index, tries=None, every=timedelta(minutes=1)),
    callbacks.JOB: Handler(telling.tell),
    expiring.JOB: Handler(expiring.expire, tries=None, every=timedelta(hours=1)),
    rejection.JOB: Handler(rejection.fit_all, tries=None, every=rejection.EVERY),
    keepingup.JOB: Handler(keepingup.train_due, tries=None, every=keepingup.EVERY),
    watching.JOB: Handler(watching.watch, tries=None, every=watching.EVERY),
    sharing.JOB: Handler(sharing.share_due, tries=None, every=sharing.EVERY),
    drift.JOB: Handler(drift.watch, tries=None, every=drift.EVERY),
    "retention.sweep": Handler(retention.sweep, tries=None, every=timedelta(days=1)),
}
