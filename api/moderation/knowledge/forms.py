"""What is known: whether a form token is ours, how old it is, and whether it was used before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from api.moderation.knowledge.query import ALL, Query
from api.moderation.policy.facts import FormToken
from api.moderation.policy.subject import Subject
from api.moderation.policy.tokens import LONGEST, Token, read
from api.store.asking import Question
from api.store.policies import UsedToken
from api.store.tables import Comment

_USED = Question(
    select(UsedToken.nonce).where(
        UsedToken.site_id == bindparam("site"), UsedToken.nonce == bindparam("nonce")
    )
)
_CAME = Question(
    select(Comment.received_at, Comment.reason_codes).where(Comment.id == bindparam("comment"))
)


def ask(query: Query) -> dict[str, Any]:
    """Members of `Facts`, as far as the policy asks for them."""
    if query.policy.document.form.token == "off":  # noqa: S105  (what is done about it)
        return {}
    written = query.subject.draft.form.get("token")
    if not written:
        return {"token": FormToken("missing")}
    token = read(query.secret_key, query.site_id, written)
    if token is None:
        return {"token": FormToken("forged")}
    if not token.is_for(query.subject.draft.article["id"]):
        return {"token": FormToken("other_article")}
    return {"token": _judge_again(query, token) if query.before != ALL else _judge(query, token)}


def use_once(subjects: Sequence[Subject]) -> None:
    """Of several comments that come at once with one token, have the first alone use it up."""
    seen: set[str] = set()
    for subject in subjects:
        token = subject.facts.token
        if token is None or token.nonce is None:
            continue
        if token.nonce in seen:
            spent = replace(token, fault="used", nonce=None)
            subject.facts = replace(subject.facts, token=spent)
        seen.add(token.nonce)


def _judge(query: Query, token: Token) -> FormToken:
    now = query.subject.now
    age = _age(token, now)
    if _is_expired(query, token, now):
        return FormToken("expired", age)
    if _USED.ask(query.connection, site=query.site_id, nonce=token.nonce):
        return FormToken("used", age)
    return FormToken(None, age, token.nonce, token.issued_at + LONGEST)


def _judge_again(query: Query, token: Token) -> FormToken:
    """The token as it was when the comment came, which has used it up itself."""
    found = _CAME.ask(query.connection, comment=query.before)
    came, codes = found[0] if found else (query.subject.now, "")
    if _is_expired(query, token, came):
        return FormToken("expired", _age(token, came))
    return FormToken("used" if " token_used " in codes else None, _age(token, came))


def _is_expired(query: Query, token: Token, came: datetime) -> bool:
    """Whether the token was too old when its form came back.

    That is when the site says it has got the comment: one that had to wait for us is not late.
    """
    sent = min(query.subject.draft.created_at or came, came)
    allowed = timedelta(minutes=query.policy.document.form.token_minutes)
    # Beyond the longest nobody knows any more whether it was used.
    return sent - token.issued_at > allowed or came - token.issued_at > LONGEST


def _age(token: Token, came: datetime) -> int:
    """In milliseconds, by our own clock; none below zero where two of our hosts disagree."""
    return max(0, (came - token.issued_at) // timedelta(milliseconds=1))
