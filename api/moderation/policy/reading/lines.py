"""YAML or JSON as plain data, with the line of each part.

YAML 1.2's core schema, so that `off`, `no` and `12:30` are text. Refused is what two readers could
understand differently, or what makes much of little: anchors, tags, keys that come twice.
"""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import yaml

from api.moderation.policy.reading.faults import Fault, Path, PolicyError, point

LONGEST_TEXT = 4 * 1024 * 1024
"""Of a policy, in bytes of UTF-8."""

DEEPEST = 20
"""How deep lists and mappings may nest."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
# More digits than this are an identifier, and a leading zero is part of one.
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_SIGNS = ("an alias", "an anchor", "a tag", "cannot start any token")


@dataclass(slots=True)
class Part:
    """A value and where it begins; `parts` are the places of what is in it.

    `plain` says of text that it stands without quotes. Lines and columns count from 1.
    """

    value: Any
    line: int
    column: int
    plain: bool = False
    parts: dict[str | int, "Part"] = field(default_factory=dict)

    def find(self, path: Path) -> "Part":
        """The part at a path, or the nearest one around it."""
        found = self
        for key in path:
            if key not in found.parts:
                break
            found = found.parts[key]
        return found


def read_parts(text: str) -> Part:
    """Read a text whose top is a mapping; raise PolicyError for what is not read."""
    _check_characters(text)
    reader = _Reader(_join_pairs(text))
    try:
        return reader.read()
    except yaml.YAMLError as error:
        raise PolicyError([_explain(text, error)]) from error


def _check_characters(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        _refuse("Holds half a surrogate pair.", text.count("\n", 0, error.start) + 1)
    if size > LONGEST_TEXT:
        _refuse(f"Longer than {LONGEST_TEXT // 1024**2} MiB.")


def _join_pairs(text: str) -> str:
    """JSON spells some characters as two escapes, which YAML does not read."""
    if not text.lstrip().startswith("{") or not _PAIR.search(text):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    # A backslash that is escaped itself begins no escape.
    return re.sub(r"\\\\|" + _PAIR.pattern, _join, text, flags=re.IGNORECASE)


def _join(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0]
    return (bytes.fromhex(found[1]) + bytes.fromhex(found[2])).decode("utf-16-be")


class _Reader:
    """Makes parts of the events of PyYAML's parser, which nests no calls."""

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=_LOADER)
        self._depth = 0

    def read(self) -> Part:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            _refuse("Is empty; {} is the policy that changes nothing.", 1)
        top = self._read(self._next())
        self._next()
        more = self._next()
        if not isinstance(more, yaml.StreamEndEvent):
            _refuse("A second document begins; a policy is one.", more.start_mark.line + 1)
        if not isinstance(top.value, dict):
            _refuse("A policy is a mapping of fields to values.", top.line)
        return top

    def _next(self) -> Any:
        return next(self._events)

    def _read(self, event: Any) -> Part:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        _check_plainness(event, line, column)
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0]
            value = _resolve(event.value) if plain else event.value
            return Part(value, line, column, plain)
        self._depth += 1
        if self._depth > DEEPEST:
            _refuse(f"Nests deeper than {DEEPEST} levels.", line, column)
        part = Part(None, line, column)
        if isinstance(event, yaml.SequenceStartEvent):
            self._fill_list(part)
        else:
            self._fill_mapping(part)
        self._depth -= 1
        return part

    def _fill_list(self, part: Part) -> None:
        part.value = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            inner = self._read(event)
            part.parts[len(part.value)] = inner
            part.value.append(inner.value)

    def _fill_mapping(self, part: Part) -> None:
        part.value = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            _check_plainness(event, line, column)
            if not isinstance(event, yaml.ScalarEvent):
                _refuse("The name of a field must be text.", line, column)
            name = event.value
            if name in part.value:
                before = part.parts[name].line
                _refuse(f"“{name[:100]}” stands in line {before} already.", line, column)
            inner = self._read(self._next())
            # People look for a field where its name is.
            inner.line, inner.column = line, column
            part.parts[name] = inner
            part.value[name] = inner.value


def _check_plainness(event: Any, line: int, column: int) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        _refuse(
            "Anchors (&) and aliases (*) are not read; write it out, or quote it.", line, column
        )
    if event.tag is not None:
        _refuse("Tags (!) are not read; leave it out, or quote it.", line, column)
    if isinstance(event, yaml.ScalarEvent) and _UNKEPT.search(event.value):
        _refuse("Holds the character U+0000 or half a surrogate pair.", line, column)


def _resolve(text: str) -> Any:
    """What text without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if not NUMBER.fullmatch(text) or text.lstrip("-+").isdigit():
        return text
    number = float(text)
    return number if math.isfinite(number) else text


def _refuse(detail: str, line: int | None = None, column: int | None = None) -> NoReturn:
    raise PolicyError([Fault(point(()), detail, line, column)])


def _explain(text: str, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
    context = getattr(error, "context", None)
    detail = f"Not YAML: {', '.join(filter(None, (context, problem)))}."
    if any(one in detail for one in _SIGNS):
        detail += " Text that begins with such a sign stands in quotes."
    if mark is not None:
        return Fault("", detail, mark.line + 1, mark.column + 1)
    place = cast("int", getattr(error, "position", 0))
    return Fault("", detail, text.count("\n", 0, place) + 1)
