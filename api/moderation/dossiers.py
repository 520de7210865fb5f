"""Everything that is kept about one comment, in one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import comments, notes, sampling
from api.moderation.access import Caller
from api.moderation.comments import History, State
from api.moderation.learning import asking
from api.moderation.queues import AUDIT
from api.moderation.services import Services
from api.store.outbox import Report
from api.store.review import Note, SecondLook, Waiting
from api.store.tables import Comment

MOST = 100
"""How many reports, answers and second opinions are shown, the newest ones."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A comment, what came of it, and what is around it; lists are oldest first.

    `blind` is whether somebody is asked about it who is not to know what was said: then whoever
    shows it shows nothing but the words and what they answer. `looks` are those that are closed;
    of an open one nobody is told.
    """

    state: State
    history: History
    waiting: Waiting | None
    blind: bool
    reports: Sequence[Report]
    notes: Sequence[Note]
    looks: Sequence[SecondLook]
    looking: bool
    """Whether somebody has judged it and a second person is asked, not told of the first."""
    parent: State | None
    answers: Sequence[State]


def open_dossier(services: Services, caller: Caller, public_id: str) -> Dossier:
    """All about a comment of the caller's site; raise NotFoundError when there is none."""
    history = comments.history(services, caller, public_id)
    with services.database.reading() as session:
        state = comments.load(session, caller, public_id)
        key = state.comment.id
        waiting = session.get(Waiting, key)
        looks = _newest(session, SecondLook, key)
        return Dossier(
            state,
            history,
            waiting,
            is_blind(state, None if waiting is None else waiting.queue, caller),
            _newest(session, Report, key),
            notes.find_about(session, key),
            [one for one in looks if one.second_at is not None],
            any(_is_open(one, state.comment) for one in looks),
            _find_parent(session, caller, state.comment),
            _find_answers(session, caller, state.comment.article_id, public_id),
        )


def is_blind(state: State, queue: str | None, caller: Caller) -> bool:
    """Whether the caller may be asked about a comment that lies in this queue, not told of it.

    Whose decision it is that is looked at again knows it anyway.
    """
    if state.decision is not None and state.decision.actor == caller.actor:
        return False
    comment = state.comment
    return queue == AUDIT or sampling.is_open(comment) or asking.is_open(comment)


def _newest(session: Session, table: type[SecondLook] | type[Report], key: int) -> Sequence[Any]:
    wanted = select(table).where(table.comment_id == key).order_by(table.id.desc()).limit(MOST)
    return session.scalars(wanted).all()[::-1]


def _is_open(look: SecondLook, comment: Comment) -> bool:
    return look.second_at is None and look.version == comment.version


def _find_parent(session: Session, caller: Caller, comment: Comment) -> State | None:
    if comment.parent_id is None:
        return None
    here = Comment.site_id == caller.site_id, Comment.public_id == comment.parent_id
    row = session.execute(comments.states().where(*here)).one_or_none()
    return None if row is None else State(*row)


def _find_answers(session: Session, caller: Caller, article: str, public_id: str) -> list[State]:
    """Those under the same article, by whose index they are found."""
    here = (
        Comment.site_id == caller.site_id,
        Comment.article_id == article,
        Comment.parent_id == public_id,
    )
    wanted = comments.states().where(*here).order_by(Comment.id.desc()).limit(MOST)
    return [State(*row) for row in session.execute(wanted)][::-1]
