"""A site's policy: which version is in force, every version there was, and putting another."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.moderation import inforce
from api.moderation.access import Caller
from api.moderation.drafts import candidates
from api.moderation.drafts.candidates import Checked
from api.moderation.errors import NotFoundError, StalePolicyError
from api.moderation.events import recording
from api.moderation.learning import using
from api.moderation.paging import Order, Page
from api.moderation.policy import thresholds
from api.moderation.policy.inforce import DEFAULT, FIRST, Policy
from api.moderation.policy.reading import Written, defaults
from api.moderation.policy.reading.faults import DoubtfulError
from api.moderation.policy.reading.schema import load_document
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.policies import PolicyVersion
from api.store.tables import Site
from classifier import Threshold

PREPARED = 200
"""How many policies a process keeps ready for use."""

_PREPARING = threading.Lock()

CHANGED = "policy.changed"
"""The event of another version in force."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A version of a policy without its text."""

    version: int
    note: str
    actor: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Resolved:
    """Thresholds by label; `raised` says which of `learned` are higher than their targets ask."""

    thresholds: Mapping[str, Threshold]
    raised: Sequence[str]


def find(services: Services, site_id: int) -> Policy:
    """The policy in force, from the very next comment after it was put."""
    return get(services, site_id, inforce.find(services, site_id).policy)


def get(services: Services, site_id: int, version: int) -> Policy:
    """A version of the site's policy, ready for use."""
    if version == FIRST:
        return DEFAULT

    def read(session: Session) -> Policy:
        row = session.get_one(PolicyVersion, (site_id, version))
        return Policy(load_document(row.document), version)

    return prepare(services, (site_id, version), read)


def prepare(services: Services, key: tuple[int, int], read: Callable[[Session], Policy]) -> Policy:
    """The policy of that key in `services.prepared`, read where it is not there yet."""
    ready = services.prepared.get(key)
    if ready is not None:
        return ready
    # All comments of a moment need it; made once, it is there sooner for all of them.
    with _PREPARING:
        ready = services.prepared.get(key)
        if ready is None:
            with services.database.reading() as session:
                ready = read(session).make_ready()
            if len(services.prepared) >= PREPARED:
                services.prepared.clear()
            services.prepared[key] = ready
    return ready


def show(services: Services, caller: Caller, version: int | None = None) -> PolicyVersion:
    """A version of the caller's policy, by default the one in force.

    Raises NotFoundError for a version that never was.
    """
    with services.database.reading() as session:
        site = session.get_one(Site, caller.site_id)
        return _load(session, site, site.policy if version is None else version)


def list_versions(
    services: Services, caller: Caller, limit: int = 50, cursor: str | None = None
) -> Page[Listed]:
    """One page of the versions there were, newest first; the last one is the defaults."""
    note = PolicyVersion.document["note"].as_string()
    columns = PolicyVersion.version, note, PolicyVersion.actor, PolicyVersion.created_at
    here = select(*columns).where(PolicyVersion.site_id == caller.site_id)
    with services.database.reading() as session:
        rows = session.execute(_NEWEST.apply(here, cursor).limit(limit + 1)).all()
        first = _make_first(session.get_one(Site, caller.site_id))
    found = [Listed(number, note or "", actor, time) for number, note, actor, time in rows]
    if len(found) <= limit:
        found.append(Listed(FIRST, "", first.actor, first.created_at))
    more = len(found) > limit
    return Page(found[:limit], _NEWEST.encode(found[limit - 1]) if more else None)


_NEWEST = Order((PolicyVersion.version,), descending=True)


def check(services: Services, caller: Caller, written: Written) -> Checked:
    """Try a policy out and keep nothing, but for the answer to a request with a ticket.

    Raises PolicyError for what no force could put.
    """
    checked = candidates.check(services, written)
    if caller.ticket is None:
        return checked
    return perform(services, caller.site_id, caller.ticket, lambda _: checked)


def resolve(services: Services, site_id: int, document: Mapping[str, Any]) -> Resolved | None:
    """The thresholds of a policy's plain document with what a site is judged by.

    None without a model.
    """
    parts = "profile", "thresholds", "second_opinion", "learning"
    read = load_document({name: document[name] for name in parts if name in document})
    adapter = inforce.find(services, site_id).adapter if read.learning.on else None
    measured = using.find_scorer(services, adapter).measured(read.second_opinion)
    if measured is None:
        return None
    return Resolved(thresholds.resolve(read, measured), thresholds.find_raised(read, measured))


def put(
    services: Services,
    caller: Caller,
    written: Written,
    version: int,
    force: bool = False,
    along: Callable[[Session], None] | None = None,
) -> PolicyVersion:
    """Have a policy in force from the next comment on; return its new version.

    `version` is the one that the caller saw in force: raises StalePolicyError when it is no more.
    Raises DoubtfulError, unless forced, when an example comes out otherwise or a rule matches
    everything. What is in force already changes nothing. `along` is done in the same transaction.
    """
    doubts = candidates.check(services, written).doubts
    if doubts and not force:
        raise DoubtfulError(doubts)
    more = {"forced": True} if doubts else {}
    return _put(services, caller, written.text, written.plain, version, more, along)


def restore(services: Services, caller: Caller, version: int, expected: int) -> PolicyVersion:
    """Put an earlier version's policy in force again, as a new version; it is not tried out.

    `expected` is the version that the caller saw in force: raises StalePolicyError when it is no
    more, NotFoundError for a version that never was.
    """
    old = show(services, caller, version)
    more = {"restored_from": version}
    return _put(services, caller, old.text, old.document, expected, more)


def _put(
    services: Services,
    caller: Caller,
    text: str,
    document: dict[str, Any],
    expected: int,
    more: dict[str, Any],
    along: Callable[[Session], None] | None = None,
) -> PolicyVersion:
    values = {
        "site_id": caller.site_id,
        "version": expected + 1,
        "text": text,
        "document": document,
        "actor": caller.actor,
        "created_at": services.now(),
    }

    def act(session: Session) -> PolicyVersion:
        if along is not None:
            along(session)
        here = Site.id == caller.site_id
        moved = update(Site).where(here, Site.policy == expected).values(policy=expected + 1)
        present = _find_same(session, caller.site_id, text, expected)
        if present is not None:
            return present
        if session.scalar(moved.returning(Site.policy)) is None:
            raise StalePolicyError(session.scalar(select(Site.policy).where(here)) or FIRST)
        row = PolicyVersion(**values)
        session.add(row)
        recording.record(session, services, caller, CHANGED, {"version": row.version, **more})
        return row

    return perform(services, caller.site_id, caller.ticket, act)


def _find_same(session: Session, site_id: int, text: str, expected: int) -> PolicyVersion | None:
    """What is in force if it is this very text, put by a request like this one or before it."""
    site = session.scalars(select(Site).where(Site.id == site_id)).one()
    if site.policy not in (expected, expected + 1):
        return None
    present = _load(session, site, site.policy)
    return present if present.text == text else None


def _load(session: Session, site: Site, version: int) -> PolicyVersion:
    if version == FIRST:
        return _make_first(site)
    found = session.get(PolicyVersion, (site.id, version))
    if found is None:
        raise NotFoundError(f"There is no version {version} of the policy.")
    return found


def _make_first(site: Site) -> PolicyVersion:
    return PolicyVersion(
        site_id=site.id,
        version=FIRST,
        text=defaults.TEXT,
        document=defaults.PLAIN,
        actor="winnow",
        created_at=site.created_at,
    )
