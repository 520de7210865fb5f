"""Skipping: somebody does not want to be asked about a comment for a while."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.moderation import claims, comments
from api.moderation.access import Caller
from api.moderation.blindness import find_queue
from api.moderation.comments import State
from api.moderation.errors import ConflictError
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.review import Skip
from api.store.tables import Comment

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def keep(
    session: Session, services: Services, caller: Caller, comment: Comment, minutes: int
) -> None:
    """Have the caller not asked about a comment that waits; their claim on it ends.

    Raises ConflictError where nobody is asked about it.
    """
    if find_queue(session, comment) is None:
        raise ConflictError("This comment does not wait for anybody, so it cannot be skipped.")
    claims.drop(session, comment, caller.actor)
    until = services.now() + timedelta(minutes=minutes)
    insert = _INSERTS[session.get_bind().dialect.name](Skip)
    row = insert.values(comment_id=comment.id, actor=caller.actor, until=until)
    longer = row.on_conflict_do_update(
        index_elements=["comment_id", "actor"], set_={"until": until}
    )
    session.execute(longer)


def take_back(services: Services, caller: Caller, public_id: str) -> State:
    """Have the caller asked about a comment again that they have skipped."""

    def act(session: Session) -> State:
        state = comments.load(session, caller, public_id, lock=True)
        mine = Skip.comment_id == state.comment.id, Skip.actor == caller.actor
        session.execute(delete(Skip).where(*mine))
        return state

    return perform(services, caller.site_id, caller.ticket, act)
