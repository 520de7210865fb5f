"""Which comments somebody wants: one filter for lists, queues, searches and bulk decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from api.store.outbox import Report
from api.store.review import Waiting
from api.store.tables import Comment, Revision, Verdict

Words = str | Sequence[str] | None
"""One value, several of which any will do, or None for any at all."""


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Comments whose score of a label is in [least, most]."""

    label: str
    least: float = 0.0
    most: float = 1.0


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments to list; None means any.

    `since` and `until` bound when a comment came; `waits_longer` and `waits_shorter`, in minutes,
    for how long it has been waiting.
    """

    status: Words = None
    article: Words = None
    section: Words = None
    author: Words = None
    reason: Words = None
    language: Words = None
    reporter: str | None = None
    campaign: str | None = None
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    scores: tuple[ScoreRange, ...] = ()
    waits_longer: int | None = None
    waits_shorter: int | None = None

    def conditions(self, now: datetime) -> list[ColumnElement[bool]]:
        """The filter in SQL, on the columns of `comments`, `revisions` and `verdicts`."""
        found = _among(
            {
                Comment.status: self.status,
                Comment.article_id: self.article,
                Comment.section: self.section,
                Comment.author_id: self.author,
                Verdict.language: self.language,
            }
        )
        found += _with_reasons(Comment.reason_codes, self.reason)
        found += [
            bound
            for one in self.scores
            for bound in _between(Verdict.scores[one.label].as_float(), one)
        ]
        if self.campaign is not None:
            found.append(Comment.campaign == self.campaign)
        if self.q is not None:
            found.append(Revision.text.icontains(self.q, autoescape=True))
        if self.since is not None:
            found.append(Comment.received_at >= self.since)
        if self.until is not None:
            found.append(Comment.received_at < self.until)
        if self.reporter is not None:
            found.append(_reported_by(Comment.id, self.reporter))
        waits = _waits(self, now)
        if waits:
            found.append(exists().where(Waiting.comment_id == Comment.id, *waits))
        return found

    def of_waiting(self, now: datetime) -> list[ColumnElement[bool]]:
        """The filter in SQL, on the columns of `waiting` alone; `status` has no meaning there."""
        found = _among(
            {
                Waiting.article_id: self.article,
                Waiting.section: self.section,
                Waiting.author_id: self.author,
                Waiting.language: self.language,
            }
        )
        found += _with_reasons(Waiting.reason_codes, self.reason)
        found += [
            bound for one in self.scores for bound in _between(getattr(Waiting, one.label), one)
        ]
        if self.reporter is not None:
            found.append(_reported_by(Waiting.comment_id, self.reporter))
        found += _waits(self, now)
        rarer = Filter(campaign=self.campaign, q=self.q, since=self.since, until=self.until)
        if rarer != Filter():
            whole = select(Comment.id).join(
                Revision,
                (Revision.comment_id == Comment.id) & (Revision.number == Comment.revision),
            )
            found.append(Waiting.comment_id.in_(whole.where(*rarer.conditions(now))))
        return found


def _among(wanted: dict[Any, Words]) -> list[ColumnElement[bool]]:
    return [
        column == value if isinstance(value, str) else column.in_(value)
        for column, value in wanted.items()
        if value is not None
    ]


def _with_reasons(column: Any, wanted: Words) -> list[ColumnElement[bool]]:
    if wanted is None:
        return []
    codes = [wanted] if isinstance(wanted, str) else wanted
    return [or_(*(column.contains(f" {code} ", autoescape=True) for code in codes))]


def _between(column: Any, wanted: ScoreRange) -> list[ColumnElement[bool]]:
    return [column >= wanted.least, column <= wanted.most]


def _reported_by(key: Any, reporter: str) -> ColumnElement[bool]:
    return exists().where(Report.comment_id == key, Report.reporter == reporter)


def _waits(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.waits_longer is not None:
        found.append(Waiting.since <= now - timedelta(minutes=wanted.waits_longer))
    if wanted.waits_shorter is not None:
        found.append(Waiting.since > now - timedelta(minutes=wanted.waits_shorter))
    return found
