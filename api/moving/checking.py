"""From what a file says to a comment that can be kept, or why not.

A comment without its author's address is a comment: what is optional and cannot be kept is left
out, and counted.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import marshmallow as ma
from marshmallow import validate

from api.moderation.moving import PREFIX
from api.moderation.moving.arrivals import Arrival, Decided
from api.moderation.policy.subject import Draft
from api.moderation.rejudging import ACTOR
from api.moderation.secondlooks import FINAL
from api.moving.items import Read, Said, Skip
from api.web.comment_schemas import MAX_TEXT, CommentIn
from api.web.fields import COMMENT_ID, Time, text

_NEEDED: Final = {
    "id": "an id that cannot stand in an address",
    "text": "a text with what cannot be kept",
    "article": "no article",
    "article.id": "no article",
}
"""Without these it is no comment, and why; of anything else it is told that it was left out.

What is counted is never what somebody wrote: a hostile file would have as many reasons as lines.
"""

_TOO_LONG: Final = f"a text of more than {MAX_TEXT:,} characters"

PREFIXES: Final = re.compile(r"[A-Za-z0-9_~:@+=-][A-Za-z0-9_.~:@+=-]{0,39}\Z")
"""What ids may be made to begin with."""


class SaidIn(ma.Schema):
    """A decision as a file tells of it."""

    action = ma.fields.String(required=True, validate=validate.OneOf(FINAL))
    reason = text(100, 1, allow_none=True, load_default=None)
    actor = text(280, 1, allow_none=True, load_default=None)
    at = Time(allow_none=True, load_default=None)
    note = text(2000, 1, allow_none=True, load_default=None)


@dataclass(frozen=True, slots=True)
class Checked:
    """A comment that can be kept, and the names of what was left out."""

    arrival: Arrival
    dropped: tuple[str, ...] = ()


class Checker:
    """Checks the comments of one file: `form` is its format, ids are to begin with `prefix`."""

    def __init__(self, form: str, prefix: str = "") -> None:
        self._actor, self._prefix = PREFIX + form, prefix
        self._comment, self._said = CommentIn(), SaidIn()
        self._time = Time()

    def check(self, read: Read) -> Checked | Skip:
        """The comment that was read, or why it is none."""
        if isinstance(read, Skip):
            return replace(read, id=read.id and self._prefix + read.id)
        given = self._name(read.given)
        shown = given["id"] if isinstance(given["id"], str) else None
        says = read.given.get("text")
        if not says or str(says).isspace():
            return Skip("no text", shown)
        if isinstance(says, str) and len(says) > MAX_TEXT:
            return Skip(_TOO_LONG, shown)
        draft, dropped, why = self._load(given)
        if draft is None:
            return Skip(why, shown)
        decided, also = self._read_decision(read.said)
        came, late = self._read_time(read.received_at)
        arrival = Arrival(draft, read.status, decided, came)
        return Checked(arrival, (*dropped, *also, *late))

    def _name(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The same with ids as they are to be; one without an id has it of what it says."""
        found = dict(given)
        id_, parent = found.get("id"), found.get("parent_id")
        if id_ is None:
            written = json.dumps(found, sort_keys=True, default=str)
            id_ = f"i-{hashlib.sha256(written.encode('utf-8', 'replace')).hexdigest()[:24]}"
        found["id"] = self._prefix + id_ if isinstance(id_, str) else id_
        if isinstance(parent, str) and parent:
            found["parent_id"] = self._prefix + parent
        return found

    def _load(self, given: dict[str, Any]) -> tuple[Draft | None, tuple[str, ...], str]:
        dropped: list[str] = []
        # What is left out may uncover no further fault but in what is nested: twice is enough.
        for _ in range(3):
            try:
                return self._comment.load(given), tuple(dropped), ""
            except ma.ValidationError as error:
                faults = set(_flatten(error.messages))
            for name in faults:
                if name in _NEEDED:
                    return None, (), _NEEDED[name]
                _leave_out(given, name)
            dropped += sorted({_call(name) for name in faults})
        return None, (), "more faults than can be mended"

    def _read_decision(self, said: Said | None) -> tuple[Decided | None, list[str]]:
        if said is None:
            return None, []
        values = {name: getattr(said, name) for name in self._said.fields}
        dropped = []
        try:
            found = self._said.load(values)
        except ma.ValidationError as error:
            faults = set(_flatten(error.messages))
            if "action" in faults:
                return None, ["decision"]
            dropped = [f"decision.{name}" for name in sorted(faults)]
            found = self._said.load({n: v for n, v in values.items() if n not in faults})
        return replace(Decided(**found), actor=self._find_actor(found["actor"])), dropped

    def _find_actor(self, named: str | None) -> str:
        # Who decided elsewhere is nobody who has an account here, whatever they are called.
        if named is None:
            return self._actor
        return named if named == ACTOR else PREFIX + named

    def _read_time(self, given: Any) -> tuple[datetime | None, list[str]]:
        if given is None:
            return None, []
        try:
            found: datetime = self._time.deserialize(given)
        except ma.ValidationError:
            return None, ["received_at"]
        return found, []


def _flatten(messages: Any, path: str = "") -> Iterator[str]:
    """Where faults are, as `author.email`."""
    if isinstance(messages, dict) and path.count(".") < 1:
        for name, inside in messages.items():
            yield from _flatten(inside, path if name == "_schema" else f"{path}.{name}".strip("."))
    else:
        yield path


def _leave_out(given: dict[str, Any], name: str) -> None:
    """Take a value out, in copies of what holds it."""
    outer, _, inner = name.partition(".")
    if inner and isinstance(given.get(outer), dict):
        given[outer] = {key: value for key, value in given[outer].items() if key != inner}
    else:
        given.pop(outer, None)


def _call(name: str) -> str:
    """The name of a value that was left out; of one that nobody knows, only where it was."""
    outer, _, inner = name.partition(".")
    known = CommentIn._declared_fields.get(outer)
    if known is None:
        return "a field that is not known"
    if isinstance(known, ma.fields.Nested) and inner:
        names: Any = known.schema.fields
        return name if inner in names else f"{outer}: a field that is not known"
    return outer


def check_prefix(prefix: str) -> bool:
    """Whether ids can begin so."""
    return not prefix or bool(PREFIXES.match(prefix) and re.match(COMMENT_ID, prefix))
