"""What is known: which hosts approved comments link to."""

from typing import Any

from sqlalchemy import bindparam, select

from api.moderation.knowledge.query import Query
from api.moderation.policy.links import find_hosts
from api.store.asking import Question
from api.store.policies import LinkedHost
from api.store.tables import Comment

NEWEST = 50
"""How many comments that link to a host are looked at; of an honest one some are approved."""

_LINKING = (
    select(LinkedHost.comment_id)
    .where(
        LinkedHost.site_id == bindparam("site"),
        LinkedHost.host == bindparam("host"),
        LinkedHost.comment_id < bindparam("before"),
    )
    .order_by(LinkedHost.comment_id.desc())
    .limit(NEWEST)
    .subquery()
)
_APPROVED = Question(
    select(Comment.id)
    .join(_LINKING, Comment.id == _LINKING.c.comment_id)
    .where(Comment.status == "approved")
    .limit(1)
)


def ask(query: Query) -> dict[str, Any]:
    """The member `known_hosts`, if new hosts are minded and the comment links to some."""
    known = frozenset(host for host in find_hosts(query.policy, query.subject) if _ask(query, host))
    return {"known_hosts": known} if known else {}


def _ask(query: Query, host: str) -> bool:
    values = {"site": query.site_id, "host": host, "before": query.before}
    return bool(_APPROVED.ask(query.connection, **values))
