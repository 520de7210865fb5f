"""What people fill in: read with the API's own schemas, and what is wrong with it in sentences."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import marshmallow as ma
from flask import abort, request

from api.moderation.access import Caller
from api.moderation.repeats import Answer, Ticket
from api.web.routing import caller

_SECRET = re.compile(r"[0-9a-f]{32}")


def say(error: ma.ValidationError, names: Mapping[str, str] | None = None) -> str:
    """What a schema refused, as sentences for whoever filled the form in.

    >>> say(ma.ValidationError({"email": ["Not an e-mail address."]}))
    'Email: Not an e-mail address.'
    """
    found = error.messages if isinstance(error.messages, dict) else {"": error.messages}
    return " ".join(
        f"{(names or {}).get(name, _title(name))}: {_first(inside)}"
        for name, inside in found.items()
    )


def _title(name: str) -> str:
    return str(name).replace("_", " ").capitalize()


def _first(inside: Any) -> str:
    while isinstance(inside, dict | list):
        inside = next(iter(inside.values() if isinstance(inside, dict) else inside))
    return str(inside)


def lines(name: str) -> list[str]:
    """What stands in a field with one thing a line."""
    given = request.form.get(name, "").splitlines()
    return [line.strip() for line in given if line.strip()]


def make_token() -> str:
    """What a form holds that must not be done twice."""
    return secrets.token_hex(16)


def once() -> Caller:
    """The caller, with a ticket of the form's own: sent again by a reload, it is not done again.

    Whoever hands the ticket on to `api.moderation.repeats.perform` gets a RepeatError then.
    """
    token = request.form.get("token", "")
    if not _SECRET.fullmatch(token):
        abort(422, "The form was not filled in as we made it.")
    return replace(caller(), ticket=Ticket(f"form:{token}", request.path, _answer))


def _answer(_done: Any) -> Answer:
    return Answer(200, "{}")
