"""Drift over HTTP and on the dashboard, by what was measured of a site's days."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from api.moderation.services import Services
from api.store.tables import SignIn
from api.web.pages.driftpanels import tell_figure
from tests.api.moderation.learning.days import Came, live, tell
from tests.api.web.test_dashboard import pictures, shown
from tests.conftest import ON_SQLITE
from tests.factories import Clock, walk

URL = "/v1/stats/drift"
PAGE = "/moderate/dashboard"

History = Callable[..., None]


@pytest.fixture
def history(services: Services, site: int, clock: Clock) -> History:
    """Lets so many ordinary days pass, and one more on which spammers come."""

    def make(days: int, wave: int = 0) -> None:
        chance = np.random.default_rng(7)
        for _ in range(days):
            live(services, clock, site, tell(chance, 90, held=0.4))
        if wave:
            spam = [Came("cheap watches at my shop", 0.97, "reject", "spam_score")] * wave
            live(services, clock, site, [*tell(chance, 90, held=0.4), *spam])

    return make


def ask(client: FlaskClient, **query: Any) -> Any:
    answer = client.get(URL, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_figures_are_told_by_day_beside_their_bands(
    moderator: FlaskClient, history: History
) -> None:
    history(24, wave=60)
    found = ask(moderator, days=30)

    assert found["days"] == 30
    assert "score.spam" in found["alarms"]
    figures = {one["figure"]: one["by_day"] for one in found["figures"]}
    assert {"volume", "held", "overrides", "false_holds.spam_score", "words.unseen"} <= {*figures}
    first, last = figures["held"][0], figures["held"][-1]
    assert (first["day"], first["band_low"], first["outside"]) == ("2026-11-22", None, False)
    assert (first["since"], first["n"]) == ("2026-11-22", 90)
    # Of 90, 90 and 150 it takes three to be 300, and of some 36 decisions six to be 200.
    assert (last["since"], last["day"], last["n"]) == ("2026-12-14", "2026-12-16", 330)
    decided = figures["overrides"][-1]
    assert (decided["since"], decided["day"]) == ("2026-12-11", "2026-12-16")
    assert {row["since"] == row["day"] for row in figures["volume"]} == {True}
    assert last["value"] == pytest.approx(last["hits"] / last["n"], abs=1e-5)
    assert last["low"] < last["value"] < last["high"]
    assert last["band_low"] < last["band_high"]
    spam = figures["score.spam"][-1]
    assert spam["outside"] is True
    assert spam["value"] > spam["band_high"]
    assert (spam["hits"], spam["low"], spam["band_low"]) == (None, None, None)


@ON_SQLITE
def test_only_the_days_asked_for_are_told(moderator: FlaskClient, history: History) -> None:
    history(9)
    days = {row["day"] for one in ask(moderator, days=3)["figures"] for row in one["by_day"]}
    # Today has not ended.
    assert days == {"2026-11-29", "2026-11-30"}
    assert moderator.get(URL, query_string={"days": 91}).status_code == 422


@ON_SQLITE
def test_it_is_for_moderators_of_the_site(
    moderator: FlaskClient, backend: FlaskClient, stranger: FlaskClient, history: History
) -> None:
    assert ask(moderator) == {"days": 7, "alarms": [], "figures": []}
    history(2)
    [only] = ask(stranger)["figures"]
    assert (only["figure"], {row["value"] for row in only["by_day"]}) == ("volume", {0})
    assert backend.get(URL).status_code == 403


def test_an_alarm_is_an_event_and_a_message(
    connect: Callable[..., FlaskClient], history: History
) -> None:
    admin = connect("admin")
    hook = {"url": "https://gazette.example/hook", "types": ["drift.noticed", "drift.ended"]}
    assert admin.post("/v1/webhooks", json=hook).status_code == 201
    history(24, wave=60)

    log = walk(admin, "/v1/events", type="drift.noticed")
    [event] = [one for one in log if one["data"]["measure"] == "score.spam"]
    assert (event["actor"], event["comment_id"]) == ("winnow", None)
    assert event["data"]["day"] == "2026-12-16"
    assert event["data"]["since"] == "2026-12-14"
    assert event["data"]["value"] > event["data"]["high"]
    assert "low" not in event["data"]


@ON_SQLITE
def test_the_dashboard_draws_it_and_says_what_is_not_as_usual(
    mo: FlaskClient, history: History, services: Services, clock: Clock
) -> None:
    history(24, wave=60)
    with services.database.writing() as session:
        session.execute(update(SignIn).values(expires_at=clock.time + timedelta(hours=1)))
    page = mo.get(f"{PAGE}?days=30").text

    assert "Not as usual:" in shown(page)
    assert "the scores of spam" in shown(page)
    labels = [one.get("aria-label", "") for one in pictures(page)]
    for title in ("Scores", "Words", "Share held", "Overridden"):
        assert any(label.startswith(f"{title}, by day; outside") for label in labels)
    assert "Each point is of the 1 to 4 days up to its own" in shown(page)
    assert "14 Dec to 16 Dec: held " in page
    assert "as many together as hold" not in page
    kept = mo.get(f"{PAGE}/override_drift.csv?days=30").text.splitlines()
    assert kept[0] == "day,since,figure,n,hits,value,low,high,band_low,band_high,outside"
    assert any("false_holds.spam_score" in line for line in kept)


@ON_SQLITE
def test_before_anything_is_known_it_says_what_it_takes(
    mo: FlaskClient, backend: FlaskClient
) -> None:
    backend.post("/v1/comments", json={"article": {"id": "a-1"}, "text": "A fine day."})
    page = mo.get(PAGE).text

    assert "it takes 50 comments at least" in shown(page)
    assert "Not as usual" not in shown(page)


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("volume", "how many comments come"),
        ("score.identity_attack", "the scores of identity attack"),
        ("false_holds.link_count", "how often link count holds for nothing"),
    ],
)
def test_a_figure_has_a_name_in_words(figure: str, said: str) -> None:
    assert tell_figure(figure) == said
