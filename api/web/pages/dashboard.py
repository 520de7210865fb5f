"""The dashboard: how moderation is going, in a few numbers and pictures, each with its table."""

from typing import Any

import marshmallow as ma
from flask import Response, abort, request

from api.moderation.queues import BUILT_IN
from api.moderation.stats import gathering, sheets
from api.moderation.stats.gathering import Figures
from api.moderation.stats.shares import LEAST
from api.web import stats
from api.web.pages import console, driftpanels, panels
from api.web.pages.console import list_saved
from api.web.pages.panels import tell_cell, tell_minutes, tell_share
from api.web.routing import caller, services
from api.web.stats import StatsQuery

PERIODS = (7, 30, 90)
"""How many days can be chosen; an address may ask for any number up to 90."""


def show() -> str:
    """The figures of the last days."""
    days = _read_days()
    found = gathering.gather(services(), caller(), days)
    return console.render(
        "dashboard.html",
        days=days,
        periods=PERIODS,
        numbers=_list_numbers(found),
        queues=_list_queues(found),
        panels=[*panels.arrange(found), *driftpanels.arrange(found)],
        alarms=[driftpanels.tell_figure(one) for one in found.drift.alarms],
        found=found,
        tell=tell_cell,
        empty=not (found.volumes.whole.came or found.work.decisions or found.backlog.now),
    )


def export(sheet: str) -> Response:
    """One of the tables as a file, for who is signed in."""
    days = _read_days()
    found = gathering.gather(services(), caller(), days)
    return stats.download(sheet, days, sheets.SHEETS[sheet](found))


def _read_days() -> int:
    try:
        asked: dict[str, int] = StatsQuery().load(request.args)
    except ma.ValidationError:
        abort(422, "This address asks for days that we do not know: 1 to 90 can be shown.")
    return asked["days"]


def _list_numbers(found: Figures) -> list[tuple[str, str, str]]:
    """What is told on top: a title, the number, and what is to be known about it."""
    whole, waited, work = found.volumes.whole, found.waits.whole, found.work
    waiting = sum(number for queue, number in found.backlog.now.items() if queue != "audit")
    false_holds, missed = found.errors.false_holds, found.errors.missed
    return [
        ("Comments", f"{whole.came:,}", f"{whole.came / len(found.volumes.days):,.0f} a day"),
        ("Settled without a person", *tell_share(found.volumes.automatic)),
        ("Waiting now", f"{waiting:,}", _tell_oldest(found)),
        (
            "Wait for a decision",
            tell_minutes(waited.median),
            f"half within this; nine in ten within {tell_minutes(waited.p90)}"
            if waited.p90 is not None
            else f"{waited.n} decided",
        ),
        (
            "Decisions",
            f"{work.decisions:,}",
            f"{work.an_hour:.3g} in an hour of work" if work.an_hour else "none yet",
        ),
        ("Held for nothing", *tell_share(false_holds)),
        ("Let through, wrongly", *tell_share(missed)),
        ("Two people agree", *_tell_agreement(found)),
    ]


def _tell_agreement(found: Figures) -> tuple[str, str]:
    """Beyond chance: as a number, not a percentage, which it is not."""
    kappa = found.agreement.whole
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return "–", f"{kappa.n} of the {LEAST} it takes"
    return f"{kappa.value:.2f}", f"kappa, {kappa.low:.2f} to {kappa.high:.2f}, n {kappa.n:,}"


def _tell_oldest(found: Figures) -> str:
    if found.backlog.oldest is None:
        return "nothing waits"
    minutes = (found.period.until - found.backlog.oldest).total_seconds() / 60
    return f"the oldest for {tell_minutes(max(minutes, 0))}"


def _list_queues(found: Figures) -> list[tuple[str, str, int]]:
    """The queues in which something waits: name, title, number."""
    titles: dict[str, Any] = {**{one.name: one.title for one in list_saved()}, **BUILT_IN}
    now = sorted(found.backlog.now.items(), key=lambda one: (-one[1], one[0]))
    return [(queue, str(titles.get(queue, queue)), number) for queue, number in now]
