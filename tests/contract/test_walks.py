"""Schemathesis walks through the OpenAPI document, alone and in sequences, with and without a key.

Every answer is held against the document by all of Schemathesis' checks but one: that what fits a
schema must be accepted. Of cursors, searches and policies more is asked than a schema can say.
"""

import os
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from schemathesis import openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from werkzeug.serving import WSGIRequestHandler, make_server

from api import create_app
from api.moderation import access
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests.factories import Clock, make_key, plain_settings, words_scorer

EXAMPLES = int(os.environ.get("WINNOW_TEST_WALKS", "5"))
"""Examples for each operation, besides those made of each constraint; a release takes 500."""

KNOWN = {
    # The path of another resource fits too: a comment may be called `check`.
    ("AllowHeaderMismatch", "/v1/comments/batch"),
    ("AllowHeaderMismatch", "/v1/comments/check"),
    # It answers 207, with a 422 for each entry that is wrong.
    ("AcceptedNegativeData", "/v1/comments/batch"),
    # It is asked what is wrong with a policy, and says so with a 200.
    ("AcceptedNegativeData", "/v1/policy/check"),
}


class Quiet(WSGIRequestHandler):
    """Says nothing of the thousands of requests."""

    def log(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app whose rows nobody minds."""
    home = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{home / 'winnow.sqlite3'}"
    services = Services(Database(url), words_scorer(), Clock())
    schema.migrate(services.database)
    access.create_site(services, "gazette")
    yield create_app(plain_settings(home, url), services)
    services.database.dispose()


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    """Where it is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def walk(address: str, headers: dict[str, str]) -> tuple[int, list[str]]:
    """How many answers were held against the document, and what was wrong."""
    config = SchemathesisConfig.from_dict(
        {
            "headers": headers,
            "continue-on-failure": True,
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "database": "none",
            },
            "checks": {"positive_data_acceptance": {"enabled": False}},
        }
    )
    document = openapi.from_url(f"{address}/openapi.json", config=config)
    held, wrong = 0, []
    for event in from_schema(document).execute():
        if isinstance(event, events.ScenarioFinished):
            for checks in event.recorder.checks.values():
                held += 1
                wrong += [
                    _tell(one.failure_info.failure, one.failure_info.code_sample)
                    for one in checks
                    if one.failure_info is not None and not _is_known(one.failure_info.failure)
                ]
        elif isinstance(event, events.NonFatalError | events.FatalError):
            wrong.append(repr(event))
    return held, wrong


def _is_known(failure: Failure) -> bool:
    return (type(failure).__name__, failure.operation.partition(" ")[2]) in KNOWN


def _tell(failure: Failure, sample: str) -> str:
    return f"{failure.operation}: {failure.title}: {failure.message}\n{sample[:1000]}"


def test_whoever_may_do_everything_gets_only_what_is_described(app: Flask, address: str) -> None:
    services: Services = app.extensions["winnow"]
    key = make_key(services, access.find_site(services, "gazette"), "admin")

    held, wrong = walk(address, {"Authorization": f"Bearer {key}"})

    assert wrong == []
    assert held > 1000


def test_nobody_gets_only_what_is_described(address: str) -> None:
    held, wrong = walk(address, {})

    assert wrong == []
    assert held > 1000


def test_what_is_not_described_is_found(app: Flask, address: str) -> None:
    """The walk itself: an operation that breaks does not pass unseen."""
    view = app.view_functions["health.live"]

    def broken() -> tuple[str, int]:
        return "no JSON", 418

    app.view_functions["health.live"] = broken
    try:
        config = SchemathesisConfig.from_dict({"generation": {"max-examples": 1}})
        document = openapi.from_url(f"{address}/openapi.json", config=config)
        only = document.include(path="/live")
        found = [
            type(one.failure_info.failure).__name__
            for event in from_schema(only).execute()
            if isinstance(event, events.ScenarioFinished)
            for checks in event.recorder.checks.values()
            for one in checks
            if one.failure_info is not None
        ]
    finally:
        app.view_functions["health.live"] = view

    assert "UndefinedContentType" in found
