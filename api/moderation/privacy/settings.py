"""How long a site keeps what: nothing goes by itself until somebody has said so."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import FieldError
from api.moderation.events import recording
from api.moderation.privacy import CHANGED
from api.moderation.services import Services
from api.store.tables import Site

KINDS = ("rejected",)
"""What may be kept for a time only: `rejected` is every comment that stands rejected, whole."""

LONGEST = 3650
"""The most days that may be asked for."""

Keep = dict[str, int | None]
"""Whole days by kind, counted from when a comment came; None is for ever."""


def read(session: Session, site_id: int) -> Keep:
    """How long a site keeps what."""
    kept = (session.get_one(Site, site_id).privacy or {}).get("keep", {})
    return {kind: kept.get(kind) for kind in KINDS}


def change(services: Services, caller: Caller, wanted: Mapping[str, int | None]) -> Keep:
    """Keep what is named for so long from now on, the rest as before; raise FieldError."""
    for kind, days in wanted.items():
        _check(kind, days)
    with services.database.writing() as session:
        site = session.get_one(Site, caller.site_id, with_for_update={"key_share": True})
        keep = {**read(session, caller.site_id), **wanted}
        site.privacy = {**(site.privacy or {}), "keep": keep}
        recording.record(session, services, caller, CHANGED, {"keep": keep})
    return keep


def _check(kind: str, days: int | None) -> None:
    if kind not in KINDS:
        raise FieldError(f"/keep/{kind}", f"Not one of {', '.join(KINDS)}.")
    if days is not None and not 1 <= days <= LONGEST:
        raise FieldError(f"/keep/{kind}", f"Whole days from 1 to {LONGEST}, or null for ever.")
