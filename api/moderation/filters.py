"""Which comments somebody wants: one filter for lists, queues, searches and bulk decisions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from api.store.outbox import Report
from api.store.review import Waiting
from api.store.searching import matching
from api.store.tables import Comment, Revision, Verdict
from classifier import LABELS

Words = str | Sequence[str] | None
"""One value, several of which any will do, or None for any at all."""

_NUMBER = r"(?:0|1|0?\.\d{1,6}|1\.0{1,6})"
_RANGE = re.compile(rf"(?P<label>[a-z_]+):(?P<least>{_NUMBER})(?:-(?P<most>{_NUMBER}))?")


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Comments whose score of a label is in [least, most]."""

    label: str
    least: float = 0.0
    most: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "ScoreRange":
        """Read `toxicity:0.5-0.9`, or `toxicity:0.5` for that and more; else ValueError."""
        found = _RANGE.fullmatch(text)
        if found is None:
            raise ValueError("Write label:least-most or label:least, from 0 to 1.")
        label, least, most = found["label"], float(found["least"]), float(found["most"] or 1)
        if label not in LABELS:
            raise ValueError(f"There is no score of that name, only {', '.join(LABELS)}.")
        if most < least:
            raise ValueError("The least is more than the most.")
        return cls(label, least, most)

    def __str__(self) -> str:
        """As `parse` reads it."""
        least, most = (f"{one:.6f}".rstrip("0").rstrip(".") for one in (self.least, self.most))
        return f"{self.label}:{least}" if self.most == 1 else f"{self.label}:{least}-{most}"


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
                func.coalesce(Verdict.language, Comment.language): self.language,
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
            found.append(matching(Comment.id, self.q))
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


def load(plain: Mapping[str, Any]) -> Filter:
    """The filter that `dump` made these plain values of, as they are kept in the database."""
    given = {name: plain[name] for name in _NAMES if name in plain}
    for name in ("since", "until"):
        if name in given:
            given[name] = datetime.fromisoformat(given[name])
    given = {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}
    return Filter(**given, scores=tuple(map(ScoreRange.parse, plain.get("score", ()))))


def dump(wanted: Filter) -> dict[str, Any]:
    """A filter in plain values, fit for JSON: only what it asks for, `scores` as `score`."""
    given = {name: getattr(wanted, name) for name in _NAMES}
    plain = {name: _plain(value) for name, value in given.items() if value is not None}
    return plain | ({"score": [str(one) for one in wanted.scores]} if wanted.scores else {})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value if isinstance(value, str | int) else list(value)


_NAMES = tuple(one.name for one in fields(Filter) if one.name != "scores")


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
    # Every condition takes its time where fifty thousand are counted.
    found = [column >= wanted.least] if wanted.least > 0 or wanted.most == 1 else []
    return [*found, column <= wanted.most] if wanted.most < 1 else found


def _reported_by(key: Any, reporter: str) -> ColumnElement[bool]:
    # From the reporter's few reports to the comments, not the other way round.
    return key.in_(select(Report.comment_id).where(Report.reporter == reporter))  # type: ignore[no-any-return]


def _waits(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.waits_longer is not None:
        found.append(Waiting.since <= now - timedelta(minutes=wanted.waits_longer))
    if wanted.waits_shorter is not None:
        found.append(Waiting.since > now - timedelta(minutes=wanted.waits_shorter))
    return found
