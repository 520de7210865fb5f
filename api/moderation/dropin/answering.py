"""What a foreign caller was answered to a check, for whatever is said of the comment later."""

from sqlalchemy import Connection, select, update

from api.moderation.access import Caller
from api.moderation.dropin import usage
from api.moderation.services import Services
from api.store.dropin import DropinCheck

SPAM, HAM = "true", "false"

_ANSWERS = {SPAM: "spam", HAM: "ham"}
_MISTAKES = {(HAM, "reject"): "missed_spam", (SPAM, "approve"): "false_positives"}


def is_to_be_told(connection: Connection, comment_id: int) -> bool:
    """Whether the caller of a comment's first check wants to hear what people decide."""
    callback = select(DropinCheck.callback).where(DropinCheck.comment_id == comment_id)
    return connection.scalar(callback) is not None


def keep(
    connection: Connection,
    services: Services,
    caller: Caller,
    comment_id: int,
    blog: str,
    word: str,
) -> None:
    """Keep and count what is being answered, in the transaction that keeps the comment."""
    here = DropinCheck.comment_id == comment_id
    connection.execute(update(DropinCheck).where(here).values(answered=word))
    usage.count(connection, caller, blog, services.now(), _ANSWERS[word])


def count_mistake(
    connection: Connection,
    services: Services,
    caller: Caller,
    comment_id: int,
    blog: str,
    action: str,
) -> None:
    """Count an answer that the site says was wrong, in the transaction that takes its word."""
    answered = select(DropinCheck.answered).where(DropinCheck.comment_id == comment_id)
    mistake = _MISTAKES.get((connection.scalar(answered) or "", action))
    if mistake is not None:
        usage.count(connection, caller, blog, services.now(), mistake)
