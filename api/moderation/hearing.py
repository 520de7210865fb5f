"""What somebody's word about a comment comes to: in force, an opinion, or nothing new."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from api.moderation import blindness, secondlooks
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.policy.document import Review
from api.moderation.queues import AUDIT, ESCALATED, REPORTED
from api.moderation.secondlooks import AGREE, RECHECK, Said, Step
from api.store.review import SecondLook
from api.store.tables import Decision


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides about a comment; `queue` is where they escalate it to."""

    action: str
    reason: str | None = None
    note: str | None = None
    version: int | None = None
    claim: str | None = None
    queue: str | None = None

    @property
    def said(self) -> Said:
        """What is kept of it as an opinion."""
        return self.action, self.reason, self.note


@dataclass(frozen=True, slots=True)
class Heard:
    """What a word comes to, and the second look that it belongs to.

    `withdraws` is whether somebody comes back to what stands, from another opinion of theirs.
    """

    step: Step
    look: SecondLook | None = None
    withdraws: bool = False


def hear(session: Session, caller: Caller, state: State, choice: Choice, rules: Review) -> Heard:
    """What it comes to that the caller says this of a comment whose row is locked."""
    queue = blindness.find_queue(session, state.comment)
    look = secondlooks.find(session, state.comment)
    if look is not None and secondlooks.is_open(look) and look.kind == RECHECK and queue != AUDIT:
        # It is asked about for another reason, and everybody may know what was decided.
        look = None
    heard = Heard(secondlooks.weigh(look, caller.actor, choice.action, rules), look)
    if heard.step not in (Step.DECIDE, Step.HOLD_UP):
        return heard
    if look is not None and secondlooks.is_said(look, caller.actor, choice.said):
        return replace(heard, step=Step.NOTHING)
    # Reports that came since want to hear the same again.
    if queue == REPORTED or not _is_said(state.decision, choice):
        return heard
    own = look is not None and secondlooks.is_open(look) and look.first_actor == caller.actor
    withdraws = own and look is not None and look.kind == AGREE
    return replace(heard, step=Step.NOTHING, withdraws=withdraws)


def is_in_force(decision: Decision | None, choice: Choice) -> bool:
    """Whether what stands is the same, for whatever reason it was decided."""
    if decision is None or decision.action != choice.action:
        return False
    places = {one.queue or ESCALATED for one in (decision, choice)}
    return choice.action != "escalate" or len(places) == 1


def _is_said(decision: Decision | None, choice: Choice) -> bool:
    if decision is None or not is_in_force(decision, choice):
        return False
    return (decision.reason, decision.note) == (choice.reason, choice.note)
