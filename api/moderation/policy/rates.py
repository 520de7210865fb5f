"""How often is too often: of an author, from an address, under an article."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from api.moderation.policy.document import Rate
from api.moderation.policy.facts import Facts, Past
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject

_OF = {
    "author": "of this author",
    "address": "from this address",
    "article": "under this article",
}


def find(asked: Mapping[str, Rate], subject: Subject) -> list[Match]:
    """The rates that this comment exceeds, itself included."""
    return [
        _say(name, rate, count)
        for name, rate in asked.items()
        if rate.do != "off"
        and (count := 1 + _count(_pasts(subject.facts, name), subject.now, rate)) > rate.count
    ]


def _pasts(facts: Facts, name: str) -> Sequence[Past]:
    by = {"author": facts.by_author, "address": facts.by_address, "article": facts.on_article}
    return by[name]


def _count(pasts: Sequence[Past], now: datetime, rate: Rate) -> int:
    since = now - timedelta(seconds=rate.seconds)
    return sum(one.received_at > since for one in pasts)


def _say(name: str, rate: Rate, count: int) -> Match:
    # Not how many: no more are counted than are needed to say so.
    says = f"More than {rate.count} comments {_OF[name]} in {_show(rate.seconds)}."
    return Match("authors", Tier.AUTHOR, reason(f"rate_{name}", says, rate.do))


def _show(seconds: int) -> str:
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds % size == 0 and seconds > size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
