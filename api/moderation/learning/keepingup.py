"""Keeps adapters up with what is decided: the job that trains wherever there is news."""

import logging
import math
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.errors import where_it_broke
from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.learning import (
    labels,
    lessons,
    proving,
    stored,
    training,
    trials,
    unlearning,
    versions,
)
from api.moderation.services import Services
from api.store.jobs import TakenJob
from api.store.learning import StoredAdapter
from api.store.tables import Site
from classifier import Model

JOB: Final = "learning.train"
EVERY: Final = timedelta(minutes=2)

NEWS: Final = 20
"""So many new labels are worth another training."""
SHARE_OF_NEWS: Final = 0.05
"""Or, where that is more, as many as this share of those that have taught the last."""

REST: Final = timedelta(hours=1)
"""So long after the last training it is seen to what was erased: many at once are one training."""

TURN: Final = timedelta(minutes=5)
"""After so long the sites that are left have to wait for the next run."""

log = logging.getLogger(__name__)


def train_due(services: Services, _job: TakenJob) -> None:
    """Train for every site that has news, those first that have waited longest."""
    model, began = services.scorer.model, services.now()
    if model is None:
        return
    for site_id in _list_sites(services):
        if services.now() - began > TURN:
            return
        try:
            _keep_up(services, site_id, model)
        except Exception as error:
            # The other sites are to learn all the same.
            log.error("site %d learns nothing: %s", site_id, where_it_broke(error))


def is_due(services: Services, site_id: int, model: Model) -> bool:
    """Whether another training is worth it: much was decided since, or what it corrects changed.

    Or the site's own adapter in force has learnt of what is erased: then the next is due, an hour
    after the last, also where the policy wants no learning and it is only taken back.
    """
    policy = policies.find(services, site_id)
    with services.database.reading() as session:
        last = stored.find_last(session, site_id)
        stale = _find_stale(session, site_id)
    if stale is not None and (last is None or last.created_at + REST <= services.now()):
        return True
    if not policy.document.learning.on:
        return False
    since = None if last is None else last.created_at
    news = labels.count_since(services, site_id, since)
    if last is None:
        return news >= count_needed(None)
    if last.base != model.version or last.report.get("holds") != proving.find_holds(policy, model):
        return True
    return news >= count_needed(last)


def _keep_up(services: Services, site_id: int, model: Model) -> None:
    """Train if that is due; go back from what has learnt of what is erased, if nothing came of it.

    A stale one on trial is on trial no more.
    """
    caller = Caller(site_id, "admin", training.ACTOR)
    _end_trial(services, caller)
    if not is_due(services, site_id, model):
        return
    training.train(services, site_id)
    with services.database.reading() as session:
        stale = _find_stale(session, site_id)
    if stale is not None:
        versions.rollback(services, caller, unlearning.ERASED, only=stale)


def _find_stale(session: Session, site_id: int) -> int | None:
    """The site's adapter in force, if it is its own and stale; `sharing` sees to shared ones."""
    stale = (
        select(Site.adapter)
        .join(StoredAdapter, StoredAdapter.id == Site.adapter)
        .where(Site.id == site_id, StoredAdapter.site_id == site_id)
        .where(StoredAdapter.state == stored.STALE)
    )
    return session.scalar(stale)


def _end_trial(services: Services, caller: Caller) -> None:
    tried = (
        select(StoredAdapter.public_id)
        .join(Site, StoredAdapter.id == Site.trial)
        .where(Site.id == caller.site_id, StoredAdapter.state == stored.STALE)
    )
    with services.database.reading() as session:
        name = session.scalar(tried)
    if name is not None:
        trials.stop(services, caller, name)


def count_needed(last: StoredAdapter | None) -> int:
    """How many new labels are worth a training after the last one."""
    if last is None:
        return lessons.LEAST
    return max(NEWS, math.ceil(SHARE_OF_NEWS * last.labels))


def _list_sites(services: Services) -> list[int]:
    """All sites, those first that were trained for longest ago, or never."""
    last = (
        select(Site.id, func.max(StoredAdapter.id))
        .outerjoin(StoredAdapter, StoredAdapter.site_id == Site.id)
        .group_by(Site.id)
    )
    with services.database.reading() as session:
        found = session.execute(last).all()
    return [site_id for site_id, _ in sorted(found, key=lambda row: (row[1] or 0, row[0]))]
