"""What is learnt of what people have decided."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from api.moderation import access
from api.moderation.access import Caller
from api.moderation.dropin import Check, feedback, suggestions
from api.moderation.dropin.suggestions import Suggestion
from api.moderation.errors import NotFoundError
from api.moderation.learning import imports, labels, suggested
from api.moderation.learning.imports import Row
from api.moderation.learning.labels import Label
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from api.store.tables import Comment
from tests.conftest import ON_SQLITE
from tests.factories import START, Clock, decide, put_policy, submit, walk


@pytest.fixture
def gather(services: Services, site: int) -> Callable[[], list[Label]]:
    """The site's labels, when called."""
    return lambda: labels.gather(services, site)


def row(text: str, action: str = "reject", minutes: int = 0, **more: Any) -> Row:
    return Row(text, action, START - timedelta(days=30) + timedelta(minutes=minutes), **more)


def test_a_decision_is_a_label(
    backend: FlaskClient, moderator: FlaskClient, gather: Callable[[], list[Label]]
) -> None:
    made = submit(backend, "Held insult0.6 here.", author={"name": "Ann"}, language="en")
    assert gather() == []
    decide(moderator, made["id"], "reject", reason="abusive")
    [label] = gather()
    assert label.rejected
    assert label.weight == 1.0
    assert label.reason == "abusive"
    assert label.actor.startswith("key:wnw_")
    assert label.decided_at == START
    assert label.chance is None
    assert (label.item.text, label.item.author_name) == ("Held insult0.6 here.", "Ann")


def test_oldest_decisions_come_first_and_the_newest_count(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    for number in (3, 1, 2):
        made = submit(backend, f"insult0.6 {'abc'[number - 1]}", id=f"c{number}")
        clock.move(minutes=1)
        decide(moderator, made["id"], "approve")
    texts = [label.item.text[-1] for label in labels.gather(services, site, most=2)]
    assert texts == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "action", "weight"),
    [
        ("insult0.6", "approve", 1.0),
        ("insult0.95", "approve", 2.0),
        ("insult0.95", "reject", 1.0),
        ("fine", "reject", 2.0),
    ],
)
@ON_SQLITE
def test_what_overturns_the_verdict_weighs_twice(
    backend: FlaskClient,
    moderator: FlaskClient,
    gather: Callable[[], list[Label]],
    text: str,
    action: str,
    weight: float,
) -> None:
    decide(moderator, submit(backend, text)["id"], action)
    assert [label.weight for label in gather()] == [weight]


def test_what_is_undone_teaches_nothing_and_what_is_decided_otherwise_weighs_twice(
    backend: FlaskClient, moderator: FlaskClient, gather: Callable[[], list[Label]]
) -> None:
    made = submit(backend, "insult0.6")
    decide(moderator, made["id"], "reject")
    assert moderator.delete(f"/v1/comments/{made['id']}/decision").status_code == 200
    assert gather() == []
    decide(moderator, made["id"], "approve")
    [label] = gather()
    assert (label.rejected, label.weight) == (False, 2.0)


def test_another_wording_or_an_escalation_teaches_nothing(
    backend: FlaskClient, moderator: FlaskClient, gather: Callable[[], list[Label]]
) -> None:
    first, second = submit(backend, "insult0.6"), submit(backend, "insult0.7")
    decide(moderator, first["id"], "reject")
    decide(moderator, second["id"], "escalate")
    submit(backend, "insult0.6 and more", id=first["id"])
    assert gather() == []


def test_ignored_reasons_teach_nothing_of_rejections(
    backend: FlaskClient,
    moderator: FlaskClient,
    services: Services,
    site: int,
    gather: Callable[[], list[Label]],
) -> None:
    for action, reason in (("reject", "off-topic"), ("approve", "off-topic"), ("reject", "mine")):
        decide(
            moderator, submit(backend, f"insult0.6 {action} {reason}")["id"], action, reason=reason
        )
    labels.import_labels(services, site, "command line", [row("Elsewhere", reason="other")])
    assert [label.reason for label in gather()] == ["off-topic", "mine"]
    put_policy(services, site, {"learning": {"ignore": ["mine"]}})
    assert {label.reason for label in gather()} == {"off-topic", "other"}
    assert len(gather()) == 3


def test_one_of_many_at_once_weighs_half(
    backend: FlaskClient, moderator: FlaskClient, gather: Callable[[], list[Label]]
) -> None:
    ids = [submit(backend, f"insult0.6 {letter}")["id"] for letter in "abc"]
    body = {"action": "reject", "ids": ids}
    answer = moderator.post("/v1/decisions", json=body)
    assert answer.status_code in (201, 202), answer.text
    assert [label.weight for label in gather()] == [0.5] * 3


def test_copies_count_like_five_together(
    backend: FlaskClient, moderator: FlaskClient, gather: Callable[[], list[Label]]
) -> None:
    for number in range(8):
        decide(moderator, submit(backend, f"Win {number} now! insult0.6")["id"], "reject")
    found = gather()
    assert len(found) == 8
    assert sum(label.weight for label in found) == pytest.approx(labels.ALIKE)


def test_a_sample_keeps_its_chance(
    backend: FlaskClient,
    moderator: FlaskClient,
    services: Services,
    gather: Callable[[], list[Label]],
) -> None:
    made = submit(backend, "fine")
    with services.database.writing() as session:
        session.execute(update(Comment).values(sampled=0.02))
    decide(moderator, made["id"], "approve")
    assert [label.chance for label in gather()] == [0.02]


def test_what_is_forgotten_teaches_nothing_until_it_is_remembered(
    backend: FlaskClient,
    moderator: FlaskClient,
    services: Services,
    site: int,
    gather: Callable[[], list[Label]],
) -> None:
    made = submit(backend, "insult0.6")
    decide(moderator, made["id"], "reject")
    caller = Caller(site, "admin", "moderator:mo@example.org")
    labels.forget(services, caller, made["id"])
    labels.forget(services, caller, made["id"])
    assert gather() == []
    labels.remember(services, caller, made["id"])
    labels.remember(services, caller, made["id"])
    assert len(gather()) == 1
    types = [one["type"] for one in walk(backend, "/v1/events")]
    assert types.count("label.forgotten") == types.count("label.remembered") == 1
    elsewhere = Caller(access.create_site(services, "elsewhere"), "admin", "key:other")
    with pytest.raises(NotFoundError):
        labels.forget(services, elsewhere, made["id"])


def test_a_deleted_comment_takes_its_label_along(
    backend: FlaskClient,
    moderator: FlaskClient,
    services: Services,
    site: int,
    gather: Callable[[], list[Label]],
) -> None:
    made = submit(backend, "insult0.6")
    decide(moderator, made["id"], "reject")
    labels.forget(services, Caller(site, "admin", "key:a"), made["id"])
    assert backend.delete(f"/v1/comments/{made['id']}").status_code == 204
    assert gather() == []


def test_imports_are_labels_and_come_once(
    services: Services, site: int, gather: Callable[[], list[Label]]
) -> None:
    rows = [row("One", minutes=1), row("Two", "approve"), row("One", "approve", minutes=2)]
    assert labels.import_labels(services, site, "command line", rows) == 2
    assert labels.import_labels(services, site, "command line", rows) == 0
    assert [(label.item.text, label.rejected) for label in gather()] == [
        ("Two", False),
        ("One", False),
    ]
    assert labels.import_labels(services, site, "command line", [row("Two", minutes=9)]) == 1
    assert gather()[-1].rejected


def test_an_authors_imports_can_be_erased(
    services: Services, site: int, gather: Callable[[], list[Label]]
) -> None:
    rows = [row("One", author_id="u-1"), row("Two", author_id="u-2")]
    labels.import_labels(services, site, "command line", rows)
    caller = Caller(site, "admin", "command line")
    assert imports.erase_author(services, caller, "u-1") == 1
    assert [label.item.text for label in gather()] == ["Two"]


def test_news_are_counted(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    old = submit(backend, "insult0.6")
    decide(moderator, old["id"], "reject")
    labels.import_labels(services, site, "command line", [row("One")])
    assert labels.count_since(services, site, None) == 2
    assert labels.count_since(services, site, clock()) == 0
    before = clock()
    clock.move(minutes=1)
    decide(moderator, submit(backend, "insult0.7")["id"], "reject")
    labels.forget(services, Caller(site, "admin", "key:a"), old["id"])
    assert labels.count_since(services, site, before) == 2


def suggest(services: Services, site: int, text: str, suggestion: Suggestion) -> None:
    draft = Draft(text, {"id": "a-1"}, id=f"p-{len(text)}")
    check = Check("perspective", draft, text)
    suggestions.take(services, Caller(site, "backend", "key:site"), check, suggestion)


def test_a_suggestion_that_decides_nothing_weighs_half(
    services: Services, site: int, gather: Callable[[], list[Label]]
) -> None:
    suggest(services, site, "Some of this is bad.", Suggestion({}, {"INSULT": [(0, 4, 0.9)]}))
    suggest(services, site, "Some of it may be.", Suggestion({}, {"INSULT": [(0, 4, 0.5)]}))
    assert [(label.item.text, label.rejected, label.weight) for label in gather()] == [
        ("Some of this is bad.", True, 0.5)
    ]


@pytest.mark.parametrize(
    ("data", "bad"),
    [
        ({"scores": {"TOXICITY": 0.7}}, True),
        ({"scores": {"TOXICITY": 0.3, "INSULT_EXPERIMENTAL": 0.1}}, False),
        ({"scores": {"TOXICITY": 0.3, "SPAM@2": 0.5}}, None),
        ({"scores": {"AFFINITY": 0.9}}, None),
        ({"scores": {"TOXICITY": 0.1}, "spans": {"THREAT": [[0, 3, 0.8]]}}, True),
        ({"spans": {"THREAT": [[0, 3, 0.1]]}}, None),
        ({}, None),
    ],
)
def test_suggested_scores_speak_for_themselves(data: dict[str, Any], bad: bool | None) -> None:
    assert suggested.read(data) is bad


@ON_SQLITE
def test_what_a_site_says_of_a_comment_is_a_decision_like_any(
    backend: FlaskClient, services: Services, site: int, gather: Callable[[], list[Label]]
) -> None:
    made = submit(backend, "insult0.6")
    feedback.decide(services, Caller(site, "backend", "key:site"), made["id"], "reject", "spam")
    [label] = gather()
    assert (label.actor, label.reason, label.weight) == ("key:site", "spam", 1.0)
