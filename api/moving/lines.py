"""JSON a line: our own export, what others write by its rules, and MongoDB's documents."""

import json
from collections.abc import Iterator
from typing import IO, Any, Final

from api.moving.items import Content, Item, Read, Said, Skip
from api.moving.opening import read_lines
from api.web.body import read_json
from api.web.problems import BodyError

_OURS: Final = (
    *("verdict", "revision", "version", "updated_at", "published_text", "source"),
    "text_deleted",
)
"""What our export says besides: a verdict is made anew, the rest follows from it."""

_DECIDED: Final = ("decided_at", "reason")
_STATUSES: Final = ("approved", "pending", "rejected")
_ACTIONS: Final = {"approved": "approve", "rejected": "reject"}


def read(stream: IO[bytes]) -> Content:
    """The comments of a file with one as JSON in each line."""
    return Content(map(_understand, _read_objects(stream)))


def read_documents(stream: IO[bytes]) -> Iterator[dict[str, Any] | Skip]:
    """MongoDB's documents, one a line, also where `--jsonArray` has put them into a list."""
    for line in read_lines(stream):
        text = line.strip(b"\xef\xbb\xbf \t\r\n,[]")
        if not text:
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            yield Skip("no JSON that can be read")
            continue
        yield found if isinstance(found, dict) else Skip("no JSON object")


def _read_objects(stream: IO[bytes]) -> Iterator[dict[str, Any] | Skip]:
    for line in read_lines(stream):
        if not line.strip(b"\xef\xbb\xbf \t\r\n"):
            continue
        try:
            found = read_json(line.removeprefix(b"\xef\xbb\xbf"))
        except BodyError:
            yield Skip("no JSON that can be read")
            continue
        yield found if isinstance(found, dict) else Skip("no JSON object")


def _understand(found: dict[str, Any] | Skip) -> Read:
    return found if isinstance(found, Skip) else understand(found)


def understand(found: dict[str, Any]) -> Read:
    """A comment with `status`, and with `decision` or `decided_at` and `reason`, or without."""
    id_ = found.get("id")
    id_ = id_ if isinstance(id_, str) else None
    given = {name: value for name, value in found.items() if name not in _OURS}
    status, decision = given.pop("status", None), given.pop("decision", ...)
    received_at = given.pop("received_at", None)
    at, reason = (given.pop(name, None) for name in _DECIDED)
    if status is not None and status not in _STATUSES:
        return Skip(f"a status other than {', '.join(_STATUSES)}", id_)
    said = None
    if isinstance(decision, dict):
        said = _read_decision(decision)
    elif decision is ... and status in _ACTIONS:
        # Whoever tells nothing of decisions tells by the status how it was decided.
        said = Said(_ACTIONS[status], reason, at=at)
    return Item(given, status, said, received_at)


def _read_decision(decision: dict[str, Any]) -> Said | None:
    names = ("action", "reason", "actor", "created_at", "note")
    action, reason, actor, at, note = (decision.get(name) for name in names)
    # What was escalated waits: in which queue is a matter of the site that it was in.
    if action not in _ACTIONS.values():
        return None
    return Said(str(action), reason, actor, at, note)
