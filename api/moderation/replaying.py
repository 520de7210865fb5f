"""Stored comments, judged once more by a draft of a policy: by the scores they have, nothing kept.

The facts are those of before the comment came, but the statuses of earlier comments are as they
are now. What was judged at the same moment, as one batch, knows of each other here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from api.moderation import knowledge
from api.moderation.knowledge.query import Query
from api.moderation.policy import words
from api.moderation.policy.inforce import Policy
from api.moderation.policy.ruling import Ruling, rule_again
from api.moderation.policy.subject import Draft, Subject
from api.moderation.standing import DOUBTS
from api.moderation.tallies import Example, Tally
from api.store.asking import Question
from api.store.tables import Comment, Decision, Revision, Verdict
from classifier import Model

EVER = datetime(1, 1, 1, tzinfo=UTC)
"""Since when all comments came."""


@dataclass(frozen=True, slots=True)
class Range:
    """Comments of a site: those numbered above `after` up to `upto` that came since then."""

    site_id: int
    after: int
    upto: int
    since: datetime = EVER


@dataclass(frozen=True, slots=True)
class Kept:
    """A comment, the verdict on it that is in force, and what people decided."""

    number: int
    draft: Draft
    judged_at: datetime
    action: str
    scores: dict[str, float]
    model: str | None
    language: str | None
    codes: str
    """Of the verdict's reasons, each between blanks."""
    decision: str | None


def _here() -> tuple[ColumnElement[bool], ...]:
    return (
        # Not by an index of the site: the rows are wanted in the order they lie in.
        Comment.site_id + 0 == bindparam("site"),
        Comment.id > bindparam("after"),
        Comment.id <= bindparam("upto"),
        Comment.received_at >= bindparam("since"),
    )


_newest = (
    select(Comment.id)
    .where(*_here())
    .order_by(Comment.id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_COUNT = Question(select(func.count(), func.min(_newest.c.id)))

_KEPT = Question(
    select(
        Comment.id,
        Comment.article,
        Comment.author,
        Comment.form,
        Comment.language,
        Comment.created_at,
        Comment.reason_codes,
        Revision.text,
        Revision.html,
        Verdict.created_at,
        Verdict.action,
        Verdict.scores,
        Verdict.model,
        Verdict.language,
        Decision.action,
    )
    .join(Revision, and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision))
    .join(
        Verdict,
        and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version),
    )
    .outerjoin(
        Decision,
        and_(Decision.comment_id == Comment.id, Decision.version == Comment.decision_version),
    )
    .where(*_here())
    .order_by(Comment.id)
    .limit(bindparam("most"))
)


def count(connection: Connection, wanted: Range, most: int) -> tuple[int, int]:
    """How many there are, `most` at most and the newest first, and the number of the oldest."""
    [(number, oldest)] = _COUNT.ask(connection, **_values(wanted), most=most)
    return number, oldest or 0


def read(connection: Connection, wanted: Range, most: int) -> list[Kept]:
    """The first so many of them, in the order in which they came."""
    return [_make(*row) for row in _KEPT.ask(connection, **_values(wanted), most=most)]


@dataclass(frozen=True, slots=True)
class Replay:
    """A draft, and what it takes to judge a site's comments by it; `secret_key` is ours."""

    connection: Connection
    site_id: int
    policy: Policy
    model: Model
    secret_key: str = field(repr=False)

    def count(self, kept: Iterable[Kept], tally: Tally) -> None:
        """Judge comments, and count in what became of them and what would become."""
        for one in kept:
            if one.scores:
                tally.other_model += one.model != self.model.version
                _count(tally, one, self._judge(one))
            else:
                tally.unscored += 1

    def _judge(self, one: Kept) -> Ruling:
        subject = Subject(one.draft, one.judged_at)
        query = Query(
            self.connection, self.site_id, self.policy, subject, one.number, self.secret_key
        )
        subject.facts = knowledge.find(query)
        return rule_again(self.policy, self.model, subject, one.scores, one.language or "und")


def _count(tally: Tally, one: Kept, ruling: Ruling) -> None:
    action = ruling.action
    if action == "approve" and any(f" {code} " in one.codes for code in DOUBTS):
        # Whatever the policy: see `standing.respect_people`.
        action = "hold"
    reasons = [match.reason for match in ruling.matches]
    found = Example(one.number, one.action, action, sorted({r["code"] for r in reasons}))
    tally.count(found, one.decision)
    tally.show(found, one.decision)
    for key in {r["rule"] for r in reasons if r["rule"] and r["rule"].startswith(words.RULE)}:
        tally.rules[key.removeprefix(words.RULE)] += 1


def _values(wanted: Range) -> dict[str, Any]:
    return {
        "site": wanted.site_id,
        "after": wanted.after,
        "upto": wanted.upto,
        "since": wanted.since,
    }


def _make(
    number: int,
    article: dict[str, Any],
    author: dict[str, Any],
    form: dict[str, Any],
    language: str | None,
    created_at: datetime,
    codes: str,
    text: str,
    html: bool,
    *verdict: Any,
) -> Kept:
    draft = Draft(
        text,
        article,
        html=html,
        author=author,
        form=form,
        language=language,
        created_at=created_at,
    )
    judged_at, action, scores, model, spoken, decision = verdict
    return Kept(number, draft, judged_at, action, scores, model, spoken, codes, decision)
