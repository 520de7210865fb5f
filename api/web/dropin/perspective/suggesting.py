"""Perspective's `comments:suggestscore`: what a site says of a comment becomes a decision on it.

Sites report the value that they think right for the attributes they use: 0 for what they have
approved, 1 for what they have removed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, current_app, request

from api.moderation.dropin import suggestions
from api.moderation.dropin.suggestions import Suggestion
from api.web.dropin.perspective import answers, languages
from api.web.dropin.perspective.comments import make_check, read_text
from api.web.dropin.perspective.errors import refuse_comment
from api.web.dropin.perspective.keys import authenticate
from api.web.dropin.perspective.messages import SUGGEST
from api.web.routing import services

REJECTED_FROM = 0.5
"""The value of an attribute from which on a comment is rejected."""

MOST_ATTRIBUTES = 100
MOST_SPANS = 1000
"""How many scores of parts of the text are kept of a call."""

_NAME = re.compile(r"([A-Z][A-Z0-9_]{0,63}?)(?:_EXPERIMENTAL)?(?:@[0-9]{1,9})?")
_LONGEST_SHOWN = 100

_ABUSE = (
    *("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"),
    *("TOXICITY_FAST", "SEXUALLY_EXPLICIT", "OBSCENE", "INFLAMMATORY"),
    *("ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "ATTACK_ON_PUBLISHER"),
)
REASONS = {**dict.fromkeys(_ABUSE, "abusive"), "SPAM": "spam"}
"""Why a comment is rejected, by the attribute; the others say only that it is."""

PRAISE = (
    *("AFFINITY", "COMPASSION", "CONSTRUCTIVE", "CURIOSITY"),
    *("NUANCE", "PERSONAL_STORY", "REASONING", "RESPECT"),
)
"""Attributes of what is good in a comment: a high value is no reason to reject it."""


def suggest_score() -> Response:
    """Take in what the scores of a comment should have been."""
    query, outside = request.args.to_dict(), services()
    caller = authenticate(outside, query, request.headers)
    answers.check(query)
    # A context may be much longer than the comment.
    request.max_content_length = current_app.config["MAX_BATCH_LENGTH"]
    given = SUGGEST.parse(request.get_data())
    text = read_text(given)
    suggestion = _read(given.get("attributeScores", {}), len(text.encode("utf-16-le")) // 2)
    suggestions.take(outside, caller, make_check(given, text), suggestion)
    body = {
        "clientToken": given.get("clientToken"),
        "requestedLanguages": given.get("languages"),
        "detectedLanguages": languages.detect(text),
    }
    return answers.show({name: value for name, value in body.items() if value}, query)


def _read(given: Mapping[str, Any], length: int) -> Suggestion:
    """What is suggested for a text of this many UTF-16 code units."""
    if not given:
        raise refuse_comment("Missing attribute_scores")
    if len(given) > MOST_ATTRIBUTES:
        raise refuse_comment(f"Too many attributes. Exceeded limit ({MOST_ATTRIBUTES}).")
    scores, spans, left, values = {}, {}, MOST_SPANS, []
    for name, said in given.items():
        known = _NAME.fullmatch(name)
        if known is None:
            raise refuse_comment(f"Unknown requested attribute: {name[:_LONGEST_SHOWN]}")
        if "summaryScore" in said:
            scores[name] = _read_score(name, said["summaryScore"])
            values.append((known[1], scores[name]))
        found = [_read_span(name, one, length) for one in said.get("spanScores", [])]
        if name not in scores and not found:
            raise refuse_comment(f"Missing summary_score and span_scores of attribute {name}")
        if found[:left]:
            spans[name] = found[:left]
            left -= len(spans[name])
    return Suggestion(scores, spans, *_decide(values))


def _read_score(name: str, given: Mapping[str, Any]) -> float:
    kind: str = given.get("type", "PROBABILITY")
    if kind not in ("PROBABILITY", "SCORE_TYPE_UNSPECIFIED"):
        says = f"Requested score type {kind[:_LONGEST_SHOWN]} is not supported by attribute {name}"
        raise refuse_comment(says)
    # Some libraries leave out what is 0, as protobuf does.
    value: float = given.get("value", 0.0)
    if not 0 <= value <= 1:
        raise refuse_comment(f"Score value {value} of attribute {name} is not between 0 and 1")
    return value


def _read_span(name: str, given: Mapping[str, Any], length: int) -> tuple[int, int, float]:
    missing = [field for field in ("begin", "end", "score") if field not in given]
    if missing:
        raise refuse_comment(f"Missing {missing[0]} of a span score of attribute {name}")
    begin, end = given["begin"], given["end"]
    if not 0 <= begin < end <= length:
        says = f"Span [{begin}, {end}) of attribute {name} is not within the comment text"
        raise refuse_comment(says)
    return begin, end, _read_score(name, given["score"])


def _decide(values: Sequence[tuple[str, float]]) -> tuple[str | None, str | None]:
    """What the values of attributes come to, and why."""
    bad = [(base, value) for base, value in values if base not in PRAISE]
    if not bad:
        return None, None
    base, value = max(bad, key=lambda one: one[1])
    return ("reject", REASONS.get(base)) if value >= REJECTED_FROM else ("approve", None)
