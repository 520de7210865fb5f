"""How long a person takes over a comment."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask.testing import FlaskClient

from api.moderation.advice import pace
from api.moderation.advice.pace import ENOUGH, GUESS_SECONDS, Pace, work_out
from api.moderation.services import Services
from tests.factories import START, Clock, decide, submit


def series(actor: str, *spacings: float) -> list[tuple[str, datetime]]:
    times = [START]
    for spacing in spacings:
        times.append(times[-1] + timedelta(seconds=spacing))
    return [(actor, time) for time in times]


def test_it_is_the_median_of_a_persons_own_spacings() -> None:
    found = work_out([*series("ann", *[10] * 60), *series("bob", *[30] * 61)])

    assert found == Pace(30, 121)


def test_too_few_decisions_leave_the_guess() -> None:
    assert work_out(series("ann", *[10] * (ENOUGH - 1))) == Pace(GUESS_SECONDS, 0)
    assert work_out(series("ann", *[10] * ENOUGH)) == Pace(10, ENOUGH)


def test_breaks_and_decisions_made_as_one_do_not_count() -> None:
    spacings = [10.0] * ENOUGH + [0.0] * 500 + [3600.0] * 500

    assert work_out(series("ann", *spacings)) == Pace(10, ENOUGH)


def test_a_sites_own_decisions_are_asked(
    services: Services, site: int, connect: Callable[..., FlaskClient], clock: Clock
) -> None:
    client = connect("moderator")
    for number in range(ENOUGH + 1):
        submit(client, id=f"c-{number}")
        clock.move(seconds=7)
        decide(client, f"c-{number}", "approve")

    with services.database.looking() as connection:
        assert pace.measure(connection, site) == Pace(7, ENOUGH)
        assert pace.measure(connection, site + 1) == Pace()
