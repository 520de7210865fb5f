"""How long a site keeps what, and how its addresses: nothing changes until somebody says so."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import FieldError
from api.moderation.events import recording
from api.moderation.privacy import CHANGED, due
from api.moderation.privacy.addressing import WAYS
from api.moderation.services import Services
from api.store.tables import Comment, Site

KINDS = due.KINDS
"""What may be kept for a time only: see `due`."""

LONGEST = 3650
"""The most days that may be asked for."""

Keep = dict[str, int | None]
"""Whole days by kind, counted from when a comment came; None is for ever."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How long a site keeps each kind, and how it keeps addresses: one of `addressing.WAYS`."""

    keep: Keep
    addresses: str


def read(session: Session, site_id: int) -> Settings:
    """What a site has set."""
    return read_row(session.get_one(Site, site_id))


def read_row(site: Site) -> Settings:
    """The same of a row that is there already."""
    kept = (site.privacy or {}).get("keep", {})
    return Settings({kind: kept.get(kind) for kind in KINDS}, site.addresses)


def change(
    services: Services,
    caller: Caller,
    keep: Mapping[str, int | None],
    addresses: str | None = None,
) -> Settings:
    """Keep what is named for so long from now on, the rest as before; raise FieldError.

    `addresses` None leaves those as they are. The next sweep, once a day, acts on it.
    """
    _check(keep, addresses)
    with services.database.writing() as session:
        site = session.get_one(Site, caller.site_id, with_for_update={"key_share": True})
        before = read_row(site)
        after = _apply(before, keep, addresses)
        if after != before:
            site.privacy = {**(site.privacy or {}), "keep": after.keep}
            site.addresses = after.addresses
            recording.record(session, services, caller, CHANGED, asdict(after))
    return after


def preview(
    services: Services,
    site_id: int,
    keep: Mapping[str, int | None],
    addresses: str | None = None,
) -> Settings:
    """What would hold if this were set; raise FieldError."""
    _check(keep, addresses)
    with services.database.reading() as session:
        return _apply(read(session, site_id), keep, addresses)


def count(
    services: Services,
    site_id: int,
    keep: Mapping[str, int | None],
    addresses: str | None = None,
) -> dict[str, int]:
    """How many comments the next sweep would change if this were set; raise FieldError.

    By kind, 0 where one is kept for ever; `addresses` are those that would be kept otherwise. A
    comment may be of several kinds: one that goes whole is counted under all of them.
    """
    wanted = preview(services, site_id, keep, addresses)
    with services.database.reading() as session:
        found = dict.fromkeys((*KINDS, due.REWRITTEN), 0)
        conditions = due.find_conditions(wanted.keep, wanted.addresses, services.now())
        for kind, condition in conditions.items():
            here = select(func.count()).select_from(Comment)
            found[kind] = session.scalar(here.where(Comment.site_id == site_id, condition)) or 0
    return found


def _apply(before: Settings, keep: Mapping[str, int | None], addresses: str | None) -> Settings:
    return Settings({**before.keep, **keep}, addresses or before.addresses)


def _check(keep: Mapping[str, int | None], addresses: str | None) -> None:
    for kind, days in keep.items():
        if kind not in KINDS:
            raise FieldError(f"/keep/{kind}", f"Not one of {', '.join(KINDS)}.")
        if days is not None and not 1 <= days <= LONGEST:
            raise FieldError(f"/keep/{kind}", f"Whole days from 1 to {LONGEST}, or null for ever.")
    if addresses is not None and addresses not in WAYS:
        raise FieldError("/addresses", f"Not one of {', '.join(WAYS)}.")
