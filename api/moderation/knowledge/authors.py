"""What is known: the author's past, their standing, and who shares their address."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from api.moderation.knowledge import likenesses, pasts, standings
from api.moderation.knowledge.pasts import Wanted
from api.moderation.knowledge.query import Query
from api.moderation.policy import modes
from api.moderation.policy.document import Rate
from api.moderation.traces import spell_email


def ask(query: Query) -> dict[str, Any]:
    """Members of `Facts`, as far as the policy asks for them.

    Standings are no part of a policy, so those are asked for whatever it says.
    """
    found = {"standings": standings.find_own(query, _known_by(query))} | _ask_likenesses(query)
    return found | _ask_pasts(query) | _ask_began(query)


def _known_by(query: Query) -> dict[str, str | None]:
    author = query.subject.draft.author
    own = {"author": author.get("id"), "email": spell_email(author.get("email"))}
    return {**own, **{kind: query.known_by[kind] for kind in ("address", "network")}}


def _ask_likenesses(query: Query) -> dict[str, Any]:
    if query.policy.document.authors.look_alikes == "off":
        return {}
    return {"alike": likenesses.find(query)}


def _ask_pasts(query: Query) -> dict[str, Any]:
    wanted = {name: one for name, one in _list_pasts(query) if one is not None}
    found = zip(wanted.items(), pasts.find(query, list(wanted.values())), strict=True)
    read = {name: pasts.read(query, one, rows) for (name, one), rows in found}
    if "approved" in read:
        return read | {"approved": min(_count_needed(query), len(read["approved"]))}
    return read


def _list_pasts(query: Query) -> Iterator[tuple[str, Wanted | None]]:
    """What is asked of the past, by the member of `Facts` that it becomes."""
    if enough := _count_needed(query):
        yield "approved", pasts.want_approved(query, enough)
    rates = query.policy.document.authors.rates
    asked = {name: rate for name, rate in rates.items() if rate.do != "off"}
    yield "by_author", _want_by_author(query, asked.get("author"))
    places = {"by_address": ("address", query.kept_as["address"], asked.get("address"))}
    article = query.subject.draft.article["id"]
    places["on_article"] = ("article_id", article, asked.get("article"))
    for name, (column, value, rate) in places.items():
        if rate is not None and value is not None:
            yield name, Wanted(column, value, rate.count, query.subject.now - _time(rate))


def _count_needed(query: Query) -> int:
    """How many approved comments of an author the policy asks for at most; 0 if it does not."""
    document = query.policy.document
    mode = modes.find_mode(document, query.subject.draft.article)
    first = mode.approvals or 0 if mode.mode == "first" else 0
    linking = 1 if document.links.new_host != "off" else 0
    return max(document.authors.newcomers, first, linking)


def _want_by_author(query: Query, rate: Rate | None) -> Wanted | None:
    record = query.policy.document.authors.recent_record
    wanted = [] if record.do == "off" else [(pasts.NEWEST, timedelta(days=record.days))]
    wanted += [(rate.count, _time(rate))] if rate else []
    if not wanted:
        return None
    most, since = (max(each) for each in zip(*wanted, strict=True))
    return pasts.want_of_author(query, most, query.subject.now - since)


def _ask_began(query: Query) -> dict[str, Any]:
    article = query.subject.draft.article
    days = modes.find_mode(query.policy.document, article).close_after_days
    if not days or modes.find_began(article) is not None:
        return {}
    return {"article_began": pasts.find_began(query)}


def _time(rate: Rate) -> timedelta:
    return timedelta(seconds=rate.seconds)
