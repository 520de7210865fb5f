"""Made-up sites whose days are measured as the job does, but for the database.

A site has a mood: every day the odds of all that it does are a little otherwise. On weekends half
as many comments come. Each week has topics of its own.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning import driftalarms, driftmeasures, vocabulary
from api.moderation.learning.driftcounts import EDGES
from api.moderation.learning.driftscales import Before, Found
from api.moderation.learning.driftwindows import KEPT, LONGEST, find_span
from classifier import LABELS
from classifier.features import WORD_ROWS

Floats = NDArray[np.float64]

WORDS: Final = 20
"""Different words of a comment."""
_VOCABULARY: Final = 20_000
_SPAM_WORDS: Final = 300
_TOPIC: Final = 100
_SHIFTED: Final = "insult"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a site is like: shares, and how much the scores of one label are moved, in log-odds."""

    a_day: float
    spam: float = 0.05
    held: float = 0.15
    overrides: float = 0.10
    shift: float = 0.0
    strange: float = 0.0
    mood: float = 0.15


def draw_scores(chance: np.random.Generator, many: int, bad: float) -> Floats:
    """Scores of one label: most are small, those of what is bad are not."""
    return np.where(chance.random(many) < bad, chance.beta(5, 2, many), chance.beta(0.6, 12, many))


class Simulated:
    """A site, a day at a time."""

    def __init__(self, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.days: list[tuple[dict[str, Any], dict[str, Found], list[str]]] = []
        self.counts: list[NDArray[np.int64]] = []
        self.kept: list[bytes] = []
        self.alarms: list[str] = []
        ranks = 1 / np.arange(1, _VOCABULARY + 1)
        self.usual = ranks / ranks.sum()
        self.places = np.random.default_rng(0).integers(0, WORD_ROWS, _VOCABULARY)
        self.spam_places = np.random.default_rng(1).integers(0, WORD_ROWS, _SPAM_WORDS)

    def live(self, kind: Kind) -> list[str]:
        """Let a day pass; the figures of which alarms begin."""
        document, counts = self._draw(kind)
        past = [
            Before(len(self.days) - at, *day)
            for at, day in enumerate(self.days)
            if at + KEPT >= len(self.days)
        ]
        self.counts = [*self.counts[1 - LONGEST :], counts]
        length = driftmeasures.find_length(document, past)
        window = np.sum(self.counts[-length:], axis=0)
        came = sum(day[0]["came"] for day in self.days[len(self.days) - length + 1 :])
        kept = self.kept[: len(self.kept) - length + 1][-find_span(length) :]
        words = driftmeasures.compare_words(window, came + document["came"], length, kept)
        self.kept.append(vocabulary.pack(counts))
        found, outside = driftmeasures.measure(document, words, past)
        lately = [one[1] for one in self.days[-driftalarms.FORGOTTEN.days + 1 :]]
        self.alarms, news = driftalarms.find_news(self.alarms, lately, found, outside)
        self.days.append((document, found, outside))
        return [name for event, name in news if event == driftalarms.NOTICED]

    def _tilt(self, share: float, mood: float) -> float:
        odds = share / (1 - share) * np.exp(self.chance.normal(0, mood))
        return float(odds / (1 + odds))

    def _draw(self, kind: Kind) -> tuple[dict[str, Any], NDArray[np.int64]]:
        chance, mood = self.chance, kind.mood
        weekend = len(self.days) % 7 >= 5
        rate = kind.a_day * (0.5 if weekend else 1.0) * 7 / 6 * np.exp(chance.normal(0, mood))
        came = int(chance.poisson(rate))
        spam = self._tilt(kind.spam, mood)
        scores = {}
        for label in LABELS:
            drawn = draw_scores(chance, came, spam if label == "spam" else self._tilt(0.1, mood))
            if label == _SHIFTED and kind.shift:
                odds = drawn / (1 - drawn) * np.exp(kind.shift)
                drawn = odds / (1 + odds)
            bins = np.searchsorted(EDGES, drawn, "right")
            scores[label] = np.bincount(bins, minlength=len(EDGES) + 1).tolist()
        spams = int(chance.binomial(came, spam))
        held = int(chance.binomial(came - spams, self._tilt(kind.held, mood)))
        doubtful = int(chance.binomial(spams, 0.6))
        wrong = self._tilt(kind.overrides, mood)
        told = {"spam_score": doubtful + held // 2, "insult_score": held - held // 2}
        decided = {code: [n, int(chance.binomial(n, wrong))] for code, n in told.items() if n}
        if decided:
            decided[""] = [sum(part) for part in zip(*decided.values(), strict=True)]
        document = {
            "came": came,
            "held": held + doubtful,
            "scored": came,
            "model": "words-1" if came else None,
            "scores": scores,
            "decided": decided,
        }
        return document, self._speak(came - spams, spams, kind.strange)

    def _speak(self, many: int, spams: int, strange: float) -> NDArray[np.int64]:
        counts = np.zeros(WORD_ROWS, dtype=np.int64)
        chance = self.chance
        total = many * WORDS
        topical, unheard = int(total * 0.15), int(total * strange)
        drawn = chance.multinomial(total - topical - unheard, self.usual)
        week = np.random.default_rng(len(self.days) // 7).integers(0, _VOCABULARY, _TOPIC)
        np.add.at(drawn, chance.choice(week, topical), 1)
        np.add.at(counts, self.places, drawn)
        np.add.at(counts, chance.choice(self.spam_places, spams * WORDS), 1)
        np.add.at(counts, chance.integers(0, WORD_ROWS, unheard), 1)
        return counts


DRIFTS: Final = {
    "spam from 5 to 15 %": lambda kind: replace(kind, spam=0.15),
    "overrides from 10 to 25 %": lambda kind: replace(kind, overrides=0.25),
    "one label's mean score from 0.12 to 0.18": lambda kind: replace(kind, shift=1.0),
    "one word in ten never seen": lambda kind: replace(kind, strange=0.1),
}
