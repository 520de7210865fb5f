"""However much is kept, what is asked of authors is found along an index."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text

from api.moderation import intake
from api.moderation.access import Caller
from api.moderation.knowledge.authors import ask
from api.moderation.knowledge.query import Query
from api.moderation.policy.facts import KINDS, Facts
from api.moderation.policy.inforce import Policy
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from api.moderation.services import Services
from api.store import asking
from api.store.policies import AuthorStanding
from api.store.tables import Comment
from tests.api.moderation.knowledge.test_authors import EVERYTHING
from tests.factories import Clock

COMMENTS, STANDINGS = 6_000, 6_000


def fill(services: Services, site: int) -> None:
    """Many comments by many authors, and many standings; the database knows how many."""
    author = {"id": "u-1", "ip": "203.0.113.7", "email": "jo1@example.org"}
    draft = Draft("Hi.", {"id": "a-1"}, author=author)
    intake.submit(services, Caller(site, "backend", "key:x"), [draft])
    with services.database.writing() as session:
        one = dict(session.execute(select(Comment.__table__)).mappings().one())
        del one["id"]
        session.execute(insert(Comment.__table__), [_comment(one, n) for n in range(COMMENTS)])
        many = [_standing(site, services, number) for number in range(STANDINGS)]
        session.execute(insert(AuthorStanding.__table__), many)
    with services.database.migrating() as connection:
        connection.execute(text("ANALYZE"))


def _comment(one: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        **one,
        "public_id": f"f-{number}",
        "author_id": f"u-{number % 500}",
        "article_id": f"a-{number % 300}",
        "address": f"10.{number % 200}.0.{number % 7}",
        "network": f"10.{number % 200}.0.0/24",
        "mailbox": f"m{number % 400}@example.org",
    }


def _standing(site: int, services: Services, number: int) -> dict[str, Any]:
    return {
        "site_id": site,
        "public_id": f"std_{number}",
        "kind": KINDS[number % len(KINDS)],
        "value": f"u-{number}",
        "standing": "banned",
        "reason": "Because.",
        "actor": "key:x",
        "created_at": services.now(),
        "until": services.now() + timedelta(hours=1) if number % 3 else None,
        "ended_at": None,
    }


def explain(connection: Connection, sql: str, given: Any) -> str:
    """How the database means to find it."""
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    parameters = tuple(given) if isinstance(given, list) else given
    rows = connection.exec_driver_sql(f"{how} {sql}", parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("author_id", ["u-7", None])
def test_no_table_is_read_from_end_to_end(
    services: Services, site: int, clock: Clock, monkeypatch: pytest.MonkeyPatch, author_id: Any
) -> None:
    fill(services, site)
    author = {"ip": "10.7.0.5", "email": "m7@example.org", "id": author_id}
    subject = Subject(Draft("Hi.", {"id": "a-7"}, author=author), clock())
    asked: list[tuple[str, Any]] = []
    note_down(monkeypatch, asked)

    with services.database.looking() as connection:
        facts = Facts(**ask(Query(connection, site, Policy(load_document(EVERYTHING)), subject)))
        plans = [explain(connection, sql, given) for sql, given in asked]

    assert len(plans) >= 6
    assert facts.alike or facts.standings or facts.by_author or facts.on_article
    for plan in plans:
        assert "ix_" in plan, plan
        assert "Seq Scan" not in plan, plan
        assert "SCAN comments" not in plan, plan
        assert "SCAN standings" not in plan, plan


def note_down(monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, Any]]) -> None:
    """Have every question that is asked from now on written down."""
    run = asking._run

    def noting(connection: Connection, sql: str, given: Any) -> Any:
        asked.append((sql, given))
        return run(connection, sql, given)

    monkeypatch.setattr(asking, "_run", noting)
