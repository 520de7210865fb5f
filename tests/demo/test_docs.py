"""What the chapters about forms and checkers quote is what works."""

import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml
from werkzeug.serving import make_server

from api.moderation import access, checking
from api.moderation.policy.document import Checker, Form, Nudge
from api.moderation.policy.hints import SAYS
from api.moderation.policy.reading.schema import load_document
from tests.conftest import ON_SQLITE
from tests.factories import make_key, put_policy, submit
from tests.receivers import allow

from .visitor import APP
from .winnow_stub import QuietHandler

CHECKER = (APP.parents[1] / "checker.md").read_text()
FORMS = (APP.parents[1] / "forms.md").read_text()


def blocks(chapter, language):
    return re.findall(rf"^ *```{language}\n(.+?)^ *```", chapter, re.DOTALL | re.MULTILINE)


@pytest.fixture
def services(services):
    """With a clock that goes, since the receiver's own does."""
    return replace(allow(services), secret_key="k" * 32, now=lambda: datetime.now(UTC))


@pytest.fixture
def receiver(services, monkeypatch):
    """The receiver of the chapter, running."""
    gazette = access.create_site(services, "gazette")
    monkeypatch.setenv("CHECKER_SECRET", checking.make_secret(services, gazette))
    [code] = blocks(CHECKER, "python")
    found = {"__name__": "checker"}
    exec(code, found)
    server = make_server("127.0.0.1", 0, found["app"], request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield gazette, f"http://127.0.0.1:{server.port}/winnow/check"
    server.shutdown()
    thread.join()
    server.server_close()


@ON_SQLITE
def test_the_receiver_of_the_chapter_checks(app, services, receiver):
    gazette, url = receiver
    put_policy(services, gazette, {"checker": {"url": url, "timeout_ms": 5000}})
    client = app.test_client()
    key = make_key(services, gazette, "backend")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"

    held, passed = submit(client, "Call +49 30 901820 now."), submit(client, "Fine.")

    [said] = held["verdict"]["reasons"]
    assert (held["status"], said["rule"]) == ("pending", "checker:phone.number")
    assert said["message"] == "Holds a phone number."
    assert (passed["status"], passed["verdict"]["reasons"]) == ("approved", [])


def test_the_receiver_is_short():
    [code] = blocks(CHECKER, "python")
    assert code.count("\n") <= 22


def test_the_policies_of_the_chapters_say_what_the_chapters_say():
    [quote] = blocks(CHECKER, "yaml")
    assert load_document(yaml.safe_load(quote)).checker == Checker(
        "https://gazette.example/winnow/check"
    )
    [quote] = blocks(FORMS, "yaml")
    assert load_document(yaml.safe_load(quote)).nudge == Nudge()
    assert (Form().honeypot, Form().too_fast, Form().token) == ("reject", "hold", "off")
    assert f"token_minutes: {Form().token_minutes}" in FORMS


def test_every_category_of_hints_is_named():
    for category in SAYS:
        assert f"`{category}`" in FORMS
    assert json.dumps(SAYS["rude"]) in FORMS


def test_the_line_that_reads_the_trap_is_the_example_sites():
    [quote] = blocks(FORMS, "python")
    assert quote.strip() in APP.read_text()
