"""One account's thousand wrong clicks move no score by more than 0.05."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from api.moderation.learning import trust
from classifier.adapting import correct, train
from tests.api.moderation.learning import town
from tests.api.moderation.learning.town import KINDS, Clicks, Town, honestly

Floats = NDArray[np.float64]
Says = Callable[[Town, NDArray[np.intp]], NDArray[np.bool_]]

ALLOWED = 0.05
EVIL = "moderator:eve@example.org"


def always(rejected: bool) -> Says:
    return lambda _, places: np.full(len(places), rejected)


def wrongly(there: Town, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    return ~there.right[places]


def by_coin(_: Town, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.random.default_rng(3).random(len(places)) < 0.5


def ask_honest(accounts: int) -> list[Clicks]:
    """Some who slip now and then, with some hundred labels each."""
    sizes = (400, 300, 250)[:accounts]
    return [
        town.build().click(f"moderator:{seed}@example.org", size, honestly(0.04, seed), seed)
        for seed, size in enumerate(sizes)
    ]


def learn(said: Sequence[Clicks], believe: bool = True) -> Floats:
    """What all of them teach: the corrections of everything in the town."""
    there = town.build()
    places, rejected, actors = town.join(said)
    examples, margins = there.examples.pick(places), there.margins[places]
    weights = np.ones(len(places))
    if believe:
        weights = trust.weigh(examples, margins, rejected * 1.0, weights, actors).weights
    manifest = {"base": there.model.version}
    return correct(train(examples, margins, rejected * 1.0, weights, manifest), there.examples)


def find_move(before: Floats, after: Floats) -> float:
    """By how much the score `learned`, or the chance of rejection, of any comment has moved."""
    margins = town.build().margins
    moves = [
        np.abs(1 / (1 + np.exp(-one - before)) - 1 / (1 + np.exp(-one - after)))
        for one in (np.zeros(len(margins)), margins)
    ]
    return float(np.max(moves))


@pytest.mark.parametrize("honest", [1, 3])
@pytest.mark.parametrize(
    "says",
    [wrongly, by_coin, honestly(0.3, 8), always(False), always(True)],
    ids=["all wrong", "by coin", "a third wrong", "approves all", "rejects all"],
)
def test_a_thousand_wrong_clicks_move_nothing(honest: int, says: Says) -> None:
    others = ask_honest(honest)
    evil = town.build().click(EVIL, 1000, says, 99)
    before = learn(others)
    assert find_move(before, learn([*others, evil])) <= ALLOWED
    # They would have, were everybody believed.
    assert find_move(before, learn([*others, evil], believe=False)) > 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_nor_do_they_on_one_topic_alone(kind: str) -> None:
    there, others = town.build(), ask_honest(1)
    evil = there.click(EVIL, 1000, wrongly, 99, among=there.kinds == kind)
    assert find_move(learn(others), learn([*others, evil])) <= ALLOWED


@pytest.mark.parametrize("kind", [None, "crude"])
def test_nor_do_those_of_who_was_honest_until_then(kind: str | None) -> None:
    there, others = town.build(), ask_honest(2)
    among = None if kind is None else there.kinds == kind
    honest = there.click(EVIL, 500, honestly(0.04, 5), 98)
    wrong = there.click(EVIL, 1000, wrongly, 99, among)
    both = Clicks(
        EVIL,
        np.concatenate([honest.places, wrong.places]),
        np.concatenate([honest.rejected, wrong.rejected]),
    )
    # What was taught honestly stays.
    before = learn([*others, honest])
    assert find_move(learn(others), before) > ALLOWED
    assert find_move(before, learn([*others, both])) <= ALLOWED


def test_nor_do_they_spread_among_right_ones() -> None:
    there, others = town.build(), ask_honest(2)

    def says(town: Town, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        return town.right[places] ^ (np.random.default_rng(1).random(len(places)) < 0.4)

    evil = there.click(EVIL, 2500, says, 98)
    assert find_move(learn(others), learn([*others, evil])) <= ALLOWED
