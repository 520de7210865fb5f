"""The draft that a site has in shadow: put there, looked at, taken away, or put in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import drafts, policies
from api.moderation.access import Caller
from api.moderation.advice import pace
from api.moderation.advice.pace import Pace
from api.moderation.drafts import SHADOW, STOPPED, exhibits, shadowtallies
from api.moderation.drafts.exhibits import Exhibit
from api.moderation.drafts.tallies import Tally
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.policy.reading import Written, read_policy
from api.moderation.policy.reading.schema import load_document
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.policies import PolicyDraft, PolicyVersion
from api.store.tables import Site

_NONE = "No draft is in shadow."


@dataclass(frozen=True, slots=True)
class Shadow:
    """A draft in shadow and what it has found; `examples` are by `tallies.KINDS`."""

    draft: PolicyDraft
    tally: Tally
    pace: Pace
    unseen: list[str]
    """What of the draft nothing tells of: see `drafts.find_unseen`."""
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
        tally = shadowtallies.count(session, draft)
        measured = pace.measure(session.connection(), draft.site_id)
    shown = exhibits.show(services, draft.site_id, tally.examples)
    live = policies.find(services, draft.site_id).document
    unseen = drafts.find_unseen(live, load_document(draft.document))
    return Shadow(draft, tally, measured, unseen, shown)
