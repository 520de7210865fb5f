"""What the database is asked while a site's request is served: nothing of another site's.

Every route is called as its site's own admin, with objects that are there, and each statement that
reaches the driver is read:

- one that names a `site_id` names the caller's, and no other number;
- one that names none goes by numbers of rows, or of what the rows belong to, and these rows are
  the caller's site's own: they are looked up;
- anything else stands in `EXEMPT` with its reason.

This shows what the routes do on these data, on SQLite to the last value and on PostgreSQL by the
shape of the statement alone. It cannot show that a join inside a statement with a right `site_id`
reaches no further than it should, nor what a branch does that no call here takes: that is for
`test_isolation`, which looks at the answers, and for who reads the code.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from api.moderation.services import Services
from api.store.database import Database
from api.store.tables import Base
from tests.conftest import ON_POSTGRESQL, ON_SQLITE
from tests.security.estate import Estate, Rewinding, build, by_key, by_session
from tests.security.routes import Call, list_calls, send
from tests.security.watching import watch

EXEMPT = {
    r"FROM api_keys JOIN sites .* api_keys\.(digest|prefix|revoked_at)": "finds out who calls",
    r"FROM moderators JOIN sign_ins .* sign_ins\.digest": "finds out who has signed in",
    r"FROM moderators WHERE moderators\.email": "an address signs in to one site of all",
    r"\bsign_ins\b.* sign_ins\.(digest|expires_at)": "a session, by its token",
    r"\bfailed_sign_ins\b": "failures to sign in, by account and address, before there is a site",
    r"\bjobs\b.* jobs\.(\"?key\"?|lane) =": "jobs, by what they do, which names the site",
    r"^WITH RECURSIVE lanes.*\bjobs\b": "how long the oldest job has been due, of all sites",
    r"SELECT anon_1\.kind, .* FROM jobs LIMIT": "gauges of all sites' jobs, by kind",
    r"FROM waiting LIMIT": "gauges of all sites' queues",
    r"count\(\*\).* FROM comments WHERE comments\.status = . LIMIT": "a gauge of all sites",
    r"count\(\*\).* FROM events WHERE events\.number IS NULL LIMIT": "a gauge of all sites",
    r"^SELECT max\(\w+\.\w+\) AS max_1 FROM \w+$": "how many rows there are, to search among",
    r"^SELECT \w+\.(id|comment_id), \w+\.created_at FROM \w+ WHERE .* LIMIT": "searches for a day",
    r"FROM events WHERE events\.id (>|IN)": "news of all sites, sorted after they are read",
    r"1 ?!= ?1": "asks for nothing: a list of rows that is empty",
    r"^WITH \w+ AS \(INSERT": "writes what is new, and what belongs to it",
    r"adapters\.site_id IS NULL": "what several sites have taught together",
}
"""Statements that go neither by a site nor by a row of one, and why they may."""

PARENTS = {
    "adapter_id": "adapters",
    "bulk": "bulk_decisions",
    "comment_id": "comments",
    "delivery_id": "deliveries",
    "draft_id": "policy_drafts",
    "moderator_id": "moderators",
    "webhook_id": "webhooks",
}
"""Columns that say which row of another table a row belongs to."""

OWNED = {table.name for table in Base.metadata.sorted_tables if "site_id" in table.columns}
TENANT = re.compile(rf"\b({'|'.join(table.name for table in Base.metadata.sorted_tables)})\b")
_VALUE = r"(?:\d+|%\(\w+\)s|%s)(?:::\w+)?"
_IS = r"(?:=|IN|IS|IS NOT DISTINCT FROM)"
SITE = re.compile(rf"\b(?:site_id(?: \+ {_VALUE})?|sites\.id)\)? {_IS} \(?({_VALUE})")
KEY = re.compile(
    rf"\b(\w+)\.(id|{'|'.join(PARENTS)}) (?:=|IN) \(?({_VALUE}(?:, (?:{_VALUE}|NULL))*)"
)


def read(statement: str) -> str:
    """A statement in one line; what is no question about rows is empty."""
    plain = " ".join(statement.split())
    kind = plain.partition(" ")[0].upper()
    asks = kind in ("SELECT", "UPDATE", "DELETE", "WITH") or (
        kind == "INSERT" and " SELECT " in plain
    )
    return plain if asks and TENANT.search(plain) else ""


def is_exempt(statement: str) -> bool:
    bare = re.sub(r"(?:'(?:[^']|'')*'|%\(\w+\)s|%s)(?:::\w+)?", "?", statement)
    return any(re.search(one, bare) for one in EXEMPT)


def sites_named(statement: str) -> set[str]:
    return set(SITE.findall(statement))


def keys_named(statement: str) -> Iterator[tuple[str, int]]:
    """Tables and numbers of the rows that a statement goes by."""
    for table, column, numbers in KEY.findall(statement):
        of = PARENTS.get(column, re.sub(r"_\d$", "", table))
        for number in re.findall(r"\d+", numbers):
            if of in OWNED:
                yield of, int(number)


def is_another_s(database: Database, site: int, table: str, number: int) -> bool:
    """Whether a row belongs to another site; what is there no more belongs to nobody."""
    with database.reading() as session:
        sql = text(f"SELECT site_id FROM {table} WHERE id = :number")
        owner = session.execute(sql, {"number": number}).scalar_one_or_none()
    return owner not in (None, site)


@pytest.fixture
def gazette(app: Flask, services: Services) -> Estate:
    """A site with one of everything, among others."""
    build(app, services, "before", "zqother")
    found = build(app, services, "gazette")
    build(app, services, "after", "zqthird")
    return found


def serve(app: Flask, gazette: Estate, call: Call) -> int:
    connect = by_session if call.is_page else by_key
    return send(app, connect(app, gazette), call, gazette, gazette.ids).status_code


def list_served(app: Flask) -> list[Call]:
    return [one for one in list_calls(app) if one.method not in ("HEAD", "OPTIONS")]


@ON_SQLITE
def test_every_statement_of_every_route_stays_with_the_caller_s_site(
    app: Flask,
    gazette: Estate,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong: set[tuple[str, str, str]] = set()
    used: set[str] = set()
    rewind = Rewinding(database, tmp_path)

    with watch(database, monkeypatch) as seen:
        for call in list_served(app):
            rewind.go_back()
            seen.clear()
            assert serve(app, gazette, call) < 500, call.name
            for statement in filter(None, map(read, list(seen))):
                used.add(statement)
                named = sites_named(statement)
                if named - {str(gazette.site)}:
                    wrong.add((call.name, "another site's number", statement))
                if named:
                    continue
                keys = set(keys_named(statement))
                if any(is_another_s(database, gazette.site, *key) for key in keys):
                    wrong.add((call.name, "another site's row", statement))
                if not keys and not KEY.search(statement) and not is_exempt(statement):
                    wrong.add((call.name, "neither a site nor a row", statement))

    assert wrong == set()
    assert len(used) > 100


@ON_POSTGRESQL
def test_on_postgresql_every_statement_has_a_site_or_a_row(
    app: Flask, gazette: Estate, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: set[tuple[str, str]] = set()

    with watch(database, monkeypatch) as seen:
        for call in list_served(app):
            seen.clear()
            assert serve(app, gazette, call) < 500, call.name
            for statement in filter(None, map(read, list(seen))):
                if not (SITE.search(statement) or KEY.search(statement) or is_exempt(statement)):
                    wrong.add((call.name, statement))

    assert wrong == set()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT comments.text FROM comments WHERE comments.article_id = 'a-1'", "nothing"),
        ("SELECT comments.text FROM comments", "nothing"),
        ("UPDATE webhooks SET active=0 WHERE webhooks.url = 'https://a.example'", "nothing"),
        ("DELETE FROM notes WHERE notes.kind = 'author'", "nothing"),
        ("SELECT verdicts.scores FROM verdicts WHERE verdicts.created_at > 'x'", "nothing"),
        ("SELECT comments.text FROM comments WHERE comments.id = 7", "a row"),
        ("SELECT notes.text FROM notes WHERE notes.comment_id IN (7, 8)", "a row"),
        ("SELECT comments.text FROM comments WHERE comments.site_id = 2", "a site"),
    ],
)
def test_a_statement_that_forgets_its_site_would_be_noticed(statement: str, kind: str) -> None:
    found = "a site" if sites_named(statement) else "a row" if KEY.search(statement) else "nothing"

    assert found == kind
    assert not is_exempt(statement)


def test_the_driver_s_own_statements_are_seen_as_well(
    app: Flask, gazette: Estate, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = by_key(app, gazette)

    with watch(database, monkeypatch) as seen:
        assert client.get("/v1/queue?q=teapots").status_code == 200
        assert client.get("/v1/comments?q=teapots").status_code == 200

    # The look-up of the key, and of words, go past SQLAlchemy's own event.
    assert any("FROM api_keys" in one for one in seen)
    assert any("comment_words" in one for one in seen)
