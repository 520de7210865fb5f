"""The log says who started and stopped the trial of a model."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from api.store.learning import StoredAdapter
from tests.api.moderation.learning.adapters import keep_adapter
from tests.factories import walk


@pytest.fixture
def model(services: Services, site: int) -> StoredAdapter:
    return keep_adapter(services, site)


def path(model: StoredAdapter) -> str:
    return f"/v1/models/{model.public_id}/shadow"


def told(client: FlaskClient) -> list[dict[str, Any]]:
    """What the log says of trials, oldest first."""
    return [one for one in walk(client, "/v1/events") if one["type"].startswith("trial.")]


def test_starting_and_stopping_are_told(admin: FlaskClient, model: StoredAdapter) -> None:
    # Whoever repeats what is done already does nothing.
    assert [admin.put(path(model)).status_code for _ in range(2)] == [200, 200]
    assert [admin.delete(path(model)).status_code for _ in range(2)] == [204, 404]

    started, stopped = told(admin)
    name = {"model": model.public_id, "version": model.version, "labels": 200}
    assert (started["type"], started["data"]) == ("trial.started", {**name, "instead_of": None})
    assert (stopped["type"], stopped["data"]) == ("trial.stopped", name)
    assert started["actor"] == stopped["actor"]
    assert started["actor"].startswith("key:wnw_")
    assert started["comment_id"] is None
    for kind in ("trial.started", "trial.stopped"):
        assert len(walk(admin, "/v1/events", type=kind)) == 1


def test_one_that_takes_anothers_place_says_so(
    admin: FlaskClient, services: Services, site: int, model: StoredAdapter
) -> None:
    admin.put(path(model))

    admin.put(path(keep_adapter(services, site)))

    assert [one["data"]["instead_of"] for one in told(admin)] == [None, model.public_id]


def test_what_is_refused_is_not_told(
    admin: FlaskClient, moderator: FlaskClient, services: Services, site: int, model: StoredAdapter
) -> None:
    old = keep_adapter(services, site, base="words-0")

    assert admin.put(path(old)).status_code == 409
    assert moderator.put(path(model)).status_code == 403

    assert told(admin) == []


def test_the_page_writes_the_same(
    mo: FlaskClient, admin: FlaskClient, model: StoredAdapter
) -> None:
    for act in ("start", "stop"):
        mo.post(f"/moderate/learning/{model.public_id}", data={"act": act})

    assert [(one["type"], one["actor"]) for one in told(admin)] == [
        ("trial.started", "moderator:mo@example.org"),
        ("trial.stopped", "moderator:mo@example.org"),
    ]
