"""What an author's own comments speak for: too few that were approved, too many rejected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.moderation.policy.document import Authors, RecentRecord
from api.moderation.policy.facts import Past
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject

NOT_OF_WHAT_IT_SAYS = frozenset(
    {
        "author_banned",
        "author_suspended",
        "campaign_decided",
        "disposable_email",
        "look_alike",
        "mode_closed",
        "outside_hours",
        "rate_address",
        "rate_article",
        "rate_author",
        "recent_record",
        "thread_closed",
        "token_expired",
        "token_forged",
        "token_missing",
        "token_other_article",
        "token_used",
        "too_fast",
    }
)
"""Why a machine may reject what is fine in itself: nobody gets a bad record by it."""


@dataclass(frozen=True, slots=True)
class Record:
    """How many comments of some time were approved or rejected, and how many of them rejected."""

    judged: int
    rejected: int

    @property
    def share(self) -> float:
        """The rejected ones' share, from 0 to 1; 0 where there are none."""
        return self.rejected / self.judged if self.judged else 0.0


def find(asked: Authors, subject: Subject) -> list[Match]:
    """Whether the author is new, and whether their record is bad."""
    found = (_find_new(asked.newcomers, subject), _find_bad(asked.recent_record, subject))
    return [match for match in found if match is not None]


def take(pasts: Sequence[Past], now: datetime, days: int) -> Record:
    """The record of an author over some days."""
    since = now - timedelta(days=days)
    judged = [one for one in pasts if one.received_at > since and _is_judged(one)]
    return Record(len(judged), sum(one.status == "rejected" for one in judged))


def _is_judged(past: Past) -> bool:
    if past.status == "rejected":
        return past.decided or past.code not in NOT_OF_WHAT_IT_SAYS
    return past.status == "approved"


def _find_new(needed: int, subject: Subject) -> Match | None:
    if subject.facts.approved >= needed:
        return None
    says = f"A newcomer: {subject.facts.approved} of the {needed} needed comments are approved."
    return _match("newcomer", says, "hold")


def _find_bad(asked: RecentRecord, subject: Subject) -> Match | None:
    if asked.do == "off":
        return None
    record = take(subject.facts.by_author, subject.now, asked.days)
    if record.judged < asked.least or record.share < asked.share:
        return None
    says = (
        f"{record.rejected} of the author's {record.judged} comments of the last {asked.days} days"
        " were rejected."
    )
    return _match("recent_record", says, asked.do)


def _match(code: str, message: str, action: str) -> Match:
    return Match("authors", Tier.AUTHOR, reason(code, message, action))
