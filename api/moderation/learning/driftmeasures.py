"""The figures of a day by which it is told whether a site has changed, each with its band.

Scores: the population stability index of each label's spread over ten bins (Siddiqi, Credit Risk
Scorecards, 2006). Words: how many are new, and how far they lie from those before. Besides how
many comments came, how many were held, and how often people decided otherwise.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from api.moderation.learning import bands, vocabulary
from api.moderation.learning.bands import LEAST_DAYS, Past
from api.moderation.learning.driftcounts import ALL
from api.moderation.learning.driftscales import Before, Found, find_scale
from classifier import LABELS

LEAST = 50
"""How many comments a day must have for its figures to be told."""

LEAST_DECIDED = 20
"""How many decisions, for a rate."""

MOST_REASONS = 20
"""Of how many reasons a rate is told, those most often decided about first."""


def compare_words(counts: vocabulary.Counts, came: int, kept: Sequence[bytes]) -> dict[str, Found]:
    """The figures of a day's words, by those of the days before with enough comments."""
    if came < LEAST or len(kept) < LEAST_DAYS:
        return {}
    past = vocabulary.unite(kept)
    return {
        "words.unseen": Found(vocabulary.find_unseen(counts, past), came),
        "words.distance": Found(vocabulary.find_distance(counts, past), came),
    }


def measure(
    document: Mapping[str, Any], words: Mapping[str, Found], past: Sequence[Before]
) -> tuple[dict[str, Found], list[str]]:
    """All figures of a day, and which of them have left their bands; the latest of `past` last."""
    came, told = document["came"], {}
    told["volume"] = Found(float(came), came)
    if came >= LEAST:
        told["held"] = _share(document["held"], came)
        told |= {f"score.{label}": one for label, one in _compare_scores(document, past).items()}
    told |= words
    told |= _find_rates(document["decided"])
    outside, found = [], {}
    for name, one in told.items():
        found[name], left = _judge(name, one, past)
        outside += [name] * left
    return found, outside


def _share(hits: int, n: int) -> Found:
    return Found(hits / n, n, hits)


def _find_rates(decided: Mapping[str, Sequence[int]]) -> dict[str, Found]:
    enough = {code: (hits, n) for code, (n, hits) in decided.items() if n >= LEAST_DECIDED}
    found = {}
    if ALL in enough:
        found["overrides"] = _share(*enough.pop(ALL))
    for code in sorted(enough, key=lambda code: (-enough[code][1], code))[:MOST_REASONS]:
        found[f"false_holds.{code}"] = _share(*enough[code])
    return found


def _compare_scores(document: Mapping[str, Any], past: Sequence[Before]) -> dict[str, Found]:
    # Another model scores otherwise: that is no change of the comments.
    same = [
        one.document
        for one in past
        if one.document["came"] >= LEAST and one.document["model"] == document["model"]
    ]
    if document["scored"] < LEAST or len(same) < LEAST_DAYS:
        return {}
    found = {}
    for label in LABELS:
        before = np.sum([one["scores"][label] for one in same], axis=0)
        found[label] = Found(_find_index(document["scores"][label], before), document["scored"])
    return found


def _find_index(counts: Sequence[int], before: Any) -> float:
    """The population stability index of two histograms; half of one is added to each bin."""
    now, then = (np.asarray(one, dtype=np.float64) + 0.5 for one in (counts, before))
    now, then = now / now.sum(), then / then.sum()
    index: float = ((now - then) * np.log(now / then)).sum()
    return float(index)


def _judge(name: str, found: Found, past: Sequence[Before]) -> tuple[Found, bool]:
    scale = find_scale(name)
    known = [
        Past(one.ago, scale.place(one.found[name]), name in one.outside)
        for one in past
        if name in one.found
    ]
    if name == "volume" and not _is_busy(past):
        return found, False
    band = bands.judge(scale.place(found), known, partial(scale.least, found, past))
    if band is None:
        return found, False
    low = None if band.low is None else scale.read(band.low)
    return found._replace(low=low, high=scale.read(band.high)), band.outside


def _is_busy(past: Sequence[Before]) -> bool:
    """Whether enough comes on enough days for a day on which little comes to say anything."""
    busy = [one for one in past if one.document["came"] >= LEAST]
    return len(busy) >= LEAST_DAYS
