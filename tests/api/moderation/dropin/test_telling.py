"""Which comments have a site to be told, at which URLs, and which of their changes are told."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from api.moderation import access, events
from api.moderation.access import Caller
from api.moderation.dropin import feedback, telling
from api.moderation.outgoing.addresses import Networks
from api.moderation.services import Services
from api.store import jobs
from api.store.database import Database
from api.store.dropin import DropinCheck
from api.store.jobs import TakenJob
from api.store.outbox import Job
from tests.api.moderation.dropin.checked import KEY, check, find_jobs, find_told
from tests.conftest import ON_SQLITE
from tests.factories import decide, submit

CALLBACK = "https://blog.example/wp-json/akismet/v1/webhook"

INSIDE: Networks = (ip_network("10.0.0.0/8"),)

URLS = [
    ("https://blog.example", CALLBACK, (), True),
    ("http://blog.example/", CALLBACK, (), True),
    ("https://BLOG.example:8443/news", CALLBACK, (), True),
    ("https://blog.example", "https://Blog.Example:8443/?rest_route=/akismet/v1/webhook", (), True),
    ("https://[2600::1]/", "https://[2600:0::1]/hook", (), True),
    ("http://10.1.2.3", "http://10.1.2.3/hook", INSIDE, True),
    # Another host than the blog's, whatever they have in common.
    ("https://blog.example", "https://example/hook", (), False),
    ("https://blog.example", "https://other.blog.example/hook", (), False),
    ("https://blog.example", "https://blog.example.evil.example/hook", (), False),
    ("https://blog.example", "https://blog.example@evil.example/hook", (), False),
    ("https://blog.example", "https://evil.example/blog.example", (), False),
    ("https://blog.example", "https://evil.example\\@blog.example/", (), False),
    # What no webhook may be sent to.
    ("http://blog.example", "http://blog.example/hook", (), False),
    ("https://127.0.0.1", "https://127.0.0.1/hook", (), False),
    ("https://2130706433", "https://2130706433/hook", (), False),
    ("https://[::1]", "https://[::1]/hook", (), False),
    ("https://169.254.169.254", "https://169.254.169.254/latest", (), False),
    ("http://192.168.1.1", "http://192.168.1.1/hook", INSIDE, False),
    ("https://localhost", "https://localhost/hook", (), False),
    ("https://blog.example", "https://blog.example:22/hook", (), False),
    ("https://blog.example", "ftp://blog.example/hook", (), False),
    ("https://blog.example", "https://blog.example/a b", (), False),
    ("https://blog.example", "https://blog.example/\r\nX: 1", (), False),
    ("https://blog.example", f"https://blog.example/{'a' * 2048}", (), False),
    # What is no URL at all.
    ("https://blog.example", "", (), False),
    ("", "", (), False),
    ("blog.example", CALLBACK, (), False),
    ("https://[", CALLBACK, (), False),
    ("", CALLBACK, (), False),
]


@ON_SQLITE
@pytest.mark.parametrize(("blog", "callback", "networks", "good"), URLS)
def test_a_callback_is_on_the_blogs_own_host_where_webhooks_may_go(
    services: Services, blog: str, callback: str, networks: Networks, good: bool
) -> None:
    assert telling.accepts(replace(services, webhook_networks=networks), blog, callback) is good


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_a_decision_is_to_be_told(
    services: Services, site: int, moderator: FlaskClient, action: str
) -> None:
    found = check(services, site, CALLBACK)

    decide(moderator, found, action)
    events.seal(services)

    [job] = find_jobs(services)
    assert (job.site_id, job.lane) == (site, f"dropin.tell:{site}:blog.example")


def test_the_verdict_itself_is_the_answer_to_the_check(services: Services, site: int) -> None:
    for text in ("A fine day.", "spam0.60", "spam0.97"):
        check(services, site, CALLBACK, text, text)

    events.seal(services)

    assert find_jobs(services) == []


@pytest.mark.parametrize("how", ["escalate", "again", "undo to pending", "no callback", "native"])
def test_what_is_no_result_for_a_callback_is_not_told(
    services: Services, site: int, moderator: FlaskClient, how: str
) -> None:
    found = check(services, site, None if how == "no callback" else CALLBACK)
    match how:
        case "escalate":
            decide(moderator, found, "escalate", note="Hm.")
        case "again":
            found = check(services, site, CALLBACK, "spam0.97", "2")
            decide(moderator, found, "reject")
        case "undo to pending":
            decide(moderator, found, "reject")
            events.seal(services)
            assert jobs.finish(services.database, take(services))
            moderator.delete(f"/v1/comments/{found}/decision")
        case "no callback":
            decide(moderator, found, "reject")
        case "native":
            decide(moderator, submit(moderator, id="akismet-1")["id"], "reject")

    events.seal(services)

    assert find_jobs(services) == []


def test_one_job_for_a_comment_whatever_happens_to_it(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    found = check(services, site, CALLBACK)
    other = check(services, site, CALLBACK, name="2")

    decide(moderator, found, "reject")
    events.seal(services)
    moderator.delete(f"/v1/comments/{found}/decision")
    decide(moderator, found, "approve")
    decide(moderator, other, "approve")
    events.seal(services)

    assert len(find_jobs(services)) == 2


def test_a_job_that_was_given_up_makes_room_for_the_next(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    found = check(services, site, CALLBACK)
    decide(moderator, found, "reject")
    events.seal(services)
    dead = take(services)
    jobs.bury(services.database, services.now(), dead, "The receiver answered 500.")

    decide(moderator, found, "approve")
    events.seal(services)

    [job] = find_jobs(services)
    assert (job.attempts, job.failed_at) == (0, None)


def test_another_sites_comment_of_the_same_id_is_not_meant(
    services: Services, site: int, connect: Callable[..., FlaskClient]
) -> None:
    other = access.create_site(services, "elsewhere")
    ours, theirs = check(services, site, CALLBACK), check(services, other, CALLBACK)
    assert ours == theirs
    check(services, other, CALLBACK, name="2")

    decide(connect("moderator", other), theirs, "reject")
    events.seal(services)

    assert [job.site_id for job in find_jobs(services)] == [other]


def take(services: Services) -> TakenJob:
    """Take the one job that tells."""
    taken = jobs.take(services.database, services.now(), "w", 100)
    [job] = [one for one in taken if one.kind == "dropin.tell"]
    return job


@pytest.fixture
def taken(services: Services, site: int, moderator: FlaskClient) -> tuple[str, TakenJob]:
    """A comment that was rejected, and the job that tells it, in a worker's hands."""
    found = check(services, site, CALLBACK)
    decide(moderator, found, "reject")
    events.seal(services)
    return found, take(services)


def test_what_is_told_is_what_stands_and_no_word_more(
    services: Services, taken: tuple[str, TakenJob]
) -> None:
    found, job = taken

    letter = telling.settle(services, job)

    assert letter is not None
    assert letter.message.url == CALLBACK
    guid = found.removeprefix("akismet-")
    assert len(guid) == 32
    assert letter.message.body.decode() == (
        f'{{"key":"{KEY}","endpoint":"comment-check",'
        f'"comments":[{{"guid":"{guid}","result":"true"}}]}}'
    )


def test_a_change_while_it_is_told_is_told_by_the_same_job(
    services: Services, moderator: FlaskClient, taken: tuple[str, TakenJob]
) -> None:
    found, job = taken
    first = telling.settle(services, job)
    decide(moderator, found, "approve")
    events.seal(services)

    second = telling.settle(services, job, first, taken=True)

    assert second is not None
    assert (second.result, find_told(services, found)) == ("false", "true")
    assert len(find_jobs(services)) == 1
    assert telling.settle(services, job, second, taken=True) is None
    assert find_told(services, found) == "false"


def test_a_change_after_the_last_look_makes_a_job_of_its_own(
    services: Services, moderator: FlaskClient, taken: tuple[str, TakenJob]
) -> None:
    found, job = taken
    assert telling.settle(services, job, telling.settle(services, job), taken=True) is None

    decide(moderator, found, "approve")
    events.seal(services)

    assert jobs.finish(services.database, job)
    [new] = find_jobs(services)
    assert new.id != job.id


def test_a_comment_that_has_a_newer_job_is_left_to_it(
    services: Services, moderator: FlaskClient, taken: tuple[str, TakenJob]
) -> None:
    found, job = taken
    with services.database.writing() as session:
        session.execute(update(Job).where(Job.id == job.id).values(key=None))
    decide(moderator, found, "approve")
    events.seal(services)

    assert telling.settle(services, job) is None
    assert telling.settle(services, take(services)) is not None


def test_whoever_has_lost_the_job_says_nothing(
    services: Services, taken: tuple[str, TakenJob]
) -> None:
    _, job = taken

    assert telling.settle(services, replace(job, worker="another")) is None


@pytest.mark.parametrize("how", ["pending", "deleted", "unreadable", "told"])
def test_there_may_be_nothing_left_to_tell(
    services: Services,
    moderator: FlaskClient,
    database: Database,
    taken: tuple[str, TakenJob],
    how: str,
) -> None:
    found, job = taken
    match how:
        case "pending":
            moderator.delete(f"/v1/comments/{found}/decision")
        case "deleted":
            moderator.delete(f"/v1/comments/{found}")
        case "unreadable":
            services = replace(services, secret_key="another")
        case "told":
            with database.writing() as session:
                session.execute(update(DropinCheck).values(told="true"))

    assert telling.settle(services, job) is None


def test_what_the_site_says_itself_it_is_not_told(services: Services, site: int) -> None:
    found = check(services, site, CALLBACK)
    caller = Caller(site, "backend", "key:test")

    feedback.decide(services, caller, found, "reject")
    events.seal(services)

    assert find_told(services, found) == "true"
    assert telling.settle(services, take(services)) is None


def test_a_person_who_disagrees_with_the_site_is_told(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    found = check(services, site, CALLBACK)
    feedback.decide(services, Caller(site, "backend", "key:test"), found, "reject")

    decide(moderator, found, "approve")
    events.seal(services)

    letter = telling.settle(services, take(services))
    assert letter is not None
    assert letter.result == "false"


def test_without_a_callback_nothing_is_noted(services: Services, site: int) -> None:
    found = check(services, site, None)

    feedback.decide(services, Caller(site, "backend", "key:test"), found, "reject")

    assert find_told(services, found) is None
