"""A policy that asks for everything: 5,000 words, 200 patterns, all checks that read a past."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.bench.comments import SYLLABLES

WORDS, PATTERNS = 5_000, 200
_DOINGS = ("hold", "hold", "hold", "flag", "reject")
_PATTERNS = (
    r"\b(?:free|cheap|best)\s+{}s?\b",
    r"https?://[a-z0-9.-]+\.{}/",
    r"\b{}\d{{2,6}}\b",
    r"(?:whats?app|telegram)\W{{0,3}}\+?{}",
)


def make_policy(texts: Sequence[str]) -> dict[str, Any]:
    """Return the document. Of its words 50 occur in `texts`, rarely; the others hardly ever do."""
    chance = random.Random(1)
    met = Counter(word for one in texts for word in one.strip(".").lower().split())
    rare = chance.sample(sorted(word for word, count in met.items() if count == 1), 50)
    syllables = SYLLABLES.split()
    made = {"".join(chance.choices(syllables, k=chance.randint(3, 5))) for _ in range(2 * WORDS)}
    words = sorted(made - set(rare))
    chance.shuffle(words)
    words[: len(rare)] = rare
    rules = [{"word": word, "do": chance.choice(_DOINGS)} for word in words[:WORDS]]
    rules += [
        {"regex": _PATTERNS[place % len(_PATTERNS)].format(word), "do": "hold"}
        for place, word in enumerate(words[WORDS : WORDS + PATTERNS])
    ]
    return {
        "rules": rules,
        "authors": {
            "newcomers": 2,
            "recent_record": {"do": "hold"},
            "look_alikes": "hold",
            "disposable_email": "flag",
            "rates": {
                "author": {"count": 5, "seconds": 600, "do": "hold"},
                "address": {"count": 10, "seconds": 600, "do": "hold"},
                "article": {"count": 500, "seconds": 600, "do": "flag"},
            },
        },
        "duplicates": {"do": "flag"},
        "links": {
            "most": 3,
            "new_host": "hold",
            "shorteners": "hold",
            "only_links": "hold",
            "block": [f"shop{number}.example" for number in range(200)],
        },
        "form": {"token": "flag"},
    }
