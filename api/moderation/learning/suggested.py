"""Labels from scores that a site suggests by Perspective's protocol, where nothing was decided.

Most suggestions are decisions and count as such. What is left speaks of parts of the text, or
was neither one thing nor the other.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from api.moderation.dropin import CORAL, suggestions
from api.store.dropin import DropinCheck
from api.store.learning import ForgottenLabel
from api.store.outbox import Event
from api.store.tables import Comment, Revision
from classifier import LABELS

DOORS: Final = ("perspective", CORAL)

BAD_FROM: Final = 0.7
"""A suggested score from which on the comment should have been rejected."""
GOOD_TO: Final = 0.3
"""And one up to which it should have been approved, if all of them are so low."""

_ATTRIBUTES: Final = frozenset(label.upper() for label in LABELS)


def find_newest(
    session: Session, site_id: int, most: int, *conditions: ColumnElement[bool]
) -> Iterator[tuple[Any, bool]]:
    """The rows of comments of which scores are suggested and no more, and whether they are bad.

    Of those that meet the conditions. Newest first, each comment once, by what was said last. What
    has happened to a comment since makes the suggestion void: it was edited, or decided about and
    undone.
    """
    said = and_(Event.site_id == Comment.site_id, Event.comment_id == Comment.public_id)
    wanted = (
        select(
            Comment.id,
            Comment.author,
            Comment.form,
            Comment.language,
            Comment.campaign,
            Comment.sampled,
            Comment.version,
            Revision.text,
            Revision.html,
            Event.actor,
            Event.created_at,
            Event.data,
        )
        .join(DropinCheck, DropinCheck.comment_id == Comment.id)
        .join(
            Revision, and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision)
        )
        .join(Event, said)
        .outerjoin(ForgottenLabel, ForgottenLabel.comment_id == Comment.id)
        .where(
            DropinCheck.site_id == site_id,
            DropinCheck.door.in_(DOORS),
            Comment.decision_version.is_(None),
            Event.type == suggestions.EVENT,
            ForgottenLabel.comment_id.is_(None),
            *conditions,
        )
        .order_by(Event.id.desc())
        .limit(most)
    )
    seen = set()
    for row in session.execute(wanted):
        bad = read(row.data)
        if row.id not in seen and row.data["version"] == row.version and bad is not None:
            yield row, bad
        seen.add(row.id)


def read(data: Mapping[str, Any]) -> bool | None:
    """Whether a suggestion's scores say that the comment is bad; None where they say neither.

    That a part of it is good says nothing of the rest.
    """
    whole = [score for name, score in data.get("scores", {}).items() if _counts(name)]
    spans = [one for name, found in data.get("spans", {}).items() if _counts(name) for one in found]
    parts = [score for _, _, score in spans]
    if max([*whole, *parts], default=0.0) >= BAD_FROM:
        return True
    return False if whole and max([*whole, *parts]) <= GOOD_TO else None


def _counts(attribute: str) -> bool:
    """Whether it is one of what the classifier scores too, in any of its versions."""
    return attribute.split("@")[0].removesuffix("_EXPERIMENTAL") in _ATTRIBUTES
