"""What one stored answer holds, in whichever of the usual shapes somebody has kept it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.web.dropin.perspective import attributes

TEXT_FIELDS: Final = ("text", "comment", "comment_text", "content", "body")
"""Where a text is looked for, in this order."""


class ShapeError(ValueError):
    """Says in a few words why a stored answer cannot be compared."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A text and the scores that it was given, by attribute as Perspective names them."""

    text: str
    scores: Mapping[str, float]
    languages: tuple[str, ...]
    """Those that the attributes were asked for in; empty where the answer does not say."""


def read_answer(found: Any, text_field: str | None = None) -> Answer:
    """Understand one line's JSON object, or one row of a table; raise ShapeError."""
    if not isinstance(found, dict):
        raise ShapeError("no JSON object")
    request, response = _member(found, "request"), _member(found, "response")
    asked = request if isinstance(request, dict) else found
    answered = response if isinstance(response, dict) else found
    text = _find_text(asked, text_field)
    scores = _member(answered, "attributeScores")
    if scores is None and "error" in answered:
        raise ShapeError("an error instead of scores")
    named = scores.items() if isinstance(scores, dict) else _find_flat(answered)
    read = {
        str(name).strip().upper(): score
        for name, given in named
        if (score := _score(given)) is not None
    }
    if not read:
        raise ShapeError("no scores")
    return Answer(text, read, _find_languages(asked) or _find_languages(answered))


def _member(found: Mapping[str, Any], name: str) -> Any:
    """A member by its name in camel case, or in snake case."""
    if name in found:
        return found[name]
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return found.get(snake)


def _find_text(found: Mapping[str, Any], field: str | None) -> str:
    for name in TEXT_FIELDS if field is None else (field,):
        given = found.get(name)
        if isinstance(given, dict):
            given = given.get("text")
        if isinstance(given, str):
            if not given.strip():
                raise ShapeError("an empty text")
            return given
    raise ShapeError("no text")


def _find_flat(found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, given in found.items():
        if attributes.find(str(name).strip().upper()):
            yield name, given


def _score(given: Any) -> float | None:
    """A score as a number, as its digits, or as the object that the service answers with."""
    if isinstance(given, dict):
        summary = _member(given, "summaryScore")
        given = summary.get("value") if isinstance(summary, dict) else given.get("value")
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    try:
        if isinstance(given, bool):
            raise ValueError
        score = float(given)
    except (TypeError, ValueError, OverflowError):
        raise ShapeError("a score that is no number") from None
    if not (math.isfinite(score) and 0 <= score <= 1):
        raise ShapeError("a score outside of 0 to 1")
    return score


def _find_languages(found: Mapping[str, Any]) -> tuple[str, ...]:
    given = found.get("languages")
    if isinstance(given, str):
        given = given.replace(",", " ").split()
    return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list) else ()
