"""Which part of the queue a page is asked for, and how the address says so."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask import abort, request
from marshmallow import validate

from api.moderation.filters import Filter
from api.moderation.queues import AUDIT, DEFAULT, listing, saved
from api.moderation.queues.listing import Asked
from api.web.fields import COMMENT_ID, text
from api.web.filters import FilterFields, take
from api.web.routing import caller, services

PICKED = (
    *("reason", "article", "section", "author", "language", "reporter", "campaign", "q"),
    *("score", "waits_longer", "waits_shorter", "since", "until", "mine"),
)
"""What of the address picks some of a queue."""


class ViewQuery(FilterFields):
    """Which part of which queue, in what order, and the comment that was just dealt with."""

    queue = text(50, 1, load_default=None)
    sort = ma.fields.String(load_default=None, validate=validate.OneOf(list(listing.ORDERS)))
    mine = ma.fields.Boolean(load_default=False)
    cursor = text(500, load_default=None)
    done = ma.fields.String(load_default=None, validate=validate.Regexp(rf"{COMMENT_ID}\Z"))

    @ma.validates_schema
    def _stay_blind(self, data: dict[str, Any], **_: Any) -> None:
        told = any(data.get(name) is not None for name in ("reason", "scores"))
        if data.get("queue") == AUDIT and told:
            raise ma.ValidationError("The samples do not tell their reasons.", "reason")


@dataclass(frozen=True, slots=True)
class View:
    """What was asked for; `query` is how the address says it, without cursor and comment."""

    queue: str
    asked: Asked
    cursor: str | None
    done: str | None
    query: str

    @property
    def narrowed(self) -> bool:
        """Whether it is but some of the queue."""
        return self.asked.filter != Filter() or self.asked.mine


def read() -> View:
    """The view that this request's address asks for; 422 for one that there cannot be."""
    given = _given()
    try:
        found: dict[str, Any] = ViewQuery(unknown=ma.EXCLUDE).load(_flatten(given))
    except ma.ValidationError:
        abort(422, "This address asks the queue for something it does not know.")
    cursor, done = found.pop("cursor"), found.pop("done")
    queue, sort, mine = found.pop("queue") or DEFAULT, found.pop("sort"), found.pop("mine")
    asked = saved.resolve(services(), caller(), queue, take(found), sort, mine)
    kept = {name: given[name] for name in ("queue", "sort", *PICKED) if name in given}
    return View(queue, asked, cursor, done, urlencode(kept, doseq=True))


def path(base: str, query: str, **more: str | None) -> str:
    """An address with a query and more of it."""
    added = urlencode({name: value for name, value in more.items() if value})
    joined = "&".join(part for part in (query, added) if part)
    return f"{base}?{joined}" if joined else base


def _given() -> dict[str, list[str]]:
    """The address's query without what is left empty: forms send "" where nothing is chosen."""
    lists = request.args.lists()
    return {name: kept for name, values in lists if (kept := [one for one in values if one])}


def _flatten(given: dict[str, list[str]]) -> dict[str, Any]:
    return {name: values if len(values) > 1 else values[0] for name, values in given.items()}
