"""How often a key, an address and an author may ask; whoever asks more often is answered 429.

A valid key is never refused for what others do at its address: an address counts for those who
have none. What is refused counts for nothing, so whoever hammers is served again once the window
has moved on, as `Retry-After` says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from flask import Flask, Response, current_app, g, request

from api.limiting.limiter import Limiter, Taken
from api.limiting.rates import ADDRESS, AUTHOR, KEY
from api.moderation.access import Caller
from api.moderation.errors import TooOftenError
from api.moderation.nudging import widen
from api.moderation.policy.subject import Draft
from api.moderation.traces import spell_email
from api.web.routing import services

FREE = ("health.live", "health.ready", "metrics.metrics", "pages.static")
"""Endpoints that are never counted: who watches the server must always be answered."""

OLD = timedelta(hours=1)
"""A comment written longer ago is moved in from elsewhere; its author does not hurry."""

SAYS: Mapping[str, str] = {
    KEY: "This key is used too often; nothing was done.",
    ADDRESS: "There are too many requests without a valid key from this address.",
    AUTHOR: "This author comments too often; the comment was not looked at and not kept.",
}


def admit(caller: Caller) -> None:
    """Count a request with a valid key; raise TooOftenError where there are too many."""
    g.limit = KEY
    _take(KEY, f"{caller.site_id} {caller.actor}")


def admit_stranger() -> None:
    """Count a request without a valid key; raise TooOftenError where there are too many."""
    _take(ADDRESS, _widen(request.remote_addr or ""))


def admit_author(caller: Caller, draft: Draft) -> None:
    """Count a new comment; raise TooOftenError where its author writes too many."""
    who = _name(draft, services().now())
    if who is not None:
        _take(AUTHOR, f"{caller.site_id} {who}")


def admit_authors(caller: Caller, drafts: Sequence[Draft]) -> dict[int, int]:
    """Count new comments that came together.

    Gives the places of those whose authors write too many, and after how many seconds each may
    come again. The others are counted.
    """
    now, places = services().now(), dict[str, list[int]]()
    for place, draft in enumerate(drafts):
        who = _name(draft, now)
        if who is not None:
            places.setdefault(who, []).append(place)
    refused: dict[int, int] = {}
    for who, mine in places.items():
        taken = limiter().take(AUTHOR, f"{caller.site_id} {who}", len(mine))
        refused |= dict.fromkeys(mine[taken.granted :], taken.wait)
    return refused


def limiter() -> Limiter:
    """The limiter of this app."""
    return cast("Limiter", current_app.extensions["limiter"])


def _take(kind: str, who: str) -> None:
    taken = limiter().take(kind, who)
    if not taken.granted:
        g.limit, g.refused = kind, taken
        raise TooOftenError(timedelta(seconds=taken.wait), SAYS[kind])


def _name(draft: Draft, now: datetime) -> str | None:
    """By what an author is counted: id, else mailbox, else address; None where nothing is said."""
    author: dict[str, Any] = draft.author
    if draft.created_at is not None and now - draft.created_at > OLD:
        return None
    if author.get("id"):
        return f"author {author['id']}"
    mailbox = spell_email(author.get("email"))
    if mailbox:
        return f"mailbox {mailbox}"
    return f"address {_widen(author['ip'])}" if author.get("ip") else None


@lru_cache(maxsize=1024)
def _widen(address: str) -> str:
    try:
        return widen(address)
    except ValueError:
        return address


def register(app: Flask) -> None:
    """Tell every caller with a key how often it may ask, and whoever may not, when again."""
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    kind: str | None = g.get("limit")
    if kind is not None and limiter().policies[kind]:
        response.headers["RateLimit-Policy"] = limiter().policies[kind]
        refused: Taken | None = g.get("refused")
        if refused is not None:
            response.headers["RateLimit"] = f'"{kind}-{refused.seconds}";r=0;t={refused.wait}'
            response.headers["Retry-After"] = str(refused.wait)
    return response
