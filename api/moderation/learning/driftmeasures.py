"""The figures of a day by which it is told whether a site has changed, each with its band.

Scores: the population stability index of each label's spread over ten bins (Siddiqi, Credit Risk
Scorecards, 2006). Words: how many are new, and how far they lie from those before. Besides how
many comments came, how many were held, and how often people decided otherwise.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from api.moderation.learning import bands, driftwindows, vocabulary
from api.moderation.learning.bands import DAYS, LEAST_DAYS, Past
from api.moderation.learning.driftcounts import ALL
from api.moderation.learning.driftscales import Before, Found, find_scale
from api.moderation.learning.driftwindows import (
    ENOUGH,
    ENOUGH_DECIDED,
    LONGEST,
    Document,
    Share,
)
from classifier import LABELS

LEAST = 50
"""How many comments a window must hold for its figures to be told."""

LEAST_DECIDED = 20
"""How many decisions, for a rate."""

MOST_REASONS = 20
"""Of how many reasons a rate is told, those most often decided about first."""

_NOTHING: Document = {"came": 0, "held": 0, "scored": 0, "model": None, "scores": {}, "decided": {}}


def compare_words(
    counts: vocabulary.Counts, came: int, length: int, kept: Sequence[bytes]
) -> dict[str, Found]:
    """The figures of the words of a window of some days, by those of the days before it."""
    if came < LEAST or len(kept) < LEAST_DAYS:
        return {}
    past = vocabulary.unite(kept)
    return {
        "words.unseen": Found(vocabulary.find_unseen(counts, past), came, days=length),
        "words.distance": Found(vocabulary.find_distance(counts, past), came, days=length),
    }


def measure(
    document: Document, words: Mapping[str, Found], past: Sequence[Before]
) -> tuple[dict[str, Found], list[str]]:
    """All figures of a day, and which of them have left their bands; the latest of `past` last."""
    days = _line_up(document, past)
    told = {"volume": Found(float(document["came"]), document["came"])}
    told |= _find_held(days) | _compare_scores(days) | _find_rates(days) | {**words}
    outside, found = [], {}
    for name, one in told.items():
        found[name], left = _judge(name, one, past)
        outside += [name] * left
    return found, outside


def find_length(document: Document, past: Sequence[Before]) -> int:
    """How many days hold enough comments, the day itself included."""
    return driftwindows.find_length([one["came"] for one in _line_up(document, past)], ENOUGH)


def _line_up(document: Document, past: Sequence[Before]) -> list[Document]:
    """The day and those before it, the latest first, without a gap."""
    known = {one.ago: one.document for one in past}
    return [document, *(known.get(ago, _NOTHING) for ago in range(1, max(known, default=0) + 1))]


def _share(pooled: Share) -> Found:
    n, hits, length, before = pooled
    return Found(hits / n, n, hits, days=length, before=before)


def _find_held(days: Sequence[Document]) -> dict[str, Found]:
    pooled = driftwindows.pool_share([(one["came"], one["held"]) for one in days], ENOUGH)
    return {"held": _share(pooled)} if pooled.n >= LEAST else {}


def _find_rates(days: Sequence[Document]) -> dict[str, Found]:
    pooled = {}
    for code in {code for one in days[:LONGEST] for code in one["decided"]}:
        told = [one["decided"].get(code, (0, 0)) for one in days]
        pooled[code] = driftwindows.pool_share(told, ENOUGH_DECIDED)
    enough = {code: _share(one) for code, one in pooled.items() if one.n >= LEAST_DECIDED}
    found = {"overrides": enough.pop(ALL)} if ALL in enough else {}
    # Often decided about is what it takes few days of.
    often = sorted(enough, key=lambda code: (enough[code].days, -enough[code].n, code))
    return found | {f"false_holds.{code}": enough[code] for code in often[:MOST_REASONS]}


def _compare_scores(days: Sequence[Document]) -> dict[str, Found]:
    scored = driftwindows.count_scored(days)
    length = driftwindows.find_length(scored, ENOUGH)
    now, then = slice(length), slice(length, length + driftwindows.find_span(length))
    n, before = sum(scored[now]), scored[then]
    if n < LEAST or sum(before) < LEAST or np.count_nonzero(before) < LEAST_DAYS:
        return {}
    late = driftwindows.pool_scores(days[now], scored[now])
    early = driftwindows.pool_scores(days[then], before)
    return {
        f"score.{label}": Found(
            _find_index(late[at], early[at]), n, before=sum(before), days=length
        )
        for at, label in enumerate(LABELS)
    }


def _find_index(counts: Any, before: Any) -> float:
    """The population stability index of two histograms; half of one is added to each bin."""
    now, then = (np.asarray(one, dtype=np.float64) + 0.5 for one in (counts, before))
    now, then = now / now.sum(), then / then.sum()
    index: float = ((now - then) * np.log(now / then)).sum()
    return float(index)


def _judge(name: str, found: Found, past: Sequence[Before]) -> tuple[Found, bool]:
    scale, span = find_scale(name), driftwindows.find_span(found.days)
    # What shares a day with the window is no other to compare it with.
    known = [
        Past(one.ago, scale.place(one.found[name]), name in one.outside)
        for one in past
        if found.days <= one.ago < found.days + span and name in one.found
    ]
    if name == "volume" and not _is_busy(past):
        return found, False
    band = bands.judge(scale.place(found), known, partial(scale.least, found))
    if band is None:
        return found, False
    low = None if band.low is None else scale.read(band.low)
    return found._replace(low=low, high=scale.read(band.high)), band.outside


def _is_busy(past: Sequence[Before]) -> bool:
    """Whether enough comes on enough days for a day on which little comes to say anything."""
    busy = [one for one in past if one.ago <= DAYS and one.document["came"] >= LEAST]
    return len(busy) >= LEAST_DAYS
