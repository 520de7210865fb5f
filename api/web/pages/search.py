"""Searching all comments by their words, their authors, their articles and what became of them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask import request
from flask.typing import ResponseReturnValue

from api.moderation import comments
from api.moderation.errors import FieldError
from api.moderation.filters import Filter
from api.moderation.paging import CursorError, Page
from api.web.comment_schemas import STATUSES
from api.web.filters import FilterSchema
from api.web.pages import console, filled, highlight, rows
from api.web.routing import caller, services
from classifier import LABELS

PAGE_SIZE = 25

ASKED = (
    *("q", "status", "author", "article", "section", "reason", "language", "since", "until"),
    *("score", "campaign", "reporter"),
)
"""What of the address says which comments; links to bulk decisions and queues say the same."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LIKELY = (*(f"{label}_score" for label in LABELS), "word_rule", "near_duplicate", "newcomer")
"""The reasons that are offered; an address may name any other."""


def show() -> ResponseReturnValue:
    """The comments that are asked for, newest first; without any wish, how to ask."""
    given = read_address()
    try:
        wanted = read_filter(given)
        page = _find(wanted) if given else None
    except ma.ValidationError as error:
        return _render(given, None, filled.say(error, {"q": "Words", "": "Search"})), 422
    except (FieldError, CursorError) as error:
        return _render(given, None, str(error)), 422
    return _render(given, page)


def read_address() -> dict[str, list[str]]:
    """What the address asks for, without what was left empty."""
    lists = {name: request.args.getlist(name) for name in ASKED}
    return {name: some for name, given in lists.items() if (some := [one for one in given if one])}


def read_filter(given: dict[str, list[str]]) -> Filter:
    """The filter that an address asks for; raise ValidationError for one that there cannot be."""
    found: Filter = FilterSchema().load(read_days(given))
    return found


def read_days(given: Mapping[str, list[str]]) -> dict[str, Any]:
    """What an address asks for, as a filter's schema reads it."""
    plain: dict[str, Any] = {
        name: some if len(some) > 1 else some[0] for name, some in given.items()
    }
    for name in ("since", "until"):
        # A day, as a form says it, is its beginning.
        if _DAY.fullmatch(str(plain.get(name, ""))):
            plain[name] = f"{plain[name]}T00:00:00Z"
    return plain


def _find(wanted: Filter) -> Page[comments.State]:
    cursor = request.args.get("cursor")
    return comments.list_comments(services(), caller(), wanted, PAGE_SIZE, cursor)


def _render(
    given: dict[str, list[str]], page: Page[comments.State] | None, trouble: str = ""
) -> str:
    query = urlencode(given, doseq=True)
    q = " ".join(given.get("q", ()))
    told = bool({"status", "reason", "score", "campaign"} & set(given))
    return console.render(
        "search.html",
        given=given,
        rows=None if page is None else rows.describe(page.items, rows.read_words(q), told),
        left_out=page is not None and told and len(rows.find_blind(page.items)),
        query=query,
        next=page and page.next and f"/moderate/search?{query}&{urlencode({'cursor': page.next})}",
        statuses=STATUSES,
        reasons={code: highlight.name(code) for code in (*_LIKELY, *given.get("reason", ()))},
        trouble=trouble,
    )
