"""An author asks what would become of a text, a few times only, and nothing of it is kept.

Whoever could ask without end would try wordings until one passes.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, insert, select

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.derivation import derive
from api.moderation.errors import FieldError, TooOftenError
from api.moderation.judging import judge_for
from api.moderation.policy.document import Nudge
from api.moderation.policy.hints import Advice, advise
from api.moderation.policy.subject import Draft
from api.moderation.repeats import perform_plainly
from api.moderation.services import Services
from api.store.asking import Question
from api.store.policies import NudgeAsked

_ASKED = Question(
    select(NudgeAsked.created_at)
    .where(
        NudgeAsked.site_id == bindparam("site"),
        NudgeAsked.author == bindparam("author"),
        NudgeAsked.created_at > bindparam("since"),
    )
    .order_by(NudgeAsked.created_at.desc())
    .limit(bindparam("most", type_=Integer))
)


def ask(services: Services, caller: Caller, draft: Draft) -> Advice:
    """Judge a text for its author and keep nothing of it but that its author has asked.

    Raises FieldError where it does not say who asks, TooOftenError where they asked too often.
    """
    author = name_asker(services, draft.author)
    nudge = policies.find(services, caller.site_id).document.nudge
    [judgement] = judge_for(services, caller.site_id, [draft], in_force=caller.in_force)

    def count(connection: Connection) -> Advice:
        _count(connection, caller.site_id, author, nudge, services.now())
        return advise(judgement)

    return perform_plainly(services, caller.site_id, caller.ticket, count)


def name_asker(services: Services, author: Mapping[str, Any]) -> str:
    """By what their asking is counted: the author's id, or else the address, not to be told."""
    if author.get("id"):
        name = f"author {author['id']}"
    elif author.get("ip"):
        name = f"address {widen(author['ip'])}"
    else:
        raise FieldError("/author/id", "A nudge needs author.id or author.ip: it is limited by it.")
    key = derive(services.secret_key, "nudge")
    return hmac.new(key, name.encode(), "sha256").hexdigest()


def widen(address: str) -> str:
    """An address, or the /64 that a household of IPv6 has for itself."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def _count(connection: Connection, site_id: int, author: str, nudge: Nudge, now: datetime) -> None:
    """Write down that the author asks; those who ask too often are told when they may again."""
    _take_turn(connection, f"nudge {site_id} {author}")
    window = timedelta(seconds=nudge.seconds)
    since, most = now - window, nudge.count
    found = _ASKED.ask(connection, site=site_id, author=author, since=since, most=most)
    if len(found) >= most:
        raise TooOftenError(found[-1][0] + window - now)
    values = {"site_id": site_id, "author": author, "created_at": now}
    connection.execute(insert(NudgeAsked), values)


def _take_turn(connection: Connection, name: str) -> None:
    """Have one transaction at a time count an author; SQLite's writers queue anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))
