"""A tokenizer with fewer pieces: those that texts need, and every character to spell the rest."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def prune(tokenizer: str, counts: Counts, most: int) -> tuple[str, Counts]:
    """Return a `tokenizer.json` with at most `most` pieces, and their old numbers in new order.

    Special pieces and single characters are kept, then what `counts` (pieces,) says is most
    frequent, then what comes first. A word whose pieces are all kept is cut as before: the
    longest piece that fits is taken first, and no longer one is new. Raises ValueError where
    the tokenizer has no word pieces, or more characters than `most`.
    """
    described = json.loads(tokenizer)
    model = described.get("model", {})
    if model.get("type", "WordPiece") != "WordPiece" or "vocab" not in model:
        raise ValueError("Only a tokenizer of word pieces can be pruned.")
    vocabulary: dict[str, int] = model["vocab"]
    special = {one["content"] for one in described.get("added_tokens", ())}
    needed = {
        number
        for piece, number in vocabulary.items()
        if piece in special or len(piece.removeprefix("##")) == 1
    }
    if len(needed) > most:
        raise ValueError(f"Special pieces and characters alone are {len(needed):,}.")
    by_use = sorted(vocabulary.values(), key=lambda number: (-counts[number], number))
    rest = [number for number in by_use if number not in needed]
    kept = np.array(sorted(needed | set(rest[: most - len(needed)])), dtype=np.int64)
    _renumber(described, {int(old): new for new, old in enumerate(kept)})
    return json.dumps(described, ensure_ascii=False, sort_keys=True), kept


def _renumber(described: dict[str, Any], new: dict[int, int]) -> None:
    """Give all pieces that are in `new` their new numbers, and drop the others."""
    pieces = described["model"]["vocab"].items()
    described["model"]["vocab"] = {piece: new[old] for piece, old in pieces if old in new}
    for one in described["added_tokens"]:
        one["id"] = new[one["id"]]
    ends = (described.get("post_processor") or {}).get("special_tokens", {})
    for one in ends.values():
        one["ids"] = [new[old] for old in one["ids"]]
    described["truncation"] = described["padding"] = None
