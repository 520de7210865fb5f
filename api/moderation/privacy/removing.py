"""What goes of a comment when it has been kept long enough, in the transaction of the sweep."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Executable, delete, select, update
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

# Nothing of it has been read in the session.
_PLAINLY: Final = {"synchronize_session": False}

Act = Callable[[Session, Services, int, Sequence[Comment]], None]
"""Done with comments of a site that is locked, as their rows are."""


def remove_whole(
    session: Session, services: Services, site_id: int, found: Sequence[Comment]
) -> None:
    """Delete comments; the audit log keeps that there were some."""
    erasing.mark_comments(session, site_id, found)
    for comment in found:
        comments.remove(session, services, Caller(site_id, "admin", ACTOR), comment)


def remove_texts(
    session: Session, services: Services, site_id: int, found: Sequence[Comment]
) -> None:
    """Delete what comments have ever said, and what was made of it; how they stand stays."""
    erasing.mark_comments(session, site_id, found)
    ids = [one.id for one in found]
    own = Revision.comment_id.in_(ids)
    _forget_imported(session, site_id, session.scalars(select(Revision.text).where(own)).all())
    _change(session, update(Revision).where(own).values(text="", gone=True))
    for verdict in session.scalars(select(Verdict).where(Verdict.comment_id.in_(ids))):
        verdict.reasons = [_strip(one) for one in verdict.reasons]
        verdict.flips_if = GONE
    for table in (Signature, LinkedHost):
        _change(session, delete(table).where(table.comment_id.in_(ids)))
    _forget_fingerprints(session, found)
    for comment in found:
        _forget_answers(session, services, comment)
        indexing.rewrite(session.connection(), comment, "", False)


def remove_addresses(
    session: Session, services: Services, _site_id: int, found: Sequence[Comment]
) -> None:
    """Delete where comments came from."""
    for comment in found:
        _forget_answers(session, services, comment)
        comment.author = _leave_out(comment.author, "ip", "user_agent")
        comment.address = comment.network = None


def remove_emails(
    session: Session, services: Services, _site_id: int, found: Sequence[Comment]
) -> None:
    """Delete the authors' e-mail addresses."""
    _forget_fingerprints(session, found)
    for comment in found:
        _forget_answers(session, services, comment)
        comment.author = _leave_out(comment.author, "email")
        comment.mailbox = None


def rewrite_addresses(
    session: Session, services: Services, site_id: int, found: Sequence[Comment]
) -> None:
    """Keep where comments came from as their site wants it.

    Answers that were kept before expire: to look through them for each comment of the last days
    would take too long.
    """
    way = session.get_one(Site, site_id).addresses
    keeper = addressing.find_keeper(services.secret_key, site_id, way)
    for comment in found:
        addressing.rewrite(keeper, comment)


ACTS: Mapping[str, Act] = {
    due.REJECTED: remove_whole,
    due.SPAM: remove_whole,
    due.TEXT: remove_texts,
    due.ADDRESS: remove_addresses,
    due.EMAIL: remove_emails,
    due.REWRITTEN: rewrite_addresses,
}
"""What is done with comments of each kind, in this order."""


def _forget_answers(session: Session, services: Services, comment: Comment) -> None:
    """Drop the answers that show a comment as it was, where there may be any still."""
    touched = max(comment.received_at, comment.updated_at)
    if touched > services.now() - repeats.KEPT:
        repeats.forget(session, comment.site_id, comment.public_id)


def _forget_fingerprints(session: Session, found: Sequence[Comment]) -> None:
    """Delete what somebody could compare a text and an e-mail address with."""
    own = DropinCheck.comment_id.in_([one.id for one in found])
    _change(session, update(DropinCheck).where(own).values(fingerprint=""))


def _forget_imported(session: Session, site_id: int, texts: Sequence[str]) -> None:
    """Delete what was imported of the same texts, to be learnt of."""
    digests = [hashlib.sha256(one.encode()).hexdigest() for one in texts]
    here = ImportedLabel.site_id == site_id, ImportedLabel.digest.in_(digests)
    if session.scalars(delete(ImportedLabel).where(*here).returning(ImportedLabel.id)).all():
        unlearning.mark(session, site_id)


def _change(session: Session, statement: Executable) -> None:
    session.execute(statement, execution_options=_PLAINLY)


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
