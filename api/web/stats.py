"""How moderation is going, over HTTP: all figures as JSON, and each table as a file."""

import csv
import io
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation.stats import gathering, notices, sheets
from api.moderation.stats.gathering import Figures
from api.moderation.stats.kappas import Kappa
from api.moderation.stats.periods import MOST_DAYS
from api.moderation.stats.shares import Share
from api.moderation.stats.sheets import Cell, Sheet
from api.web.cells import tame
from api.web.fields import show_time
from api.web.routing import Blueprint, caller, services
from api.web.stats_schemas import StatsOut

blp = Blueprint("stats", __name__, url_prefix="/v1/stats")


class StatsQuery(ma.Schema):
    """How many days."""

    days = ma.fields.Integer(
        load_default=7,
        validate=validate.Range(min=1, max=MOST_DAYS),
        metadata={"description": "whole days in UTC, today as the last"},
    )


@blp.route("", methods=["GET"])
@blp.arguments(StatsQuery(), location="query")
@blp.response(200, StatsOut)
def show(query: dict[str, Any]) -> Response:
    """How moderation has gone in the last days: volumes, waiting, decisions, errors, agreement.

    Every share has how many it is of (`n`) and the ends of its 95 % interval, and is null of fewer
    than 20. What the machine said of an open audit sample is in none of the figures.
    """
    return jsonify(show_figures(gathering.gather(services(), caller(), query["days"])))


@blp.route("/<sheet_name:sheet>.csv", methods=["GET"])
@blp.arguments(StatsQuery(), location="query")
@blp.response(200, {"type": "string"}, content_type="text/csv")
def export(query: dict[str, Any], sheet: str) -> Response:
    """The same figures as a file: one table of them, with a line for each row."""
    found = gathering.gather(services(), caller(), query["days"])
    return download(sheet, query["days"], sheets.SHEETS[sheet](found))


def download(name: str, days: int, sheet: Sheet) -> Response:
    """A table as a file to be kept."""
    answer = Response(write(sheet), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="winnow-{name}-{days}d.csv"'
    return answer


def write(sheet: Sheet) -> str:
    """A table as RFC 4180 has it; no cell is a formula to whoever opens it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    writer.writerows([tame(cell) for cell in row] for row in sheet.rows)
    return text.getvalue()


def show_figures(found: Figures) -> dict[str, Any]:
    """All figures as `StatsOut` describes them."""
    return {
        "days": len(found.period.days),
        "since": show_time(found.period.since),
        "until": show_time(found.period.until),
        "decisions_since": show_time(found.decided.since),
        "volumes": _show_volumes(found),
        "backlog": {
            "now": found.backlog.now,
            "oldest_since": show_time(found.backlog.oldest),
            "by_day": _lines(found, "backlog"),
        },
        "waiting": _show_waits(found),
        "decisions": _show_work(found),
        "moderators": [
            {
                **{name: getattr(one, name) for name in ("actor", "decisions", "bulk", "opinions")},
                "median_seconds": _round(one.seconds),
                "spacings": one.spacings,
                "undone": _show(one.undone),
            }
            for one in found.work.workers
        ],
        "reasons": [
            {
                "code": one.code,
                "verdict": one.verdict,
                "precision": _show(one.precision),
                "overridden": _show(one.overridden),
            }
            for one in found.reasons
        ],
        "samples": {
            **{name: _show(getattr(found.errors, name)) for name in sheets.ERRORS},
            "open": found.errors.open,
        },
        "agreement": _show_agreement(found),
        "reports": _show_reports(found),
    }


def _lines(found: Figures, name: str) -> list[dict[str, Cell]]:
    sheet = sheets.SHEETS[name](found)
    return [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]


def _show_volumes(found: Figures) -> dict[str, Any]:
    names = ("came", "approved", "held", "rejected", "undisclosed")
    return {
        **{name: getattr(found.volumes.whole, name) for name in names},
        "automatic": _show(found.volumes.automatic),
        "every": found.volumes.every,
        "by_day": _lines(found, "volumes"),
    }


def _show_waits(found: Figures) -> dict[str, Any]:
    waits = found.waits
    return {
        "n": waits.whole.n,
        "median_minutes": _round(waits.whole.median),
        "p90_minutes": _round(waits.whole.p90),
        "within_minutes": waits.within,
        "in_time": waits.in_time and _show(waits.in_time),
        "by_day": _lines(found, "waiting"),
    }


def _show_work(found: Figures) -> dict[str, Any]:
    return {
        "made": found.work.decisions,
        "bulk": found.work.bulk,
        "bulk_decisions": found.bulk_decisions,
        "undone": _show(found.work.undone),
        "an_hour": _round(found.work.an_hour),
        "by_day": _lines(found, "decisions"),
        "by_hour": _lines(found, "hours"),
    }


def _show_agreement(found: Figures) -> dict[str, Any]:
    told = found.agreement
    return {
        "whole": _show_kappa(told.whole),
        "pairs": [{"one": a, "other": b, **_show_kappa(kappa)} for (a, b), kappa in told.pairs],
        "reasons": [{"code": code, **_show_kappa(kappa)} for code, kappa in told.reasons],
    }


def _show_reports(found: Figures) -> dict[str, Any]:
    whole = notices.add_up(found.notices)
    return {
        **{name: getattr(whole, name) for name in ("came", "open", "dismissed")},
        "upheld": _show(whole.right),
        "by_day": _lines(found, "reports"),
    }


def _show(share: Share) -> dict[str, Any]:
    return {"n": share.n, "hits": share.hits, **_ends(share)}


def _show_kappa(kappa: Kappa) -> dict[str, Any]:
    return {"n": kappa.n, "agreed": kappa.agreed, **_ends(kappa)}


def _ends(of: Share | Kappa) -> dict[str, float | None]:
    return {name: _round(getattr(of, name), 4) for name in ("value", "low", "high")}


def _round(number: float | None, places: int = 1) -> float | None:
    return None if number is None else round(number, places)
