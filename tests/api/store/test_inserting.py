"""Rows written many at a time."""

from sqlalchemy import select

from api.moderation import intake
from api.moderation.access import Caller
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from api.store.database import Database
from api.store.inserting import AT_ONCE, write_all
from api.store.policies import RuleHit
from tests.factories import START


def read(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(RuleHit.rule).order_by(RuleHit.rule)))


def test_rows_are_written_once_however_many_and_of_whatever_kind(
    services: Services, site: int, database: Database
) -> None:
    [kept] = intake.submit(services, Caller(site, "backend", "key"), [Draft("One.", {"id": "a"})])
    own = {"site_id": site, "comment_id": kept.state.comment.id, "created_at": START}
    names = [f"rule {number:04} % ? :name" for number in range(2 * AT_ONCE + 1)]
    rows = [{**own, "rule": name} for name in names]

    for some in ([], rows[:3], rows, rows):
        database.write(lambda connection, some=some: write_all(connection, RuleHit, some))

    assert read(database) == names
    with database.reading() as session:
        assert set(session.scalars(select(RuleHit.created_at))) == {START}
