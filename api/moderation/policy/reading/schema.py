"""The shape of a policy document, as plain data; what does not fit is named by its place."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.document import (
    CHECKS,
    DOINGS,
    MODES,
    MOST_EXAMPLES,
    MOST_RULES,
    PROFILES,
    Authors,
    Checker,
    Document,
    Duplicates,
    Form,
    Links,
    Mode,
    Nudge,
    Override,
    Rate,
    RecentRecord,
)
from api.moderation.policy.lexicon.patterns import LARGEST_ALL, read_pattern
from api.moderation.policy.reading.dropinschema import DropinSchema, curves
from api.moderation.policy.reading.exampleschema import ExampleSchema
from api.moderation.policy.reading.fields import (
    Frozen,
    Made,
    Shape,
    TargetField,
    Text,
    Tuple,
    hosts,
    number,
    one_of,
    whole,
    words,
)
from api.moderation.policy.reading.learningschema import LearningSchema
from api.moderation.policy.reading.placeschema import ModeSchema, hours
from api.moderation.policy.reading.reviewschema import ReviewSchema
from api.moderation.policy.reading.ruleschema import RuleSchema
from classifier import LABELS, LEARNED
from classifier.cascade import OPINIONS

MOST_PLACES = 10_000
"""How many sections, and how many articles, may have modes of their own."""


def load_document(plain: Any) -> Document:
    """Make a document of plain data; raise marshmallow's ValidationError with every fault."""
    document: Document = SCHEMA.load(plain)
    return document


class OverrideSchema(Made):
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


class RateSchema(Made):
    """How often is too often."""

    made = Rate
    count = whole(1, 10_000, required=True)
    seconds = whole(1, 86_400, required=True)
    do = one_of(DOINGS)


class RatesSchema(Shape):
    """Rates of authors, addresses and articles."""

    author = ma.fields.Nested(RateSchema)
    address = ma.fields.Nested(RateSchema)
    article = ma.fields.Nested(RateSchema)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Mapping[str, Rate]:
        return MappingProxyType(data)


class RecentRecordSchema(Made):
    """How many rejections are too many."""

    made = RecentRecord
    share = number(0.01, 1)
    days = whole(1, 365)
    least = whole(1, 50)
    do = one_of(DOINGS)


class AuthorsSchema(Made):
    """What is asked of who writes."""

    made = Authors
    newcomers = whole(0, 100)
    recent_record = ma.fields.Nested(RecentRecordSchema)
    look_alikes = one_of(DOINGS)
    disposable_email = one_of(DOINGS)
    disposable_domains = hosts()
    rates = ma.fields.Nested(RatesSchema)
    staff_skips = Tuple(one_of(CHECKS))
    trusted_skips = Tuple(one_of(CHECKS))


class DuplicatesSchema(Made):
    """What is done about the same text again."""

    made = Duplicates
    do = one_of(DOINGS)
    copies = whole(2, 100)
    similarity = number(0.5, 1)
    days = whole(1, 90)
    least_characters = whole(10, 1000)
    follow_hours = whole(0, 24 * 90)


class LinksSchema(Made):
    """What is done about links."""

    made = Links
    most = whole(0, 200, allow_none=True)
    too_many = one_of(DOINGS)
    new_host = one_of(DOINGS)
    shorteners = one_of(DOINGS)
    only_links = one_of(DOINGS)
    allow = hosts()
    block = hosts()
    blocked = one_of(DOINGS)


class FormSchema(Made):
    """What is done about what the form has seen."""

    made = Form
    honeypot = one_of(DOINGS)
    least_ms = whole(1, 600_000, allow_none=True)
    too_fast = one_of(DOINGS)
    token = one_of(DOINGS)
    token_minutes = whole(1, 10_080)


class NudgeSchema(Made):
    """How often an author may ask."""

    made = Nudge
    count = whole(1, 1000)
    seconds = whole(1, 86_400)


class CheckerSchema(Made):
    """Who is asked beside us."""

    made = Checker
    url = words(2048, 1, required=True)
    timeout_ms = whole(50, 5000)
    on_failure = one_of(("pass", "hold"))
    may = one_of(("escalate", "override"))


class DocumentSchema(Made):
    """A policy document."""

    made = Document
    note = words(500)
    profile = one_of(PROFILES)
    thresholds = Frozen(
        keys=Text(validate=validate.OneOf((*LABELS, LEARNED), error="No score has this name.")),
        values=ma.fields.Nested(OverrideSchema),
    )
    second_opinion = one_of(OPINIONS)
    mode = one_of(MODES)
    approvals = whole(1, 100)
    hours = hours()
    close_after_days = whole(0, 36500)
    sections = Frozen(
        keys=words(256, 1),
        values=ma.fields.Nested(ModeSchema),
        validate=validate.Length(max=MOST_PLACES),
    )
    articles = Frozen(
        keys=words(256, 1),
        values=ma.fields.Nested(ModeSchema),
        validate=validate.Length(max=MOST_PLACES),
    )
    rules = Tuple(
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
    review = ma.fields.Nested(ReviewSchema)
    dropin = ma.fields.Nested(DropinSchema)
    learning = ma.fields.Nested(LearningSchema)
    perspective_curve = curves()
    examples = Tuple(ma.fields.Nested(ExampleSchema), validate=validate.Length(max=MOST_EXAMPLES))

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

    @ma.validates_schema
    def _check_patterns(self, data: dict[str, Any], **_: Any) -> None:
        rules = [rule for rule in data.get("rules", ()) if rule.kind == "regex"]
        weight = sum(read_pattern(rule.value, rule.case).programsize for rule in rules)
        if weight > LARGEST_ALL:
            says = f"The {len(rules)} regular expressions together would take too long."
            raise ma.ValidationError({"rules": [says]})

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Document:
        plain = Document().mode
        own = {name: data.pop(name) for name in _MODE_FIELDS if name in data}
        mode = {name: getattr(plain, name) for name in _MODE_FIELDS} | own
        return Document(mode=Mode(**mode), **data)


_MODE_FIELDS = ("mode", "approvals", "hours", "close_after_days")
SCHEMA = DocumentSchema()
