"""Trains a site's adapter on what its people have decided, and has the gate judge it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from api.moderation import inforce, policies
from api.moderation.access import Caller
from api.moderation.learning import gate, labels, lessons, proving, stored, versions
from api.moderation.learning.gate import Foretold
from api.moderation.learning.labels import Label
from api.moderation.learning.stored import Candidate
from api.moderation.policy.inforce import Policy
from api.moderation.services import Services
from api.store.learning import StoredAdapter
from classifier import Adapter, Model, restore_adapter

ACTOR: Final = "winnow"
"""By which name the log knows what nobody asked for."""


class Present(NamedTuple):
    """The adapter in force, and the time of the last decision that it has been taught."""

    adapter: Adapter
    taught_until: datetime | None


def train(
    services: Services, site_id: int, actor: str = ACTOR, promote: bool = True
) -> StoredAdapter | None:
    """Train a site's adapter now, and put it in force where the gate is open.

    None where the site wants no learning, there is no model, or too little has been decided.
    """
    began, model, here = services.now(), services.scorer.model, inforce.find(services, site_id)
    policy = policies.get(services, site_id, here.policy)
    if model is None or not policy.document.learning.on:
        return None
    found = labels.gather(services, site_id)
    if not lessons.suffice(found):
        return None
    with services.database.reading() as session:
        standing = stored.find_standing(session, site_id, here.adapter)
    # What is to leave in any case is no measure: the gate asks about what would be in force then.
    present = find_present(services, model, standing)
    candidate = make(model, policy, found, present, began)
    caller = Caller(site_id, "admin", actor)
    return versions.keep(services, caller, candidate, promote, here.adapter)


def make(
    model: Model,
    policy: Policy,
    found: Sequence[Label],
    present: Present | None,
    began: datetime,
) -> Candidate:
    """Train an adapter on a site's labels, oldest first, and judge it beside the one in force."""
    # Only the worker pays for loading them.
    from threadpoolctl import threadpool_limits

    from classifier import adapting

    # For vectors as short as these, threads cost more than they bring.
    with threadpool_limits(limits=1):
        examples = adapting.read(model, [label.item for label in found])
        lesson = lessons.study(examples, found, policy.thresholds(model))
        fresh = lessons.count_until(found, present.taught_until) if present else 0
        foretold = lesson.foretell(model, present.adapter if present else None, fresh)
        adapter = lesson.train(describe(model, len(found), began, [foretold]))
        report = gate.judge([foretold], proving.run_suites(model, adapter, policy))
    report.figures["accounts"] = proving.show_accounts(lesson.accounts)
    holds = proving.find_holds(policy, model)
    keys = tuple(label.key for label in found)
    return Candidate(adapter, len(found), found[-1].decided_at, report, holds, began, keys)


def describe(
    model: Model, count: int, began: datetime, sites: Sequence[Foretold]
) -> dict[str, Any]:
    """What an adapter says of itself."""
    curve = proving.fit(sites)
    return {"base": model.version, "labels": count, "created": began.isoformat(), "curve": curve}


def find_present(services: Services, model: Model, adapter_id: int | None) -> Present | None:
    """An adapter to be compared with; None where it corrects another model, or is none."""
    if adapter_id is None:
        return None
    with services.database.reading() as session:
        row = session.get(StoredAdapter, adapter_id)
    if row is None or row.base != model.version:
        return None
    return Present(restore_adapter(row.data), row.taught_until)
