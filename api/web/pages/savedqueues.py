"""Queues for people: how much waits in each, and those that a site saves for itself."""

import re
import unicodedata
from typing import Any

import marshmallow as ma
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation.errors import ConflictError, FieldError, TakenError
from api.moderation.queues import BUILT_IN, counting, listing, saved
from api.moderation.queues.saved import VIEWED, Wish
from api.web.pages import console, filled
from api.web.pages.cards import tell_span
from api.web.queues import QueueIn
from api.web.routing import caller, services

MANY = ("reason", "article", "section", "author", "language", "score")
"""What a filter may name several of, of which any will do."""

ONE = ("q", "reporter", "campaign", "waits_longer", "waits_shorter")

TITLES = {
    "queue": "Out of",
    "reason": "Reasons",
    "article": "Articles",
    "section": "Sections",
    "author": "Authors",
    "language": "Languages",
    "score": "Scores",
    "q": "Words",
    "reporter": "Reported by",
    "campaign": "Campaign",
    "waits_longer": "Waiting for minutes, at least",
    "waits_shorter": "Waiting for minutes, less than",
    "within_minutes": "To be decided within minutes",
    "title": "Title",
    "key": "Key",
}
"""What is asked for, in words."""

SORTS = {"priority": "most urgent first", "oldest": "oldest first", "newest": "newest first"}


def show_all() -> str:
    """Every queue with how much waits in it."""
    now = services().now()
    found = counting.count(services(), caller())
    return console.render(
        "queues.html",
        queues=[
            (one, one.oldest_since and tell_span(one.oldest_since, now), tell(one.queue.filter))
            for one in found
        ],
    )


def ask() -> str:
    """A form for a new queue, filled in as the address says."""
    asked = {name: some for name in (*MANY, *ONE, "queue") if (some := _given(name))}
    plain = {name: some if name in MANY else some[0] for name, some in asked.items()}
    wish = Wish("", plain)
    left_out = [name for name in ("status", "since", "until") if request.args.get(name)]
    return _render("", wish, left_out=left_out)


def create() -> ResponseReturnValue:
    """Save a new queue."""
    name = make_name(request.form.get("title", ""))
    known = {one.name for one in saved.list_saved(services(), caller().site_id)}
    if not name:
        return _render("", _read_wish(), "Title: letters or digits make a name."), 422
    if name in known:
        return _render("", _read_wish(), "There is a queue of this name; change that one."), 409
    return _put(name, new=True)


def show(name: str) -> str:
    """A saved queue, ready to be changed."""
    row = saved.find(services(), caller(), name)
    return _render(name, Wish(row.title, row.filter, row.sort, row.key, row.within_minutes))


def change(name: str) -> ResponseReturnValue:
    """Have a saved queue be another one from now on."""
    saved.find(services(), caller(), name)
    return _put(name)


def delete(name: str) -> ResponseReturnValue:
    """Have a saved queue no more."""
    try:
        saved.delete(services(), caller(), name)
    except ConflictError as error:
        row = saved.find(services(), caller(), name)
        wish = Wish(row.title, row.filter, row.sort, row.key, row.within_minutes)
        return _render(name, wish, str(error)), 409
    return redirect(url_for("pages.queues"), 303)


def make_name(title: str) -> str:
    """The name of a queue with a title, as it stands in addresses.

    >>> make_name("Sport & Über-Leute!")
    'sport-uber-leute'
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", plain))[:50].strip("-")


def tell(plain: dict[str, Any] | None) -> list[tuple[str, str]]:
    """A queue's filter in words; nothing of a place that has none."""
    return [
        (TITLES.get(name, name), ", ".join(map(str, value)) if isinstance(value, list) else value)
        for name, value in (plain or {}).items()
    ]


def _put(name: str, new: bool = False) -> ResponseReturnValue:
    shown = "" if new else name
    try:
        wish: Wish = QueueIn().load(_read())
        saved.put(services(), caller(), name, wish)
    except ma.ValidationError as error:
        return _render(shown, _read_wish(), _say(error)), 422
    except FieldError as error:
        return _render(shown, _read_wish(), str(error)), 422
    except (TakenError, ConflictError) as error:
        return _render(shown, _read_wish(), str(error)), 409
    return redirect(url_for("pages.queues"), 303)


def _render(name: str, wish: Wish, trouble: str = "", left_out: Any = ()) -> str:
    return console.render(
        "saved-queue.html",
        name=name,
        wish=wish,
        # What one may name several of, one a line.
        filter={
            field: "\n".join(value) if isinstance(value, list | tuple) else value
            for field, value in (wish.filter or {}).items()
        },
        place=wish.filter is None,
        viewed={one: BUILT_IN[one] for one in VIEWED},
        sorts={one: SORTS[one] for one in listing.ORDERS},
        titles=TITLES,
        left_out=left_out,
        trouble=trouble,
    )


def _read() -> dict[str, Any]:
    """What the form says, as the API would be told."""
    given = request.form
    plain: dict[str, Any] = {name: some for name in MANY if (some := filled.lines(name))}
    plain |= {name: said for name in ONE if (said := given.get(name, "").strip())}
    plain |= {"queue": given["queue"]} if given.get("queue") else {}
    return {
        "title": given.get("title", "").strip(),
        "sort": given.get("sort", "priority"),
        "key": given.get("key", "").strip() or None,
        "within_minutes": _number(given.get("within_minutes", "").strip()),
        "filter": None if given.get("kind") == "place" else plain,
    }


def _read_wish() -> Wish:
    """The same, however wrong, to be shown again."""
    return Wish(**_read())


def _number(given: str) -> int | str | None:
    if not given:
        return None
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else given


def _given(name: str) -> list[str]:
    return [one for one in request.args.getlist(name) if one]


def _say(error: ma.ValidationError) -> str:
    found = error.messages if isinstance(error.messages, dict) else {}
    inside = found.pop("filter", {})
    if isinstance(inside, dict):
        found |= inside
    return filled.say(ma.ValidationError(found), TITLES)
