"""A policy as people write it, YAML or JSON, read into a document; faults name their line."""

from dataclasses import dataclass
from typing import Any

import marshmallow as ma
import yaml

from api.moderation.policy.document import Document
from api.moderation.policy.schema import load_document


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place of a policy: its JSON pointer, and its line if that is known."""

    pointer: str
    detail: str
    line: int | None = None


class PolicyError(Exception):
    """A policy cannot be used; `faults` says everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("The policy cannot be used.")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Written:
    """A policy as it was written, as plain data, and as what it says."""

    text: str
    plain: dict[str, Any]
    document: Document


def read_policy(text: str) -> Written:
    """Read YAML or JSON; raise PolicyError with every fault."""
    plain = yaml.safe_load(text) or {}
    try:
        return Written(text, plain, load_document(plain))
    except ma.ValidationError as error:
        raise PolicyError([Fault("", str(error.messages))]) from error
