"""A site's policy: which version is in force, every version there was, and putting another."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from api.moderation.policy.inforce import DEFAULT, FIRST, Policy
from api.moderation.policy.schema import load_document
from api.moderation.services import Services
from api.store.lookups import LookUp
from api.store.policies import PolicyVersion
from api.store.tables import Site

PREPARED = 200
"""How many policies a process keeps ready for use."""

_IN_FORCE = LookUp(select(Site.policy, Site.shadow).where(Site.id == bindparam("site")))


def find(services: Services, site_id: int) -> Policy:
    """The policy in force, from the very next comment after it was put."""
    found: Sequence[int] | None = _IN_FORCE.find(services.database, site=site_id)
    return get(services, site_id, FIRST if found is None else found[0])


def get(services: Services, site_id: int, version: int) -> Policy:
    """A version of the site's policy, ready for use."""
    if version == FIRST:
        return DEFAULT
    key = site_id, version
    ready = services.prepared.get(key)
    if ready is None:
        ready = Policy(load_document(_load(services, site_id, version).document), version)
        if len(services.prepared) >= PREPARED:
            services.prepared.clear()
        services.prepared[key] = ready
    return ready


def _load(services: Services, site_id: int, version: int) -> PolicyVersion:
    wanted = select(PolicyVersion).where(
        PolicyVersion.site_id == site_id, PolicyVersion.version == version
    )
    with services.database.reading() as session:
        return session.scalars(wanted).one()
