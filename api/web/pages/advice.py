"""The page of the threshold advisor."""

from typing import Any

import marshmallow as ma
from flask import abort, request

from api.moderation.advice import advising
from api.moderation.advice.advising import Advice, Target
from api.moderation.advice.measuring import Estimate, Point
from api.moderation.errors import ConflictError, TooLittleError
from api.web.advice import AdviceQuery
from api.web.pages import advice_chart, console
from api.web.pages.advice_chart import Mark
from api.web.pages.highlight import name
from api.web.routing import caller, services
from classifier import LABELS

USUAL = {"score": "toxicity", "target": "precision:0.95", "days": "90"}

TARGETS = {
    "precision:0.8": "of what it holds, 80 % rightly",
    "precision:0.9": "of what it holds, 90 % rightly",
    "precision:0.95": "of what it holds, 95 % rightly",
    "precision:0.98": "of what it holds, 98 % rightly",
    "recall:0.5": "50 % of all such comments held",
    "recall:0.8": "80 % of all such comments held",
    "recall:0.95": "95 % of all such comments held",
    "minutes:15": "15 minutes of review a day",
    "minutes:30": "30 minutes of review a day",
    "minutes:60": "an hour of review a day",
}
"""What can be chosen; an address may ask for any other."""

DAYS = ("7", "30", "90", "365")


def show() -> str:
    """The threshold that meets what is asked for, and a picture of the others."""
    asked = {field: request.args.get(field) or usual for field, usual in USUAL.items()}
    try:
        wanted: dict[str, Any] = AdviceQuery().load(asked)
    except ma.ValidationError:
        abort(422, "This address asks for a score, a target or days that we do not know.")
    given = {"asked": asked, "label": name(wanted["score"]), **_choices(asked)}
    try:
        found = advising.advise(services(), caller(), **_named(wanted))
    except TooLittleError as error:
        missing = [(kind, error.have[kind], least) for kind, least in error.needed.items()]
        return console.render("advice.html", **given, missing=missing)
    except ConflictError as error:
        return console.render("advice.html", **given, trouble=str(error))
    return console.render("advice.html", **given, **_describe(found, given["label"]))


def _named(wanted: dict[str, Any]) -> dict[str, Any]:
    target: Target = wanted["target"]
    return {"label": wanted["score"], "target": target, "days": wanted["days"]}


def _choices(asked: dict[str, str]) -> dict[str, Any]:
    target, days = asked["target"], asked["days"]
    return {
        "scores": {label: name(label) for label in LABELS},
        # What the address asks for stays to be seen.
        "targets": TARGETS if target in TARGETS else {**TARGETS, target: target},
        "periods": {
            one: "day" if one == "1" else f"{one} days" for one in sorted({*DAYS, days}, key=int)
        },
    }


def _describe(found: Advice, label: str) -> dict[str, Any]:
    marks = [
        Mark(kind, words, point.threshold)
        for kind, words, point in (
            ("in-force", "in force", found.in_force),
            ("advised", "advised", found.advised),
        )
        if point is not None
    ]
    return {
        "found": found,
        "advised": found.advised and tell(found.advised),
        "in_force": found.in_force and tell(found.in_force),
        "chart": advice_chart.draw(found.curve, marks, label) if len(found.curve) > 1 else None,
        "share": _tell_share,
    }


def tell(point: Point) -> str:
    """What a threshold does, in a sentence."""
    held = f"{_count(point.held_a_day, 'comment')} a day held"
    parts = [
        f"precision {_tell_share(point.precision)}",
        f"recall {_tell_share(point.recall)}",
        f"{held}, about {_count(point.minutes_a_day, 'minute')} to look at",
    ]
    if point.rejected_a_day:
        parts.append(f"{_count(point.rejected_a_day, 'comment')} a day rejected")
    return f"At {point.threshold:.4g}: {', '.join(parts)}."


def _tell_share(share: Estimate | None) -> str:
    if share is None:
        return "not known"
    return f"{share.value:.2f} ({share.low:.2f} to {share.high:.2f})"


def _count(number: float, what: str) -> str:
    shown = f"{number:.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")
    return f"{shown} {what}" if shown == "1" else f"{shown} {what}s"
