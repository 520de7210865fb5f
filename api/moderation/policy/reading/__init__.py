"""A policy as people write it, YAML or JSON, read into a document; faults name their line."""

import math
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from api.moderation.policy.document import Document
from api.moderation.policy.reading.faults import Fault, Path, PolicyError, find_leaves, point
from api.moderation.policy.reading.lines import Part, read_parts
from api.moderation.policy.reading.schema import SCHEMA, load_document
from api.moderation.policy.reading.writing import write_plain

__all__ = ["Fault", "PolicyError", "Written", "read_plain", "read_policy"]

MOST_FAULTS = 100
"""How many faults are told; ten thousand rules with one mistake need not be told it each."""

_NO_TEXT = "Not a valid string."


@dataclass(frozen=True, slots=True)
class Written:
    """A policy as it was written, as plain data, and as what it says.

    `top` knows the lines; None where there was no text.
    """

    text: str
    plain: dict[str, Any]
    document: Document
    top: Part | None = None

    def fault(self, path: Path, detail: str) -> Fault:
        """A fault at a place of this policy, with its line."""
        return _locate(path, detail, self.top)


def read_policy(text: str) -> Written:
    """Read YAML or JSON; raise PolicyError with every fault."""
    top = read_parts(text)
    return Written(text, top.value, _load(top.value, top), top)


def read_plain(plain: Any) -> Written:
    """Read plain data, as JSON has it; raise PolicyError with every fault, without lines.

    Its text is the same as YAML.
    """
    document = _load(plain, None)
    return Written(write_plain(plain), plain, document)


def _load(plain: Any, top: Part | None) -> Document:
    try:
        return load_document(plain)
    except ma.ValidationError as error:
        leaves = list(find_leaves(error.messages, SCHEMA))
    faults = [_locate(path, detail, top) for path, detail in leaves[:MOST_FAULTS]]
    if len(leaves) > MOST_FAULTS:
        faults.append(Fault("", f"{len(leaves) - MOST_FAULTS} more faults."))
    # In the order of the text; what has no line of its own comes last.
    raise PolicyError(sorted(faults, key=lambda one: (one.line or math.inf, one.column or 0)))


def _locate(path: Path, detail: str, top: Part | None) -> Fault:
    if top is None:
        return Fault(point(path), detail)
    part = top.find(path)
    if detail == _NO_TEXT and part.plain:
        detail = "Must be text: put it in quotes."
    return Fault(point(path), detail, part.line, part.column)
