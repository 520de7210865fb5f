"""How often is too often: of an author, from an address, under an article."""

from collections.abc import Mapping
from datetime import timedelta

from api.moderation.policy.document import Rate
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject

_OF = {
    "author": "by this author",
    "address": "from this address",
    "article": "under this article",
}


def find(asked: Mapping[str, Rate], subject: Subject) -> list[Match]:
    """The rates that this comment exceeds, itself included."""
    return [
        _say(name, rate)
        for name, rate in asked.items()
        if rate.do != "off" and 1 + _count(subject, name, rate.seconds) > rate.count
    ]


def _count(subject: Subject, name: str, seconds: int) -> int:
    facts = subject.facts
    by = {"author": facts.by_author, "address": facts.by_address, "article": facts.on_article}
    since = subject.now - timedelta(seconds=seconds)
    return sum(one.received_at > since for one in by[name])


def _say(name: str, rate: Rate) -> Match:
    # Not how many: no more are counted than are needed to say so.
    comments = "comment" if rate.count == 1 else "comments"
    says = f"More than {rate.count} {comments} {_OF[name]} in {_show(rate.seconds)}."
    return Match("authors", Tier.AUTHOR, reason(f"rate_{name}", says, rate.do))


def _show(seconds: int) -> str:
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds % size == 0 and seconds > size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
