"""A comment as the moderators' pages show it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from api.moderation import sampling
from api.moderation.comments import State
from api.moderation.learning import asking
from api.moderation.queues import AUDIT, urgency
from api.moderation.queues.context import Context
from api.store.review import Waiting
from api.store.tables import Verdict
from api.web.pages import highlight, stages
from api.web.pages.highlight import Segment
from classifier import normalise

OUTCOMES = {"approve": "Approved", "reject": "Rejected", "escalate": "Escalated"}
"""What a decision is called once it is made."""

HARSH = 0.5
"""From which score of abuse on a text is blurred for whoever wants that."""

_NO_VERDICT = Verdict(scores={}, reasons=[])
_AGES = ((86400, "day"), (3600, "hour"), (60, "minute"))
_UNSEEN = ("Cc", "Cf", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Score:
    """One of the seven probabilities and its thresholds; `over` when it is a reason."""

    name: str
    value: float
    over: bool
    hold: float | None = None
    reject: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Where a comment waits, how long, whether too long, and how urgent that makes it.

    `terms` are factors of `priority`, each with what it says in words.
    """

    queue: str
    age: str
    late: bool
    priority: float
    terms: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Clock:
    """What waiting is measured by: by when to decide, and how fast urgency doubles."""

    doubles_after: timedelta = timedelta(hours=6)
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the templates need to know of one comment."""

    state: State
    segments: list[Segment]
    scores: list[Score]
    reasons: list[dict[str, Any]]
    stage: str | None
    age: str
    outcome: str | None
    decided: str | None
    decided_by: str | None
    blind: bool
    to_learn: bool = False
    context: Context = field(default_factory=Context)
    wait: Wait | None = None

    @property
    def id(self) -> str:
        """The comment's id."""
        return self.state.comment.public_id

    @property
    def pending(self) -> bool:
        """Whether it waits for a decision."""
        return self.state.comment.status == "pending"

    @property
    def open(self) -> bool:
        """Whether a person is asked about it."""
        return self.pending or self.blind or self.wait is not None

    @property
    def standing(self) -> str:
        """Where the comment stands now, in a few words."""
        if self.outcome:
            return self.outcome
        return "Back in the queue" if self.open else f"Undone, {self.state.comment.status} again"

    @property
    def harsh(self) -> bool:
        """Whether the text may hurt; so may any whose scores are not to be told."""
        scores = self.state.verdict.scores
        worst = max((value for label, value in scores.items() if label != "spam"), default=0.0)
        return self.blind or worst >= HARSH

    @property
    def plain(self) -> str | None:
        """The text as the machine reads it; None where that is how it is written."""
        text = self.state.revision.text
        found = normalise(text).text
        return None if found == text else found

    @property
    def raw(self) -> str | None:
        """The text with what cannot be seen spelt out; None where there is nothing of the kind."""
        text = self.state.revision.text
        found = "".join(map(_show, text))
        return None if found == text else found


def describe(
    state: State,
    now: datetime,
    context: Context | None = None,
    waiting: Waiting | None = None,
    clock: Clock | None = None,
    blind: bool | None = None,
) -> Card:
    """A comment with its verdict in a form to be shown, and what is known around it."""
    if blind is None:
        # Whoever looks a second time is not told what was said the first time.
        blind = _is_sample(state) or (waiting is not None and waiting.queue == AUDIT)
    decision = None if blind else state.decision
    verdict = _NO_VERDICT if blind else state.verdict
    context = context or Context()
    return Card(
        state=state,
        segments=highlight.cut(state.revision.text, verdict.reasons),
        scores=_list_scores(verdict, context),
        reasons=[_explain(reason) for reason in verdict.reasons],
        stage=stages.tell_briefly(verdict),
        age=tell_age(state.comment.received_at, now),
        outcome=OUTCOMES[decision.action] if decision else None,
        decided=tell_age(decision.created_at, now) if decision else None,
        decided_by=decision.actor.partition(":")[2] if decision else None,
        blind=blind,
        to_learn=blind and asking.is_open(state.comment),
        context=context,
        wait=_describe_wait(waiting, now, clock or Clock()) if waiting else None,
    )


def tell_age(then: datetime, now: datetime) -> str:
    """How long ago that was, in the largest unit that fits."""
    spent = tell_span(then, now)
    return f"{spent} ago" if spent else "just now"


def tell_span(then: datetime, now: datetime) -> str:
    """How long that is, in the largest unit that fits; nothing below a minute."""
    seconds = (now - then).total_seconds()
    for size, unit in _AGES:
        count = int(seconds // size)
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return ""


def _is_sample(state: State) -> bool:
    return sampling.is_open(state.comment) or asking.is_open(state.comment)


def _list_scores(verdict: Verdict, context: Context) -> list[Score]:
    over = {reason["code"] for reason in verdict.reasons}
    return [
        Score(
            highlight.name(label),
            value,
            f"{label}_score" in over,
            *_limits(context, label),
        )
        for label, value in verdict.scores.items()
    ]


def _limits(context: Context, label: str) -> tuple[float | None, float | None]:
    found = context.thresholds.get(label)
    if found is None:
        return None, None
    # A threshold that nothing reaches is none.
    return tuple(  # type: ignore[return-value]
        one if one is not None and one <= 1 else None for one in (found.hold, found.reject)
    )


def _describe_wait(row: Waiting, now: datetime, clock: Clock) -> Wait:
    waited = urgency.grow(row.since, now, clock.doubles_after)
    label = highlight.name(row.label) if row.label else "anything"
    terms = [
        (f"how bad {label} would be", row.severity),
        ("how likely it is", row.probability),
        ("how many see it", row.exposure),
        ("how long it has waited", waited),
    ]
    return Wait(
        queue=row.queue,
        age=tell_span(row.since, now),
        late=clock.within is not None and now - row.since > clock.within,
        priority=row.severity * row.probability * row.exposure * waited,
        terms=terms,
    )


def _explain(reason: dict[str, Any]) -> dict[str, Any]:
    return {**reason, "name": highlight.name(reason["code"])}


def _show(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in _UNSEEN:
        return letter
    return f"⟨U+{ord(letter):04X}⟩"
