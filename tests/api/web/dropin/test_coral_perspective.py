"""Coral's setting for Perspective: its endpoint and key, its calls, what it reads of answers.

The bodies are those of Coral's `perspective.ts`, spelt by `JSON.stringify` without blanks.
"""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import access, foreignkeys
from api.moderation.services import Services
from api.store.database import Database
from tests.api.web.dropin.coral import SECRET, ask, write
from tests.conftest import ON_SQLITE
from tests.factories import count, make_key, operator, put_policy

ANALYZE = (
    b'{"comment":{"text":"%s"},"doNotStore":%s,'
    b'"requestedAttributes":{"TOXICITY":{}},"languages":["en"]}'
)
SUGGEST = (
    b'{"comment":{"text":"%s"},"context":{"entries":[{"text":"{\\"url\\":'
    b'\\"https://news.example/1?commentID=c-1\\",\\"reply_to_id_Coral_comment_id\\":\\"c-0\\",'
    b'\\"Coral_comment_id\\":\\"c-1\\"}"}]},'
    b'"attributeScores":{"TOXICITY":{"summaryScore":{"value":%d}}},"languages":["en"],'
    b'"communityId":"Coral:https://talk.news.example/","clientToken":"comment:c-1"}'
)
"""A decision of a moderator: 0 where the comment is approved, 1 where it is rejected."""


@pytest.fixture
def key(services: Services, site: int) -> str:
    """The key in Coral's setting."""
    return make_key(services, site, "backend")


@pytest.fixture
def phase(services: Services, site: int) -> str:
    """The name of a phase of the same site."""
    name = foreignkeys.create_coral(services, operator(site)).key
    foreignkeys.set_secret(services, operator(site), name, SECRET)
    return name


def call(client: FlaskClient, operation: str, key: str, body: bytes) -> TestResponse:
    """What Coral calls for the endpoint `https://winnow.example/v1alpha1`."""
    return client.post(
        f"/v1alpha1/comments:{operation}",
        query_string={"key": key},
        data=body,
        headers={"Content-Type": "application/json", "User-Agent": "Coral Perspective/9.7.0"},
    )


def tell(client: FlaskClient, key: str, text: bytes, value: int) -> None:
    answer = call(client, "suggestscore", key, SUGGEST % (text, value))
    assert answer.status_code == 200
    assert answer.json["clientToken"] == "comment:c-1"


@pytest.mark.parametrize("store", ["true", "false"])
def test_the_score_stands_where_coral_reads_it(
    client: FlaskClient, key: str, database: Database, store: str
) -> None:
    answer = call(client, "analyze", key, ANALYZE % (b"toxicity0.85", store.encode()))

    assert answer.status_code == 200
    # coral: result.data.attributeScores[model].summaryScore.value > threshold
    assert answer.json["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == 0.85
    assert count(database)["comments"] == (0 if store == "true" else 1)


@pytest.mark.parametrize("path", ["/v1alpha1/comments:analyze", "/v1alpha1/comments%3Aanalyze"])
@ON_SQLITE
def test_the_path_may_be_spelt_either_way(client: FlaskClient, key: str, path: str) -> None:
    answer = client.post(f"{path}?key={key}", data=ANALYZE % (b"Fine.", b"true"))

    assert answer.status_code == 200


@ON_SQLITE
def test_the_sites_curve_is_what_coral_sees(
    client: FlaskClient, key: str, services: Services, site: int
) -> None:
    put_policy(services, site, {"perspective_curve": {"TOXICITY": [[0.6, 0.81]]}})

    answer = call(client, "analyze", key, ANALYZE % (b"toxicity0.60", b"true"))

    assert answer.json["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == 0.81


REFUSED = {
    "a tenant in another language": ((b'["en"]', b'["de"]'), 400),
    "a model that there is not": ((b'"TOXICITY"', b'"NO_SUCH_MODEL"'), 400),
    "no text": ((b"Fine.", b""), 400),
}


@pytest.mark.parametrize("name", REFUSED)
@ON_SQLITE
def test_what_cannot_be_scored_is_an_error_and_coral_goes_on_without(
    client: FlaskClient, key: str, name: str
) -> None:
    (old, new), status = REFUSED[name]
    body = (ANALYZE % (b"Fine.", b"true")).replace(old, new)

    answer = call(client, "analyze", key, body)

    assert answer.status_code == status
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"


@ON_SQLITE
def test_a_wrong_key_is_an_error(client: FlaskClient, key: str) -> None:
    answer = call(client, "analyze", key[:-1], ANALYZE % (b"Fine.", b"true"))

    assert answer.status_code == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"


def test_what_a_moderator_decides_in_coral_decides_on_the_comment_that_was_analyzed(
    client: FlaskClient, moderator: FlaskClient, key: str
) -> None:
    call(client, "analyze", key, ANALYZE % (b"toxicity0.60", b"false"))

    tell(client, key, b"toxicity0.60", 1)

    [comment] = moderator.get("/v1/comments").json["items"]
    assert comment["status"] == "rejected"
    assert comment["decision"]["reason"] == "abusive"


BODIES = {
    "plain": ("toxicity0.60", b"toxicity0.60"),
    "two paragraphs": ("<div>toxicity0.60</div><div>Two.</div>", b"toxicity0.60\\nTwo."),
    "entities": ("<div>toxicity0.60 1 &lt; 2 &amp; 3</div>", b"toxicity0.60 1 < 2 & 3"),
    "formatting": ("<div><b>toxicity0.60</b><br><i>x</i></div>", b"toxicity0.60\\nx"),
    "a list": ("<ul><li>toxicity0.60</li><li>x</li></ul>", b"toxicity0.60\\nx"),
    "plain with brackets": ("toxicity0.60 <3 you>", b"toxicity0.60 <3 you>"),
}
"""A comment as its phase sends it, and its text as Coral tells what was decided."""


@pytest.mark.parametrize("name", BODIES)
@ON_SQLITE
def test_what_a_moderator_decides_in_coral_decides_on_the_comment_of_the_phase(
    client: FlaskClient, moderator: FlaskClient, key: str, phase: str, name: str
) -> None:
    body, text = BODIES[name]
    assert ask(client, phase, write(body)).json["status"] == "SYSTEM_WITHHELD"

    tell(client, key, text, 0)

    [comment] = moderator.get("/v1/comments").json["items"]
    assert comment["status"] == "approved"
    assert comment["metadata"]["door"] == "coral"
    assert ask(client, phase, write(body)).status_code == 204

    tell(client, key, text, 1)
    assert ask(client, phase, write(body)).json["status"] == "REJECTED"


def test_another_sites_key_decides_nothing_here(
    client: FlaskClient, moderator: FlaskClient, services: Services, phase: str
) -> None:
    other = make_key(services, access.create_site(services, "elsewhere"), "admin")
    ask(client, phase, write("toxicity0.60"))

    tell(client, other, b"toxicity0.60", 1)

    [comment] = moderator.get("/v1/comments").json["items"]
    assert (comment["status"], comment["decision"]) == ("pending", None)


def test_the_examples_are_what_json_stringify_makes() -> None:
    for body in (ANALYZE % (b"Fine.", b"true"), SUGGEST % (b"Fine.", 1)):
        whole: Any = json.loads(body)
        assert json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode() == body
