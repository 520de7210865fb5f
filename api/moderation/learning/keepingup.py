"""Keeps adapters up with what is decided: the job that trains wherever there is news."""

import logging
import math
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from api.errors import where_it_broke
from api.moderation import policies
from api.moderation.learning import labels, lessons, proving, stored, training
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
            if is_due(services, site_id, model):
                training.train(services, site_id)
        except Exception as error:
            # The other sites are to learn all the same.
            log.error("site %d learns nothing: %s", site_id, where_it_broke(error))


def is_due(services: Services, site_id: int, model: Model) -> bool:
    """Whether another training is worth it: much was decided since, or what it corrects changed."""
    policy = policies.find(services, site_id)
    if not policy.document.learning.on:
        return False
    with services.database.reading() as session:
        last = stored.find_last(session, site_id)
    since = None if last is None else last.created_at
    news = labels.count_since(services, site_id, since)
    if last is None:
        return news >= count_needed(None)
    if last.base != model.version or last.report.get("holds") != proving.find_holds(policy, model):
        return True
    return news >= count_needed(last)


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
