"""What a draft of a policy would change, counted; examples and what people decided beside it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

ACTIONS = ("approve", "hold", "reject")

KINDS = (
    "newly_held",
    "newly_passed",
    "newly_rejected",
    "approved_by_people",
    "rejected_by_people",
)
"""Of what there are examples: what changes, and what a draft rejects that people approved and
the other way about."""

SHOWN = 20
"""How many examples of a kind are kept."""


class Example(NamedTuple):
    """A comment by its number, what becomes of it now and by the draft, and why by the draft."""

    comment: int
    live: str
    draft: str
    codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often actions were what people decided; `held` left the decision to them."""

    agreed: int
    held: int
    approved: int
    """Approved, though people rejected."""
    rejected: int
    """Rejected, though people approved."""


@dataclass(slots=True)
class Tally:
    """Counts over comments that were judged by the policy in force and are judged by a draft."""

    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By action now and action by the draft."""
    decided: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By people's decision, action now and action by the draft."""
    codes: Counter[str] = field(default_factory=Counter)
    """In how many comments the draft gives this reason."""
    rules: Counter[str] = field(default_factory=Counter)
    """In how many comments this rule of the draft is found."""
    unscored: int = 0
    """Comments that nothing can be said of: without scores, or their text is deleted."""
    other_model: int = 0
    """Of those judged, the ones whose scores another model than today's has given."""
    examples: dict[str, list[Example]] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """How many comments were judged."""
        return self.moves.total()

    @property
    def newly_held(self) -> int:
        """Approved now, held or rejected by the draft."""
        return self._count(("approve",), ("hold", "reject"))

    @property
    def newly_passed(self) -> int:
        """Held or rejected now, approved by the draft."""
        return self._count(("hold", "reject"), ("approve",))

    @property
    def newly_rejected(self) -> int:
        """Approved or held now, rejected by the draft."""
        return self._count(("approve", "hold"), ("reject",))

    @property
    def unchanged(self) -> int:
        """How many stay as they are."""
        return sum(self.moves[action, action] for action in ACTIONS)

    @property
    def held(self) -> tuple[int, int]:
        """How many comments wait for people, now and by the draft."""
        return self._count(("hold",), ACTIONS), self._count(ACTIONS, ("hold",))

    @property
    def more_held(self) -> int:
        """How many comments more wait for people by the draft; below 0 where fewer do."""
        before, after = self.held
        return after - before

    def _count(self, live: Iterable[str], draft: Iterable[str]) -> int:
        return sum(self.moves[one, other] for one in live for other in draft)

    def agreement(self, of_draft: bool) -> Agreement:
        """How the draft's actions, or those of now, go with what people decided."""
        found = Counter[tuple[str, str]]()
        for (decision, live, draft), number in self.decided.items():
            found[decision, draft if of_draft else live] += number
        return Agreement(
            agreed=found["approve", "approve"] + found["reject", "reject"],
            held=found["approve", "hold"] + found["reject", "hold"],
            approved=found["reject", "approve"],
            rejected=found["approve", "reject"],
        )

    def count(self, found: Example, decision: str | None, times: int = 1) -> None:
        """Count comments in; `decision` is what people said, if they said approve or reject."""
        self.moves[found.live, found.draft] += times
        if decision in ("approve", "reject"):
            self.decided[decision, found.live, found.draft] += times
        for code in found.codes:
            self.codes[code] += times

    def show(self, found: Example, decision: str | None) -> None:
        """Keep a comment as an example of what it is one of, by a lot that is always the same."""
        for kind in find_kinds(found.live, found.draft, decision):
            kept = self.examples.setdefault(kind, [])
            if len(kept) < SHOWN or _lot(found) < _lot(kept[-1]):
                kept.append(found)
                kept.sort(key=_lot)
                del kept[SHOWN:]

    def write(self) -> dict[str, Any]:
        """The tally as plain data; `read` reads it."""
        return {
            "moves": [[*key, number] for key, number in self.moves.items()],
            "decided": [[*key, number] for key, number in self.decided.items()],
            "codes": dict(self.codes),
            "rules": dict(self.rules),
            "unscored": self.unscored,
            "other_model": self.other_model,
            "examples": {kind: list(map(list, some)) for kind, some in self.examples.items()},
        }


def read(plain: dict[str, Any]) -> Tally:
    """The tally that was written."""
    return Tally(
        Counter({(live, draft): number for live, draft, number in plain["moves"]}),
        Counter({(said, live, draft): n for said, live, draft, n in plain["decided"]}),
        Counter(plain["codes"]),
        Counter(plain["rules"]),
        plain["unscored"],
        plain["other_model"],
        {kind: [Example(*one) for one in some] for kind, some in plain["examples"].items()},
    )


def find_kinds(live: str, draft: str, decision: str | None) -> list[str]:
    """Of which `KINDS` a comment is an example."""
    found = []
    if live == "approve" != draft:
        found.append("newly_held")
    if draft == "approve" != live:
        found.append("newly_passed")
    if draft == "reject" != live:
        found.append("newly_rejected")
    if (decision, draft) == ("approve", "reject"):
        found.append("approved_by_people")
    if (decision, draft) == ("reject", "approve"):
        found.append("rejected_by_people")
    return found


def _lot(found: Example) -> int:
    """A number without meaning: those with the lowest are a fair sample, whenever it is drawn."""
    return crc32(found.comment.to_bytes(8))
