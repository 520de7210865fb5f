"""Which comments have been kept as long as their site wants them, as conditions in SQL."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_

from api.moderation.privacy.addressing import HASHED, TRUNCATED
from api.moderation.traces import DIGEST
from api.store.tables import Comment, Decision, Revision

REJECTED, SPAM, TEXT, ADDRESS, EMAIL = KINDS = ("rejected", "spam", "text", "address", "email")
"""What may be kept for a time only."""

REWRITTEN = "addresses"
"""The kind of those whose address is kept otherwise than the site wants it."""

SPAM_CODES = ("spam_score", "honeypot")
"""A verdict of which one of these is the foremost reason rejects for spam."""

SPAM_REASON = "spam"
"""A person who gives this reason does."""

_AUTHOR = Comment.author
_IP, _AGENT, _WRITTEN = (_AUTHOR[name].as_string() for name in ("ip", "user_agent", "email"))
_HIDDEN = f"{DIGEST}%"

Conditions = Mapping[str, ColumnElement[bool]]


def find_conditions(keep: Mapping[str, int | None], way: str, now: datetime) -> Conditions:
    """By kind, which comments of any site are due; only kinds that a site has asked for."""
    found = {
        kind: and_(_WHAT[kind], Comment.received_at <= now - timedelta(days=days))
        # Imported comments came long before their numbers: only the time says how old one is.
        for kind, days in keep.items()
        if days is not None
    }
    if way in _OTHERWISE:
        found[REWRITTEN] = _OTHERWISE[way]
    return found


def _is_spam() -> ColumnElement[bool]:
    decided = and_(Decision.comment_id == Comment.id, Decision.version == Comment.decision_version)
    said = Decision.reason.is_not(None)
    foremost = or_(*(Comment.reason_codes.startswith(f" {code} ") for code in SPAM_CODES))
    # What a person says of it counts more than what the machine did.
    return or_(
        exists().where(decided, Decision.reason == SPAM_REASON),
        and_(foremost, ~exists().where(decided, said)),
    )


_DECIDED = Comment.status.in_(("approved", "rejected"))
_HAS_TEXT = exists().where(Revision.comment_id == Comment.id, Revision.gone.is_(False))

_WHAT: Conditions = {
    REJECTED: Comment.status == "rejected",
    SPAM: and_(Comment.status == "rejected", _is_spam()),
    TEXT: and_(_DECIDED, _HAS_TEXT),
    ADDRESS: or_(
        *(one.is_not(None) for one in (Comment.address, Comment.network, _IP, _AGENT)),
    ),
    EMAIL: or_(Comment.mailbox.is_not(None), _WRITTEN.is_not(None)),
}

_OTHERWISE: Conditions = {
    TRUNCATED: or_(
        Comment.address.is_not(None),
        Comment.network.like(_HIDDEN),
        _IP.like(_HIDDEN),
        # A release before 0.3 has kept it.
        and_(Comment.network.is_(None), _IP.is_not(None)),
    ),
    HASHED: or_(*(one.not_like(_HIDDEN) for one in (Comment.address, Comment.network, _IP))),
}
