"""What is known of authors: each look-up is what a plain count over all comments gives."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from rapidfuzz.distance import Levenshtein
from sqlalchemy import event, insert, select

from api.moderation import access, intake, standings
from api.moderation.access import Caller
from api.moderation.knowledge import pasts
from api.moderation.knowledge.authors import ask
from api.moderation.knowledge.query import ALL, Query
from api.moderation.policy.facts import KINDS, Facts
from api.moderation.policy.inforce import DEFAULT, Policy
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from api.moderation.services import Services
from api.moderation.spellings import spell
from api.moderation.standings import Said
from api.moderation.traces import identify, spell_email, spell_mailbox
from api.store.database import Database
from api.store.policies import AuthorStanding
from api.store.tables import Comment
from tests.conftest import ON_SQLITE
from tests.factories import Clock

IDS = (None, "u-1", "u-2", "u-3")
EMAILS = (None, "jo1@example.org", "Jo.2+x@example.org", "jo123456@example.org", "ann@example.org")
ADDRESSES = (None, "203.0.113.7", "203.0.113.8", "198.51.100.1", "2001:db8:1::1", "2001:db8:1::2")
ARTICLES = ("a-1", "a-2")
STATUSES = ("approved", "pending", "rejected")

EVERYTHING = {
    "mode": "first",
    "approvals": 3,
    "close_after_days": 14,
    "authors": {
        "newcomers": 2,
        "look_alikes": "hold",
        "recent_record": {"do": "hold", "days": 2},
        "rates": {
            "author": {"count": 4, "seconds": 3600},
            "address": {"count": 3, "seconds": 40_000},
            "article": {"count": 5, "seconds": 40_000},
        },
    },
}


class Crowd:
    """Comments by a few authors who share things, in a database and in a list."""

    def __init__(self, services: Services, site: int, seed: int, count: int = 120) -> None:
        self.services, self.site, self.chance = services, site, random.Random(seed)
        self.caller = Caller(site, "moderator", "key:x")
        self.comments: list[dict[str, Any]] = []
        self.standings: list[AuthorStanding] = []
        for _ in range(count):
            self.write()
        for _ in range(count // 10):
            self.say()

    def draft(self) -> Draft:
        """A comment that might come."""
        names = {"id": IDS, "email": EMAILS, "ip": ADDRESSES}
        author = {name: self.chance.choice(some) for name, some in names.items()}
        article = {"id": self.chance.choice(ARTICLES)}
        return Draft("Hi.", article, author={n: v for n, v in author.items() if v})

    def write(self) -> None:
        """One that has come."""
        draft = self.draft()
        came = self.services.now() - timedelta(minutes=15 * (130 - len(self.comments)))
        [kept] = intake.submit(self.services, self.caller, [draft])
        values = {
            "status": self.chance.choice(STATUSES),
            "received_at": came,
            "reason_codes": self.chance.choice(("", " spam_score  newcomer ")),
        }
        with self.services.database.writing() as session:
            found = session.get_one(Comment, kept.state.comment.id)
            for name, value in values.items():
                setattr(found, name, value)
        known = {"number": kept.state.comment.id, "article": draft.article["id"]}
        author = {name: draft.author.get(name) for name in ("id", "email")}
        self.comments.append({**known, **author, **values, **identify(draft.author)})

    def say(self) -> None:
        """Something about somebody; some of it has ended, or will not last."""
        kind = self.chance.choice(KINDS)
        names = {"author": IDS, "email": EMAILS, "address": ADDRESSES, "network": ADDRESSES}
        value = spell(kind, self.chance.choice(names[kind][1:]) or "")
        standing = self.chance.choice(("trusted", "held", "suspended", "banned"))
        until = self.services.now() + timedelta(hours=self.chance.randint(1, 9))
        last = until if self.chance.random() < 0.5 else None
        made = standings.put(
            self.services, self.caller, Said(kind, value, standing, "Because.", last)
        )
        if self.chance.random() < 0.2:
            standings.end(self.services, self.caller, made.public_id)

    def in_force(self, now: datetime) -> list[AuthorStanding]:
        """What was said and counts."""
        with self.services.database.reading() as session:
            found = session.scalars(select(AuthorStanding)).all()
        return [
            one for one in found if one.ended_at is None and (one.until is None or one.until > now)
        ]

    def facts(self, draft: Draft, now: datetime, before: int = ALL) -> Facts:
        """What the look-ups say."""
        policy = Policy(load_document(EVERYTHING))
        with self.services.database.looking() as connection:
            query = Query(connection, self.site, policy, Subject(draft, now), before)
            return Facts(**ask(query))


def is_of(comment: dict[str, Any], draft: Draft) -> bool:
    """Whether the same author wrote it: by id, else by mailbox, else by nothing."""
    if draft.author.get("id"):
        return bool(comment["id"] == draft.author["id"])
    own = spell_email(draft.author.get("email"))
    return own is not None and spell_email(comment["email"]) == own


def count(crowd: Crowd, draft: Draft, now: datetime, before: int) -> dict[str, Any]:
    """The facts, by walking through everything."""
    known = identify(draft.author)
    earlier = [one for one in crowd.comments if one["number"] < before]
    own = [one for one in earlier if is_of(one, draft)]
    here = [one for one in earlier if one["article"] == draft.article["id"]]
    line = [one for one in earlier if known["address"] and one["address"] == known["address"]]

    def since(some: list[dict[str, Any]], **ago: float) -> list[datetime]:
        recent = (one["received_at"] for one in some)
        return sorted((at for at in recent if at > now - timedelta(**ago)), reverse=True)

    return {
        "approved": min(3, sum(one["status"] == "approved" for one in own)),
        "by_author": since(own, days=2),
        "by_address": since(line, seconds=40_000)[:3],
        "on_article": since(here, seconds=40_000)[:5],
        "article_began": here[0]["received_at"] if here else None,
        "standings": said_of(crowd, draft, now),
        "alike": said_of_others(crowd, draft, earlier, now),
    }


def said_of(crowd: Crowd, draft: Draft, now: datetime) -> set[str]:
    known = {**identify(draft.author), "author": draft.author.get("id")}
    known["email"] = spell_email(draft.author.get("email"))
    return {one.public_id for one in crowd.in_force(now) if known[one.kind] == one.value}


def said_of_others(
    crowd: Crowd, draft: Draft, earlier: list[dict[str, Any]], now: datetime
) -> set[str]:
    known, own = identify(draft.author), spell_email(draft.author.get("email"))

    def newest(name: str, most: int) -> list[dict[str, Any]]:
        return [one for one in earlier if known[name] and one[name] == known[name]][-most:]

    near = newest("network", 50)
    for one in newest("mailbox", 20):
        if Levenshtein.distance(spell_email(one["email"]) or "", own or "") <= 2:
            near.append(one)
    others = [one for one in near if not is_same(one, draft)]
    names = {("author", one["id"]) for one in others}
    names |= {("email", spell_email(one["email"])) for one in others} - {("email", own)}
    return {
        one.public_id
        for one in crowd.in_force(now)
        if (one.kind, one.value) in names and one.standing in ("banned", "suspended")
    }


def is_same(comment: dict[str, Any], draft: Draft) -> bool:
    if draft.author.get("id"):
        return bool(comment["id"] == draft.author["id"])
    return spell_email(comment["email"]) == spell_email(draft.author.get("email"))


def show(facts: Facts) -> dict[str, Any]:
    return {
        "approved": facts.approved,
        "by_author": [one.received_at for one in facts.by_author],
        "by_address": [one.received_at for one in facts.by_address],
        "on_article": [one.received_at for one in facts.on_article],
        "article_began": facts.article_began,
        "standings": {one.id for one in facts.standings},
        "alike": {one.id for one in facts.alike},
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_look_ups_say_what_a_plain_count_says(
    services: Services, site: int, seed: int, clock: Clock
) -> None:
    crowd = Crowd(services, site, seed)
    seen: dict[str, int] = {}

    for _ in range(60):
        draft = crowd.draft()
        now = clock() + timedelta(hours=crowd.chance.choice((0, 3, 20)))
        before = crowd.chance.choice((ALL, crowd.comments[crowd.chance.randrange(120)]["number"]))
        found = show(crowd.facts(draft, now, before))
        assert found == count(crowd, draft, now, before)
        for name, value in found.items():
            seen[name] = seen.get(name, 0) + bool(value)

    # None of it was empty all the time, or the comparison said nothing.
    assert min(seen.values()) > 0, seen


def test_another_sites_comments_and_bans_do_not_count(
    services: Services, site: int, clock: Clock
) -> None:
    crowd = Crowd(services, site, seed=1)
    other = access.create_site(services, "elsewhere")
    crowd.site = other

    for _ in range(20):
        assert show(crowd.facts(crowd.draft(), clock())) == show(Facts())


def test_what_a_comment_says_of_the_past_is_kept_whole(
    services: Services, site: int, clock: Clock
) -> None:
    crowd = Crowd(services, site, seed=2, count=0)
    caller = crowd.caller
    author = {"id": "u-1", "email": "Jo.1@example.org", "ip": "203.0.113.7"}
    intake.submit(services, caller, [Draft("spam0.97", {"id": "a-1"}, author=author)])

    [past] = crowd.facts(Draft("Hi.", {"id": "a-1"}, author=author), clock()).by_author

    assert (past.author_id, past.article_id, past.status) == ("u-1", "a-1", "rejected")
    assert (past.decided, past.received_at, past.code) == (False, clock(), "spam_score")
    assert (past.address, past.mailbox) == ("203.0.113.7", spell_mailbox("jo1@example.org"))


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    said: list[str] = []

    def note(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(said.append)

    event.listen(database.engine, "connect", note)
    database.engine.dispose()
    yield said
    event.remove(database.engine, "connect", note)
    database.engine.dispose()


@ON_SQLITE
@pytest.mark.parametrize(
    ("author", "most"), [({"id": "u-1", "ip": "203.0.113.7"}, 1), ({"name": "Jo"}, 0)]
)
def test_a_site_that_asks_for_nothing_pays_for_one_statement(
    services: Services, site: int, clock: Clock, author: dict[str, Any], most: int
) -> None:
    subject = Subject(Draft("Hi.", {"id": "a-1"}, author=author), clock())

    with counting(services.database) as said, services.database.looking() as connection:
        del said[:]
        ask(Query(connection, site, DEFAULT, subject))

        assert len([one for one in said if one.startswith("SELECT")]) == most


PLAIN = {
    "article": {"id": "a-1"},
    "author": {"id": "u-1", "ip": "203.0.113.7", "email": "jo1@example.org"},
}


def fill(services: Services, site: int, count: int) -> None:
    """Many comments of one author, from one network, under one article."""
    caller = Caller(site, "backend", "key:x")
    intake.submit(services, caller, [Draft("Hi.", **PLAIN)])
    with services.database.writing() as session:
        one = dict(session.execute(select(Comment.__table__)).mappings().one())
        del one["id"]
        rows = [{**one, "public_id": f"f-{number}"} for number in range(count)]
        session.execute(insert(Comment.__table__), rows)


def test_however_many_there_are_no_more_are_read_than_are_needed(
    services: Services, site: int, clock: Clock
) -> None:
    fill(services, site, 700)
    policy = Policy(load_document(EVERYTHING))
    subject = Subject(Draft("Hi.", **PLAIN), clock())

    with services.database.looking() as connection:
        facts = Facts(**ask(Query(connection, site, policy, subject)))

    assert len(facts.by_author) == pasts.NEWEST
    assert len(facts.by_address) == 3
    assert len(facts.on_article) == 5
    assert facts.approved == 3
