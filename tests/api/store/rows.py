"""Bare comments, for tests of what the store makes of them."""

from collections.abc import Iterable, Mapping

from api.store.database import Database
from api.store.tables import Comment, Site
from tests.factories import START


def add_comments(database: Database, wanted: Mapping[int, Iterable[int]]) -> None:
    """Sites with these numbers, and comments of theirs with these."""
    with database.writing() as session:
        session.add_all(Site(id=one, name=f"site-{one}", created_at=START) for one in wanted)
        session.flush()
        session.add_all(
            make_comment(number, site) for site, numbers in wanted.items() for number in numbers
        )


def make_comment(number: int, site_id: int) -> Comment:
    """A comment with nothing hanging on it."""
    return Comment(
        id=number,
        site_id=site_id,
        public_id=f"c-{number}",
        article_id="a-1",
        article={"id": "a-1"},
        author={},
        form={},
        extra={},
        status="approved",
        queue="default",
        reason_codes=" ",
        priority=0.0,
        version=1,
        revision=1,
        verdict_version=1,
        created_at=START,
        received_at=START,
        updated_at=START,
    )
