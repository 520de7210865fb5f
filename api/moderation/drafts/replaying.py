"""Stored comments, judged once more by a draft of a policy: by the scores they have, nothing kept.

The facts are those of before the comment came, but the statuses of earlier comments are as they
are now. What was judged at the same moment, as one batch, knows of each other here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from api.moderation import knowledge
from api.moderation.drafts.bulkreading import Kept
from api.moderation.drafts.tallies import Example, Tally
from api.moderation.knowledge.query import Query
from api.moderation.policy import words
from api.moderation.policy.inforce import Policy
from api.moderation.policy.opinions import repeat
from api.moderation.policy.ruling import Ruling, rule_again
from api.moderation.policy.subject import Subject
from api.moderation.scoring import base_of
from api.moderation.standing import APPROVED, DOUBTS
from api.store.asking import Question
from api.store.tables import Comment, Verdict
from classifier import Measured, Model

_REASONS = Question(
    select(Verdict.reasons)
    .join(
        Comment, and_(Comment.id == Verdict.comment_id, Comment.verdict_version == Verdict.version)
    )
    .where(Comment.id == bindparam("comment"))
)


@dataclass(frozen=True, slots=True)
class Replay:
    """A draft, and what it takes to judge a site's comments by it; `secret_key` is ours."""

    connection: Connection
    site_id: int
    policy: Policy
    model: Model
    measured: Measured
    """Whose thresholds hold: the model, or two stages as one."""
    secret_key: str = field(repr=False)

    def count(self, kept: Iterable[Kept], tally: Tally) -> None:
        """Judge comments, and count in what became of them and what would become."""
        for one in kept:
            if one.scores and not one.gone:
                tally.other_model += base_of(one.model) != self.model.version
                _count(tally, one, *self._judge(one))
            else:
                tally.unscored += 1

    def _judge(self, one: Kept) -> tuple[str, Ruling]:
        """What becomes of a comment, and what the draft by itself says of it."""
        subject = Subject(one.draft, one.came_at)
        subject.facts = knowledge.find(self._ask(one, subject))
        language = one.language or "und"
        ruling = rule_again(self.policy, self.measured, subject, one.scores, language)
        said = self._find_said(one)
        action = repeat(self.policy, subject, ruling.action, said) if said else ruling.action
        return _respect_people(action, one.codes), ruling

    def _ask(self, one: Kept, subject: Subject) -> Query:
        return Query(
            self.connection,
            self.site_id,
            self.policy,
            subject,
            one.number,
            self.secret_key,
            one.judged_at,
            one.identity,
        )

    def _find_said(self, one: Kept) -> list[dict[str, Any]]:
        """The verdict's reasons where there is a checker's among them that matters."""
        if self.policy.document.checker is None or " checker" not in one.codes:
            return []
        [(reasons,)] = _REASONS.ask(self.connection, comment=one.number)
        return list(reasons)


def _respect_people(action: str, codes: str) -> str:
    """The action, but as people have said of the comment: see `standing.respect_people`."""
    if f" {APPROVED} " in codes:
        action = "approve"
    doubted = any(f" {code} " in codes for code in DOUBTS)
    return "hold" if action == "approve" and doubted else action


def _count(tally: Tally, one: Kept, action: str, ruling: Ruling) -> None:
    reasons = [match.reason for match in ruling.matches]
    found = Example(one.number, one.action, action, sorted({r["code"] for r in reasons}))
    tally.count(found, one.decision)
    tally.show(found, one.decision)
    for key in {r["rule"] for r in reasons if r["rule"] and r["rule"].startswith(words.RULE)}:
        tally.rules[key.removeprefix(words.RULE)] += 1
