"""Nothing secret or personal reaches a log, whatever breaks."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.moderation import access, signins
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store import families, inserting
from api.store.database import Database
from tests.factories import WordModel, make_key, make_moderator, submit

TEXT = "My doctor says it is psoriasis."
PASSWORD = "correct horse battery"
PERSON = {
    "id": "user-psoriasis",
    "name": "Ada Lovelace-Byron",
    "email": "ada@psoriasis.example",
    "ip": "192.0.2.77",
    "user_agent": "Mozilla/5.0 (Difference Engine)",
}
COMMENT = {
    "id": "c-1",
    "article": {"id": "a-1", "title": "Skin"},
    "text": TEXT,
    "author": PERSON,
    "metadata": {"session": "metadata-secret-1"},
}
PERSONAL = [TEXT, "psoriasis", *PERSON.values(), "metadata-secret-1", PASSWORD]


class Printed:
    """All that was logged or printed."""

    def __init__(self, log: pytest.LogCaptureFixture, out: pytest.CaptureFixture[str]) -> None:
        self.log, self.out = log, out

    def read(self) -> str:
        printed = self.out.readouterr()
        records = [record.getMessage() for record in self.log.records]
        traces = [
            "".join(traceback.format_exception(*record.exc_info))
            for record in self.log.records
            if record.exc_info
        ]
        return "\n".join([*records, *traces, self.log.text, printed.out, printed.err])


@pytest.fixture
def printed(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Printed:
    """What was printed during the test, at every level."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("hypothesis").setLevel(logging.WARNING)
    return Printed(caplog, capfd)


@pytest.fixture
def key(services: Services, site: int) -> str:
    """A moderator's key, in full."""
    return make_key(services, site, "moderator")


@pytest.fixture
def sender(app: Flask, key: str) -> FlaskClient:
    """A client with that key."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def assert_clean(printed: str, key: str) -> None:
    found = [one for one in [*PERSONAL, key, key[13:], access.digest(key)] if one in printed]
    assert found == []


def post(client: FlaskClient) -> int:
    return client.post("/v1/comments", json=COMMENT).status_code


def test_a_day_on_which_all_is_well_is_not_written_down(
    sender: FlaskClient, services: Services, site: int, key: str, printed: Printed
) -> None:
    make_moderator(services, site, "ada@psoriasis.example", PASSWORD)
    token = signins.sign_in(services, "ada@psoriasis.example", PASSWORD, 1)
    assert post(sender) == 201
    sender.patch("/v1/comments/c-1", json={"text": TEXT * 2})
    sender.post("/v1/comments/c-1/decision", json={"action": "reject", "note": TEXT})
    sender.get("/v1/comments", query_string={"q": TEXT, "author": PERSON["id"]})
    sender.get("/v1/comments/c-1/history")
    sender.post("/v1/comments", json={"text": TEXT, TEXT: 1})

    said = printed.read()

    assert_clean(said, key)
    assert token not in said


def test_a_scorer_that_quotes_the_text_is_not_quoted(
    sender: FlaskClient, scorer: Scorer, key: str, printed: Printed
) -> None:
    class Quoting(WordModel):
        """A model that fails with the text in its words."""

        def score(self, texts: Any) -> Any:
            raise ValueError(f"cannot score {texts!r}")

    scorer.model = Quoting()  # type: ignore[assignment]

    assert post(sender) == 201

    said = printed.read()
    assert "the classifier failed on 1 texts: ValueError at " in said
    assert_clean(said, key)


def test_an_explanation_that_quotes_the_text_is_not_quoted(
    sender: FlaskClient, scorer: Scorer, key: str, printed: Printed
) -> None:
    class Quoting(WordModel):
        """A model whose explanations fail with the text in their words."""

        def explain(self, text: str, label: str, limit: int = 5, lowering: bool = False) -> Any:
            raise KeyError(text)

    scorer.model = Quoting()  # type: ignore[assignment]

    submit(sender, f"{TEXT} spam0.97")

    said = printed.read()
    assert "KeyError at " in said
    assert_clean(said, key)


def fail_with(error: Callable[[Any], BaseException]) -> Callable[..., Any]:
    def fail(_connection: Any, sql: str, arguments: Any) -> None:
        assert "INSERT INTO comments" in sql
        raise error(arguments)

    return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (lambda given: RuntimeError(f"bad parameters {given!r}"), 500),
        (lambda given: UnicodeEncodeError("utf-8", str(given), 0, 1, str(given)), 500),
        (lambda given: DBAPIError("INSERT", given, Exception(f"no\nDETAIL: {given!r}")), 503),
    ],
)
def test_a_database_that_quotes_the_row_is_not_quoted(
    sender: FlaskClient,
    key: str,
    printed: Printed,
    monkeypatch: pytest.MonkeyPatch,
    error: Callable[[Any], BaseException],
    status: int,
) -> None:
    for module in (inserting, families):
        monkeypatch.setattr(module, "run", fail_with(error))

    assert post(sender) == status

    said = printed.read()
    assert "failed" in said
    assert_clean(said, key)


def test_a_table_that_refuses_the_row_does_not_quote_it(
    sender: FlaskClient, database: Database, key: str, printed: Printed
) -> None:
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            connection.execute(
                text(
                    "CREATE TRIGGER refuse BEFORE INSERT ON revisions "
                    "BEGIN SELECT RAISE(ABORT, 'refused'); END"
                )
            )
        else:
            connection.execute(
                text("ALTER TABLE revisions ADD CONSTRAINT refuse CHECK (number > 1) NOT VALID")
            )

    status = post(sender)

    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE revisions DROP CONSTRAINT refuse"))
    assert status == 503
    said = printed.read()
    assert "the database failed" in said
    assert_clean(said, key)


def test_an_error_answer_quotes_no_key(client: FlaskClient, key: str) -> None:
    wrong = f"{key}x"

    answer = client.get("/v1/comments", headers={"Authorization": f"Bearer {wrong}"})

    assert key not in answer.text
    assert key[13:] not in answer.text
    assert all(key not in value for _, value in answer.headers.items())


def test_nothing_that_was_sent_can_forge_a_line_of_the_log(
    sender: FlaskClient, scorer: Scorer, printed: Printed
) -> None:
    class Quoting(WordModel):
        """A model that fails with the text in its words."""

        def score(self, texts: Any) -> Any:
            raise ValueError(texts[0])

    scorer.model = Quoting()  # type: ignore[assignment]

    submit(sender, "a\nERROR forged: all is lost\r\n", id="c-1")

    assert "forged" not in printed.read()
