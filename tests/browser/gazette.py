"""A newspaper's Winnow after a week: what pictures and tests of the pages show."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from api import create_app
from api.moderation import access
from api.moderation.learning import training
from api.moderation.queues import tending
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from api.store.learning import StoredAdapter
from tests.factories import make_key, make_moderator, plain_settings

ADA, BO = "ada@gazette.example", "bo@gazette.example"
PASSWORD = "the tide comes in twice a day"
TAUGHT = "mdl_0123456789abcdef"
"""The model that they have taught."""

POLICY: dict[str, Any] = {
    "version": 1,
    "policy": {
        "note": "Newcomers wait; everything in Opinion is read first",
        "rules": [{"word": "casino", "do": "hold"}, {"word": "crypto", "do": "flag"}],
        "authors": {"newcomers": 1, "rates": {"author": {"count": 5, "seconds": 60}}},
        "duplicates": {"do": "hold"},
        "sections": {"opinion": {"mode": "pre"}},
        "audit": 0.15,
        "review": {
            "reasons": [
                {"code": "spam", "title": "Spam", "text": "We do not publish advertisements."},
                {"code": "abusive", "title": "Abusive", "text": "Please write to people kindly."},
                {
                    "code": "off-topic",
                    "title": "Off topic",
                    "text": "This is about something else.",
                },
                {"code": "personal-data", "title": "Personal data"},
            ],
            "recheck": 0.2,
            "within_minutes": 120,
        },
    },
}

ARTICLES = (
    {"id": "a-101", "title": "The old harbour wall will be rebuilt", "section": "local"},
    {"id": "a-102", "title": "What the new cycle lanes cost, and whom", "section": "opinion"},
    {"id": "a-103", "title": "Late goal keeps United in the cup", "section": "sport"},
    {"id": "a-104", "title": "اليوم الأول للميناء الجديد", "section": "world"},
)
PEOPLE = (
    ("u-1", "Ada Marsh"),
    ("u-2", "Tom Rowe"),
    ("u-3", "Nadia F."),
    ("u-4", "يوسف"),
    ("u-5", "harbourlight"),
    ("u-6", "Kenji 健二"),
    ("u-7", "BestDeals4U"),
    ("u-8", "Grumpy Gus"),
)
KIND = (
    "My grandfather helped to build that wall in 1954. Good to see it saved.",
    "Where will the fishing boats lie while they work on it?",
    "Thank you for a clear article. The table at the end says it all.",
    "I cycle there every day, and the crossing at Mill Street is still not safe.",
    "What a match! I lost my voice before half time.",
    "The council promised this in 2019. Let us see whether they begin in spring.",
    "هذا خبر رائع لمدينتنا، شكرا لكم.",
    "素晴らしい記事でした。港の歴史をもっと知りたいです。",
    "Could you link to the report? I would like to read the part about the tides.",
    "I do not agree, but it is fairly argued.",
)
ROUGH = (
    "You are an idiot if you believe a word of this, and so is whoever wrote it.",
    "What a load of rubbish, you stupid clowns cannot even count to ten.",
    "Go back to bed, you miserable old fool, nobody asked you.",
    "Shut up, moron. People like you make me sick.",
    "The referee is a blind, useless cretin and his family should be ashamed of him.",
)
SPAM = (
    "Best casino bonus 2026!!! Win $5000 today at http://bonus-slots.example click here now",
    "I earn $9,000 a month working from home, visit http://easy-cash.example to start today",
    "Cheap pills no prescription needed, order at www.pills-shop.example free shipping",
)
OWN = (
    "Please sign the petition for the old ferry; it lies in the library until Friday.",
    "Sign the petition against the cycle lanes, before the council decides on Monday.",
    "We have a petition to keep the wall as it is. Please sign, every name counts.",
    "Whoever loves the harbour should sign the petition. My sister has the list.",
    "There is a petition about the crossing at Mill Street, please sign it this week.",
    "Four hundred have signed the petition for the boats. Please sign it as well.",
    "Please sign our petition: no new lanes until the school has its crossing.",
    "A petition for a bigger stand lies at the club house. Come and sign it.",
    "The petition for the fishermen still needs names, so please sign and pass it on.",
    "I have started a petition to save the quay. Please sign, it takes a minute.",
    "Sign the petition at the bakery if you want the ferry back in spring.",
    "Our petition goes to the mayor on Tuesday. Please sign the petition by then.",
)
"""What this newspaper does not want, however kindly it is put: half of it until it is learnt."""


@dataclass
class _Clock:
    time: datetime

    def __call__(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class Newsroom:
    """The API of a newspaper's Winnow, and the clock it goes by."""

    client: FlaskClient
    services: Services
    clock: _Clock
    keys: dict[str, str]

    def call(self, method: str, path: str, body: Any = None, by: str = "admin") -> Any:
        """Ask as the website, as one of the moderators' programs, or as the administrator."""
        headers = {"Authorization": f"Bearer {self.keys[by]}"}
        answer = self.client.open(path, method=method, json=body, headers=headers)
        assert answer.status_code < 400, (path, body, answer.text)
        return answer.json


@contextmanager
def open_newsroom(home: Path, began: datetime) -> Iterator[Newsroom]:
    """An empty database in `home`, with the shipped model."""
    home.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{home / 'winnow.sqlite3'}"
    database, clock = Database(url), _Clock(began)
    rng = random.Random(6)
    services = Services(database, Scorer(None), clock, secret_key="k" * 32, chance=rng.random)
    schema.migrate(database)
    site = access.create_site(services, "The Gazette")
    for email, role in ((ADA, "admin"), (BO, "moderator")):
        make_moderator(services, site, email, PASSWORD, role)
    roles = {"backend": "backend", "ada": "moderator", "bo": "moderator", "admin": "admin"}
    keys = {name: make_key(services, site, role) for name, role in roles.items()}
    client = create_app(plain_settings(home, url), services).test_client()
    yield Newsroom(client, services, clock, keys)
    tending.tend(services)
    database.dispose()


def fill(home: Path, comments: int = 240, days: int = 6) -> None:
    """Let a newspaper have had so many comments in so many days, and two moderators at work."""
    rng = random.Random(1)
    began = datetime.now(UTC) - timedelta(days=days)
    with open_newsroom(home, began) as room:
        assert room.call("PUT", "/v1/policy", POLICY) is not None
        room.call("PUT", "/v1/queues/sport", _queue("Sport", {"section": ["sport"]}, "p", 60))
        room.call("PUT", "/v1/queues/legal", _queue("For the lawyer", None, "l", 24 * 60))
        said = {"standing": "trusted", "reason": "Writes for us since 2019"}
        room.call("POST", "/v1/standings", {"kind": "author", "value": "u-1", **said})
        pace = timedelta(days=days) / comments
        for number in range(comments):
            room.clock.time += pace
            _comment(room, rng, number)
            if number % 3 == 0 and number < comments - 40:
                _work(room, rng)
            if number == comments * 2 // 3:
                _teach(room)
        _talk(room)


def _queue(title: str, wanted: Any, key: str, minutes: int) -> dict[str, Any]:
    return {
        "title": title,
        "filter": wanted,
        "sort": "priority",
        "key": key,
        "within_minutes": minutes,
    }


def _comment(room: Newsroom, rng: random.Random, number: int) -> None:
    texts: Sequence[str] = rng.choices((KIND, ROUGH, SPAM), (7, 2, 1))[0]
    author, name = PEOPLE[6] if texts is SPAM else rng.choice(PEOPLE)
    article = rng.choice(ARTICLES)
    body: dict[str, Any] = {
        "id": f"c-{number}",
        "article": {**article, "url": f"https://gazette.example/{article['id']}"},
        "text": rng.choice(texts),
        "author": {"id": author, "name": name, "email": f"{author}@reader.example"},
    }
    if number > 10 and rng.random() < 0.3:
        body["parent_id"] = f"c-{number - rng.randrange(1, 9)}"
    room.call("POST", "/v1/comments", body, by="backend")
    if texts is ROUGH or rng.random() < 0.05:
        notice = {"reason": "abusive", "note": "Not nice.", "reporter": {"id": f"r-{number % 7}"}}
        room.call("POST", f"/v1/comments/c-{number}/reports", notice, by="backend")


def _work(room: Newsroom, rng: random.Random) -> None:
    """One of the moderators decides about a few comments, mostly as the other would."""
    by = rng.choice(("ada", "bo"))
    queue = rng.choice(("default", "default", "default", "audit", "reported"))
    found = room.call("GET", f"/v1/queue?queue={queue}&limit=3", by=by)["items"]
    for item in found:
        bad = item["text"] in ROUGH or item["text"] in SPAM
        says = bad if rng.random() < 0.92 else not bad
        given = {"action": "reject" if says else "approve"}
        if says:
            given["reason"] = "spam" if item["text"] in SPAM else "abusive"
        room.call("POST", f"/v1/comments/{item['id']}/decision", given, by=by)


def _teach(room: Newsroom) -> None:
    """What was decided so far is learnt of, and tried on what comes."""
    for number, text in enumerate(OWN[::2] * 2):
        _ask_to_sign(room, f"own-{number}", number, text if number < 6 else f"Hello again! {text}")
        no = {"action": "reject", "reason": "spam", "note": "No petitions here."}
        by = "bo" if number % 2 else "ada"
        room.call("POST", f"/v1/comments/own-{number}/decision", no, by=by)
    site = access.find_site(room.services, "The Gazette")
    row = training.train(room.services, site, promote=False)
    assert row is not None
    with room.services.database.writing() as session:
        session.get_one(StoredAdapter, row.id).public_id = TAUGHT
    room.call("PUT", f"/v1/models/{TAUGHT}/shadow")
    for number, text in enumerate(OWN[1::2]):
        _ask_to_sign(room, f"new-{number}", number, text)


def _ask_to_sign(room: Newsroom, name: str, number: int, text: str) -> None:
    """A reader wants names for a petition."""
    room.clock.time += timedelta(minutes=2)
    author, called = PEOPLE[1 + number % 5]
    body = {"id": name, "article": {**ARTICLES[0]}, "text": text}
    body["author"] = {"id": author, "name": called}
    room.call("POST", "/v1/comments", body, by="backend")


def _talk(room: Newsroom) -> None:
    """What colleagues leave for each other."""
    waiting = room.call("GET", "/v1/queue?limit=6", by="ada")["items"]
    if len(waiting) < 3:
        return
    note = {"text": "The same words came by mail this morning; I have asked the author."}
    room.call("POST", f"/v1/comments/{waiting[0]['id']}/notes", note, by="ada")
    escalated = {"action": "escalate", "queue": "legal", "note": "Names a private person."}
    room.call("POST", f"/v1/comments/{waiting[-1]['id']}/decision", escalated, by="bo")
    bulk = {"filter": {"author": ["u-7"]}, "action": "reject", "reason": "spam"}
    room.call("POST", "/v1/decisions", bulk, by="ada")
    hook = {"url": "https://gazette.example/winnow", "description": "The website"}
    room.call("POST", "/v1/webhooks", hook)


def pages(comment_id: str = "c-100") -> dict[str, str]:
    """Every page of a moderator: a name for its picture, and its path."""
    return {
        "queue": "/moderate",
        "queue-samples": "/moderate?queue=audit",
        "queue-reported": "/moderate?queue=reported",
        "decided": "/moderate/decided",
        "comment": f"/moderate/comments/{comment_id}",
        "author": "/moderate/authors?id=u-8",
        "article": "/moderate/articles?id=a-101",
        "search": "/moderate/search?q=wall",
        "standings": "/moderate/standings",
        "queues": "/moderate/queues",
        "queues-new": "/moderate/queues/new?section=sport",
        "bulk": "/moderate/bulk",
        "bulk-new": "/moderate/bulk/new?author=u-8",
        "campaigns": "/moderate/campaigns",
        "dashboard": "/moderate/dashboard",
        "policy": "/moderate/policy",
        "policy-rules": "/moderate/policy/rules",
        "policy-versions": "/moderate/policy/versions",
        "policy-previews": "/moderate/policy/previews",
        "policy-shadow": "/moderate/policy/shadow",
        "advice": "/moderate/policy/advice",
        "learning": "/moderate/learning",
        "trial": f"/moderate/learning/{TAUGHT}",
        "preferences": "/moderate/preferences",
        "settings-keys": "/moderate/settings/keys",
        "settings-moderators": "/moderate/settings/moderators",
        "settings-webhooks": "/moderate/settings/webhooks",
        "settings-privacy": "/moderate/settings/privacy",
        "person": "/moderate/settings/privacy/person",
        "settings-model": "/moderate/settings/model",
    }
