"""The examples of a policy: what would become of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.moderation.policy.document import Document, Example, Mode
from api.moderation.policy.facts import Facts
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, judge
from api.moderation.policy.subject import Draft, Subject
from api.moderation.scoring import Scorer

AT_ONCE = 20
"""How many are judged within one time limit of the classifier."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of the example at `index`, and why."""

    index: int
    expect: str
    action: str
    reasons: list[dict[str, Any]]
    flips_if: str

    @property
    def ok(self) -> bool:
        """Whether it is what its author expects."""
        return self.action == self.expect

    def __str__(self) -> str:
        codes = [one["code"] for one in self.reasons if one["action"] != "flag"]
        why = ", ".join(dict.fromkeys(codes)) or "nothing speaks against it"
        return f"Must {self.expect}, but would {self.action} ({why}). {self._say_flip()}".strip()

    def _say_flip(self) -> str:
        return f"{self.flips_if[:1].upper()}{self.flips_if[1:]}." if self.flips_if else ""


def try_examples(scorer: Scorer, document: Document, now: datetime) -> list[Tried] | None:
    """Judge the examples as first comments of unknown authors; None without a classifier.

    Those of a document that only observes are judged as if it did not.
    """
    if not document.examples:
        return []
    judged = replace(document, profile="balanced") if document.profile == "observe" else document
    # Not within the time limit of the first.
    dated, undated = Policy(judged).make_ready(), Policy(_without_hours(judged)).make_ready()
    found: list[Tried] = []
    for start in range(0, len(document.examples), AT_ONCE):
        some = document.examples[start : start + AT_ONCE]
        cases = [(dated if one.at else undated, _subject(one, now)) for one in some]
        judgements = _judge(scorer, cases, document.second_opinion)
        if judgements is None:
            return None
        numbered = enumerate(zip(some, judgements, strict=True), start=start)
        found += [_compare(index, one, judgement) for index, (one, judgement) in numbered]
    return found


def _subject(example: Example, now: datetime) -> Subject:
    draft = Draft(
        text=example.text,
        article={"id": "example", **example.article},
        author=dict(example.author),
        form=dict(example.form),
    )
    return Subject(draft, example.at or now, Facts(approved=example.approved))


def _judge(
    scorer: Scorer, cases: Sequence[tuple[Policy, Subject]], when: str
) -> list[Judgement] | None:
    items = [subject.submission for _, subject in cases]

    def work() -> list[Judgement] | None:
        scored = scorer.score(items, when)
        if scored is None:
            return None
        pairs = zip(cases, scored, strict=True)
        return [judge(policy, subject, scorer, one) for (policy, subject), one in pairs]

    return scorer.in_time(items, work, when)


def _compare(index: int, example: Example, judgement: Judgement) -> Tried:
    return Tried(index, example.expect, judgement.action, judgement.reasons, judgement.flips_if)


def _without_hours(document: Document) -> Document:
    """The document as if it were always open: no example may fail at night alone."""
    return replace(
        document,
        mode=_open(document.mode),
        sections={name: _open(one) for name, one in document.sections.items()},
        articles={name: _open(one) for name, one in document.articles.items()},
    )


def _open(mode: Mode) -> Mode:
    return replace(mode, hours=None)
