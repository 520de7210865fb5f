"""A row of a table as the comment that a website would send.

A table has columns of its own besides: only those are taken that say something about a comment,
under the names of a comment's fields, nested or with dots: `author.name`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from api.web.comment_schemas import ArticleSchema, AuthorSchema, FormSchema

_NESTED: Final = {
    "article": frozenset(ArticleSchema().fields),
    "author": frozenset(AuthorSchema().fields),
    "form": frozenset(FormSchema().fields),
}
_PLAIN: Final = ("html", "language", "created_at")
_WORDS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def find_columns(names: Iterable[str], text_column: str, id_column: str) -> list[str]:
    """Those of a table's columns that are read, each once."""
    wanted = {text_column, id_column, *_PLAIN, *_NESTED}
    return [name for name in dict.fromkeys(names) if name in wanted or _split(name)]


def _split(name: str) -> tuple[str, str] | None:
    """The field and the field in it that a name with a dot means."""
    outer, _, inner = name.partition(".")
    return (outer, inner) if inner in _NESTED.get(outer, ()) else None


def to_comment(row: Mapping[str, Any], text_column: str) -> dict[str, Any]:
    """What a website would send of this row; what is empty is left out."""
    found: dict[str, Any] = {"text": row.get(text_column)}
    if found["text"] is None:
        found["text"] = ""
    for name, value in row.items():
        place = _split(name)
        if place:
            _put(found.setdefault(place[0], {}), place[1], value)
        elif name in _NESTED and isinstance(value, Mapping):
            for inner in _NESTED[name] & value.keys():
                _put(found.setdefault(name, {}), inner, value[inner])
        elif name in _PLAIN and name != text_column:
            _put(found, name, value)
    return {name: value for name, value in found.items() if value != {}}


def to_id(value: Any) -> str | None:
    """What a row is called, as text."""
    return None if _is_empty(value) else str(_plain(value))


def _put(where: dict[str, Any], name: str, value: Any) -> None:
    if not _is_empty(value):
        where[name] = _KINDS.get(name, _as_text)(value)


def _is_empty(value: Any) -> bool:
    # NaN, which is what a missing number becomes in many tables, is not equal to itself.
    return value is None or value == "" or value != value


def _as_text(value: Any) -> Any:
    plain = _plain(value)
    return str(plain) if isinstance(plain, int) and not isinstance(plain, bool) else plain


def _plain(value: Any) -> Any:
    """A number without its point where it is whole, a time as JSON has it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _as_flag(value: Any) -> Any:
    known = str(_plain(value)).strip().lower()
    return _WORDS.get(known, value)


def _as_number(value: Any) -> Any:
    plain = _plain(value)
    try:
        return int(plain) if isinstance(plain, str) else plain
    except ValueError:
        return plain


_KINDS: Final[dict[str, Callable[[Any], Any]]] = {"html": _as_flag, "elapsed_ms": _as_number}
