"""Goes through stored comments with a draft of a policy, piece by piece; nothing of them changes.

Each piece commits what was found and how far it came, so that whoever is killed loses a piece at
most, and two who go on with the same preview count nothing twice.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update, update

from api.moderation import drafts, policies
from api.moderation.advice import pace
from api.moderation.drafts import DONE, RUNNING, bulkreading, tallies
from api.moderation.drafts.bulkreading import EVER, Range
from api.moderation.drafts.replaying import Replay
from api.moderation.errors import ConflictError
from api.moderation.knowledge.query import ALL
from api.moderation.policy.document import Document
from api.moderation.policy.inforce import Policy
from api.moderation.services import Services
from api.store.jobs import LaterError, TakenJob
from api.store.policies import PolicyDraft
from classifier import Model

JOB = "policy.preview"
"""The job that goes on with a preview."""

AT_ONCE = 2_000
"""So many comments are gone through within the request."""

PIECE = 1_000
"""How many comments are gone through between two commits."""

PIECES = 40
"""How many pieces a job does before it lets others have its place."""

ASK_AGAIN = timedelta(minutes=1)
"""When a worker without a classifier looks again."""


def plan(
    services: Services, site_id: int, document: Document, last: int, since: datetime | None
) -> dict[str, Any]:
    """What a preview is about: nothing that comes from now on.

    Raises ConflictError where there is no classifier.
    """
    find_model(services)
    with services.database.looking() as connection:
        _, newest = bulkreading.count(connection, Range(site_id, 0, ALL), 1)
        measured = pace.measure(connection, site_id)
    live = policies.find(services, site_id).document
    return {
        "unseen": drafts.find_unseen(live, document),
        "last": last,
        "since": since and since.isoformat(),
        "upto": newest,
        "total": None,
        "seconds": measured.seconds,
        "reviews": measured.reviews,
    }


def are_few(services: Services, draft: PolicyDraft) -> bool:
    """Whether it takes no longer than a request may."""
    if draft.options["last"] <= AT_ONCE:
        return True
    with services.database.looking() as connection:
        found, _ = bulkreading.count(connection, replace(_range(draft), since=EVER), AT_ONCE + 1)
    return found <= AT_ONCE


def finish(services: Services, draft: PolicyDraft, policy: Policy) -> None:
    """Judge all of them; `draft` need not be kept yet."""
    while draft.state == RUNNING:
        _go_on(services, draft, policy)


def advance(services: Services, draft_id: int) -> PolicyDraft | None:
    """Do a piece and commit it; the preview as it is then, None where it is gone."""
    with services.database.reading() as session:
        draft = session.get(PolicyDraft, draft_id)
    if draft is None or draft.state != RUNNING:
        return draft
    before = draft.cursor
    _go_on(services, draft, drafts.prepare(services, draft.site_id, draft_id))
    draft.updated_at = services.now()
    kept = _keeping(draft, before)
    if services.database.write(lambda connection: connection.execute(kept).rowcount == 1):
        return draft
    with services.database.reading() as session:
        return session.get(PolicyDraft, draft_id)


def run(services: Services, job: TakenJob) -> None:
    """Go on with the preview that the job names; raise LaterError when there is more to do."""
    if services.scorer.model is None:
        raise LaterError(ASK_AGAIN, "There is no classifier.", counts=False)
    for _ in range(PIECES):
        draft = advance(services, job.payload["draft"])
        if draft is None or draft.state != RUNNING:
            return
    raise LaterError(timedelta(), counts=False)


def read_since(draft: PolicyDraft) -> datetime | None:
    """Comments that came earlier are left out."""
    since = draft.options["since"]
    return datetime.fromisoformat(since) if since else None


def find_model(services: Services) -> Model:
    """The model that is in use; raise ConflictError where there is none."""
    if services.scorer.model is None:
        raise ConflictError("There is no classifier: no scores can be compared with thresholds.")
    return services.scorer.model


def _keeping(draft: PolicyDraft, before: int | None) -> Update:
    """Keep a piece, unless somebody else has done this very one, or stopped the preview."""
    unchanged = (
        PolicyDraft.id == draft.id,
        PolicyDraft.state == RUNNING,
        PolicyDraft.cursor.is_not_distinct_from(before),
    )
    names = ("options", "state", "cursor", "tally", "updated_at")
    found = {name: getattr(draft, name) for name in names}
    return update(PolicyDraft).where(*unchanged).values(found)


def _go_on(services: Services, draft: PolicyDraft, policy: Policy) -> None:
    """Judge a piece more, and note in `draft` what came of it."""
    tally, model = tallies.read(draft.tally), find_model(services)
    measured = services.scorer.measured(policy.document.second_opinion) or model
    with services.database.looking() as connection:
        if draft.cursor is None:
            _measure(connection, draft)
        kept = bulkreading.read(connection, _range(draft), PIECE)
        about = draft.site_id, policy, model, measured, services.secret_key
        Replay(connection, *about).count(kept, tally)
    draft.tally = tally.write()
    if kept:
        draft.cursor = kept[-1].number
    if len(kept) < PIECE:
        draft.state = DONE


def _measure(connection: Connection, draft: PolicyDraft) -> None:
    """Find out where to begin, and how many comments there are to be judged."""
    total, oldest = bulkreading.count(
        connection, replace(_range(draft), since=EVER), draft.options["last"]
    )
    draft.cursor = oldest - 1
    if draft.options["since"]:
        total, _ = bulkreading.count(connection, _range(draft), total)
    draft.options = {**draft.options, "total": total}


def _range(draft: PolicyDraft) -> Range:
    """What is left of it."""
    since = read_since(draft) or EVER
    return Range(draft.site_id, draft.cursor or 0, draft.options["upto"], since)
