"""Previews of a policy: what a draft would have done with the comments that are there.

Nothing changes for any comment. `previewing` goes through them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.moderation import drafts
from api.moderation.access import Caller
from api.moderation.advice.pace import Pace
from api.moderation.drafts import DONE, PREVIEW, RUNNING, STOPPED, exhibits, previewing, tallies
from api.moderation.drafts.exhibits import Exhibit
from api.moderation.drafts.tallies import Tally
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.paging import Order, Page
from api.moderation.policy.inforce import Policy
from api.moderation.policy.reading import Written
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.jobs import enqueue
from api.store.policies import PolicyDraft

USUAL = 10_000
MOST = 10_000_000
"""How many comments a preview goes through if nothing is said, and at most."""

MOST_RUNNING = 5
"""How many previews of a site may run at once."""

NEWEST = Order((PolicyDraft.id,), descending=True)


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview as far as it has come; `examples` are by the kinds of `tallies.PREVIEWS`."""

    draft: PolicyDraft
    tally: Tally
    examples: Mapping[str, Sequence[Exhibit]] = field(default_factory=dict)

    @property
    def total(self) -> int | None:
        """How many comments it goes through; None until they are counted."""
        found: int | None = self.draft.options["total"]
        return found

    @property
    def since(self) -> datetime | None:
        """Comments that came earlier are left out."""
        return previewing.read_since(self.draft)

    @property
    def unseen(self) -> list[str]:
        """What of the draft nothing tells of: see `drafts.find_unseen`."""
        return list(self.draft.options["unseen"])

    @property
    def seen(self) -> int:
        """How many it has gone through."""
        return self.tally.judged + self.tally.unscored

    @property
    def share(self) -> float:
        """How much of it is done, in [0, 1]."""
        if self.draft.state == DONE:
            return 1.0
        return min(self.seen / self.total, 1.0) if self.total else 0.0

    @property
    def pace(self) -> Pace:
        """How long a review takes."""
        return Pace(self.draft.options["seconds"], self.draft.options["reviews"])


def begin(
    services: Services,
    caller: Caller,
    written: Written,
    last: int = USUAL,
    since: datetime | None = None,
    by_job: bool = True,
) -> Preview:
    """Judge the `last` comments, of them those that came `since` then, by a draft.

    Few are judged at once. Many are judged by a job, or, without `by_job`, by who calls `advance`.
    Raises ConflictError where too many previews run, or there is no classifier.
    """
    options = previewing.plan(services, caller.site_id, written.document, last, since)
    draft = drafts.make(services, caller, written, PREVIEW, options)
    if by_job and previewing.are_few(services, draft):
        previewing.finish(services, draft, Policy(written.document, drafts.NO_VERSION))
    shown = _show(services, draft)

    def keep(session: Session) -> Preview:
        if draft.state == RUNNING:
            _check_room(session, caller)
        session.add(draft)
        session.flush()
        if draft.state == RUNNING and by_job:
            job = {"draft": draft.id}
            now, own = services.now(), draft.site_id
            enqueue(session.connection(), previewing.JOB, job, now, site_id=own)
        return shown

    return perform(services, caller.site_id, caller.ticket, keep)


def advance(services: Services, preview: Preview) -> Preview:
    """Go on with a preview by one piece; it may have been stopped, or gone on by others.

    Raises NotFoundError where it is gone.
    """
    draft = previewing.advance(services, preview.draft.id)
    if draft is None:
        raise NotFoundError(f"There is no preview {preview.draft.public_id} any more.")
    return Preview(draft, tallies.read(draft.tally))


def find(services: Services, caller: Caller, public_id: str) -> Preview:
    """A preview as far as it has come, with examples."""
    with services.database.reading() as session:
        draft = drafts.load(session, caller, PREVIEW, public_id)
    return _show(services, draft)


def list_previews(
    services: Services, caller: Caller, limit: int, cursor: str | None = None
) -> Page[Preview]:
    """One page of the site's previews, newest first, without their examples."""
    mine = select(PolicyDraft).where(
        PolicyDraft.site_id == caller.site_id, PolicyDraft.kind == PREVIEW
    )
    with services.database.reading() as session:
        found = session.scalars(NEWEST.apply(mine, cursor).limit(limit + 1)).all()
    next_ = NEWEST.encode(found[limit - 1]) if len(found) > limit else None
    return Page([Preview(one, tallies.read(one.tally)) for one in found[:limit]], next_)


def stop(services: Services, caller: Caller, public_id: str) -> None:
    """End a preview that runs; what it has found so far can still be read."""
    with services.database.writing() as session:
        draft = drafts.load(session, caller, PREVIEW, public_id, lock=True)
        if draft.state == RUNNING:
            draft.state, draft.updated_at = STOPPED, services.now()


def resume(services: Services, caller: Caller, public_id: str) -> Preview:
    """Have a preview that was stopped run again, from where it came to; `advance` goes on."""
    previewing.find_model(services)
    with services.database.writing() as session:
        draft = drafts.load(session, caller, PREVIEW, public_id, lock=True)
        if draft.state == STOPPED:
            draft.state, draft.updated_at = RUNNING, services.now()
    return Preview(draft, tallies.read(draft.tally))


def _check_room(session: Session, caller: Caller) -> None:
    running = select(func.count()).where(
        PolicyDraft.site_id == caller.site_id,
        PolicyDraft.kind == PREVIEW,
        PolicyDraft.state == RUNNING,
    )
    if (session.scalar(running) or 0) >= MOST_RUNNING:
        raise ConflictError(f"{MOST_RUNNING} previews run already; wait for one, or stop one.")


def _show(services: Services, draft: PolicyDraft) -> Preview:
    tally = tallies.read(draft.tally)
    return Preview(draft, tally, exhibits.show(services, draft.site_id, tally.examples))
