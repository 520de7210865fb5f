"""Labels: what people have said of comments, as a classifier learns of it.

They are read where they lie and kept nowhere else. So an undone decision, an edited text and an
erased comment teach nothing from the next training on, and nobody has to think of it.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from api.moderation import policies
from api.moderation.learning import decided, imports, suggested
from api.moderation.learning.forgetting import forget as forget
from api.moderation.learning.forgetting import remember as remember
from api.moderation.learning.imports import import_labels as import_labels
from api.moderation.policy.subject import Draft, Subject
from api.moderation.services import Services
from api.store.learning import ForgottenLabel, ImportedLabel
from api.store.tables import Comment
from classifier import Submission

MOST = 20_000
"""How many labels count, the newest."""

ALIKE = 5.0
"""What all decisions alike about nearly the same text weigh together, at most.

Who decides about a campaign of a thousand copies has had one thought, not a thousand.
"""

_NO_LETTERS = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Label:
    """A text, and whether people rejected it: one example to learn of.

    `key` is `comment:` or `import:` and a number. `chance` is with which chance it was drawn as
    an audit sample; None where it was not. `asked` is whether people were asked about it because
    the model was unsure: it teaches like any, and says nothing of how often a model is wrong.
    """

    key: str
    item: Submission
    rejected: bool
    weight: float
    actor: str
    reason: str | None
    decided_at: datetime
    chance: float | None = None
    campaign: str | None = None
    asked: bool = False


def gather(services: Services, site_id: int, most: int = MOST) -> list[Label]:
    """A site's newest labels, the oldest decision first."""
    ignored = policies.find(services, site_id).document.learning.ignore
    with services.database.reading() as session:
        found = [_of_decision(row) for row in decided.find_newest(session, site_id, ignored, most)]
        found += [
            _of_suggestion(row, bad) for row, bad in suggested.find_newest(session, site_id, most)
        ]
        rows = imports.find_newest(session, site_id, ignored, most)
        found += [_of_import(row) for row in rows]
    found.sort(key=lambda label: (label.decided_at, label.key))
    return _weigh_alike(found[-most:])


def count_since(services: Services, site_id: int, since: datetime | None) -> int:
    """About how many labels are news since then, whether made, imported or forgotten."""
    with services.database.reading() as session:
        here = Comment.site_id == site_id
        there = ImportedLabel.site_id == site_id
        if since is None:
            return decided.count(session, here) + _count(session, there)
        gone = ForgottenLabel.comment_id == Comment.id, ForgottenLabel.created_at > since
        return (
            decided.count(session, here, Comment.updated_at > since)
            + _count(session, there, ImportedLabel.created_at > since)
            + _count(session, here, *gone)
        )


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def _of_decision(row: Any) -> Label:
    return Label(
        key=f"comment:{row.id}",
        item=_read(row),
        rejected=row.action == "reject",
        weight=decided.weigh(row),
        actor=row.actor,
        reason=row.reason,
        decided_at=row.created_at,
        chance=row.sampled,
        campaign=row.campaign,
        asked=row.asked is not None,
    )


def _of_suggestion(row: Any, bad: bool) -> Label:
    return Label(
        key=f"comment:{row.id}",
        item=_read(row),
        rejected=bad,
        weight=decided.HALF,
        actor=row.actor,
        reason=None,
        decided_at=row.created_at,
        campaign=row.campaign,
    )


def _of_import(row: ImportedLabel) -> Label:
    return Label(
        key=f"import:{row.id}",
        item=Submission(row.text),
        rejected=row.action == "reject",
        weight=decided.FULL,
        actor=row.actor,
        reason=row.reason,
        decided_at=row.decided_at,
    )


def _read(row: Any) -> Submission:
    draft = Draft(
        row.text, {}, html=row.html, author=row.author, form=row.form, language=row.language
    )
    return Subject(draft, row.created_at).submission


def _weigh_alike(found: Sequence[Label]) -> list[Label]:
    """Have what was said alike of nearly the same text count as little as it says."""
    sums: dict[tuple[str, bool], float] = defaultdict(float)
    groups = [(label.campaign or _spell(label.item.text), label.rejected) for label in found]
    for group, label in zip(groups, found, strict=True):
        sums[group] += label.weight
    return [
        label if sums[group] <= ALIKE else replace(label, weight=label.weight * ALIKE / sums[group])
        for group, label in zip(groups, found, strict=True)
    ]


def _spell(text: str) -> str:
    """The text without what copies differ in; whole where nothing else is in it."""
    return _NO_LETTERS.sub("", text.casefold()) or text
