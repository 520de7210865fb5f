"""The draft that a site has in shadow: put there, looked at, taken away, or put in force."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Text, and_, cast, func, select
from sqlalchemy.orm import Session

from api.moderation import drafts, exhibits, pace, policies
from api.moderation.access import Caller
from api.moderation.drafts import SHADOW, STOPPED
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.exhibits import Exhibit
from api.moderation.pace import Pace
from api.moderation.policy.reading import Written, read_policy
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.moderation.tallies import SHOWN, Example, Tally
from api.store.policies import PolicyDraft, PolicyVersion, ShadowVerdict
from api.store.tables import Comment, Decision, Site

LATEST = 100_000
"""So many of the newest comments that a draft has judged are counted."""


_NONE = "No draft is in shadow."


@dataclass(frozen=True, slots=True)
class Shadow:
    """A draft in shadow and what it has found; `examples` are by `tallies.KINDS`."""

    draft: PolicyDraft
    tally: Tally
    pace: Pace
    examples: Mapping[str, Sequence[Exhibit]]


def put(services: Services, caller: Caller, written: Written) -> Shadow:
    """Have a draft judge every new comment beside the policy, instead of the one that did so far.

    The one that does so already, put again, goes on counting.
    """
    with services.database.writing() as session:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        present = _find(session, site)
        if present is None or present.text != written.text:
            _end(services, site, present)
            present = drafts.make(services, caller, written, SHADOW, {})
            session.add(present)
            session.flush()
            site.shadow = present.id
    return _look(services, present)


def find(services: Services, caller: Caller) -> Shadow:
    """The draft in shadow and what it has found; raise NotFoundError where there is none."""
    with services.database.reading() as session:
        present = _find(session, session.get_one(Site, caller.site_id))
    if present is None:
        raise NotFoundError(_NONE)
    return _look(services, present)


def end(services: Services, caller: Caller) -> None:
    """Have nothing in shadow any more; raise NotFoundError where there is nothing."""
    with services.database.writing() as session:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        present = _find(session, site)
        if present is None:
            raise NotFoundError(_NONE)
        _end(services, site, present)


def promote(services: Services, caller: Caller, version: int, force: bool = False) -> PolicyVersion:
    """Put the draft in force instead of `version`, see `policies.put`, and out of the shadow.

    Done again, it changes nothing.
    """
    with services.database.reading() as session:
        draft = _find(session, session.get_one(Site, caller.site_id))
    if draft is None:
        promoted = _find_promoted(services, caller)
        return perform(services, caller.site_id, caller.ticket, lambda _: promoted)

    def leave(session: Session) -> None:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        if site.shadow != draft.id:
            # Somebody has put another one there, or taken this one away.
            raise ConflictError("Another draft is in shadow by now, or none.")
        _end(services, site, session.get_one(PolicyDraft, draft.id))

    return policies.put(services, caller, read_policy(draft.text), version, force, leave)


def _find_promoted(services: Services, caller: Caller) -> PolicyVersion:
    """The policy in force, if it is what was in shadow last."""
    last = (
        select(PolicyDraft.text)
        .where(PolicyDraft.site_id == caller.site_id, PolicyDraft.kind == SHADOW)
        .order_by(PolicyDraft.id.desc())
        .limit(1)
    )
    with services.database.reading() as session:
        text = session.scalar(last)
    present = policies.show(services, caller)
    if present.text != text:
        raise NotFoundError(_NONE)
    return present


def _find(session: Session, site: Site) -> PolicyDraft | None:
    return None if site.shadow is None else session.get_one(PolicyDraft, site.shadow)


def _end(services: Services, site: Site, present: PolicyDraft | None) -> None:
    site.shadow = None
    if present is not None:
        present.state, present.updated_at = STOPPED, services.now()


def _look(services: Services, draft: PolicyDraft) -> Shadow:
    with services.database.reading() as session:
        latest = _latest(draft)
        tally = _count(session, latest)
        for kind, condition in _kinds(latest).items():
            rows = session.execute(_newest(latest, condition))
            tally.examples[kind] = [
                Example(number, live, action, json.loads(codes))
                for number, live, action, codes in rows
            ]
        measured = pace.measure(session.connection(), draft.site_id)
    shown = exhibits.show(services, draft.site_id, tally.examples)
    return Shadow(draft, tally, measured, shown)


def _latest(draft: PolicyDraft) -> Subquery:
    codes = cast(ShadowVerdict.codes, Text).label("codes")
    judged = (ShadowVerdict.comment_id, ShadowVerdict.live, ShadowVerdict.action, codes)
    newest = ShadowVerdict.comment_id.desc()
    found = select(*judged).where(ShadowVerdict.draft_id == draft.id).order_by(newest)
    return found.limit(LATEST).subquery()


def _count(session: Session, latest: Subquery) -> Tally:
    group = latest.c.live, latest.c.action, latest.c.codes, Decision.action
    counted = _decided(select(*group, func.count()), latest).group_by(*group)
    tally = Tally()
    for live, action, codes, decision, number in session.execute(counted):
        tally.count(Example(0, live, action, json.loads(codes)), decision, number)
    return tally


def _decided(query: Select[*tuple[Any, ...]], latest: Subquery) -> Select[*tuple[Any, ...]]:
    """With the decisions in force, if any."""
    in_force = and_(Decision.comment_id == Comment.id, Decision.version == Comment.decision_version)
    return (
        query.select_from(latest)
        .join(Comment, Comment.id == latest.c.comment_id)
        .outerjoin(Decision, in_force)
    )


def _kinds(latest: Subquery) -> dict[str, ColumnElement[bool]]:
    """The kinds of examples, as `tallies.find_kinds` tells them, in SQL."""
    live, draft, said = latest.c.live, latest.c.action, Decision.action
    return {
        "newly_held": and_(live == "approve", draft != "approve"),
        "newly_passed": and_(live != "approve", draft == "approve"),
        "newly_rejected": and_(live != "reject", draft == "reject"),
        "approved_by_people": and_(said == "approve", draft == "reject"),
        "rejected_by_people": and_(said == "reject", draft == "approve"),
    }


def _newest(latest: Subquery, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = latest.c.comment_id, latest.c.live, latest.c.action, latest.c.codes
    found = _decided(select(*columns), latest).where(condition)
    return found.order_by(latest.c.comment_id.desc()).limit(SHOWN)
