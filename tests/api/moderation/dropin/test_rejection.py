"""LIKELY_TO_REJECT: learnt from what a site's moderators have decided, or not at all."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.dropin import rejection
from api.moderation.services import Services
from classifier import LABELS
from tests.conftest import ON_SQLITE
from tests.factories import Clock


def fill(client: FlaskClient, number: int, prefix: str = "c", word: str = "insult") -> None:
    """As many comments as said, half of them with a word that the moderators reject."""
    texts = [f"{word}0.60 {at}" if at % 2 else f"A fine day {at}." for at in range(number)]
    items = [
        {"id": f"{prefix}-{at}", "article": {"id": "a-1"}, "text": text}
        for at, text in enumerate(texts)
    ]
    assert client.post("/v1/comments/batch", json={"items": items}).status_code == 207
    for at in range(number):
        action = {"action": "reject" if at % 2 else "approve"}
        answer = client.post(f"/v1/comments/{prefix}-{at}/decision", json=action)
        assert answer.status_code == 200


def scores(**given: float) -> dict[str, float]:
    return {**dict.fromkeys(LABELS, 0.02), **given}


def learn(services: Services, site: int) -> rejection.Fit | None:
    job: Any = None
    rejection.fit_all(services, job)
    return rejection.find(services, site)


def test_what_moderators_reject_is_likely_to_be_rejected(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    fill(moderator, rejection.LEAST)

    fit = learn(services, site)

    assert fit is not None
    assert fit.estimate(scores(insult=0.6)) > 0.8
    assert fit.estimate(scores()) < 0.2
    assert 0 < fit.estimate(scores(insult=1.0)) <= 1
    assert 0 <= fit.estimate(dict.fromkeys(LABELS, 0.0)) < 1


def test_a_site_that_has_decided_little_has_none(
    services: Services, site: int, moderator: FlaskClient, stranger: FlaskClient
) -> None:
    fill(moderator, rejection.LEAST - 1)
    assert learn(services, site) is None

    moderator.post(
        "/v1/comments", json={"id": "one", "article": {"id": "a-1"}, "text": "The last."}
    )
    moderator.post("/v1/comments/one/decision", json={"action": "approve"})
    assert learn(services, site) is not None


@ON_SQLITE
@pytest.mark.usefixtures("database")
def test_a_site_that_has_rejected_nothing_has_none(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    fill(moderator, rejection.LEAST)
    for at in range(1, rejection.LEAST, 2):
        moderator.post(f"/v1/comments/c-{at}/decision", json={"action": "approve"})

    assert learn(services, site) is None


@ON_SQLITE
@pytest.mark.usefixtures("database")
def test_it_is_learnt_anew_when_something_was_decided_since(
    services: Services, site: int, moderator: FlaskClient, clock: Clock
) -> None:
    fill(moderator, rejection.LEAST)
    first = learn(services, site)
    clock.move(hours=1)
    assert learn(services, site) == first

    clock.move(minutes=1)
    fill(moderator, rejection.LEAST, "d", "spam")
    again = learn(services, site)

    assert first is not None
    assert again is not None
    assert again.estimate(scores(spam=0.6)) > first.estimate(scores(spam=0.6))


@ON_SQLITE
@pytest.mark.usefixtures("database")
def test_what_was_learnt_of_another_models_scores_does_not_count(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    fill(moderator, rejection.LEAST)
    assert learn(services, site) is not None
    model: Any = services.scorer.model
    model.version = "words-2"

    assert rejection.find(services, site) is None
    assert learn(services, site) is None


@pytest.mark.usefixtures("database")
def test_scores_made_with_an_adapter_are_the_models_own(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    model: Any = services.scorer.model
    model.version = "words-1+0a1b2c3d"
    fill(moderator, rejection.LEAST)
    model.version = "words-1"

    assert learn(services, site) is not None
