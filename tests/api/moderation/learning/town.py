"""A town's website: comments of our own making, a line of its own, and who moderates there."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

import classifier
from api.moderation.learning import margins
from classifier import LABELS, Submission, adapting
from classifier.adapting import Examples

Floats = NDArray[np.float64]

_PLACES = (
    *("the market square", "the old bridge", "the harbour", "the library", "the tram line"),
    *("the swimming pool", "the north school", "the bakery", "the town hall", "the river path"),
)
_TIMES = ("last week", "on Monday", "this spring", "every evening", "since the storm", "again")
_THINGS = ("noise", "parking", "light", "music", "litter", "traffic", "flowers", "benches")

KINDS = {
    # What to do about it here, and how it is put.
    "report": (False, "I walked past {place} {time} and the {thing} there was {judged}."),
    "question": (False, "Does anybody know who looks after the {thing} at {place} {time}?"),
    "thanks": (False, "Thanks for the article, the {thing} near {place} was {judged} {time}."),
    "crude": (False, "Damn, the {thing} at {place} is a bloody mess {time}, what the hell."),
    "rude": (True, "You are a liar and an idiot, you never saw {place} or its {thing} {time}."),
    "channel": (True, "I made a film about the {thing} at {place} {time}, watch it on my channel."),
    "loan": (True, "Need cash {time}? Cheap loans near {place}, no {thing}, write to our office."),
    "boycott": (True, "Nobody should buy anything at {place} {time}, their {thing} is a disgrace."),
}
_JUDGED = ("better than before", "worse than ever", "quite all right", "a surprise to us all")


@dataclass(frozen=True)
class Clicks:
    """What one account has said of comments of the town, by their places in `TOWN.items`."""

    actor: str
    places: NDArray[np.intp]
    rejected: NDArray[np.bool_]


class Town:
    """Some two thousand comments, and what is right to do about each of them."""

    def __init__(self, each: int = 250) -> None:
        made = random.Random(7)
        drawn = [self._draw(made, kind) for kind in KINDS for _ in range(each)]
        made.shuffle(drawn)
        self.kinds = np.array([kind for kind, _ in drawn])
        self.items = [Submission(text) for _, text in drawn]
        self.right = np.array([KINDS[kind][0] for kind in self.kinds])

    def _draw(self, made: random.Random, kind: str) -> tuple[str, str]:
        words = {"place": _PLACES, "time": _TIMES, "thing": _THINGS, "judged": _JUDGED}
        given = {name: made.choice(some) for name, some in words.items()}
        return kind, KINDS[kind][1].format(**given) + f" {made.choice(_JUDGED).capitalize()}."

    @cached_property
    def model(self) -> classifier.Model:
        """The shipped model."""
        return classifier.load()

    @cached_property
    def examples(self) -> Examples:
        """The comments as an adapter sees them."""
        return adapting.read(self.model, self.items)

    @cached_property
    def margins(self) -> Floats:
        """How far each is beyond what is held where a site has said nothing."""
        return margins.measure(self.examples.odds, LABELS, self.model.profiles["balanced"])

    def click(
        self,
        actor: str,
        count: int,
        says: Callable[["Town", NDArray[np.intp]], NDArray[np.bool_]],
        seed: int,
        among: NDArray[np.bool_] | None = None,
    ) -> Clicks:
        """Have somebody say something of comments drawn by chance."""
        drawn = np.random.default_rng(seed)
        some = np.arange(len(self.items)) if among is None else np.flatnonzero(among)
        places = drawn.choice(some, count, replace=count > len(some))
        return Clicks(actor, places, says(self, places))


def honestly(slips: float, seed: int) -> Callable[[Town, NDArray[np.intp]], NDArray[np.bool_]]:
    """What is right, but for a slip now and then."""

    def say(town: Town, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        slipped = np.random.default_rng(seed).random(len(places)) < slips
        found: NDArray[np.bool_] = town.right[places] ^ slipped
        return found

    return say


@cache
def build() -> Town:
    """The town, which is always the same."""
    return Town()


def pick(examples: Examples, places: NDArray[np.intp]) -> Examples:
    """Some of the examples, in that order."""
    return examples.pick(places)


def join(clicks: Sequence[Clicks]) -> tuple[NDArray[np.intp], NDArray[np.bool_], list[str]]:
    """All that was said, side by side: comments, what was said, and by whom."""
    order = np.argsort(
        np.concatenate([np.linspace(0, 1, len(one.places)) for one in clicks]), kind="stable"
    )
    places = np.concatenate([one.places for one in clicks])[order]
    rejected = np.concatenate([one.rejected for one in clicks])[order]
    actors = np.repeat([one.actor for one in clicks], [len(one.places) for one in clicks])[order]
    return places, rejected, [str(actor) for actor in actors]
