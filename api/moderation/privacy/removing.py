"""What goes of a comment when it has been kept long enough, in the transaction of the sweep."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.moderation import comments, indexing, repeats
from api.moderation.access import Caller
from api.moderation.learning import erasing, unlearning
from api.moderation.privacy import addressing, due
from api.moderation.services import Services
from api.store.dropin import DropinCheck
from api.store.learning import ImportedLabel
from api.store.policies import LinkedHost, Signature
from api.store.tables import Comment, Revision, Site, Verdict

ACTOR = "retention"

GONE = "Its text is deleted, and what was said of it."
"""What a verdict says instead of what it has quoted."""

_PLAIN = ("code", "action", "score", "threshold")
"""What stays of a reason: it quotes nothing."""

_RULES = ("rule:", "links:", "campaign:", "standing:", "signal:", "learned")
"""How a reason's `rule` begins that is the site's or ours; others may be words of the text."""

Act = Callable[[Session, Services, Comment], None]


def remove_whole(session: Session, services: Services, comment: Comment) -> None:
    """Delete a comment; the audit log keeps that there was one."""
    erasing.mark_comment(session, comment)
    comments.remove(session, services, Caller(comment.site_id, "admin", ACTOR), comment)


def remove_text(session: Session, services: Services, comment: Comment) -> None:
    """Delete what a comment has ever said, and what was made of it; how it stands stays."""
    erasing.mark_comment(session, comment)
    own = Revision.comment_id == comment.id
    _forget_imported(
        session, comment.site_id, list(session.scalars(select(Revision.text).where(own)))
    )
    session.execute(update(Revision).where(own).values(text="", gone=True))
    for verdict in session.scalars(select(Verdict).where(Verdict.comment_id == comment.id)):
        verdict.reasons = [_strip(one) for one in verdict.reasons]
        verdict.flips_if = GONE
    for table in (Signature, LinkedHost):
        session.execute(delete(table).where(table.comment_id == comment.id))
    _forget_fingerprint(session, comment)
    indexing.rewrite(session.connection(), comment, "", False)


def remove_address(_session: Session, _services: Services, comment: Comment) -> None:
    """Delete where a comment came from."""
    comment.author = _leave_out(comment.author, "ip", "user_agent")
    comment.address = comment.network = None


def remove_email(session: Session, _services: Services, comment: Comment) -> None:
    """Delete the author's e-mail address."""
    comment.author = _leave_out(comment.author, "email")
    comment.mailbox = None
    _forget_fingerprint(session, comment)


def rewrite_address(session: Session, services: Services, comment: Comment) -> None:
    """Keep where a comment came from as its site wants it."""
    way = session.get_one(Site, comment.site_id).addresses
    keeper = addressing.find_keeper(services.secret_key, comment.site_id, way)
    addressing.rewrite(keeper, comment)


ACTS: Mapping[str, Act] = {
    due.REJECTED: remove_whole,
    due.SPAM: remove_whole,
    due.TEXT: remove_text,
    due.ADDRESS: remove_address,
    due.EMAIL: remove_email,
    due.REWRITTEN: rewrite_address,
}
"""What is done with a comment of each kind, in this order."""


def forget_answers(session: Session, comment: Comment) -> None:
    """Drop the answers that show a comment as it was."""
    repeats.forget(session, comment.site_id, comment.public_id)


def _forget_fingerprint(session: Session, comment: Comment) -> None:
    """Delete what somebody could compare a text and an e-mail address with."""
    check = update(DropinCheck).where(DropinCheck.comment_id == comment.id)
    session.execute(check.values(fingerprint=""))


def _forget_imported(session: Session, site_id: int, texts: list[str]) -> None:
    """Delete what was imported of the same texts, to be learnt of."""
    digests = [hashlib.sha256(one.encode()).hexdigest() for one in texts]
    here = ImportedLabel.site_id == site_id, ImportedLabel.digest.in_(digests)
    if session.scalars(delete(ImportedLabel).where(*here).returning(ImportedLabel.id)).all():
        unlearning.mark(session, site_id)


def _strip(reason: dict[str, Any]) -> dict[str, Any]:
    rule = reason.get("rule")
    return {
        **{name: reason[name] for name in _PLAIN if name in reason},
        "message": GONE,
        "rule": rule if rule and rule.startswith(_RULES) else None,
        "spans": [],
    }


def _leave_out(author: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in author.items() if name not in names}
