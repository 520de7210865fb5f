"""Which sites use a key and how often: what Akismet's clients show of an account."""

import csv
import io
import re
from dataclasses import dataclass

from flask import Response, current_app

from api.moderation.dropin import usage
from api.moderation.dropin.usage import Counts
from api.web.cells import tame
from api.web.dropin.akismet.door import Call, serve
from api.web.dropin.akismet.forms import Form
from api.web.routing import services

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

_HEADER = "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked"


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the sites of a month, and how many there are."""

    month: str
    sites: list[Counts]
    limit: int
    offset: int
    total: int


@serve("/1.2/key-sites")
def key_sites(call: Call) -> Response:
    """The sites that used the key in a month, and the answers they had."""
    page = _find(call)
    if (call.form.get("format") or "").strip().lower() == "csv":
        return Response(_write_csv(page, call.key), content_type="text/csv")
    return _show(
        {
            page.month: [_describe(one) for one in page.sites],
            "limit": page.limit,
            "offset": page.offset,
            "total": page.total,
        }
    )


@serve("/1.2/usage-limit")
def usage_limit(call: Call) -> Response:
    """How often the key was used this month; there is no limit."""
    used = usage.count_calls(services(), call.caller)
    return _show({"limit": "none", "usage": used, "percentage": "0.00", "throttled": False})


def _find(call: Call) -> Page:
    """What is asked for; what makes no sense counts as not asked."""
    form = call.form
    month = (form.get("month") or "").strip()
    if not _MONTH.fullmatch(month):
        month = usage.name_month(services().now())
    part, order = form.get("filter") or "", (form.get("order") or "").strip().lower()
    limit, offset = _read_number(form, "limit", 500), _read_number(form, "offset", 0)
    sites, total = usage.list_blogs(services(), call.caller, month, part, order, limit, offset)
    return Page(month, sites, limit, offset, total)


def _read_number(form: Form, name: str, otherwise: int) -> int:
    found = (form.get(name) or "").strip()
    return int(found) if _NUMBER.fullmatch(found) else otherwise


def _describe(site: Counts) -> dict[str, str | bool]:
    return {
        "site": site.of,
        "api_calls": str(site.calls),
        "spam": str(site.spam),
        "ham": str(site.ham),
        "missed_spam": str(site.missed_spam),
        "false_positives": str(site.false_positives),
        "is_revoked": False,
    }


def _write_csv(page: Page, key: str) -> str:
    paging = f"limit:{page.limit}, offset: {page.offset}, total: {page.total}"
    written = io.StringIO()
    written.write(f"Active sites for {key} during {page.month} ({paging})\n{_HEADER}\n")
    rows = csv.writer(written, lineterminator="\n")
    for one in page.sites:
        counts = one.calls, one.spam, one.ham, one.missed_spam, one.false_positives
        rows.writerow((tame(one.of), *counts, "false"))
    return written.getvalue()


def _show(content: dict[str, object]) -> Response:
    return Response(current_app.json.dumps(content), content_type="application/json")
