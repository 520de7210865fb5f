"""What is known: the author's past, their standing, and who shares their address."""

from datetime import timedelta
from typing import Any

from api.moderation.knowledge import likenesses, pasts, standings
from api.moderation.knowledge.query import Query
from api.moderation.policy import modes
from api.moderation.policy.document import Rate
from api.moderation.traces import spell_email


def ask(query: Query) -> dict[str, Any]:
    """Members of `Facts`, as far as the policy asks for them.

    Standings are no part of a policy, so those are asked for whatever it says.
    """
    found = {"standings": standings.find_own(query, _known_by(query))} | _ask_likenesses(query)
    return found | _ask_approved(query) | _ask_pasts(query) | _ask_began(query)


def _known_by(query: Query) -> dict[str, str | None]:
    author = query.subject.draft.author
    own = {"author": author.get("id"), "email": spell_email(author.get("email"))}
    return {**own, **{kind: query.known_by[kind] for kind in ("address", "network")}}


def _ask_likenesses(query: Query) -> dict[str, Any]:
    if query.policy.document.authors.look_alikes == "off":
        return {}
    return {"alike": likenesses.find(query)}


def _ask_approved(query: Query) -> dict[str, Any]:
    document = query.policy.document
    mode = modes.find_mode(document, query.subject.draft.article)
    first = mode.approvals or 0 if mode.mode == "first" else 0
    linking = 1 if document.links.new_host != "off" else 0
    enough = max(document.authors.newcomers, first, linking)
    return {"approved": pasts.count_approved(query, enough)} if enough else {}


def _ask_pasts(query: Query) -> dict[str, Any]:
    rates = query.policy.document.authors.rates
    asked = {name: rate for name, rate in rates.items() if rate.do != "off"}
    found: dict[str, Any] = {}
    if rate := asked.get("address"):
        found["by_address"] = pasts.find_of_address(query, rate.count, _time(rate))
    if rate := asked.get("article"):
        found["on_article"] = pasts.find_of_article(query, rate.count, _time(rate))
    return found | _ask_by_author(query, asked.get("author"))


def _ask_by_author(query: Query, rate: Rate | None) -> dict[str, Any]:
    record = query.policy.document.authors.recent_record
    wanted = [] if record.do == "off" else [(pasts.NEWEST, timedelta(days=record.days))]
    wanted += [(rate.count, _time(rate))] if rate else []
    if not wanted:
        return {}
    most, since = (max(each) for each in zip(*wanted, strict=True))
    return {"by_author": pasts.find_of_author(query, most, since)}


def _ask_began(query: Query) -> dict[str, Any]:
    article = query.subject.draft.article
    days = modes.find_mode(query.policy.document, article).close_after_days
    if not days or modes.find_began(article) is not None:
        return {}
    return {"article_began": pasts.find_began(query)}


def _time(rate: Rate) -> timedelta:
    return timedelta(seconds=rate.seconds)
