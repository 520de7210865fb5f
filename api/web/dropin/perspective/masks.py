"""Field masks: `languages,attributeScores/TOXICITY(summaryScore)` leaves only these."""

import re
from dataclasses import dataclass, field
from typing import Any

from api.web.dropin.perspective.errors import GoogleError, refuse_payload

_TOKEN = re.compile(r"\s*([A-Za-z0-9_@$-]+|[*/.,()])\s*")
_DEEPEST = 10
_LONGEST = 2000


@dataclass(slots=True)
class Mask:
    """What is to be left of an object: the whole, or by name (`*` for any) what is left within."""

    inside: "dict[str, Mask]" = field(default_factory=dict)
    whole: bool = False

    def apply(self, value: Any) -> Any:
        """What is left of a value; of a list, of each of its items."""
        if self.whole:
            return value
        if isinstance(value, list):
            return [self.apply(one) for one in value]
        if not isinstance(value, dict):
            return value
        found = {name: (self._find(name), inner) for name, inner in value.items()}
        return {name: mask.apply(inner) for name, (mask, inner) in found.items() if mask}

    def _find(self, name: str) -> "Mask | None":
        return self.inside.get(name) or self.inside.get("*")


def read(given: str) -> Mask:
    """Read a mask; raise GoogleError for what is none."""
    mask = Mask(whole=not given)
    if given:
        tokens = _TOKEN.findall(given[:_LONGEST])
        if len("".join(tokens)) != len(re.sub(r"\s", "", given)):
            raise _refuse()
        if _read_list(tokens, 0, mask, 0) != len(tokens):
            raise _refuse()
    return mask


def _read_list(tokens: list[str], at: int, mask: Mask, depth: int) -> int:
    """Read what stands between commas; return where it ends."""
    if depth > _DEEPEST:
        raise _refuse()
    while True:
        at = _read_path(tokens, at, mask, depth)
        if at == len(tokens) or tokens[at] != ",":
            return at
        at += 1


def _read_path(tokens: list[str], at: int, mask: Mask, depth: int) -> int:
    while True:
        if at == len(tokens) or tokens[at] in "/.,()":
            raise _refuse()
        mask = mask.inside.setdefault(_camel(tokens[at]), Mask())
        at += 1
        if at == len(tokens) or tokens[at] not in "/.(":
            mask.whole = True
            return at
        if tokens[at] == "(":
            at = _read_list(tokens, at + 1, mask, depth + 1)
            if at == len(tokens) or tokens[at] != ")":
                raise _refuse()
            return at + 1
        at += 1


def _camel(name: str) -> str:
    """A field's name as answers have it; those of attributes are in capital letters."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name) if name.islower() else name


def _refuse() -> GoogleError:
    return refuse_payload([("fields", "Invalid field selection.")])
