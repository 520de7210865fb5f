"""What the chapter about queues says is what works."""

import json
import re

import pytest

from api.moderation import access
from api.moderation.policy.document import Review
from api.moderation.queues import BUILT_IN, urgency
from api.moderation.queues.saved import KEYS, MOST, RESERVED
from api.web.queue import QueueQuery
from tests.conftest import ON_SQLITE
from tests.factories import make_key, submit

from .visitor import APP

TEXT = (APP.parents[1] / "queue.md").read_text(encoding="utf-8")


def bodies():
    return [json.loads(one) for one in re.findall(r"-d '(\{.+?\})'", TEXT, re.DOTALL)]


def row(term):
    [found] = re.findall(rf"^\| `{term}` \| (.+) \|$", TEXT, re.MULTILINE)
    return found


@pytest.fixture
def moderator(app, services):
    """A moderator's tool."""
    client = app.test_client()
    key = make_key(services, access.create_site(services, "gazette"), "moderator")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


@ON_SQLITE
def test_the_calls_of_the_chapter_work(moderator):
    view, escalate = bodies()
    submit(moderator, "toxicity0.60", id="c-1001", article={"id": "a-1", "section": "world"})
    [query] = re.findall(r"8000(/v1/queue\?\S+)\"", TEXT)

    assert moderator.get(query).status_code == 200
    made = moderator.put("/v1/queues/borderline", json=view)
    assert (made.status_code, made.json["waiting"], made.json["late"]) == (201, 1, 0)
    moderator.put("/v1/queues/legal", json={"title": "Legal", "filter": None})
    assert moderator.post("/v1/comments/c-1001/decision", json=escalate).status_code == 200
    assert moderator.get("/v1/queues/legal").json["waiting"] == 1
    claimed = moderator.post("/v1/queue/claims", json={"queue": "borderline", "mine": True})
    assert claimed.json == {"items": []}


def test_every_parameter_is_named():
    for name in QueueQuery().fields:
        assert f"`{name}`" in TEXT, name


def test_the_terms_are_those_that_are_used():
    told = row("severity")
    for label in ("threat", "severe toxicity", "insult", "spam", "profanity"):
        harm = urgency.HARM[label.replace(" ", "_")]
        part = next(one for one in told.split(";") if label in one)
        assert f"{harm:g}" in part, label
    assert f"{urgency.HARM['identity_attack']:g}" in told
    assert f"raise it to {urgency.REPORTED_HARM:g}" in told
    assert f"{urgency.PUBLIC:g} for what is published" in row("exposure")
    assert f"{urgency.REPLY:g} for an answer" in row("exposure")
    assert f"{Review().doubles_after_hours} unless you say otherwise" in row("waiting")


def test_the_names_and_letters_that_are_taken():
    for name in [*BUILT_IN, *RESERVED]:
        assert f"`{name}`" in TEXT
    for letter in KEYS.values():
        assert f"`{letter}`" in TEXT
    assert f"A site may save {MOST}" in TEXT
