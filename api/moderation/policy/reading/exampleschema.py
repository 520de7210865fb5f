"""The shape of an example: a comment, who wrote it where, and what must become of it."""

import ipaddress
from datetime import datetime
from typing import Any

import marshmallow as ma

from api.moderation.policy.document import Example
from api.moderation.policy.reading.fields import Made, Shape, Text, one_of, whole, words

ACTIONS = ("approve", "hold", "reject")


class _Given(Shape):
    """A part of a comment, handed on as plain data: a stored example has to stay what it was."""

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value not in ("", None)}


class ExampleAuthorSchema(_Given):
    """Who wrote it."""

    id = words(256)
    name = words(200)
    email = words(254)
    url = words(2048)
    ip = Text()
    role = one_of(("reader", "staff"))

    @ma.validates("ip")
    def _check_ip(self, given: str, **_: Any) -> None:
        try:
            ipaddress.ip_address(given)
        except ValueError as error:
            raise ma.ValidationError("Not an IPv4 or IPv6 address.") from error


class ExampleArticleSchema(_Given):
    """Where it stands."""

    id = words(256)
    url = words(2048)
    title = words(1000)
    section = words(256)
    published_at = Text()

    @ma.validates("published_at")
    def _check_time(self, given: str, **_: Any) -> None:
        try:
            aware = datetime.fromisoformat(given).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise ma.ValidationError("Must be a time like 2026-11-22T12:00:00+01:00.")


class ExampleFormSchema(_Given):
    """What the form has seen."""

    honeypot = words(1000)
    elapsed_ms = whole(0, 10**12)


class ExampleSchema(Made):
    """A comment and what must become of it."""

    made = Example
    text = words(20_000, 1, required=True)
    expect = one_of(ACTIONS, required=True)
    at = ma.fields.AwareDateTime(
        error_messages=dict.fromkeys(
            ("invalid", "invalid_awareness", "format"),
            "Must be a time like 2026-11-22T12:00:00+01:00.",
        )
    )
    approved = whole(0, 1000)
    author = ma.fields.Nested(ExampleAuthorSchema)
    article = ma.fields.Nested(ExampleArticleSchema)
    form = ma.fields.Nested(ExampleFormSchema)
