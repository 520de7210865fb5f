"""Small made-up histories of a site: as plain objects, and as rows of the database."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from api.moderation.services import Services
from api.store.outbox import Report
from api.store.review import BulkDecision, SecondLook, Waiting
from api.store.tables import Comment, Decision, Verdict

STATUS = {"approve": "approved", "hold": "pending", "reject": "rejected", "escalate": "pending"}
PEOPLE = ("moderator:ada@example.org", "moderator:bo@example.org", "key:wnw_00000000")
CODES = ("spam_score", "insult_score", "link_count")


@dataclass
class Said:
    """A verdict or a decision."""

    version: int
    revision: int
    action: str
    at: datetime
    actor: str = ""
    undone: bool = False
    bulk: int | None = None


@dataclass
class Look:
    """A second look; open where nobody has answered."""

    kind: str
    first: str
    action: str
    reason: str | None
    second: str | None = None
    other: str | None = None
    other_reason: str | None = None
    at: datetime | None = None
    version: int = 9
    """9 is the comment's; a look at an earlier version has come to its end."""


@dataclass
class Story:
    """A comment and all that was said of it."""

    site: int
    came: datetime
    verdicts: list[Said]
    decisions: list[Said] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    reports: list[tuple[datetime, str | None]] = field(default_factory=list)
    sampled: float | None = None
    codes: tuple[str, ...] = ()

    @property
    def in_force(self) -> Said | None:
        """The decision that holds."""
        standing = [
            one
            for one in self.decisions
            if not one.undone and one.revision == self.verdicts[-1].revision
        ]
        return standing[-1] if standing else None

    @property
    def status(self) -> str:
        """Where the comment stands."""
        return STATUS[(self.in_force or self.verdicts[-1]).action]

    @property
    def is_open_sample(self) -> bool:
        """Whether it is drawn and nobody has decided."""
        return self.sampled is not None and self.in_force is None and self.status != "pending"

    @property
    def is_blind(self) -> bool:
        """Whether a colleague is being asked."""
        return any(look.second is None and look.version == 9 for look in self.looks)


def tell(chance: random.Random, sites: tuple[int, int], now: datetime, many: int) -> list[Story]:
    """Comments of the last twelve days, in the order in which they came."""
    times = sorted(now - timedelta(minutes=chance.randrange(12 * 24 * 60)) for _ in range(many))
    return [_tell_one(chance, sites[chance.random() < 0.15], came, now) for came in times]


def _tell_one(chance: random.Random, site: int, came: datetime, now: datetime) -> Story:
    verdict = Said(1, 1, chance.choice(("approve", "hold", "hold", "reject")), came)
    found = Story(site, came, [verdict])
    at, version, revision = came, 1, 1
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        at += timedelta(seconds=chance.choice((5, 40, 4_000, 90_000)))
        if at > now:
            break
        version += 1
        if chance.random() < 0.15:
            revision += 1
            kind = chance.choice(("approve", "hold"))
            found.verdicts.append(Said(version, revision, kind, at))
            continue
        action = chance.choice(("approve", "reject", "reject", "escalate"))
        bulk = 1 if chance.random() < 0.2 else None
        actor, undone = chance.choice(PEOPLE), chance.random() < 0.2
        found.decisions.append(Said(version, revision, action, at, actor, undone, bulk))
    last = found.verdicts[-1]
    if last.action != "hold" and chance.random() < 0.6:
        found.sampled = chance.choice((0.5, 0.1))
    if last.action != "approve":
        found.codes = tuple(chance.sample(CODES, chance.choice((1, 1, 2))))
    found.looks = [_look(chance, at, now) for _ in range(chance.random() < 0.75)]
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        found.reports.append((min(at, now), chance.choice((None, "upheld", "dismissed"))))
    return found


def _look(chance: random.Random, at: datetime, now: datetime) -> Look:
    first, second = chance.sample(PEOPLE, 2)
    kind = chance.choice(("agree", "recheck"))
    look = Look(kind, first, chance.choice(("approve", "reject")), chance.choice((None, "spam")))
    look.version = chance.choice((9, 9, 8))
    if chance.random() < 0.7:
        look.second, look.at = second, min(at + timedelta(hours=chance.randrange(30)), now)
        look.other = look.action if chance.random() < 0.7 else "escalate"
        look.other_reason = chance.choice((None, "spam", "rude"))
    return look


def keep(services: Services, stories: list[Story]) -> None:
    """Write them down."""
    with services.database.writing() as session:
        rows = [_comment(one) for one in stories]
        session.execute(insert(Comment), rows)
        found = dict(session.execute(select(Comment.public_id, Comment.id)).all())
        keys = [found[row["public_id"]] for row in rows]
        for table, make in (
            (Verdict, _verdicts),
            (Decision, _decisions),
            (SecondLook, _looks),
            (Waiting, _waiting),
        ):
            made = [row for key, one in zip(keys, stories, strict=True) for row in make(key, one)]
            if made:
                session.execute(insert(table), made)
        pairs = zip(keys, stories, strict=True)
        reports = [(at, key, outcome) for key, one in pairs for at, outcome in one.reports]
        if reports:
            session.execute(insert(Report), [_report(*one) for one in sorted(reports, key=str)])


def _comment(story: Story) -> dict[str, Any]:
    last, decision = story.verdicts[-1], story.in_force
    return {
        "site_id": story.site,
        "public_id": f"h-{uuid.uuid4()}",
        "article_id": "a-1",
        "article": {"id": "a-1"},
        "author": {},
        "form": {},
        "extra": {},
        "status": story.status,
        "queue": "default",
        "reason_codes": "".join(f" {code} " for code in story.codes),
        "priority": 0.5,
        "version": 9,
        "revision": last.revision,
        "verdict_version": last.version,
        "decision_version": decision and decision.version,
        "sampled": story.sampled,
        "created_at": story.came,
        "received_at": story.came,
        "updated_at": (decision or last).at,
    }


def _verdicts(key: int, story: Story) -> list[dict[str, Any]]:
    return [
        {
            "comment_id": key,
            "version": one.version,
            "revision": one.revision,
            "action": one.action,
            "blatant": False,
            "scores": {},
            "reasons": [],
            "policy": 2,
            "flips_if": "",
            "created_at": one.at,
        }
        for one in story.verdicts
    ]


def _decisions(key: int, story: Story) -> list[dict[str, Any]]:
    return [
        {
            "comment_id": key,
            "version": one.version,
            "revision": one.revision,
            "action": one.action,
            "actor": one.actor,
            "created_at": one.at,
            "undone_at": one.at if one.undone else None,
            "bulk": one.bulk,
        }
        for one in story.decisions
    ]


def _looks(key: int, story: Story) -> list[dict[str, Any]]:
    return [
        {
            "site_id": story.site,
            "comment_id": key,
            "version": look.version,
            "kind": look.kind,
            "first_actor": look.first,
            "first_action": look.action,
            "first_reason": look.reason,
            "first_at": story.came,
            "second_actor": look.second,
            "second_action": look.other,
            "second_reason": look.other_reason,
            "second_at": look.at,
        }
        for look in story.looks
    ]


def _waiting(key: int, story: Story) -> list[dict[str, Any]]:
    if story.status != "pending":
        return []
    return [
        {
            "comment_id": key,
            "site_id": story.site,
            "version": 1,
            "queue": "default",
            "rank": 0.0,
            "since": story.came,
            "severity": 0.5,
            "probability": 1.0,
            "reports": 0.0,
            "exposure": 1.0,
            "article_id": "a-1",
            "reason_codes": "",
        }
    ]


def _report(at: datetime, key: int, outcome: str | None) -> dict[str, Any]:
    return {
        "comment_id": key,
        "reason": "spam",
        "actor": "key:wnw_00000000",
        "created_at": at,
        "outcome": outcome,
    }


def begin_bulk(services: Services, site: int) -> None:
    """Write down that a decision about many was begun now."""
    row = {
        "site_id": site,
        "public_id": f"bulk_{uuid.uuid4().hex[:24]}",
        "action": "reject",
        "wanted": {"ids": []},
        "state": "done",
        "total": 1,
        "last": 1,
        "cursor": 1,
        "tally": {},
        "actor": PEOPLE[0],
        "created_at": services.now(),
        "updated_at": services.now(),
    }
    with services.database.writing() as session:
        session.execute(insert(BulkDecision), [row])
