"""Rejected comments go when their site has kept them long enough, and not before."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation import retention
from api.moderation.access import Caller
from api.moderation.errors import FieldError
from api.moderation.privacy import expiring, settings
from api.moderation.services import Services
from tests.factories import Clock
from tests.security.leftovers import find_everywhere

CANARY = "xylocanary"


@pytest.fixture
def admin(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """The site's administrator."""
    return connect("admin")


def put(admin: FlaskClient, name: str, action: str) -> None:
    body = {"id": name, "article": {"id": "a-1"}, "text": f"{CANARY} {name}"}
    assert admin.post("/v1/comments", json=body).status_code == 201
    said = admin.post(f"/v1/comments/{name}/decision", json={"action": action})
    assert said.status_code in (200, 201), said.text


def keep(services: Services, site: int, days: int | None) -> None:
    settings.change(services, Caller(site, "admin", "ada"), {"rejected": days})


def test_a_rejected_comment_goes_at_its_time_from_every_table(
    services: Services, site: int, admin: FlaskClient, clock: Clock
) -> None:
    put(admin, "c-1", "reject")
    keep(services, site, 15)

    clock.move(days=15, seconds=-1)
    expiring.sweep(services)
    assert "revisions" in find_everywhere(services, CANARY)

    clock.move(seconds=1)
    assert settings.count(services, site, {"rejected": 15})["rejected"] == 1
    expiring.sweep(services)

    assert find_everywhere(services, CANARY) == set()
    assert admin.get("/v1/comments/c-1").status_code == 404
    events = admin.get("/v1/events").json["items"]
    assert [one["type"] for one in events][-3:] == [
        "privacy.changed",
        "comment.deleted",
        "privacy.swept",
    ]


def test_others_stay_and_nothing_goes_unasked(
    services: Services, site: int, admin: FlaskClient, clock: Clock
) -> None:
    put(admin, "approved", "approve")
    put(admin, "rejected", "reject")
    clock.move(days=4000)
    expiring.sweep(services)
    assert admin.get("/v1/comments/rejected").status_code == 200

    keep(services, site, 1)
    expiring.sweep(services)

    assert admin.get("/v1/comments/approved").status_code == 200
    assert admin.get("/v1/comments/rejected").status_code == 404


def test_many_go_in_batches_with_the_daily_sweep(
    services: Services,
    site: int,
    admin: FlaskClient,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expiring, "BATCH", 2)
    for number in range(5):
        put(admin, f"c-{number}", "reject")
    keep(services, site, 1)
    clock.move(days=1)

    retention.sweep(services, None)  # type: ignore[arg-type]

    assert settings.count(services, site, {"rejected": 1})["rejected"] == 0


@pytest.mark.parametrize("wanted", [{"rejected": 0}, {"rejected": 3651}, {"nonsense": 1}])
def test_what_is_no_time_is_refused(services: Services, site: int, wanted: dict[str, int]) -> None:
    with pytest.raises(FieldError):
        settings.change(services, Caller(site, "admin", "ada"), wanted)
