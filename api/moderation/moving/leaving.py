"""Gives a site's comments out as they stand, all of one moment, with the memory of a few."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, select

from api.moderation.access import Caller
from api.moderation.events.proof import one_moment
from api.moderation.moving import PREFIX
from api.moderation.services import Services
from api.store.tables import Comment, Decision, Revision, Verdict

AT_ONCE: Final = 500
"""How many comments are read at once."""

_BELOW_ALL: Final = -(2**62)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which comments; None means any. Without `personal`, nothing that says who somebody is."""

    since: datetime | None = None
    status: str | None = None
    personal: bool = True


_VERDICT: Final = {
    "action": Verdict.action,
    "blatant": Verdict.blatant,
    "scores": Verdict.scores,
    "reasons": Verdict.reasons,
    "model": Verdict.model,
    "second_opinion": Verdict.second_opinion,
    "second_model": Verdict.second_model,
    "language": Verdict.language,
    "policy": Verdict.policy,
    "flips_if": Verdict.flips_if,
}
_DECISION: Final = {
    "action": Decision.action,
    "reason": Decision.reason,
    "queue": Decision.queue,
    "note": Decision.note,
    "actor": Decision.actor,
    "created_at": Decision.created_at,
}
_COMMENT: Final = {
    "id": Comment.public_id,
    "article": Comment.article,
    "parent_id": Comment.parent_id,
    "author": Comment.author,
    "text": Revision.text,
    "html": Revision.html,
    "form": Comment.form,
    "language": Comment.language,
    "metadata": Comment.extra,
    "status": Comment.status,
    "created_at": Comment.created_at,
    "received_at": Comment.received_at,
}
_NAMES: Final = (
    "key",
    *_COMMENT,
    *(f"verdict_{name}" for name in _VERDICT),
    *(f"decision_{name}" for name in _DECISION),
)
_COLUMNS: Final[list[Any]] = [
    Comment.id.label("key"),
    *(column.label(name) for name, column in _COMMENT.items()),
    *(column.label(f"verdict_{name}") for name, column in _VERDICT.items()),
    *(column.label(f"decision_{name}") for name, column in _DECISION.items()),
]


def count(services: Services, caller: Caller) -> int:
    """About how many comments a site has."""
    wanted = select(func.count()).where(Comment.site_id == caller.site_id)
    with services.database.reading() as session:
        return session.scalar(wanted) or 0


def read(services: Services, caller: Caller, wanted: Wanted) -> Iterator[list[dict[str, Any]]]:
    """A site's comments, oldest first, some at a time, with what is in force of each.

    Each has `verdict` and `decision` as the API shows them, but for numbers of versions, which say
    nothing elsewhere; the times are times.
    """
    query = _select(caller.site_id, wanted).order_by(Comment.id).limit(AT_ONCE)
    last = _BELOW_ALL
    with one_moment(services) as session:
        while rows := session.execute(query.where(Comment.id > last)).all():
            last = rows[-1][0]
            yield [_show(row, wanted.personal) for row in rows]


def _select(site_id: int, wanted: Wanted) -> Any:
    revised = and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision)
    judged = and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version)
    decided = and_(Decision.comment_id == Comment.id, Decision.version == Comment.decision_version)
    found = select(*_COLUMNS).select_from(Comment).join(Revision, revised).join(Verdict, judged)
    found = found.outerjoin(Decision, decided).where(Comment.site_id == site_id)
    if wanted.since is not None:
        found = found.where(Comment.received_at >= wanted.since)
    return found if wanted.status is None else found.where(Comment.status == wanted.status)


def _show(row: Sequence[Any], personal: bool) -> dict[str, Any]:
    values = dict(zip(_NAMES, row, strict=True))
    shown = {name: values[name] for name in _COMMENT}
    shown["verdict"] = {name: values[f"verdict_{name}"] for name in _VERDICT}
    scores = shown["verdict"]["scores"]
    shown["verdict"]["scores"] = {label: round(score, 4) for label, score in scores.items()}
    shown["decision"] = None
    if values["decision_action"] is not None:
        shown["decision"] = {name: values[f"decision_{name}"] for name in _DECISION}
        # Where it is taken in, it is said again that it was made elsewhere.
        shown["decision"]["actor"] = values["decision_actor"].removeprefix(PREFIX)
    return shown if personal else _make_impersonal(shown)


def _make_impersonal(shown: dict[str, Any]) -> dict[str, Any]:
    """The same without what says who somebody is, but for what they say of themselves."""
    shown |= {"author": {}, "form": {}, "metadata": {}}
    if shown["decision"] is not None:
        kind = shown["decision"]["actor"].partition(":")[0]
        shown["decision"] |= {"actor": kind, "note": None}
    return shown
