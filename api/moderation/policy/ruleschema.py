"""The shape of a rule: a word, a wildcard pattern or a regular expression, and what it does."""

from typing import Any

import marshmallow as ma
import re2
from marshmallow import validate

from api.moderation.policy.document import FIELDS, LONGEST_VALUE, RULE_DOINGS, RULE_KINDS, Rule
from api.moderation.policy.fields import Made, Tuple, one_of, words


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
