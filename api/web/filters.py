"""Which comments somebody wants, over HTTP: the same in a query string and in JSON."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.filters import Filter, ScoreRange
from api.web.comment_schemas import STATUSES
from api.web.fields import PageQuery, SearchText, Time, text

MOST_VALUES = 50
"""How many values of one field may be asked for at once."""

LONGEST_MINUTES = 60 * 24 * 3660

NAMES = tuple(one.name for one in fields(Filter))
"""What `take` takes."""


class AnyOf(ma.fields.List[Any]):
    """Several values of which any will do; one may come without a list around it."""

    def __init__(self, inner: ma.fields.Field[Any], **kwargs: Any) -> None:
        length = validate.Length(min=1, max=MOST_VALUES)
        super().__init__(inner, load_default=None, validate=length, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize([value] if isinstance(value, str) else value, *args, **kwargs)


class Score(ma.fields.String):
    """A range of a score, as `toxicity:0.5-0.9`."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return ScoreRange.parse(super()._deserialize(value, *args, **kwargs))
        except ValueError as error:
            raise ma.ValidationError(str(error)) from error


class Minutes(ma.fields.Integer):
    """A whole number of minutes."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = validate.Range(min=0, max=LONGEST_MINUTES)
        super().__init__(load_default=None, validate=bounds, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        # JSON's own numbers, or digits of a query string: neither 1.5 nor true.
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, *args, **kwargs)


class FilterFields(ma.Schema):
    """What comments can be told apart by; `take` makes a filter of what was read."""

    reason = AnyOf(text(100), metadata={"description": "a reason's code; any of several"})
    article = AnyOf(text(256))
    section = AnyOf(text(256))
    author = AnyOf(text(256))
    language = AnyOf(text(35), metadata={"description": "what the text seems to be written in"})
    reporter = text(256, load_default=None, metadata={"description": "who has reported it"})
    campaign = text(40, load_default=None)
    q = SearchText(load_default=None)
    score = AnyOf(
        Score(),
        attribute="scores",
        metadata={"description": "toxicity:0.5-0.9, or toxicity:0.5 for that and more; all hold"},
    )
    waits_longer = Minutes(metadata={"description": "minutes that it has waited at least"})
    waits_shorter = Minutes(metadata={"description": "minutes that it has not waited yet"})
    since = Time(load_default=None, metadata={"description": "when it came, at the earliest"})
    until = Time(load_default=None, metadata={"description": "before when it came"})

    @ma.validates_schema
    def _check_bounds(self, data: dict[str, Any], **_: Any) -> None:
        since, until = data.get("since"), data.get("until")
        if since is not None and until is not None and until <= since:
            raise ma.ValidationError("Must be after since.", "until")
        longer, shorter = data.get("waits_longer"), data.get("waits_shorter")
        if longer is not None and shorter is not None and shorter <= longer:
            raise ma.ValidationError("Must be more than waits_longer.", "waits_shorter")


class CommentsQuery(PageQuery, FilterFields):
    """Which comments to list."""

    status = AnyOf(ma.fields.String(validate=validate.OneOf(STATUSES)))


class FilterSchema(FilterFields):
    """Which comments; each field that is named must hold."""

    status = AnyOf(ma.fields.String(validate=validate.OneOf(STATUSES)))

    @ma.post_load
    def _filter(self, data: dict[str, Any], **_: Any) -> Filter:
        return take(data)


def check_blind(data: Mapping[str, Any]) -> None:
    """Raise ValidationError where a filter would tell what the machine said of the samples."""
    for field, name in {"reason": "reason", "scores": "score", "campaign": "campaign"}.items():
        if data.get(field) is not None:
            raise ma.ValidationError("The samples do not tell what was said of them.", name)


def take(data: dict[str, Any]) -> Filter:
    """A filter of what a schema with `FilterFields` has read, which is taken out of `data`."""
    given = {name: data.pop(name) for name in NAMES if name in data}
    found: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not None
    }
    return Filter(**found)
