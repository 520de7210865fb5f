"""Which hosts approved comments of the site link to."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import knowledge, policies
from api.moderation.knowledge.hosts import NEWEST
from api.moderation.knowledge.query import ALL
from api.moderation.policy.subject import Draft, Subject
from api.moderation.services import Services
from api.store.tables import Site
from tests.factories import count, decide, put_policy, submit

LINK = "See https://a.example/page"


@pytest.fixture
def minded(services: Services, site: int) -> int:
    """A policy that has newcomers' links to new hosts held."""
    return put_policy(services, site, {"links": {"new_host": "hold"}})


def known(services: Services, site: int, text: str, before: int = ALL) -> set[str]:
    subject = Subject(Draft(text, {"id": "a-17"}), services.now())
    knowledge.gather(services, site, policies.find(services, site), [subject], before)
    return set(subject.facts.known_hosts)


def held(found: dict[str, Any]) -> bool:
    return "new_host" in [reason["code"] for reason in found["verdict"]["reasons"]]


@pytest.mark.usefixtures("minded")
def test_a_host_is_known_once_a_comment_that_links_to_it_is_approved(
    services: Services, site: int, backend: FlaskClient, moderator: FlaskClient
) -> None:
    first = submit(backend, LINK, author={"id": "u-1"})
    assert (first["status"], held(first)) == ("pending", True)
    assert held(submit(backend, LINK, author={"id": "u-2"}))
    assert known(services, site, LINK) == set()

    decide(moderator, first["id"], "approve")

    assert known(services, site, f"{LINK} https://b.example") == {"a.example"}
    assert not held(submit(backend, LINK, author={"id": "u-3"}))


@pytest.mark.usefixtures("minded")
def test_who_is_no_newcomer_may_link_to_new_hosts(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    first = submit(backend, LINK, author={"id": "u-1"})
    decide(moderator, first["id"], "approve")

    assert not held(submit(backend, "https://new.example is it", author={"id": "u-1"}))
    assert held(submit(backend, "https://newer.example is it", author={"id": "u-2"}))


@pytest.mark.usefixtures("minded")
def test_only_comments_before_one_that_is_judged_again_count(
    services: Services, site: int, backend: FlaskClient, moderator: FlaskClient
) -> None:
    decide(moderator, submit(backend, LINK)["id"], "approve")

    assert known(services, site, LINK) == {"a.example"}
    assert known(services, site, LINK, before=1) == set()


@pytest.mark.usefixtures("minded")
def test_only_the_newest_comments_that_link_to_a_host_are_looked_at(
    services: Services, site: int, backend: FlaskClient, moderator: FlaskClient
) -> None:
    decide(moderator, submit(backend, LINK)["id"], "approve")
    items = [
        {"article": {"id": "a-17"}, "text": f"{LINK} spam0.97 {number}"} for number in range(NEWEST)
    ]
    backend.post("/v1/comments/batch", json={"items": items[1:]})
    assert known(services, site, LINK) == {"a.example"}

    backend.post("/v1/comments/batch", json={"items": items[:1]})

    assert known(services, site, LINK) == set()


@pytest.mark.usefixtures("minded")
def test_another_site_s_comments_make_no_host_known(
    services: Services, site: int, stranger: FlaskClient
) -> None:
    with services.database.reading() as session:
        other = session.scalars(select(Site.id).where(Site.id != site)).one()
    put_policy(services, other, {"links": {"new_host": "hold"}})
    decide(stranger, submit(stranger, LINK)["id"], "approve")

    assert known(services, other, LINK) == {"a.example"}
    assert known(services, site, LINK) == set()


def test_nothing_is_kept_where_nothing_is_minded(services: Services, backend: FlaskClient) -> None:
    submit(backend, LINK)

    assert count(services.database)["linked_hosts"] == 0
