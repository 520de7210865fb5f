"""The shape of a rule: a word, a wildcard pattern or a regular expression, and what it does."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.document import FIELDS, LONGEST_VALUE, RULE_DOINGS, RULE_KINDS, Rule
from api.moderation.policy.lexicon.patterns import PatternError, read_pattern
from api.moderation.policy.reading.fields import Made, Tuple, one_of, words


class RuleSchema(Made):
    """One of `word`, `wildcard` or `regex`, and what it does."""

    made = Rule
    word = words(LONGEST_VALUE, 1)
    wildcard = words(LONGEST_VALUE, 1)
    regex = words(LONGEST_VALUE, 1)
    do = one_of(RULE_DOINGS, required=True)
    name = words(100, 1)
    fields_ = Tuple(
        one_of(FIELDS), data_key="in", attribute="fields", validate=validate.Length(1, 4)
    )
    case = ma.fields.Boolean(truthy={True}, falsy={False})
    message = words(500)
    replacement = words(200, data_key="with")

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        kinds = [kind for kind in RULE_KINDS if kind in data]
        if len(kinds) != 1:
            raise ma.ValidationError("Must have one of word, wildcard and regex.")
        if data.get("do") == "replace" and data.get("fields", ("text",)) != ("text",):
            raise ma.ValidationError("Only the text can be replaced.", "in")
        if "replacement" in data and data.get("do") != "replace":
            raise ma.ValidationError("Goes with do: replace.", "with")
        _check_value(kinds[0], data[kinds[0]], data.get("case", False))

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Rule:
        kind = next(kind for kind in RULE_KINDS if kind in data)
        return Rule(kind=kind, value=data.pop(kind), **data)


def _check_value(kind: str, value: str, case: bool) -> None:
    """Refuse what cannot be looked for."""
    if kind == "regex":
        try:
            read_pattern(value, case)
        except PatternError as error:
            raise ma.ValidationError(str(error), kind) from error
    elif not value.strip():
        raise ma.ValidationError("Has nothing but blanks.", kind)
    elif kind == "wildcard" and not any(letter.isalnum() for letter in value):
        raise ma.ValidationError("Has no letter or digit.", kind)
