"""Where a comment lies: keeps its row of `waiting` true to what the comment says.

Everything that changes a comment's status, verdict, decision or reports ends with `place`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, bindparam, delete, select

from api.moderation import credence, policies, sampling
from api.moderation.learning import asking
from api.moderation.queues import AUDIT, DEFAULT, DISPUTED, REPORTED, urgency
from api.moderation.queues.urgency import Harm
from api.moderation.services import Services
from api.store.inserting import NewRow, write_all
from api.store.review import SecondLook, Waiting
from api.store.tables import Comment, Site, Verdict
from classifier import LABELS

REOPENS = 0.65
"""From which belief on reports bring back what a person has approved in this very wording.

More than two unknown reporters, who come to 0.64, or one who was right four times out of four.
"""


class Place(NamedTuple):
    """In which queue a comment lies, and who is not asked about it there."""

    queue: str
    seen_by: str | None = None
    seen_also: str | None = None


class Known(NamedTuple):
    """What hangs on a comment and says where it lies; `belief` is None where nobody reports it."""

    look: Any = None
    belief: float | None = None
    before: Any = None


def place(connection: Connection, services: Services, comment: Comment, verdict: Verdict) -> None:
    """Have the comment wait where it belongs, or no longer; its row and verdict are written."""
    place_all(connection, services, [(comment, verdict)])


def place_all(
    connection: Connection, services: Services, pairs: Sequence[tuple[Comment, Verdict]]
) -> None:
    """The same for many comments, whose rows are locked, in as many statements as for one."""
    known = _find_known(connection, [comment.id for comment, _ in pairs])
    paces = _find_paces(connection, services, {comment.site_id for comment, _ in pairs})
    rows = (
        _find_row(services, comment, verdict, known[comment.id], paces)
        for comment, verdict in pairs
    )
    waiting = [row for row in rows if row is not None]
    if any(one.before is not None for one in known.values()):
        connection.execute(_DELETE, {"keys": list(known)})
    if waiting:
        write_all(connection, Waiting, waiting)


def _find_row(
    services: Services,
    comment: Comment,
    verdict: Verdict,
    known: Known,
    paces: dict[int, timedelta],
) -> dict[str, Any] | None:
    found = find_place(comment, known)
    if found is None:
        return None
    before = known.before
    moved = before is None or before.queue != found.queue
    since = services.now() if moved else before.since
    heat = 1.0 if before is None else before.heat
    harm = urgency.weigh(verdict.scores, known.belief or 0.0, _expose(comment, heat))
    values = _values(comment, verdict, found, harm, since, paces[comment.site_id])
    return {**values, "comment_id": comment.id, "heat": heat}


def row_of_new(
    dialect: Dialect, services: Services, comment: Comment, verdict: Verdict
) -> NewRow[Waiting] | None:
    """The row of a comment that is just being made; None where nobody is asked about it."""
    pending = comment.status == "pending"
    if not pending and comment.sampled is None and comment.asked is None:
        return None
    harm = urgency.weigh(verdict.scores, exposure=_expose(comment))
    pace = doubles_after(services, comment.site_id, verdict.policy)
    found, since = Place(comment.queue if pending else AUDIT), comment.received_at
    values = _values(comment, verdict, found, harm, since, pace)
    return NewRow(dialect, Waiting, values)


def find_place(comment: Comment, known: Known) -> Place | None:
    """Where a comment belongs; None where nobody is asked about it."""
    look = known.look if known.look and known.look.version == comment.version else None
    if look is not None and look.second_at and look.second_action != look.first_action:
        return Place(DISPUTED, look.first_actor, look.second_actor)
    # Whoever judged it already, while a second person is still to be heard.
    first = look.first_actor if look is not None and not look.second_at else None
    held_up = first if look is not None and look.kind == "agree" else None
    if comment.status == "pending":
        return Place(comment.queue, held_up)
    # What is public and may do harm comes before what is only looked at to learn from it.
    if comment.status == "approved" and _are_to_be_heard(comment, known.belief):
        return Place(REPORTED, held_up)
    if sampling.is_open(comment) or asking.is_open(comment):
        return Place(AUDIT, first)
    if held_up is not None:
        return Place(DEFAULT, held_up)
    return None if first is None else Place(AUDIT, first)


def _are_to_be_heard(comment: Comment, belief: float | None) -> bool:
    """Whether a person is asked because of the reports of a comment that is published."""
    if belief is None:
        return False
    # A decision in force is about this wording: another one has none.
    return comment.decision_version is None or belief >= REOPENS


def _expose(comment: Comment, heat: float = 1.0) -> float:
    return urgency.expose(comment.status == "approved", comment.parent_id is not None, heat)


def _find_known(connection: Connection, keys: list[int]) -> dict[int, Known]:
    before = {row.comment_id: row for row in connection.execute(_BEFORE, {"keys": keys})}
    # The last look of a comment is the one that stays.
    looks = {row.comment_id: row for row in connection.execute(_LOOKS, {"keys": keys})}
    beliefs = credence.believe_all(connection, keys)
    return {key: Known(looks.get(key), beliefs.get(key), before.get(key)) for key in keys}


def _find_paces(
    connection: Connection, services: Services, sites: Iterable[int]
) -> dict[int, timedelta]:
    """How long a comment waits until it counts for twice as much, by the policies in force."""
    in_force = select(Site.id, Site.policy).where(Site.id.in_(sites))
    return {
        site_id: doubles_after(services, site_id, version)
        for site_id, version in connection.execute(in_force)
    }


def _in(column: Any) -> Any:
    return column.in_(bindparam("keys", expanding=True))


_BEFORE = select(Waiting.comment_id, Waiting.queue, Waiting.since, Waiting.heat).where(
    _in(Waiting.comment_id)
)

_LOOKS = (
    select(
        SecondLook.comment_id,
        SecondLook.version,
        SecondLook.kind,
        SecondLook.first_actor,
        SecondLook.first_action,
        SecondLook.second_at,
        SecondLook.second_actor,
        SecondLook.second_action,
    )
    .where(_in(SecondLook.comment_id))
    # None is of a later version than its comment: the last one is the present, if any is.
    .order_by(SecondLook.version, SecondLook.id)
)

_DELETE = delete(Waiting).where(_in(Waiting.comment_id))


def doubles_after(services: Services, site_id: int, version: int) -> timedelta:
    """How long a comment waits until it counts for twice as much, by a version of the policy."""
    review = policies.get(services, site_id, version).document.review
    return timedelta(hours=review.doubles_after_hours)


def doubles_after_now(services: Services, site_id: int) -> timedelta:
    """The same by the policy in force."""
    return timedelta(hours=policies.find(services, site_id).document.review.doubles_after_hours)


def _values(
    comment: Comment,
    verdict: Verdict,
    found: Place,
    harm: Harm,
    since: datetime,
    pace: timedelta,
) -> dict[str, Any]:
    return {
        "comment_id": None,
        "site_id": comment.site_id,
        "version": comment.version,
        "queue": found.queue,
        "rank": urgency.rank(harm, since, pace),
        "since": since,
        "seen_by": found.seen_by,
        "seen_also": found.seen_also,
        "label": harm.label,
        "severity": harm.severity,
        "probability": harm.probability,
        "reports": harm.reports,
        "exposure": harm.exposure,
        "heat": 1.0,
        "article_id": comment.article_id,
        "section": comment.section,
        "author_id": comment.author_id,
        "language": verdict.language or comment.language,
        "reason_codes": comment.reason_codes,
        **{label: verdict.scores.get(label) for label in LABELS},
    }
