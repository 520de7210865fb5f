"""Keys: kept as digests, shown once, told from nothing that is not one, and never written down."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import access, foreignkeys
from api.moderation.services import Services
from api.store.database import Database
from tests.api.web.dropin import coral, perspective
from tests.conftest import ON_SQLITE
from tests.factories import comment, make_key, operator, revoke_key, rows
from tests.security.estate import Estate, build, by_key, by_session

STYLES: list[dict[str, str]] = [
    *({"style": "winnow", "role": role} for role in access.ROLES),
    {"style": "akismet"},
]
"""Every kind of key that its caller says; Coral's says none, but has a secret."""


@pytest.fixture
def gazette(app: Flask, services: Services) -> Estate:
    """A site with one of everything."""
    return build(app, services, "gazette")


@pytest.fixture
def admin(app: Flask, gazette: Estate) -> FlaskClient:
    """The site's admin, with a key."""
    return by_key(app, gazette)


def make(admin: FlaskClient, wanted: dict[str, str], **headers: str) -> dict[str, Any]:
    answer = admin.post("/v1/keys", json=wanted, headers=headers)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json
    return found


def make_by_form(browser: FlaskClient, style: str) -> str:
    """A key made on the page for keys, which shows it once."""
    page = browser.get("/moderate/settings/keys").text
    token = re.findall(r'name="token" value="([0-9a-f]{32})"', page)[0]
    form = {"role": "backend", "style": style, "token": token}
    answer = browser.post("/moderate/settings/keys", data=form)
    assert answer.status_code == 201
    pattern = r"wnw_[0-9a-f]{8}_[\w-]{43}" if style == "winnow" else r"\b[0-9a-f]{12}\b"
    [key] = set(re.findall(pattern, answer.text))
    again = browser.post("/moderate/settings/keys", data=form)
    assert (again.status_code, key in again.text) == (409, False)
    assert key not in browser.get("/moderate/settings/keys").text
    return str(key)


def test_only_digests_are_kept_of_keys_of_every_style_wherever_they_are_made(
    app: Flask, gazette: Estate, admin: FlaskClient, services: Services, database: Database
) -> None:
    browser = by_session(app, gazette)
    named = [{"Idempotency-Key": f"{number}"} for number in range(len(STYLES))]
    keys = [make(admin, style, **named[number])["key"] for number, style in enumerate(STYLES)]
    keys += [make_by_form(browser, style) for style in ("winnow", "akismet")]
    keys += [make_key(services, gazette.site, role) for role in access.ROLES]
    keys += [foreignkeys.create(services, operator(gazette.site), "akismet", "backend").key]
    client = app.test_client()
    for key in keys:
        # Whatever its use leaves behind is looked through too.
        client.post("/v1/comments", json=comment(), headers={"Authorization": f"Bearer {key}"})
        client.post("/1.1/verify-key", data={"key": key, "blog": "https://a.example/"})
        perspective.post(client, perspective.request("A fine day."), f"key={key}")

    kept = "\n".join(line for table in rows(database).values() for line in table)

    for key in keys:
        assert key not in kept
        assert (key[13:] or key) not in kept
        assert key.lower() not in kept
    # Of our own, the digest of 256 random bits; of 48, a keyed one, as they can be tried out.
    ours, short = keys[0], keys[3]
    assert access.digest(ours) in kept
    assert access.digest(short) not in kept


@ON_SQLITE
def test_no_file_of_the_database_holds_a_key(
    app: Flask, gazette: Estate, admin: FlaskClient, database: Database
) -> None:
    keys = [make(admin, wanted)["key"] for wanted in STYLES]
    secret = "empsec_0123456789abcdef_never_in_the_clear"
    phase = make(admin, {"style": "coral"})["id"]
    assert admin.put(f"/v1/keys/{phase}/secret", json={"secret": secret}).status_code == 204

    here = Path(database.engine.url.database or "")
    files = [one.read_bytes() for one in here.parent.glob(f"{here.name}*")]

    for hidden in (*keys, secret, *gazette.sessions.values()):
        assert not any(hidden.encode() in one for one in files)
    assert any(access.digest(keys[0]).encode() in one for one in files)


@ON_SQLITE
@pytest.mark.parametrize("wanted", STYLES, ids=lambda one: "-".join(one.values()))
def test_the_whole_key_is_shown_in_the_answer_that_makes_it_and_in_no_other(
    app: Flask, gazette: Estate, admin: FlaskClient, wanted: dict[str, str]
) -> None:
    first = make(admin, wanted, **{"Idempotency-Key": "once"})
    again = make(admin, wanted, **{"Idempotency-Key": "once"})

    assert first["key"]
    assert again == {**first, "key": None}
    seen = [
        answer.text
        for client in (admin, by_session(app, gazette))
        for path in ("/v1/keys", "/v1/events", "/v1/jobs", "/moderate/settings/keys", "/v1/site")
        if (answer := client.get(path)).status_code == 200
    ]
    assert len(seen) > 3
    assert not any(first["key"] in one for one in seen)


Ask = Callable[[FlaskClient, str], TestResponse]

DOORS: dict[str, Ask] = {
    "native": lambda client, key: client.get(
        "/v1/site", headers={"Authorization": f"Bearer {key}"}
    ),
    "native, writing": lambda client, key: client.post(
        "/v1/comments", json=comment(), headers={"Authorization": f"Bearer {key}"}
    ),
    "perspective, in the address": lambda client, key: client.post(
        perspective.PATH, query_string={"key": key}, json=perspective.request("A fine day.")
    ),
    "perspective, in a header": lambda client, key: client.post(
        perspective.PATH, json=perspective.request("A."), headers={"X-Goog-Api-Key": key}
    ),
    "perspective, describing": lambda client, key: client.get(
        "/$discovery/rest", query_string={"key": key, "version": "v1alpha1"}
    ),
    "akismet, a field": lambda client, key: client.post(
        "/1.1/comment-check", data={"api_key": key, "blog": "https://a.example/"}
    ),
    "akismet, verifying": lambda client, key: client.post(
        "/1.1/verify-key", data={"key": key, "blog": "https://a.example/"}
    ),
    "akismet, the address": lambda client, key: client.get(
        "/1.2/usage-limit", query_string={"api_key": key}
    ),
    "openai": lambda client, key: client.post(
        "/v1/moderations", json={"input": "A."}, headers={"Authorization": f"Bearer {key}"}
    ),
    "openai, models": lambda client, key: client.get(
        "/v1/models", headers={"Authorization": f"Bearer {key}"}
    ),
}
"""Every place where a key may be said."""


def make_wrong(services: Services, site: int) -> dict[str, str]:
    """Keys that are no good, some of which once were, of one length and some not."""
    revoked = make_key(services, site, "admin")
    revoke_key(services, site, access.key_prefix(revoked))
    good = make_key(services, site, "admin")
    # Akismet's clients may say a key in small letters, so it is another letter for them too.
    last = "a" if good[-1].lower() != "a" else "b"
    return {
        "revoked": revoked,
        "one letter other": good[:-1] + last,
        "unknown": f"wnw_00000000_{'x' * 43}",
        "other secret of the same name": f"{access.key_prefix(good)}_{'x' * 43}",
        "malformed": f"wnw-00000000-{'x' * 43}",
        "too short": good[:-1],
        "too long": f"{good}x",
    }


def as_seen(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    body = re.sub(rb'"request_id":"[^"]*"', b"", answer.data)
    # OpenAI's own answer names the key it was sent, masked, and so does ours.
    body = re.sub(rb"provided: \S+\*\*\*\S+", b"", body)
    own = ("x-request-id", "x-akismet-guid", "content-length")
    return answer.status_code, body, [(k, v) for k, v in answer.headers if k.lower() not in own]


@pytest.mark.parametrize("ask", DOORS.values(), ids=DOORS)
def test_keys_that_are_no_good_are_refused_alike(
    client: FlaskClient, services: Services, site: int, ask: Ask
) -> None:
    """In body and headers; how long it takes is measured by `tests.bench.keytiming`."""
    good = make_key(services, site, "admin")
    wrong = make_wrong(services, site)

    answers = {name: as_seen(ask(client, key)) for name, key in wrong.items()}

    assert len({(status, body) for status, body, _ in answers.values()}) == 1
    assert len({tuple(headers) for _, _, headers in answers.values()}) == 1
    assert as_seen(ask(client, good))[:2] != answers["unknown"][:2]


@ON_SQLITE
@pytest.mark.parametrize("ask", DOORS.values(), ids=DOORS)
def test_a_key_is_neither_logged_nor_sent_back(
    client: FlaskClient,
    services: Services,
    site: int,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Perspective's clients put theirs into the address, where logs and errors quote so much."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("hypothesis").setLevel(logging.WARNING)
    keys = [make_key(services, site, "admin"), *make_wrong(services, site).values()]
    answers = [ask(client, key) for key in keys]

    printed = capfd.readouterr()
    said = [caplog.text, printed.out, printed.err, *(one.text for one in answers)]
    said += [str(one.headers) for one in answers]

    assert not [key for key in keys if any(key[13:] in one for one in said)]


@ON_SQLITE
@pytest.mark.parametrize(
    "path", ["/v1alpha1/nothing", "/batch/nothing", "/v1alpha1/comments:analyze"]
)
def test_an_address_with_a_key_that_leads_nowhere_is_not_sent_back(
    client: FlaskClient, services: Services, site: int, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = make_key(services, site, "backend")

    for method in ("GET", "POST", "PUT"):
        answer = client.open(path, method=method, query_string={"key": key}, data=b"{")
        assert answer.status_code >= 400
        assert key not in answer.text
        assert key not in str(answer.headers)

    assert key not in caplog.text


def test_a_key_says_nothing_of_another(services: Services, site: int) -> None:
    keys = [make_key(services, site, "backend") for _ in range(50)]

    assert len({key[13:] for key in keys}) == len(keys)
    # 256 bits in 43 letters, none of which stands where it stands in all others.
    assert {len(key) for key in keys} == {13 + 43}
    assert all(len({key[13 + place] for key in keys}) > 5 for place in range(42))


@ON_SQLITE
def test_a_signature_of_coral_s_is_compared_in_constant_time(
    client: FlaskClient, services: Services, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signature is made anew for each body, so it is compared, and not looked up."""
    asked: list[tuple[Any, Any]] = []
    compare = coral.hmac.compare_digest

    def noticing(one: Any, other: Any) -> bool:
        asked.append((one, other))
        return bool(compare(one, other))

    monkeypatch.setattr("hmac.compare_digest", noticing)
    made = foreignkeys.create_coral(services, operator(site))
    foreignkeys.set_secret(services, operator(site), made.id, coral.SECRET)

    body = coral.spell(coral.NEW)
    right = coral.sign(body, coral.SECRET)
    for given in (right, "sha256=" + "0" * 64, right[:-1] + "_"):
        client.post(f"/coral/{made.id}", data=body, headers={"X-Coral-Signature": given})

    assert len(asked) == 3
