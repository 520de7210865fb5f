"""The queue and the last word: what waits for a person, deciding it, and taking that back."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.moderation import claims, comments, sampling
from api.moderation.access import Caller
from api.moderation.comments import Filter, State
from api.moderation.errors import ConflictError, StaleVersionError
from api.moderation.paging import Order, Page
from api.moderation.policy.judging import HARM
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.moderation.standing import ESCALATED, STATUS
from api.store.tables import Comment, Decision

ORDERS = {
    "priority": Order((Comment.priority, Comment.id), descending=True),
    "oldest": Order((Comment.id,), descending=False),
    "newest": Order((Comment.id,), descending=True),
}
ACTIONS = ("approve", "reject", "escalate")
MOST_SAMPLES = 1000
"""How far audit samples are counted: nobody need work through all of them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides about a comment."""

    action: str
    reason: str | None = None
    note: str | None = None
    version: int | None = None
    claim: str | None = None


def queue(
    services: Services,
    caller: Caller,
    wanted: Filter,
    sort: str,
    limit: int,
    cursor: str | None = None,
) -> Page[State]:
    """One page of the comments that wait for a decision.

    Audit samples come by time whatever `sort` says: their priority would tell their scores.
    """
    if wanted.queue == sampling.AUDIT:
        sort = "oldest" if sort == "oldest" else "newest"
    else:
        wanted = replace(wanted, status="pending")
    return comments.list_comments(services, caller, wanted, limit, cursor, ORDERS[sort])


def priority_terms(state: State) -> dict[str, float]:
    """What each label adds to the case for looking soon; the largest is the priority."""
    return {label: round(HARM[label] * s, 4) for label, s in state.verdict.scores.items()}


def decide(services: Services, caller: Caller, public_id: str, choice: Choice) -> State:
    """Give a comment its last word.

    Deciding what is decided already changes nothing, whatever version the caller saw; raise
    StaleVersionError when the caller decides about an older version than the present one,
    ClaimedError when somebody else holds the comment, LapsedClaimError when the caller's own
    claim does so no longer.
    """

    def act(session: Session) -> State:
        state = comments.load(session, caller, public_id, lock=True)
        stale = choice.version is not None and choice.version != state.comment.version
        if _holds_already(state.decision, choice, stale):
            return state
        if stale:
            raise StaleVersionError(public_id, state.comment.version)
        claims.check(session, services, caller, state.comment, choice.claim)
        settle(session, services, caller, state, choice, services.now())
        return state

    return perform(services, caller.site_id, caller.ticket, act)


def undo(services: Services, caller: Caller, public_id: str, version: int | None = None) -> State:
    """Take back the decision in force; what stood before it stands again."""
    with services.database.writing() as session:
        state = comments.load(session, caller, public_id, lock=True)
        if version is not None and version != state.comment.version:
            raise StaleVersionError(public_id, state.comment.version)
        claims.check(session, services, caller, state.comment, None)
        take_back(session, services, caller, state)
    return state


def take_back(session: Session, services: Services, caller: Caller, state: State) -> None:
    """Undo the decision on a comment whose row is locked, in a transaction that is under way."""
    undone = state.decision
    if undone is None:
        raise ConflictError("There is no decision on this comment to undo.")
    before = state.comment.status
    undone.undone_at = services.now()
    session.flush()
    state.decision = _last_standing(session, state.comment)
    state.comment.version += 1
    _apply(services, state)
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


def _holds_already(decision: Decision | None, choice: Choice, stale: bool) -> bool:
    if decision is None or decision.action != choice.action:
        return False
    same_words = (decision.reason, decision.note) == (choice.reason, choice.note)
    return stale or same_words


def settle(
    session: Session,
    services: Services,
    caller: Caller,
    state: State,
    choice: Choice,
    decided_at: datetime,
) -> None:
    """Decide about a comment whose row is locked, in a transaction that is under way."""
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
    )
    session.add(state.decision)
    _apply(services, state)
    comments.record(
        session.connection(),
        services,
        caller,
        state.comment,
        before,
        "comment.decided",
        action=choice.action,
        reason=choice.reason,
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


def _apply(services: Services, state: State) -> None:
    comment, decision = state.comment, state.decision
    comment.decision_version = decision.version if decision else None
    comment.status = STATUS[decision.action if decision else state.verdict.action]
    comment.queue = ESCALATED if decision and decision.action == "escalate" else "default"
    comment.updated_at = services.now()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, for a moderator to choose from: how many per queue, and of what."""

    queues: dict[str, int]
    sections: list[str]
    articles: dict[str, str]


def survey(services: Services, caller: Caller, limit: int = 100) -> Waiting:
    """How many comments wait in each queue, and the sections and articles with the most.

    Audit samples are counted up to `MOST_SAMPLES`, and only where there are any.
    """
    here = Comment.site_id == caller.site_id, Comment.status == "pending"
    most = func.count().desc()
    queues = select(Comment.queue, func.count()).where(*here).group_by(Comment.queue)
    sections = select(Comment.section).where(*here, Comment.section.is_not(None))
    sections = sections.group_by(Comment.section).order_by(most).limit(limit)
    newest = select(func.max(Comment.id)).where(*here).group_by(Comment.article_id)
    articles = select(Comment.article).where(Comment.id.in_(newest.order_by(most).limit(limit)))
    samples = select(Comment.id).where(Comment.site_id == caller.site_id, sampling.are_open())
    sampled = select(func.count()).select_from(samples.limit(MOST_SAMPLES).subquery())
    with services.database.reading() as session:
        found = session.scalar(sampled)
        return Waiting(
            dict(session.execute(queues).all()) | ({sampling.AUDIT: found} if found else {}),
            sorted(section for section in session.scalars(sections) if section),
            {one["id"]: one.get("title") or one["id"] for one in session.scalars(articles)},
        )


def recently_decided(services: Services, caller: Caller, limit: int = 10) -> list[State]:
    """The comments decided last, newest decision first."""
    latest = comments.states().where(
        Comment.site_id == caller.site_id, Comment.decision_version.is_not(None)
    )
    ordered = latest.order_by(Decision.created_at.desc(), Comment.id.desc()).limit(limit)
    with services.database.reading() as session:
        return [State(*row) for row in session.execute(ordered)]
