"""What whoever decides wants to know around a comment, loaded for a whole page at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from api.moderation import claims, notes, policies
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.policy.scores import readable
from api.moderation.privacy.addressing import HASHED, find_keeper
from api.moderation.services import Services
from api.moderation.traces import HIDDEN, is_digest, spell_email
from api.store.outbox import Claim, Report
from api.store.policies import AuthorStanding
from api.store.review import SecondLook, Waiting
from api.store.tables import Comment, Revision
from classifier import Threshold

COUNTED = 200
"""How many of an author's comments are counted, the newest ones."""

REPORTS = 5
"""How many reports are shown in full."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The comment that one answers."""

    id: str
    text: str
    author: Mapping[str, Any]
    status: str


@dataclass(frozen=True, slots=True)
class Reports:
    """How many have reported a comment, for which reasons, and what some of them wrote."""

    count: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one of two said who did not agree."""

    actor: str
    action: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Context:
    """What there is to know around one comment; `counts` is of the author, by status."""

    parent: Parent | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    standings: Sequence[AuthorStanding] = ()
    reports: Reports = Reports()
    notes: int = 0
    opinions: Sequence[Opinion] = ()
    claim: Claim | None = None
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether all of the author's comments were counted."""
        return sum(self.counts.values()) < COUNTED


def load(services: Services, caller: Caller, states: Sequence[State]) -> dict[int, Context]:
    """What there is to know around each of these comments, by its own key."""
    if not states:
        return {}
    keys = [one.comment.id for one in states]
    with services.database.reading() as session:
        parents = _find_parents(session, caller, states)
        counts = _count(session, caller, {one.comment.author_id for one in states} - {None})
        standings = _find_standings(session, services, caller, states)
        reports = _find_reports(session, keys)
        noted = notes.count(session, keys)
        opinions = _find_opinions(session, states)
    held = claims.find_held(services, keys)
    thresholds = _find_thresholds(services, caller)
    return {
        one.comment.id: Context(
            parents.get(one.comment.parent_id or ""),
            counts.get(one.comment.author_id or "", {}),
            [said for name in _names(one.comment) for said in standings.get(name, ())],
            reports.get(one.comment.id, Reports()),
            noted.get(one.comment.id, 0),
            opinions.get(one.comment.id, ()),
            held.get(one.comment.id),
            readable(thresholds, one.verdict.language or "und"),
        )
        for one in states
    }


def find_waiting(services: Services, state: State) -> Waiting | None:
    """Where a comment waits; None where nobody is asked about it."""
    with services.database.reading() as session:
        return session.get(Waiting, state.comment.id)


def _find_parents(session: Session, caller: Caller, states: Sequence[State]) -> dict[str, Parent]:
    wanted = {one.comment.parent_id for one in states} - {None}
    if not wanted:
        return {}
    here = Comment.site_id == caller.site_id, Comment.public_id.in_(wanted)
    present = (Revision.comment_id == Comment.id) & (Revision.number == Comment.revision)
    columns = Comment.public_id, Revision.text, Comment.author, Comment.status
    rows = session.execute(select(*columns).join(Revision, present).where(*here))
    return {row.public_id: Parent(*row) for row in rows}


def _count(session: Session, caller: Caller, authors: Collection[Any]) -> dict[str, dict[str, int]]:
    """How an author's newest comments stand; an old history is never walked through."""
    if not authors:
        return {}
    newest = [
        select(literal(author).label("author"), Comment.status)
        .where(Comment.site_id == caller.site_id, Comment.author_id == author)
        .order_by(Comment.id.desc())
        .limit(COUNTED)
        .subquery()
        for author in sorted(authors)
    ]
    each = [select(one.c.author, one.c.status) for one in newest]
    rows = (union_all(*each) if len(each) > 1 else each[0]).subquery()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    tallied = select(rows.c.author, rows.c.status, func.count()).group_by(*rows.c)
    for author, status, count in session.execute(tallied):
        found[author][status] = count
    return found


def _names(comment: Comment) -> list[tuple[str, str]]:
    """By what the author of a comment is known, as standings spell it."""
    known = {
        "author": comment.author_id,
        "email": spell_email(comment.author.get("email")),
        "address": comment.address,
        "network": comment.network,
    }
    return [(kind, value) for kind, value in known.items() if value]


def _find_standings(
    session: Session, services: Services, caller: Caller, states: Sequence[State]
) -> dict[tuple[str, str], list[AuthorStanding]]:
    by_kind: dict[str, set[str]] = defaultdict(set)
    for one in states:
        for kind, value in _names(one.comment):
            by_kind[kind].add(value)
    if not by_kind:
        return {}
    known = or_(
        *(
            and_(AuthorStanding.kind == kind, AuthorStanding.value.in_(values))
            for kind, values in by_kind.items()
        )
    )
    if any(map(is_digest, (by_kind["address"] | by_kind["network"]))):
        # Somebody may have typed what there is only a digest of.
        known = or_(known, AuthorStanding.kind.in_(("address", "network")))
    keeper = find_keeper(services.secret_key, caller.site_id, HASHED)
    lasts = or_(AuthorStanding.until.is_(None), AuthorStanding.until > services.now())
    here = AuthorStanding.site_id == caller.site_id, AuthorStanding.ended_at.is_(None)
    found: dict[tuple[str, str], list[AuthorStanding]] = defaultdict(list)
    for said in session.scalars(select(AuthorStanding).where(*here, lasts, known)):
        found[said.kind, said.value].append(said)
        if said.kind in HIDDEN and not is_digest(said.value):
            found[said.kind, keeper.digest(said.kind, said.value)].append(said)
    return found


def _find_reports(session: Session, keys: Sequence[int]) -> dict[int, Reports]:
    wanted = (
        select(Report.comment_id, Report.reason, func.count(), func.max(Report.note))
        .where(Report.comment_id.in_(keys), Report.outcome.is_(None))
        .group_by(Report.comment_id, Report.reason)
    )
    reasons: dict[int, dict[str, int]] = defaultdict(dict)
    notes: dict[int, list[str]] = defaultdict(list)
    for key, reason, count, note in session.execute(wanted):
        reasons[key][reason] = count
        notes[key] += [note] if note else []
    return {key: Reports(sum(of.values()), of, notes[key][:REPORTS]) for key, of in reasons.items()}


def _find_opinions(session: Session, states: Sequence[State]) -> dict[int, list[Opinion]]:
    """Both opinions of those who disagree; of one who waits for another's nothing is told."""
    versions = {one.comment.id: one.comment.version for one in states}
    wanted = select(SecondLook).where(
        SecondLook.comment_id.in_(versions),
        SecondLook.second_at.is_not(None),
        SecondLook.second_action != SecondLook.first_action,
    )
    return {
        look.comment_id: [
            Opinion(look.first_actor, look.first_action, look.first_reason),
            Opinion(look.second_actor or "", look.second_action or "", look.second_reason),
        ]
        for look in session.scalars(wanted.order_by(SecondLook.id))
        if look.version == versions[look.comment_id]
    }


def _find_thresholds(services: Services, caller: Caller) -> Mapping[str, Threshold]:
    policy = policies.find(services, caller.site_id)
    measured = services.scorer.measured(policy.document.second_opinion)
    return {} if measured is None else policy.thresholds(measured)
