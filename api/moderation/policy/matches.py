"""What a check finds: a match, with the reason people read, and whose word counts first."""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

SEVERITY = ("flag", "approve", "hold", "reject")
"""What a match may ask for; `flag` only says that it is so."""


class Tier(IntEnum):
    """Whose word counts first."""

    LISTS = 0
    """What people have said of this very author: bans, time-outs."""
    RULES = 1
    """What the site has laid down for all: modes, words, links, forms, duplicates."""
    AUTHOR = 2
    """What the author's own past says."""
    SCORES = 3
    """What the model says."""


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that a check has found.

    `check` is one of `document.CHECKS`, or `standing`, which nobody may skip. `reason` has the
    members of `ReasonOut`; its `action` is this match's.
    """

    check: str
    tier: Tier
    reason: dict[str, Any]

    @property
    def action(self) -> str:
        """One of `SEVERITY`."""
        return str(self.reason["action"])

    def as_flag(self, because: str) -> "Match":
        """The same, asking for nothing; the reason says why."""
        kept = {name: value for name, value in self.reason.items() if name != "replacement"}
        message = f"{kept['message']} {because}"
        return replace(self, reason={**kept, "action": "flag", "message": message})


def reason(code: str, message: str, action: str = "hold", **given: Any) -> dict[str, Any]:
    """One reason; `action` is what it alone would do."""
    blank: dict[str, Any] = {"score": None, "threshold": None, "rule": None, "spans": []}
    return {"code": code, "message": message, "action": action, **blank, **given}
