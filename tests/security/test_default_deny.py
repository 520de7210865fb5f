"""Nobody may do anything, but for what is written here: every route, method and credential.

Made from the route map and the table of permissions. A new route is refused to all who have no
right to it, or it fails here until somebody writes down why not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from api.store.tables import Moderator, SignIn
from api.web.auth import ADMINS_SIGNED_IN, FOREIGN, PERMISSIONS, PUBLIC, SIGNED_IN
from tests.conftest import ON_SQLITE
from tests.factories import count, make_key, revoke_key, rows
from tests.security.estate import NEVER, Estate, build
from tests.security.routes import Call, list_calls, send

OPEN = {
    "health.live": "says that the process lives, to whoever balances load",
    "health.ready": "says whether it can serve, and nothing of anybody",
    "metrics.metrics": "numbers of the whole installation, for the operator to keep inside",
    "openapi.document": "the API's description, the same everywhere",
    "pages.docs": "the same, for people",
    "pages.oidc_return": "where the identity provider sends whoever has begun to sign in there",
    "pages.oidc_start": "where people begin to sign in at the identity provider",
    "pages.sign_in": "where people sign in",
    "pages.static": "styles and scripts, the same everywhere",
    "perspective.discover": "Google's description of its API, the same everywhere",
}
"""Endpoints that answer without a credential, and why."""

ASKED_INSIDE = {"perspective.batch"}
"""What is a bundle of calls, each of which is refused by itself."""

RANKS = {role: number for number, role in enumerate(access.ROLES)}


@dataclass(frozen=True, slots=True)
class Credential:
    """A key and a cookie, wherever any protocol of ours may look for one."""

    key: str | None = None
    cookie: str | None = None

    def sent(self, app: Flask, call: Call, estate: Estate, ids: Mapping[str, Any]) -> TestResponse:
        """The answer to a call with it, from one of our own pages."""
        client = app.test_client()
        if self.cookie is not None:
            client.set_cookie("winnow", self.cookie)
            client.set_cookie("__Host-winnow", self.cookie)
        headers = {"Sec-Fetch-Site": "same-origin"}
        query: dict[str, str] = {}
        if self.key is not None:
            headers |= {"Authorization": f"Bearer {self.key}", "X-Goog-Api-Key": self.key}
            query = dict.fromkeys(("key", "api_key"), self.key)
        more = {"query_string": query} if call.needs == FOREIGN or not self.key else {}
        if call.endpoint == "coral.moderate":
            headers["X-Coral-Signature"] = f"sha256={'0' * 64}"
        return send(app, client, call, estate, ids, headers=headers, **more)


@pytest.fixture
def gazette(app: Flask, services: Services) -> Estate:
    """A site with one of everything."""
    return build(app, services, "gazette")


def spoil(services: Services, gazette: Estate) -> dict[str, Credential]:
    """Credentials that are good for nothing, and of which some were once good."""
    revoked = make_key(services, gazette.site, "admin")
    revoke_key(services, gazette.site, access.key_prefix(revoked))
    key = gazette.key
    return {
        "nothing": Credential(),
        "rubbish": Credential("rubbish", "rubbish"),
        "empty": Credential("", ""),
        "unknown": Credential("wnw_00000000_" + "x" * 43, "x" * 43),
        "revoked": Credential(revoked, revoked),
        "cut": Credential(key[:-1], gazette.sessions["admin"][:-1]),
        "name alone": Credential(access.key_prefix(key), None),
        "digest": Credential(access.digest(key), access.digest(gazette.sessions["admin"])),
        "key for a cookie": Credential(None, key),
        "cookie for a key": Credential(gazette.sessions["admin"], None),
        "SQL": Credential("' OR 1=1 --", "' OR '1'='1"),
        "not ASCII": Credential("wnw_é", None),
    }


def is_refused(call: Call, answer: TestResponse) -> bool:
    """Whether the protocol of a call says in its own way that it knows nobody like this."""
    if call.is_page:
        onward = answer.headers.get("Location", "")
        return answer.status_code == 303 and onward.startswith("/moderate/sign-in")
    if call.is_native:
        bearer = answer.headers.get("WWW-Authenticate") == "Bearer"
        return answer.status_code == 401 and bearer and _is_problem(call, answer)
    return REFUSALS[call.endpoint.partition(".")[0]](call, answer)


def _is_problem(call: Call, answer: TestResponse) -> bool:
    return answer.content_type == "application/problem+json" and (
        call.method == "HEAD" or answer.json["status"] == 401
    )


def _perspective(_call: Call, answer: TestResponse) -> bool:
    if answer.status_code not in (400, 403):
        return False
    reason = answer.json["error"]["details"][0].get("reason")
    return reason in ("API_KEY_INVALID", "CREDENTIALS_MISSING")


def _akismet(call: Call, answer: TestResponse) -> bool:
    said = answer.data in (b"invalid", b"") if call.method == "HEAD" else answer.data == b"invalid"
    return said and "The key is missing" in answer.headers.get("X-akismet-debug-help", "")


def _openai(call: Call, answer: TestResponse) -> bool:
    return answer.status_code == 401 and (call.method == "HEAD" or set(answer.json) == {"error"})


def _coral(_call: Call, answer: TestResponse) -> bool:
    return answer.status_code == 401


REFUSALS: dict[str, Callable[[Call, TestResponse], bool]] = {
    "perspective": _perspective,
    "akismet": _akismet,
    "openai": _openai,
    "coral": _coral,
}
"""How each foreign protocol refuses who has no key."""


def says_methods_alone(answer: TestResponse) -> bool:
    """Whether it is but what may be done to a path, which says nothing of what is there."""
    return answer.status_code == 200 and answer.data == b"" and "Allow" in answer.headers


def test_what_is_open_is_what_is_written_here() -> None:
    public = {name for name, needed in PERMISSIONS.items() if needed == PUBLIC}

    assert public <= set(OPEN)
    assert set(OPEN) - public == {"perspective.discover"}


@ON_SQLITE
def test_whatever_is_no_credential_opens_nothing(
    app: Flask, gazette: Estate, services: Services, database: Database
) -> None:
    wrong = []
    credentials = spoil(services, gazette)
    before = count(database)

    for call in list_calls(app):
        if call.endpoint in OPEN or call.endpoint in ASKED_INSIDE:
            continue
        for name, credential in credentials.items():
            answer = credential.sent(app, call, gazette, gazette.ids)
            if call.method == "OPTIONS" and call.needs == FOREIGN and says_methods_alone(answer):
                continue
            if not is_refused(call, answer):
                wrong.append((call.name, name, answer.status_code, answer.text[:80]))

    assert wrong == []
    assert count(database) == before


@ON_SQLITE
def test_a_bundle_of_calls_is_refused_call_by_call(
    app: Flask, gazette: Estate, services: Services, database: Database
) -> None:
    credentials = spoil(services, gazette)
    before = count(database)

    for call in list_calls(app):
        if call.endpoint in ASKED_INSIDE and call.method == "POST":
            for credential in credentials.values():
                answer = credential.sent(app, call, gazette, {})
                assert answer.data.count(b"HTTP/1.1 ") == 1
                assert b"HTTP/1.1 403" in answer.data or b"HTTP/1.1 400" in answer.data

    assert count(database) == before


@ON_SQLITE
def test_what_is_refused_says_nothing_of_what_there_is(app: Flask, gazette: Estate) -> None:
    for call in list_calls(app):
        if call.has_object and call.endpoint not in OPEN:
            there, never = (Credential().sent(app, call, gazette, i) for i in (gazette.ids, NEVER))
            assert there.status_code == never.status_code, call.name
            if not call.is_page:
                # A page that is to be signed in for says where one wanted to go.
                assert len(there.data) == len(never.data), call.name


def end_sessions(services: Services, gazette: Estate) -> dict[str, Callable[[], None]]:
    """Ways in which a session comes to its end."""
    token = gazette.sessions["admin"]

    def write(statement: Any) -> None:
        with services.database.writing() as session:
            session.execute(statement)

    def remove() -> None:
        with services.database.writing() as session:
            person = session.scalar(
                select(SignIn.moderator_id).where(SignIn.digest == access.digest(token))
            )
            session.execute(delete(SignIn).where(SignIn.moderator_id == person))
            session.execute(delete(Moderator).where(Moderator.id == person))

    past = services.now() - timedelta(seconds=1)
    return {
        "expired": lambda: write(update(SignIn).values(expires_at=past)),
        "signed out": lambda: access.sign_out(services, token),
        "removed": remove,
    }


@ON_SQLITE
@pytest.mark.parametrize("how", ["expired", "signed out", "removed"])
def test_a_session_that_has_ended_opens_no_page(
    app: Flask, gazette: Estate, services: Services, how: str
) -> None:
    pages = [call for call in list_calls(app) if call.is_page]
    credential = Credential(cookie=gazette.sessions["admin"])
    first = pages[0]
    assert not is_refused(first, credential.sent(app, first, gazette, gazette.ids))

    end_sessions(services, gazette)[how]()

    for call in pages:
        assert is_refused(call, credential.sent(app, call, gazette, gazette.ids)), call.name


@ON_SQLITE
@pytest.mark.parametrize("role", access.ROLES)
def test_a_key_of_each_role_may_do_what_the_table_says(
    app: Flask, gazette: Estate, services: Services, database: Database, role: str
) -> None:
    """What is forbidden is asked about things that are there, and the rest about what never was."""
    wrong = []
    credential = Credential(make_key(services, gazette.site, role))
    before = rows(database)

    for call in list_calls(app):
        if not call.is_native or call.method == "OPTIONS":
            continue
        if RANKS[call.needs] > RANKS[role]:
            status = credential.sent(app, call, gazette, gazette.ids).status_code
            if status != 403 or rows(database) != before:
                wrong.append((call.name, status))
    for call in list_calls(app):
        if not call.is_native or RANKS[call.needs] > RANKS[role]:
            continue
        status = credential.sent(app, call, gazette, NEVER).status_code
        if status in (401, 403) or status >= 500:
            wrong.append((call.name, status))

    assert wrong == []


@ON_SQLITE
def test_a_key_opens_no_page_and_a_session_no_call(app: Flask, gazette: Estate) -> None:
    wrong = []
    for call in list_calls(app):
        if call.endpoint in OPEN or call.endpoint in ASKED_INSIDE:
            continue
        other = (
            Credential(gazette.key) if call.is_page else Credential(None, gazette.sessions["admin"])
        )
        answer = other.sent(app, call, gazette, gazette.ids)
        if call.method == "OPTIONS" and call.needs == FOREIGN:
            continue
        if not is_refused(call, answer):
            wrong.append((call.name, answer.status_code))

    assert wrong == []


@ON_SQLITE
@pytest.mark.parametrize("role", ["moderator", "admin"])
def test_who_has_signed_in_may_do_what_the_table_says(
    app: Flask, gazette: Estate, database: Database, role: str
) -> None:
    wrong = []
    credential = Credential(cookie=gazette.sessions[role])
    before = {name: some for name, some in rows(database).items() if name != "sign_ins"}

    for call in list_calls(app):
        if call.needs == ADMINS_SIGNED_IN and role == "moderator":
            answer = credential.sent(app, call, gazette, gazette.ids)
            after = {name: some for name, some in rows(database).items() if name != "sign_ins"}
            alone = call.method == "OPTIONS" and says_methods_alone(answer)
            if not (answer.status_code == 403 or alone) or after != before:
                wrong.append((call.name, answer.status_code))
    for call in list_calls(app):
        allowed = (SIGNED_IN, ADMINS_SIGNED_IN) if role == "admin" else (SIGNED_IN,)
        if call.needs not in allowed or call.endpoint in ("pages.sign_out", "pages.own_password"):
            continue
        answer = credential.sent(app, call, gazette, NEVER)
        status = answer.status_code
        if is_refused(call, answer) or status in (401, 403) or status >= 500:
            wrong.append((call.name, status))

    assert wrong == []


@ON_SQLITE
@pytest.mark.parametrize("role", access.ROLES)
def test_a_key_of_any_role_opens_the_foreign_protocols(
    app: Flask, gazette: Estate, services: Services, role: str
) -> None:
    """So that what is refused above is refused for the key, and for nothing else."""
    credential = Credential(make_key(services, gazette.site, role))
    for call in list_calls(app):
        if call.needs != FOREIGN or call.method == "OPTIONS" or call.endpoint == "coral.moderate":
            continue
        answer = credential.sent(app, call, gazette, {})
        assert not is_refused(call, answer), call.name
        assert answer.status_code < 500, call.name


@ON_SQLITE
def test_every_answer_without_a_credential_is_kept_by_nobody(
    client: FlaskClient, app: Flask, gazette: Estate
) -> None:
    for call in list_calls(app):
        if call.is_native or call.is_page:
            answer = Credential().sent(app, call, gazette, gazette.ids)
            assert answer.headers["Cache-Control"] == "no-store", call.name


@ON_SQLITE
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "TRACK"])
def test_a_method_that_no_route_has_is_refused_everywhere(
    app: Flask, gazette: Estate, method: str
) -> None:
    for call in list_calls(app):
        headers = {"Authorization": f"Bearer {gazette.key}", "X-Secret": "zqsecret"}
        path = call.path(app, gazette.ids)
        answer = app.test_client().open(path, method=method, headers=headers)
        assert answer.status_code in (303, 403, 404, 405), call.name
        assert "zqsecret" not in answer.text


@ON_SQLITE
@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/queue/",
        "/static/../__init__.py",
        "/static/..%2f__init__.py",
        "/static/%2e%2e/session.py",
        "/static//etc/passwd",
        "/static/..%5csession.py",
        "/.git/config",
        "/winnow.sqlite3",
    ],
)
def test_what_is_no_file_of_ours_is_not_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "import" not in answer.text
