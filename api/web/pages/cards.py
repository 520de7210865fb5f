"""A comment as the moderators' pages show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.moderation import sampling
from api.moderation.comments import State
from api.store.tables import Verdict
from api.web.pages import highlight
from api.web.pages.highlight import Segment

OUTCOMES = {"approve": "Approved", "reject": "Rejected", "escalate": "Escalated"}
"""What a decision is called once it is made."""

_NO_VERDICT = Verdict(scores={}, reasons=[])
_AGES = ((86400, "day"), (3600, "hour"), (60, "minute"))


@dataclass(frozen=True, slots=True)
class Score:
    """One of the seven probabilities; `over` when it is a reason."""

    name: str
    value: float
    over: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the templates need to know of one comment."""

    state: State
    segments: list[Segment]
    scores: list[Score]
    reasons: list[dict[str, Any]]
    age: str
    outcome: str | None
    decided: str | None
    decided_by: str | None

    @property
    def id(self) -> str:
        """The comment's id."""
        return self.state.comment.public_id

    @property
    def pending(self) -> bool:
        """Whether it waits for a decision."""
        return self.state.comment.status == "pending"

    @property
    def blind(self) -> bool:
        """Whether it is an audit sample: nothing that the machine said is shown."""
        return sampling.is_open(self.state.comment)

    @property
    def open(self) -> bool:
        """Whether a person is asked about it."""
        return self.pending or self.blind

    @property
    def standing(self) -> str:
        """Where the comment stands now, in a few words."""
        if self.outcome:
            return self.outcome
        return "Back in the queue" if self.open else f"Undone, {self.state.comment.status} again"


def describe(state: State, now: datetime) -> Card:
    """A comment with its verdict in a form to be shown."""
    decision = state.decision
    verdict = _NO_VERDICT if sampling.is_open(state.comment) else state.verdict
    over = {reason["code"] for reason in verdict.reasons}
    return Card(
        state=state,
        segments=highlight.cut(state.revision.text, verdict.reasons),
        scores=[
            Score(highlight.name(label), value, f"{label}_score" in over)
            for label, value in verdict.scores.items()
        ],
        reasons=[_explain(reason) for reason in verdict.reasons],
        age=tell_age(state.comment.received_at, now),
        outcome=OUTCOMES[decision.action] if decision else None,
        decided=tell_age(decision.created_at, now) if decision else None,
        decided_by=decision.actor.partition(":")[2] if decision else None,
    )


def tell_age(then: datetime, now: datetime) -> str:
    """How long ago that was, in the largest unit that fits."""
    seconds = (now - then).total_seconds()
    for size, unit in _AGES:
        count = int(seconds // size)
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _explain(reason: dict[str, Any]) -> dict[str, Any]:
    return {**reason, "name": highlight.name(reason["code"])}
