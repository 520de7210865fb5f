"""What a site's comments are judged by at this moment: one look-up for all of it."""

from typing import NamedTuple

from sqlalchemy import bindparam, select

from api.moderation.policy.inforce import FIRST
from api.moderation.services import Services
from api.store.lookups import LookUp
from api.store.tables import Site


class InForce(NamedTuple):
    """Numbers of the policy's version, of a draft in shadow, of an adapter and one on trial.

    None where there is none. What is in shadow or on trial is asked beside and has no say.
    `addresses` is how those are kept: see `api.moderation.privacy.addressing`.
    """

    policy: int = FIRST
    shadow: int | None = None
    adapter: int | None = None
    trial: int | None = None
    addresses: str = "whole"


COLUMNS = Site.policy, Site.shadow, Site.adapter, Site.trial, Site.addresses
"""The columns of `InForce`."""

_IN_FORCE = LookUp(select(*COLUMNS).where(Site.id == bindparam("site")))


def find(services: Services, site_id: int, known: InForce | None = None) -> InForce:
    """What is in force for a site; `known` is that, where the request has looked it up already."""
    if known is not None:
        return known
    found = _IN_FORCE.find(services.database, site=site_id)
    return InForce() if found is None else InForce(*found)
