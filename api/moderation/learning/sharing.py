"""One adapter for several sites: what those that agree to it have decided, together.

It is for those of them that have none of their own. None of them teaches it more than the one in
the middle, and it must cost none of them anything.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.errors import ConflictError
from api.moderation.learning import (
    labels,
    lessons,
    pooling,
    stored,
    training,
    unlearning,
    versions,
)
from api.moderation.policy.inforce import Policy
from api.moderation.services import Services
from api.store.jobs import TakenJob
from api.store.learning import StoredAdapter
from api.store.tables import Site

JOB: Final = "learning.share"
EVERY: Final = timedelta(days=1)

NO_MORE: Final = "The site has left those that teach it."

log = logging.getLogger(__name__)


def share_due(services: Services, _job: TakenJob) -> None:
    """Train the shared adapter where a site that shares has decided or erased anything since.

    Where none comes of it that may be used, a stale one is taken from who uses it.
    """
    with services.database.reading() as session:
        last = stored.find_last(session, None)
    sites = find_sharing(services)
    since = None if last is None else last.created_at
    stale = _find_users(services, stored.STALE)
    if stale or any(labels.count_since(services, site_id, since) for site_id in sites):
        train(services)
    elif last is not None:
        hand_out(services, last, sites, training.ACTOR)
    for site_id, adapter_id in stale:
        caller = Caller(site_id, "admin", training.ACTOR)
        versions.rollback(services, caller, unlearning.ERASED, only=adapter_id)


def train(services: Services, actor: str = training.ACTOR) -> StoredAdapter | None:
    """Train the shared adapter now; where the gate is open, those use it that have no other.

    None where no site shares, there is no model, or too little has been decided.
    """
    began, model, sites = services.now(), services.scorer.model, find_sharing(services)
    if model is None:
        return None
    given = {site_id: labels.gather(services, site_id) for site_id in sites}
    enough = {site_id: found for site_id, found in given.items() if lessons.suffice(found)}
    if not enough:
        return None
    with services.database.reading() as session:
        last = stored.find_last(session, None, stored.PROMOTED)
    present = training.find_present(services, model, None if last is None else last.id)
    taught = [(found, sites[site_id]) for site_id, found in enough.items()]
    candidate = pooling.make(model, taught, present, began)
    row = versions.keep_shared(services, candidate, actor, list(enough))
    hand_out(services, row, sites, actor)
    return row


def find_sharing(services: Services) -> Mapping[int, Policy]:
    """The sites that share what they have decided, with their policies."""
    with services.database.reading() as session:
        sites = list(session.scalars(select(Site.id).order_by(Site.id)))
    found = {site_id: policies.find(services, site_id) for site_id in sites}
    return {
        site_id: policy
        for site_id, policy in found.items()
        if policy.document.learning.on and policy.document.learning.share
    }


def hand_out(
    services: Services, row: StoredAdapter, sites: Mapping[int, Policy], actor: str
) -> None:
    """Put a shared adapter in force where it may be, and take it from who no longer shares."""
    if row.state not in (stored.REFUSED, stored.STALE):
        for site_id in sites:
            caller = Caller(site_id, "admin", actor)
            try:
                versions.promote(services, caller, row.public_id, spare_own=True)
            except ConflictError as error:
                log.info("site %d does not use %s: %s", site_id, row.public_id, error)
    for site_id, adapter_id in _find_users(services):
        if site_id not in sites:
            caller = Caller(site_id, "admin", actor)
            versions.rollback(services, caller, NO_MORE, only=adapter_id)


def _find_users(services: Services, state: str = stored.PROMOTED) -> list[tuple[int, int]]:
    """The sites that have a shared adapter in this state in force, and which."""
    using = (
        select(Site.id, StoredAdapter.id)
        .join(StoredAdapter, StoredAdapter.id == Site.adapter)
        .where(StoredAdapter.site_id.is_(None), StoredAdapter.state == state)
    )
    with services.database.reading() as session:
        return list(session.execute(using))
