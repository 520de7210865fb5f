"""Other websites' pages: nothing they make a browser send changes anything, and no GET does.

Made from the route map, so that a new form is asked too. OWASP ASVS 5.0: 3.5.1, 3.5.3, 3.3.2.
"""

import hashlib
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from api.moderation.services import Services
from api.store.database import Database
from api.store.tables import Base
from api.web.auth import FOREIGN, PUBLIC
from tests.conftest import ON_SQLITE
from tests.factories import Clock
from tests.security.estate import Estate, build, by_key, by_session
from tests.security.routes import Call, list_calls, send

SAFE = ("GET", "HEAD", "OPTIONS")
SAYS = "did not come from one of Winnow"

OUR_SITES = ("same-origin", "none")
OTHER_SITES = ("same-site", "cross-site", "", "SAME-ORIGIN", "same-origin, cross-site", "x")

HOST = "mod.example.org"
SCHEMES = ("https", "http")

# What Origin may hold, by whether it is ours when the page is https://mod.example.org.
ORIGINS = {
    None: False,
    "{scheme}://mod.example.org": True,
    "{other}://mod.example.org": False,
    "{scheme}://mod.example.org:8443": False,
    "{scheme}://mod.example.org.evil.example": False,
    "{scheme}://evil.example": False,
    "{scheme}://www.mod.example.org": False,
    "{scheme}://mod.example.org/": False,
    "{scheme}://user@mod.example.org": False,
    "mod.example.org": False,
    "null": False,
    "": False,
}

WRITTEN_BY_READING = {("sign_ins", "seen_at")}
"""When a browser was last heard of, which is what ends a session that nobody uses any more."""


def forms(app: Flask) -> list[Call]:
    """Every way to change something from a page: what is signed in, and signing in."""
    found = [one for one in list_calls(app) if one.method not in SAFE]
    return [one for one in found if one.is_page or one.endpoint.startswith("pages.")]


def is_ours(site: str | None, origin: str | None) -> bool:
    """What the answer should hang on: the browser's word, else the origin, else nothing is ours."""
    return site in OUR_SITES if site is not None else ORIGINS[origin]


def headers_of(site: str | None, origin: str | None, scheme: str) -> dict[str, str]:
    """What a browser that is on such a page sends."""
    other = "http" if scheme == "https" else "https"
    given = {"Sec-Fetch-Site": site}
    given["Origin"] = None if origin is None else origin.format(scheme=scheme, other=other)
    return {name: value for name, value in given.items() if value is not None}


def dump(database: Database) -> dict[str, str]:
    """Every row there is, as a digest for each table; but for what reading may write."""
    found = {}
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            kept = [c for c in table.columns if (table.name, c.name) not in WRITTEN_BY_READING]
            rows = sorted(repr(tuple(row)) for row in session.execute(select(*kept)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


@pytest.fixture
def estate(app: Flask, services: Services) -> Estate:
    """A site with one of everything."""
    return build(app, services, "gazette")


def browser_of(app: Flask, estate: Estate, cookie: str) -> FlaskClient:
    """A browser with a session, with one that is over, or with none."""
    client = app.test_client()
    if cookie:
        token = estate.sessions["admin"] if cookie == "signed in" else "over"
        client.set_cookie("__Host-winnow", token, domain=HOST, secure=True)
        client.set_cookie("winnow", token, domain=HOST)
    return client


def test_there_is_something_to_ask(app: Flask) -> None:
    found = forms(app)

    assert {"pages.sign_in", "pages.sign_out", "pages.decide"} <= {one.endpoint for one in found}
    assert len(found) > 35


@ON_SQLITE
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("cookie", ["signed in", "over", ""])
def test_no_form_takes_what_another_sites_page_sends(
    app: Flask, estate: Estate, database: Database, cookie: str, scheme: str
) -> None:
    client = browser_of(app, estate, cookie)
    base = f"{scheme}://{HOST}"
    refused = [
        (site, origin)
        for site, origin in product((None, *OUR_SITES, *OTHER_SITES), ORIGINS)
        if not is_ours(site, origin)
    ]
    before, wrong = dump(database), []

    for call, (site, origin) in product(forms(app), refused):
        headers = headers_of(site, origin, scheme)
        answer = send(app, client, call, estate, estate.ids, headers=headers, base_url=base)
        if answer.status_code != 403 or SAYS not in answer.text or "Set-Cookie" in answer.headers:
            wrong.append((call.name, site, origin, answer.status_code))

    assert len(refused) > 75
    assert wrong == []
    assert dump(database) == before


@ON_SQLITE
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_form_takes_what_our_own_pages_send(app: Flask, estate: Estate, scheme: str) -> None:
    """By a browser that tells the site, with or without an origin, and by one that does not."""
    client = app.test_client()
    base = f"{scheme}://{HOST}"
    taken = [
        (site, origin)
        for site, origin in product((None, *OUR_SITES), ORIGINS)
        if is_ours(site, origin)
    ]
    wrong = []

    for call, (site, origin) in product(forms(app), taken):
        headers = headers_of(site, origin, scheme)
        answer = send(app, client, call, estate, estate.ids, headers=headers, base_url=base)
        if SAYS in answer.text:
            wrong.append((call.name, site, origin))

    assert len(taken) == 25
    assert wrong == []


@ON_SQLITE
def test_a_browser_that_says_neither_is_refused(app: Flask, estate: Estate) -> None:
    client = browser_of(app, estate, "signed in")
    base = f"https://{HOST}"

    for call in forms(app):
        answer = send(app, client, call, estate, estate.ids, base_url=base)
        assert (answer.status_code, SAYS in answer.text) == (403, True), call.name


@ON_SQLITE
def test_a_session_opens_no_door_of_programs(app: Flask, estate: Estate) -> None:
    """Where no origin is asked for, no cookie counts."""
    client = by_session(app, estate)

    for call in list_calls(app):
        if call.is_native and call.method != "OPTIONS":
            assert send(app, client, call, estate, estate.ids).status_code == 401, call.name


@pytest.mark.parametrize("site", ["same-origin", "cross-site"])
def test_reading_changes_nothing(
    app: Flask, estate: Estate, database: Database, clock: Clock, site: str
) -> None:
    """Every GET, HEAD and OPTIONS there is, with a session and with a key.

    But for the protocols of others: Akismet's clients may submit by GET, with a key in the query
    that no browser holds.
    """
    clock.move(minutes=5)
    signed_in, with_key = by_session(app, estate), by_key(app, estate)
    before, changed, served = dump(database), [], 0

    for call in list_calls(app):
        if call.method not in SAFE or call.needs == FOREIGN:
            continue
        client = signed_in if call.is_page or call.needs == PUBLIC else with_key
        more = {"poll": "1"} if call.endpoint == "pages.live" else {}
        answer = send(
            app,
            client,
            call,
            estate,
            estate.ids,
            headers={"Sec-Fetch-Site": site},
            **({"query_string": more} if more else {}),
        )
        answer.get_data()
        served += answer.status_code == 200
        # One by one where that is quick.
        after = dump(database) if database.dialect.name == "sqlite" else before
        if after != before:
            changed.append((call.name, [one for one in after if after[one] != before[one]]))
            before = after

    assert changed == []
    assert dump(database) == before
    assert served > 100


def test_what_is_compared_is_every_column_but_one(database: Database) -> None:
    there = {
        (table, column["name"])
        for table in inspect(database.engine).get_table_names()
        for column in inspect(database.engine).get_columns(table)
    }

    assert there >= WRITTEN_BY_READING
    assert len(WRITTEN_BY_READING) == 1
