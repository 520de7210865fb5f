"""The last word: deciding about a comment, and taking that back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import (
    blindness,
    claims,
    comments,
    hearing,
    policies,
    reasons,
    reporters,
    secondlooks,
    skips,
)
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.errors import ConflictError, FieldError, StaleVersionError
from api.moderation.hearing import Choice as Choice
from api.moderation.hearing import Heard
from api.moderation.policy.document import Review
from api.moderation.queues import DEFAULT, ESCALATED, placing, saved
from api.moderation.repeats import perform
from api.moderation.secondlooks import AGREE, Step
from api.moderation.services import Services
from api.moderation.standing import STATUS
from api.store.tables import Comment, Decision
from api.telemetry import counters

ACTIONS = ("approve", "reject", "escalate")

SKIP = "skip"
"""What is no decision, but may be said instead of one."""


@dataclass(slots=True)
class Outcome(State):
    """A comment as it stands after somebody has said something of it.

    `awaits_second` is whether that is kept until a second person says what they think, `blind`
    whether whoever said it is not to know yet what was said before.
    """

    awaits_second: bool = False
    blind: bool = False


def decide(services: Services, caller: Caller, public_id: str, choice: Choice) -> Outcome:
    """Give a comment its last word, or an opinion where two people must agree; or skip it.

    Deciding what is decided already changes nothing, whatever version the caller saw. Raises
    StaleVersionError when the caller decides about an older version than the present one,
    ClaimedError when somebody else holds the comment, LapsedClaimError when the caller's own
    claim does so no longer, UnclaimedError where the site wants one, FieldError for a reason or
    a queue that the site does not have.
    """
    rules = policies.find(services, caller.site_id).document.review
    if choice.action != SKIP:
        reasons.check(rules, choice.action, choice.reason)

    def act(session: Session) -> Outcome:
        state = comments.load(session, caller, public_id, lock=True)
        check_queue(session, caller, choice)
        stale = choice.version is not None and choice.version != state.comment.version
        if stale and not hearing.is_in_force(state.decision, choice):
            raise StaleVersionError(public_id, state.comment.version)
        if choice.action == SKIP:
            skips.keep(session, services, caller, state.comment, rules.skip_minutes)
        elif not stale:
            say(session, services, caller, state, choice, rules)
        return _tell(session, caller, state)

    return perform(services, caller.site_id, caller.ticket, act)


def undo(
    services: Services,
    caller: Caller,
    public_id: str,
    version: int | None = None,
    whole: bool = False,
) -> State:
    """Take back what the caller has said as one of two, or else the decision in force.

    What stood before it stands again; with `whole`, what stood before the same person decided so,
    for whatever reasons they have given one after the other.
    """

    def act(session: Session) -> State:
        state = comments.load(session, caller, public_id, lock=True)
        comment = state.comment
        if version is not None and version != comment.version:
            raise StaleVersionError(public_id, comment.version)
        claims.check(session, services, caller, comment, None)
        if secondlooks.withdraw(session, secondlooks.find(session, comment), caller.actor):
            placing.place(session.connection(), services, comment, state.verdict)
        else:
            undone = take_back(session, services, caller, state)
            while whole and _is_more_of(undone, state.decision):
                take_back(session, services, caller, state)
        return state

    return perform(services, caller.site_id, caller.ticket, act)


def _is_more_of(undone: Decision, before: Decision | None) -> bool:
    said = (undone.actor, undone.action, undone.queue)
    return before is not None and said == (before.actor, before.action, before.queue)


def take_back(session: Session, services: Services, caller: Caller, state: State) -> Decision:
    """Undo the decision on a comment whose row is locked, in a transaction that is under way.

    Returns what was decided. Raises ConflictError where nothing was.
    """
    undone = state.decision
    if undone is None:
        raise ConflictError("There is no decision on this comment to undo.")
    before = state.comment.status
    undone.undone_at = services.now()
    session.flush()
    state.decision = _last_standing(session, state.comment)
    state.comment.version += 1
    secondlooks.restore(session, state.comment, undone, caller.actor)
    _apply(session, services, state)
    comments.record(
        session.connection(),
        services,
        caller,
        state.comment,
        before,
        "comment.undone",
        action=undone.action,
        decided_by=undone.actor,
    )
    return undone


def check_queue(session: Session, caller: Caller, choice: Choice) -> None:
    """Raise FieldError where there is no such place to escalate to, or it is not for this."""
    if choice.queue is None:
        return
    if choice.action != "escalate":
        raise FieldError("/queue", "Only what is escalated goes to another queue.")
    if choice.queue != ESCALATED and not saved.hold_place(session, caller.site_id, choice.queue):
        raise FieldError("/queue", "There is no such queue to escalate to.")


def say(
    session: Session,
    services: Services,
    caller: Caller,
    state: State,
    choice: Choice,
    rules: Review,
    bulk: int | None = None,
) -> Step:
    """Do what it comes to that the caller says this of a comment whose row is locked.

    As a part of the bulk decision `bulk` it takes no claim, and no colleague is asked again.
    """
    heard, comment = hearing.hear(session, caller, state, choice, rules), state.comment
    if heard.step is Step.NOTHING:
        if heard.withdraws:
            secondlooks.withdraw(session, heard.look, caller.actor)
            placing.place(session.connection(), services, comment, state.verdict)
        return heard.step
    if bulk is None:
        required = rules.claims == "required"
        claims.check(session, services, caller, comment, choice.claim, required)
    if heard.step in (Step.DECIDE, Step.SETTLE):
        _put_in_force(session, services, caller, state, choice, heard, bulk)
        final = heard.step is Step.SETTLE or bulk is not None
        if final or not secondlooks.draw(session, services, state, rules):
            return heard.step
    else:
        claims.drop(session, comment)
        secondlooks.keep(session, services, caller, comment, heard.step, heard.look, choice.said)
    placing.place(session.connection(), services, comment, state.verdict)
    return heard.step


def _put_in_force(
    session: Session,
    services: Services,
    caller: Caller,
    state: State,
    choice: Choice,
    heard: Heard,
    bulk: int | None,
) -> None:
    """Decide, and end the second look that it belongs to, if any."""
    look, agreed_with = heard.look, None
    if look is not None and heard.step is Step.SETTLE:
        agreed_with = secondlooks.find_fellow(look, caller.actor, choice.action)
        if secondlooks.is_open(look):
            secondlooks.answer(session, services, caller, look, choice.said)
    settle(session, services, caller, state, choice, services.now(), bulk, agreed_with)


def _tell(session: Session, caller: Caller, state: State) -> Outcome:
    look = secondlooks.find(session, state.comment)
    waits = look is not None and secondlooks.is_open(look) and look.kind == AGREE
    awaits_second = waits and look is not None and look.first_actor == caller.actor
    blind = blindness.is_blind(session, caller, state)
    parts = state.comment, state.revision, state.verdict, state.decision
    return Outcome(*parts, awaits_second=awaits_second, blind=blind)


def settle(
    session: Session,
    services: Services,
    caller: Caller,
    state: State,
    choice: Choice,
    decided_at: datetime,
    bulk: int | None = None,
    agreed_with: str | None = None,
) -> None:
    """Decide about a comment whose row is locked, in a transaction that is under way.

    `bulk` is the key of the bulk decision that this is a part of, `agreed_with` who has said the
    same before, where two had to. Nobody is asked about it again.
    """
    before = state.comment.status
    claims.drop(session, state.comment)
    state.comment.version += 1
    state.decision = Decision(
        comment_id=state.comment.id,
        version=state.comment.version,
        revision=state.comment.revision,
        action=choice.action,
        reason=choice.reason,
        note=choice.note,
        actor=caller.actor,
        created_at=decided_at,
        bulk=bulk,
        queue=choice.queue,
    )
    session.add(state.decision)
    # What is rolled back after all is counted too; that is rare, and all ways lead through here.
    counters.count(counters.DECISIONS, choice.action)
    _apply(session, services, state)
    comments.record(
        session.connection(),
        services,
        caller,
        state.comment,
        before,
        "comment.decided",
        action=choice.action,
        reason=choice.reason,
        **({} if agreed_with is None else {"agreed_with": agreed_with}),
    )


def _last_standing(session: Session, comment: Comment) -> Decision | None:
    return session.scalar(
        select(Decision)
        .where(
            Decision.comment_id == comment.id,
            Decision.revision == comment.revision,
            Decision.undone_at.is_(None),
        )
        .order_by(Decision.version.desc())
        .limit(1)
    )


def _find_place(session: Session, comment: Comment, decision: Decision | None) -> str:
    """Where what is escalated lies: not in a place that is no more by the time of an undoing."""
    if decision is None or decision.action != "escalate":
        return DEFAULT
    named = decision.queue
    return named if named and saved.hold_place(session, comment.site_id, named) else ESCALATED


def _apply(session: Session, services: Services, state: State) -> None:
    comment, decision = state.comment, state.decision
    comment.decision_version = decision.version if decision else None
    comment.status = STATUS[decision.action if decision else state.verdict.action]
    comment.queue = _find_place(session, comment, decision)
    comment.updated_at = services.now()
    session.flush()
    reporters.settle(session.connection(), comment, decision.action if decision else None)
    placing.place(session.connection(), services, comment, state.verdict)


def recently_decided(services: Services, caller: Caller, limit: int = 10) -> list[State]:
    """The comments decided last, newest decision first."""
    latest = comments.states().where(
        Comment.site_id == caller.site_id, Comment.decision_version.is_not(None)
    )
    # A decision is what changes such a comment last, and of this there is an index.
    ordered = latest.order_by(Comment.updated_at.desc(), Comment.id.desc()).limit(limit)
    with services.database.reading() as session:
        return [State(*row) for row in session.execute(ordered)]
