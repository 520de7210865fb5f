"""Whether a site's comments, or its people, have changed, over HTTP."""

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation.stats import drifts, periods
from api.moderation.stats.drifts import Figure
from api.web.routing import Blueprint, caller, services
from api.web.stats import StatsQuery

blp = Blueprint("drift", __name__, url_prefix="/v1/stats")


def _number(description: str) -> ma.fields.Float:
    return ma.fields.Float(required=True, allow_none=True, metadata={"description": description})


class DriftDayOut(ma.Schema):
    """A figure on one day."""

    day = ma.fields.String(required=True, metadata={"description": "the last that it is of"})
    since = ma.fields.String(
        required=True,
        metadata={"description": "the first that it is of: `day` itself where that holds enough"},
    )
    n = ma.fields.Integer(required=True, metadata={"description": "how many it is of"})
    hits = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null where it is no share"}
    )
    value = ma.fields.Float(required=True)
    low = _number("the ends of a share's 95 % interval; null of fewer than 20")
    high = _number("")
    band_low = _number("where the usual begins; null where that has no end, or is not known yet")
    band_high = _number("where it ends; null where that is not known yet")
    outside = ma.fields.Boolean(
        required=True, metadata={"description": "whether it has left its band"}
    )


class DriftFigureOut(ma.Schema):
    """A figure, by day."""

    figure = ma.fields.String(
        required=True,
        metadata={
            "description": "volume, held, score.<label>, words.unseen, words.distance,"
            " overrides or false_holds.<reason>"
        },
    )
    by_day = ma.fields.List(ma.fields.Nested(DriftDayOut), required=True)


class DriftOut(ma.Schema):
    """What was found in a period."""

    days = ma.fields.Integer(required=True)
    alarms = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "the figures that are outside of their bands at present"},
    )
    figures = ma.fields.List(ma.fields.Nested(DriftFigureOut), required=True)


@blp.route("/drift", methods=["GET"])
@blp.arguments(StatsQuery(), location="query")
@blp.response(200, DriftOut)
def show(query: dict[str, Any]) -> Response:
    """Whether the comments, or the people, have changed: figures of each day beside their bands.

    A day is measured once it has ended. A figure is of the day and of as many before it as it takes
    to hold 300 comments, or 200 decisions, 28 at the most: from `since` to `day`. Its band is the
    median of those of earlier days that have none in common with it, and four median absolute
    deviations to each side; it takes seven of them.
    """
    with services().database.looking() as connection:
        period = periods.open_period(connection, query["days"], services().now())
        found = drifts.read(connection, caller().site_id, period)
    by_name: dict[str, list[Figure]] = {}
    for one in found.figures:
        by_name.setdefault(one.name, []).append(one)
    return jsonify(
        {
            "days": query["days"],
            "alarms": list(found.alarms),
            "figures": [
                {"figure": name, "by_day": _show(by_day)} for name, by_day in by_name.items()
            ],
        }
    )


def _show(by_day: Sequence[Figure]) -> list[dict[str, Any]]:
    return [
        {
            "day": one.day,
            "since": one.since,
            "n": one.found.n,
            "hits": one.found.hits,
            "value": one.found.value,
            "low": one.share and one.share.low,
            "high": one.share and one.share.high,
            "band_low": one.found.low,
            "band_high": one.found.high,
            "outside": one.outside,
        }
        for one in by_day
    ]
