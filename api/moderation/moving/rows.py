"""What is written of a comment that was somewhere else before."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Dialect

from api.moderation import indexing, standing, traces
from api.moderation.moving.arrivals import Arrival, Decided
from api.moderation.moving.runs import Run
from api.moderation.policy.judging import Judgement
from api.moderation.privacy.addressing import Keeper
from api.moderation.queues import placing
from api.moderation.rejudging import ACTOR
from api.moderation.services import Services
from api.moderation.standing import STATUS
from api.store.imports import Rows
from api.store.policies import LinkedHost
from api.store.review import Waiting
from api.store.tables import Base, Comment, Verdict

_ACTIONS = {"approved": "approve", "rejected": "reject"}

KEPT = "It stood so where it came from."
"""The note of a decision by nobody: a verdict of today does not take back what was published."""


def make(
    services: Services, keeper: Keeper, run: Run, arrival: Arrival, judgement: Judgement
) -> Rows:
    """The rows of a comment, without its number.

    It came when it came there, but what waits for a person waits here from now on.
    """
    now, draft, dialect = services.now(), arrival.draft, services.database.dialect
    site_id, began = run.site_id, run.began
    decided = _find_decided(arrival, judgement)
    created = draft.created_at or began
    came = arrival.received_at or (now if _waits(decided, judgement) else created)
    comment = {
        "id": None,
        "site_id": site_id,
        "public_id": draft.id,
        "article_id": draft.article["id"],
        "article": draft.article,
        "section": draft.article.get("section"),
        "parent_id": draft.parent_id,
        "author_id": draft.author.get("id"),
        "author": keeper.keep_author(draft.author),
        **keeper.keep_known(traces.identify(draft.author)),
        "campaign": None,
        "sampled": None,
        "asked": None,
        "form": draft.form,
        "extra": draft.metadata,
        "language": draft.language,
        "version": 1,
        "revision": 1,
        "created_at": created,
        "received_at": min(came, now),
        **standing.columns(judgement, 1, now),
    }
    verdict = standing.verdict_row(dialect, judgement, now).row
    decision = None
    if decided is not None:
        decision = _decide(comment, decided, min(decided.at or created, now))
    elif not _waits(decided, judgement):
        comment["updated_at"] = comment["received_at"]
    words = indexing.part_of_new(dialect, site_id, draft.author, draft.text, draft.html)
    revision = {
        "comment_id": None,
        "number": 1,
        "text": draft.text,
        "html": draft.html,
        "created_at": min(created, now),
        "gone": False,
    }
    more = [*_wait(services, dialect, comment, verdict), *_link(site_id, judgement)]
    return Rows(comment, revision, vars(verdict), decision, words, more)


def _waits(decided: Decided | None, judgement: Judgement) -> bool:
    return decided is None and judgement.action == "hold"


def _find_decided(arrival: Arrival, judgement: Judgement) -> Decided | None:
    """What is in force: what a person said, else how it stood where that is not today's verdict."""
    if arrival.decided is not None or arrival.status in (None, "pending"):
        return arrival.decided
    action = _ACTIONS[arrival.status]
    if action == judgement.action:
        return None
    return Decided(action, None, ACTOR, None, KEPT)


def _decide(comment: dict[str, Any], decided: Decided, at: datetime) -> dict[str, Any]:
    """The row of a decision, with which the comment has its second version."""
    comment |= {
        "version": 2,
        "decision_version": 2,
        "status": STATUS[decided.action],
        # What was decided last is what was decided here, not what is read of elsewhere.
        "updated_at": at,
    }
    return {
        "comment_id": None,
        "version": 2,
        "revision": 1,
        "action": decided.action,
        "reason": decided.reason,
        "note": decided.note,
        "actor": decided.actor,
        "created_at": at,
        "undone_at": None,
        "bulk": None,
        "queue": None,
    }


def _wait(
    services: Services, dialect: Dialect, comment: dict[str, Any], verdict: Verdict
) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    shown = cast("Comment", SimpleNamespace(**comment))
    found = placing.row_of_new(dialect, services, shown, verdict)
    if found is not None:
        yield Waiting, vars(found.row)


def _link(site_id: int, judgement: Judgement) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    """The hosts that it links to: those of what was approved are no strangers to the site."""
    for host in sorted(set(judgement.traces.hosts)):
        yield LinkedHost, {"site_id": site_id, "comment_id": None, "host": host}
