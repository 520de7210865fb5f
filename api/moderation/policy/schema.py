"""The shape of a policy document, as plain data; what does not fit is named by its place."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import marshmallow as ma
import re2
from marshmallow import validate

from api.moderation.policy.document import (
    CHECKS,
    DOINGS,
    FIELDS,
    LONGEST_VALUE,
    MODES,
    MOST_EXAMPLES,
    MOST_RULES,
    PROFILES,
    RULE_DOINGS,
    RULE_KINDS,
    Authors,
    Checker,
    Document,
    Duplicates,
    Example,
    Form,
    Hours,
    Links,
    Mode,
    Nudge,
    Override,
    Rate,
    RecentRecord,
    Rule,
    Target,
)
from classifier import LABELS

MOST_PLACES = 10_000
"""How many sections, and how many articles, may have modes of their own."""

_DAYS = "(?:mon|tue|wed|thu|fri|sat|sun)"
_SPAN = re.compile(
    rf"{_DAYS}(?:-{_DAYS})?(?:,{_DAYS}(?:-{_DAYS})?)*"
    r" (?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
)
_TARGET = re.compile(r"(precision|share):(\d*\.?\d+)")
_NO_TARGET = "Must be a score from 0 to 1, never, precision:0.95 or share:0.01."
_HOST = re.compile(r"(?=.{1,253}\Z)[^\s/:@*]+\.[^\s/:@*]+")


def load_document(plain: Any) -> Document:
    """Make a document of plain data; raise marshmallow's ValidationError with every fault."""
    document: Document = _SCHEMA.load(plain)
    return document


def number(least: float, most: float, **given: Any) -> ma.fields.Float:
    """A number between two bounds, both allowed; no string of digits, no boolean."""
    return _Number(validate=validate.Range(least, most), **given)


def whole(least: int, most: int, **given: Any) -> ma.fields.Integer:
    """A whole number between two bounds, both allowed."""
    return ma.fields.Integer(strict=True, validate=[_no_flag, validate.Range(least, most)], **given)


class _Number(ma.fields.Float):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> float:
        if isinstance(value, bool | str):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs) or 0.0


def _no_flag(value: Any) -> None:
    if isinstance(value, bool):
        raise ma.ValidationError("Not a valid integer.")


class Text(ma.fields.String):
    """A string that every database can hold."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        if "\x00" in text or (not text.isascii() and re.search("[\ud800-\udfff]", text)):
            raise ma.ValidationError("Holds a character that cannot be kept.")
        return text


def one_of(choices: tuple[str, ...]) -> ma.fields.String:
    """One of some words."""
    return Text(validate=validate.OneOf(choices, error="Must be one of: {choices}."))


def _text(longest: int, shortest: int = 0, **given: Any) -> ma.fields.String:
    return Text(validate=validate.Length(shortest, longest), **given)


def _hosts() -> ma.fields.List[Any]:
    fits = validate.Regexp(_HOST, error="A host is a name like example.com, without http://.")
    return _Tuple(_Host(validate=fits), validate=validate.Length(max=10_000))


class _Host(Text):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, *args, **kwargs).strip().lower().removeprefix("www.")


class _Tuple(ma.fields.List[Any]):
    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


class _Frozen(ma.fields.Dict):
    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(*args, **kwargs)  # type: ignore[no-untyped-call]
        return MappingProxyType(found)


class TargetField(ma.fields.Field[Target]):
    """A score from 0 to 1, `never`, `precision:0.95` or `share:0.01`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Target:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return Target("score", float(value))
        if value == "never":
            return Target("never")
        found = _TARGET.fullmatch(value) if isinstance(value, str) else None
        if found is None or not 0 < float(found[2]) < 1:
            raise ma.ValidationError(_NO_TARGET)
        return Target(found[1], float(found[2]))


class _Made(ma.Schema):
    """A schema whose result is an object of the class `made`."""

    made: type

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.made(**data)


class OverrideSchema(_Made):
    """One label's thresholds."""

    made = Override
    hold = TargetField()
    reject = TargetField()

    @ma.validates_schema
    def _check_order(self, data: dict[str, Any], **_: Any) -> None:
        hold, reject = data.get("hold"), data.get("reject")
        plain = {"score"} == {target.kind for target in (hold, reject) if target}
        if hold and reject and plain and hold.value > reject.value:
            raise ma.ValidationError("Must not be above reject.", "hold")


class HoursSchema(_Made):
    """When comments are taken."""

    made = Hours
    zone = Text(required=True)
    open = _Tuple(
        Text(validate=validate.Regexp(_SPAN, error="Must look like: mon-fri 08:00-22:00")),
        required=True,
        validate=validate.Length(1, 50),
    )
    outside = one_of(("pre", "closed"))

    @ma.validates("zone")
    def _check_zone(self, zone: str, **_: Any) -> None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ma.ValidationError("Must be a time zone like Europe/Berlin.") from error


class ModeSchema(_Made):
    """How comments are taken in a section or under an article."""

    made = Mode
    mode = one_of(MODES)
    approvals = whole(1, 100)
    hours = ma.fields.Nested(HoursSchema, allow_none=True)
    close_after_days = whole(0, 36500)


class RuleSchema(_Made):
    """One of `word`, `wildcard` or `regex`, and what it does."""

    made = Rule
    word = _text(LONGEST_VALUE, 1)
    wildcard = _text(LONGEST_VALUE, 1)
    regex = _text(LONGEST_VALUE, 1)
    do = ma.fields.String(
        required=True, validate=validate.OneOf(RULE_DOINGS, error="Must be one of: {choices}.")
    )
    name = _text(100, 1)
    fields_ = _Tuple(
        one_of(FIELDS), data_key="in", attribute="fields", validate=validate.Length(1, 4)
    )
    case = ma.fields.Boolean(truthy={True}, falsy={False})
    message = _text(500)
    replacement = _text(200, data_key="with")

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        kinds = [kind for kind in RULE_KINDS if kind in data]
        if len(kinds) != 1:
            raise ma.ValidationError("Must have one of word, wildcard and regex.")
        if data.get("do") == "replace" and data.get("fields", ("text",)) != ("text",):
            raise ma.ValidationError("Only the text can be replaced.", "in")
        if "replacement" in data and data.get("do") != "replace":
            raise ma.ValidationError("Goes with do: replace.", "with")
        if kinds == ["regex"]:
            _check_regex(data["regex"])
        elif not any(letter.isalnum() for letter in data[kinds[0]]) and kinds == ["wildcard"]:
            raise ma.ValidationError("Has no letter or digit.", kinds[0])

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Rule:
        kind = next(kind for kind in RULE_KINDS if kind in data)
        return Rule(kind=kind, value=data.pop(kind), **data)


def quiet_options() -> Any:
    """How regular expressions are read: by RE2, in linear time, without a word on stderr."""
    options = re2.Options()
    options.log_errors = False
    return options


def _check_regex(pattern: str) -> None:
    try:
        re2.compile(pattern, quiet_options())
    except re2.error as error:
        said = error.args[0]
        words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        says = f"Not a regular expression that RE2 reads: {words}."
        raise ma.ValidationError(says, "regex") from error


class RateSchema(_Made):
    """How often is too often."""

    made = Rate
    count = whole(1, 10_000, required=True)
    seconds = whole(1, 86_400, required=True)
    do = one_of(DOINGS)


class RatesSchema(ma.Schema):
    """Rates of authors, addresses and articles."""

    author = ma.fields.Nested(RateSchema)
    address = ma.fields.Nested(RateSchema)
    article = ma.fields.Nested(RateSchema)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Mapping[str, Rate]:
        return MappingProxyType(data)


class RecentRecordSchema(_Made):
    """How many rejections are too many."""

    made = RecentRecord
    share = number(0.01, 1)
    days = whole(1, 365)
    least = whole(1, 50)
    do = one_of(DOINGS)


class AuthorsSchema(_Made):
    """What is asked of who writes."""

    made = Authors
    newcomers = whole(0, 100)
    recent_record = ma.fields.Nested(RecentRecordSchema)
    look_alikes = one_of(DOINGS)
    disposable_email = one_of(DOINGS)
    disposable_domains = _hosts()
    rates = ma.fields.Nested(RatesSchema)
    staff_skips = _Tuple(one_of(CHECKS))
    trusted_skips = _Tuple(one_of(CHECKS))


class DuplicatesSchema(_Made):
    """What is done about the same text again."""

    made = Duplicates
    do = one_of(DOINGS)
    copies = whole(2, 100)
    similarity = number(0.5, 1)
    days = whole(1, 90)
    least_characters = whole(10, 1000)
    follow_hours = whole(0, 24 * 90)


class LinksSchema(_Made):
    """What is done about links."""

    made = Links
    most = whole(0, 200, allow_none=True)
    too_many = one_of(DOINGS)
    new_host = one_of(DOINGS)
    shorteners = one_of(DOINGS)
    only_links = one_of(DOINGS)
    allow = _hosts()
    block = _hosts()
    blocked = one_of(DOINGS)


class FormSchema(_Made):
    """What is done about what the form has seen."""

    made = Form
    honeypot = one_of(DOINGS)
    least_ms = whole(1, 600_000, allow_none=True)
    too_fast = one_of(DOINGS)
    token = one_of(DOINGS)
    token_minutes = whole(1, 10_080)


class NudgeSchema(_Made):
    """How often an author may ask."""

    made = Nudge
    count = whole(1, 1000)
    seconds = whole(1, 86_400)


class CheckerSchema(_Made):
    """Who is asked beside us."""

    made = Checker
    url = _text(2048, 1, required=True)
    timeout_ms = whole(50, 5000)
    on_failure = one_of(("pass", "hold"))
    may = one_of(("escalate", "override"))


class ExampleSchema(_Made):
    """A comment and what must become of it."""

    made = Example
    text = _text(20_000, 1, required=True)
    expect = ma.fields.String(required=True, validate=validate.OneOf(("approve", "hold", "reject")))
    author = _Frozen(keys=Text())
    article = _Frozen(keys=Text())
    form = _Frozen(keys=Text())


class DocumentSchema(_Made):
    """A policy document."""

    made = Document
    note = _text(500)
    profile = one_of(PROFILES)
    thresholds = _Frozen(
        keys=Text(validate=validate.OneOf(LABELS, error="No score has this name.")),
        values=ma.fields.Nested(OverrideSchema),
    )
    mode = one_of(MODES)
    approvals = whole(1, 100)
    hours = ma.fields.Nested(HoursSchema, allow_none=True)
    close_after_days = whole(0, 36500)
    sections = _Frozen(
        keys=_text(256, 1),
        values=ma.fields.Nested(ModeSchema),
        validate=validate.Length(max=MOST_PLACES),
    )
    articles = _Frozen(
        keys=_text(256, 1),
        values=ma.fields.Nested(ModeSchema),
        validate=validate.Length(max=MOST_PLACES),
    )
    rules = _Tuple(
        ma.fields.Nested(RuleSchema),
        validate=validate.Length(max=MOST_RULES, error="At most {max} rules."),
    )
    authors = ma.fields.Nested(AuthorsSchema)
    duplicates = ma.fields.Nested(DuplicatesSchema)
    links = ma.fields.Nested(LinksSchema)
    form = ma.fields.Nested(FormSchema)
    nudge = ma.fields.Nested(NudgeSchema)
    checker = ma.fields.Nested(CheckerSchema, allow_none=True)
    audit = number(0, 1)
    examples = _Tuple(ma.fields.Nested(ExampleSchema), validate=validate.Length(max=MOST_EXAMPLES))

    @ma.validates_schema
    def _check_keys(self, data: dict[str, Any], **_: Any) -> None:
        seen: set[str] = set()
        twice = {}
        for place, rule in enumerate(data.get("rules", ())):
            if rule.key in seen:
                twice[place] = ["Another rule has the same name, or the same word and no name."]
            seen.add(rule.key)
        if twice:
            raise ma.ValidationError({"rules": twice})

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Document:
        plain = Document().mode
        own = {name: data.pop(name) for name in _MODE_FIELDS if name in data}
        mode = {name: getattr(plain, name) for name in _MODE_FIELDS} | own
        return Document(mode=Mode(**mode), **data)


_MODE_FIELDS = ("mode", "approvals", "hours", "close_after_days")
_SCHEMA = DocumentSchema()
