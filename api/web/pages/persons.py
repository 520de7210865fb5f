"""Somebody who wants to know what is kept of them, or wants it gone, for people who are admins."""

import marshmallow as ma
from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation.errors import ConflictError, FieldError
from api.moderation.privacy import erasures, exporting, forgetting, persons
from api.moderation.privacy.persons import Person
from api.web.pages import console, filled
from api.web.people import PersonIn, write_lines
from api.web.routing import caller, services

FIELDS = {
    "author_id": "Your site's id of the author",
    "email": "E-mail address",
    "address": "IP address",
    "moderator": "Or: e-mail address of somebody who moderated",
}
"""What somebody may be known by, as it is asked for."""


def ask(trouble: str = "") -> str:
    """Who it is, and what they want."""
    return console.render("person.html", fields=FIELDS, given=request.form, trouble=trouble)


def export() -> ResponseReturnValue:
    """Everything that is kept of them, as a file."""
    try:
        lines = exporting.export(services(), caller(), _read())
    except FieldError as error:
        return ask(_say(error)), 422
    headers = {"Content-Disposition": "attachment; filename=person.jsonl"}
    return Response(write_lines(lines), mimetype="application/x-ndjson", headers=headers)


def erase() -> ResponseReturnValue:
    """Have it go, where whoever asks is sure."""
    try:
        person = _read()
        if "sure" not in request.form:
            return ask("Say that you are sure: nothing brings it back."), 422
        begun = erasures.begin(services(), caller(), person)
    except FieldError as error:
        return ask(_say(error)), 422
    except ConflictError as error:
        return ask(str(error)), 409
    return redirect(url_for("pages.erasure", erasure_id=begun.public_id), 303)


def show(erasure_id: str) -> str:
    """How far an erasure has come."""
    found = erasures.find(services(), caller(), erasure_id)
    counts = {name: one for name, one in found.counts.items() if name != forgetting.LEFT}
    left = found.counts.get(forgetting.LEFT, [])
    return console.render("erasure.html", erasure=found, counts=counts, left=left)


def _read() -> Person:
    given = {name: request.form.get(name, "").strip() or None for name in FIELDS}
    try:
        return persons.name(PersonIn().load(given))
    except ma.ValidationError as error:
        raise FieldError("", filled.say(error, FIELDS)) from error


def _say(error: FieldError) -> str:
    title = FIELDS.get(error.pointer.strip("/"), "")
    return f"{title}: {error}" if title else str(error)
