"""One author for people: who it is, what came of their comments, what is said of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import notes, profiles, standings
from api.moderation.policy.facts import KINDS
from api.moderation.spellings import spell
from api.moderation.standings import Wanted
from api.web.comment_schemas import STATUSES
from api.web.pages import console, filled, rows
from api.web.pages.cards import tell_age
from api.web.pages.session import safe_path
from api.web.routing import caller, services
from api.web.standings import StandingIn

PAGE_SIZE = 25
LISTED = 50

SAYS = {
    "trusted": "trusted: checks are skipped",
    "held": "held: a person looks at each comment",
    "suspended": "suspended: rejected until it ends",
    "banned": "banned: rejected for good",
}
"""What may be said of an author."""

SPANS = {"24": "a day", "72": "three days", "168": "a week", "720": "30 days", "": "without an end"}
"""For how many hours."""

KNOWN_BY = {
    "author": "id",
    "email": "e-mail address",
    "address": "address",
    "network": "network",
}
"""By what an author is known, in words."""


def show() -> str:
    """An author with a page of their comments."""
    return _show(*_read_author(request.args))


def say() -> ResponseReturnValue:
    """Say of an author that they are trusted, held, suspended or banned."""
    kind, value = _read_author(request.form)
    given: dict[str, Any] = {
        "kind": kind,
        "value": value,
        "standing": request.form.get("standing", ""),
        "reason": request.form.get("reason", "").strip(),
    }
    hours = request.form.get("hours", "")
    if hours not in SPANS:
        abort(422, "The form was not filled in as we made it.")
    if hours:
        given["until"] = (services().now() + timedelta(hours=int(hours))).isoformat()
    try:
        standings.put(services(), caller(), StandingIn().load(given))
    except ma.ValidationError as error:
        return _show(kind, value, filled.say(error, {"until": "How long"})), 422
    return redirect(path(kind, value), 303)


def end(standing_id: str) -> ResponseReturnValue:
    """End what is said of an author."""
    standings.end(services(), caller(), standing_id)
    return redirect(safe_path(request.form.get("next")), 303)


def note() -> ResponseReturnValue:
    """Tell colleagues something of an author."""
    kind, value = _read_author(request.form)
    said = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not 0 < len(said) <= notes.LONGEST or "\x00" in said:
        says = f"A note has 1 to {notes.LONGEST} characters; this has {len(said)}."
        return _show(kind, value, says), 422
    notes.note_author(services(), caller(), kind, value, said)
    return redirect(path(kind, value), 303)


def delete_note(note_id: str) -> ResponseReturnValue:
    """Take a note away."""
    notes.delete(services(), caller(), note_id)
    return redirect(safe_path(request.form.get("next")), 303)


def show_standings() -> str:
    """What is said of authors and in force, newest first, or what has ended."""
    ended, cursor = "ended" in request.args, request.args.get("cursor")
    wanted = Wanted(active=not ended)
    page = standings.list_standings(services(), caller(), wanted, LISTED, cursor)
    now = services().now()
    return console.render(
        "standings.html",
        standings=[
            (one, tell_age(one.created_at, now), path(one.kind, one.value)) for one in page.items
        ],
        known_by=KNOWN_BY,
        ended=ended,
        onward=url_for("pages.standings"),
        next=page.next and url_for("pages.standings", cursor=page.next, ended=1 if ended else None),
    )


def path(kind: str, value: str) -> str:
    """The page of an author."""
    if kind == "author":
        return url_for("pages.author", id=value)
    return url_for("pages.author", kind=kind, value=value)


def _show(kind: str, value: str, trouble: str = "") -> str:
    found = profiles.find(services(), caller(), kind, value)
    status, cursor = request.args.get("status") or None, request.args.get("cursor")
    if status not in (None, *STATUSES):
        abort(422, "This address asks for comments in a state that there is not.")
    page = profiles.list_comments(services(), caller(), kind, value, status, PAGE_SIZE, cursor)
    now, here = services().now(), path(kind, value)
    return console.render(
        "author.html",
        profile=found,
        known_by=KNOWN_BY,
        ages={
            "first": found.first_at and tell_age(found.first_at, now),
            "last": found.last_at and tell_age(found.last_at, now),
        },
        standings=[
            (one, standings.is_in_force(one, now), tell_age(one.created_at, now))
            for one in found.standings
        ],
        notes=[(one, tell_age(one.created_at, now)) for one in found.notes],
        says=SAYS,
        spans=SPANS,
        statuses=STATUSES,
        status=status,
        rows=rows.describe(page.items, told=status is not None),
        here=here,
        path=path,
        spelled=_spelled,
        next=page.next and f"{here}&{_query(status, page.next)}",
        given=request.form,
        trouble=trouble,
    )


def _query(status: str | None, cursor: str) -> str:
    # Neither needs to be escaped: a word, and letters of a cursor.
    return f"status={status}&cursor={cursor}" if status else f"cursor={cursor}"


def _read_author(given: Mapping[str, str]) -> tuple[str, str]:
    known = given.get("id", "")
    kind, value = ("author", known) if known else (given.get("kind", ""), given.get("value", ""))
    if kind not in KINDS or not 0 < len(value) <= 320 or "\x00" in value:
        abort(422, "This address names no author.")
    try:
        return kind, spell(kind, value)
    except ValueError as error:
        abort(422, str(error))


def _spelled(kind: str, value: str) -> str | None:
    """The page of what an author has used, where there is one."""
    try:
        return path(kind, spell(kind, value))
    except ValueError:
        return None
