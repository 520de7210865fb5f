"""What whoever looks at a sample is not to know: what was said of it already."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.queues import AUDIT
from api.moderation.services import Services
from api.store.review import Waiting
from api.store.tables import Comment


def find_queue(session: Session, comment: Comment) -> str | None:
    """The queue in which a comment lies; None where nobody is asked about it."""
    return session.scalar(select(Waiting.queue).where(Waiting.comment_id == comment.id))


def is_blind(session: Session, caller: Caller, state: State) -> bool:
    """Whether the caller may yet be asked about the comment as a sample.

    Whose decision it is that is looked at again knows it anyway.
    """
    if state.decision is not None and state.decision.actor == caller.actor:
        return False
    return find_queue(session, state.comment) == AUDIT


def find_present(services: Services, caller: Caller, public_id: str) -> tuple[State, bool]:
    """The comment as it stands, and whether the caller is to be blind to what was said of it."""
    with services.database.reading() as session:
        state = comments.load(session, caller, public_id)
        return state, is_blind(session, caller, state)
