"""What Akismet's clients are told when something is missing or fails: words, with status 200."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from api.moderation import dropin
from api.moderation.dropin import feedback
from api.moderation.services import Services
from api.store.gathering import BusyError
from tests.api.web.dropin.akismet import DEBUG, Asker, said
from tests.conftest import ON_SQLITE

pytestmark = ON_SQLITE


@pytest.fixture
def akismet(client: FlaskClient, services: Services, site: int) -> Asker:
    return Asker(client, services, site)


@pytest.mark.parametrize(
    ("fields", "body", "why"),
    [
        ({"api_key": "0123456789ab"}, b"invalid", "key"),
        ({"api_key": "0123456789ab", "blog": None}, b"invalid", "key"),
        ({"blog": None}, b"Missing required field: blog.", None),
        ({"blog": None, "user_ip": None}, b"Missing required field: blog.", None),
        ({"user_ip": None}, b"Missing required field: user_ip.", None),
        ({"user_ip": None, "blog": ""}, b"Missing required field: user_ip.", None),
        ({"blog": ""}, b"invalid", 'Empty "blog" value'),
        ({"blog": "undefined"}, b"invalid", 'Empty "blog" value'),
        ({"blog": "blog.example"}, b"invalid", "We were unable to parse your blog URI"),
        ({"blog": "http:///x"}, b"invalid", "We were unable to parse your blog URI"),
        ({"blog": "x" * 9000}, b"invalid", "We were unable to parse your blog URI"),
    ],
)
def test_a_check_that_lacks_something_is_told_so(
    akismet: Asker, fields: dict[str, Any], body: bytes, why: str | None
) -> None:
    answer = akismet.check("spam0.995", **fields)

    assert said(answer) == (200, body)
    assert (why or "") in (answer.headers.get(DEBUG) or "")
    assert (DEBUG in answer.headers) is (why is not None)
    assert akismet.find_ids() == []


FAILURES = {
    "the database": OperationalError("SELECT 'secret'", {}, Exception("secret")),
    "a queue": BusyError("busy"),
    "a mistake": RuntimeError("secret"),
}
CALLS = ("comment-check", "submit-spam", "submit-ham")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_a_sentence_and_no_word_that_clients_act_upon(
    akismet: Asker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    call: str,
    name: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise FAILURES[name]

    monkeypatch.setattr(dropin, "keep", fail)
    monkeypatch.setattr(feedback, "decide", fail)

    answer = akismet.ask(call, comment_content="Private words.", comment_author="Ann")

    status, body = said(answer)
    assert status == 200
    assert body not in (b"true", b"false", b"valid", b"invalid")
    assert b"\n" not in body
    assert answer.headers[DEBUG] == body.decode()
    assert "secret" not in caplog.text + answer.text
    assert "Private words." not in caplog.text
    assert caplog.text


@pytest.mark.parametrize("call", ["verify-key", *CALLS])
def test_a_failure_while_the_key_is_looked_up_is_a_sentence_too(
    akismet: Asker, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise FAILURES["the database"]

    monkeypatch.setattr("api.moderation.foreignkeys.find_akismet", fail)

    status, body = said(akismet.ask(call))
    assert status == 200
    assert body == b"The database cannot be reached or is busy; nothing was kept."


@pytest.mark.parametrize("path", ["/1.1/nothing", "/1.2/nothing", "/1.1/", "/1.2/comment-check"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_call_is_404_in_plain_words(akismet: Asker, path: str, method: str) -> None:
    answer = akismet.client.open(path, method=method, data={"api_key": akismet.key})
    status, body = said(answer)
    assert status == 404
    assert b"<" not in body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_an_unknown_method_is_405_in_plain_words(akismet: Asker, method: str) -> None:
    status, _body = said(akismet.client.open("/1.1/comment-check", method=method))
    assert status == 405


def test_other_paths_are_not_akismets(client: FlaskClient) -> None:
    for path in ("/1.3/comment-check", "/comment-check", "/1.1"):
        answer = client.post(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_nothing_is_redirected(akismet: Asker) -> None:
    for path in ("/1.1/comment-check", "/1.1/comment-check/", "/1.1//comment-check"):
        assert akismet.client.post(path, data={"api_key": akismet.key}).status_code in (200, 404)
