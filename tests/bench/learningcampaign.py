"""A spam campaign that no model has seen: tickets that do not exist, told among friends.

It has no link, shouts nothing and praises no channel, so that a shipped model lets most of it
pass. Each text is a few sentences in one of several wordings, filled in with names; those that are
kept for measuring are filled in with other names than those that are decided.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

_PARTS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "My {kin} and I were going to see {band} in {city}, but now we can't make it.",
        "Is anybody here into {band}? Our trip to {city} fell through.",
        "A bit off topic: {band} at {city} on {day} and my {kin} got ill.",
        "We had planned {city} for months, {band} live, and then work got in the way.",
        "Sad to miss {band} on {day}, my {kin} has to stay at home.",
        "Whoever wanted to hear {band} in {city} but came too late, listen.",
    ),
    (
        "Two seats near the stage are left over and I only ask what I paid for them.",
        "I have {number} tickets to spare, below the price at the box office.",
        "The seats are in row {number} and I would rather see them used than empty.",
        "Still have {number} passes for {day}, at half of what they cost me.",
        "So there are {number} places, standing, and I want no profit from it.",
    ),
    (
        "Transfer first, then I send the codes the same evening, it went fine with the others.",
        "You pay by gift card since my account is blocked until {day}.",
        "A small deposit holds them for you, the rest when you have the codes.",
        "I send a photo of the tickets as soon as the deposit is there.",
        "Payment by voucher please, my {kin} has no bank account here.",
    ),
    (
        "Message {name} on {app} and say that you read it here.",
        "Look for {name} on {app}, first come first served.",
        "Just ask for {name} on {app} before {day}.",
        "Write to my {kin} {name} on {app}, not here, I rarely look in.",
    ),
)
_DECIDED: Final[Mapping[str, Sequence[str]]] = {
    "band": (
        "the Amber Foxes",
        "Nils and the Tide",
        "Velvet Harbour",
        "Kite Parade",
        "Odd Lanterns",
    ),
    "city": ("Utrecht", "Leeds", "Malmo", "Graz", "Porto", "Ghent", "Cork"),
    "day": ("Friday", "Saturday", "the ninth", "next Sunday"),
    "kin": ("brother", "cousin", "flatmate", "wife"),
    "number": ("two", "three", "four"),
    "name": ("jonas.t", "mirabelle44", "tobi_k", "anna-lu", "petrus9"),
    "app": ("Telegram", "Signal", "Kik"),
}
_KEPT: Final[Mapping[str, Sequence[str]]] = {
    "band": ("Paper Comets", "the Quiet Engine", "Marlow Street", "Hollow Pines", "Seven Herons"),
    "city": ("Antwerp", "Bristol", "Turku", "Lyon", "Gdansk", "Basel", "Bilbao"),
    "day": ("Thursday", "Monday", "the twentieth", "the day after"),
    "kin": ("sister", "neighbour", "colleague", "husband"),
    "number": ("five", "six", "seven"),
    "name": ("lena_w", "rico.m", "okan77", "sunniva", "v-brandt"),
    "app": ("WhatsApp", "Viber", "Discord"),
}


def write(chance: np.random.Generator, how_many: int, kept: bool) -> list[str]:
    """Texts of the campaign; those that are `kept` for measuring name other names."""
    return [_write(chance, _KEPT if kept else _DECIDED) for _ in range(how_many)]


def _write(chance: np.random.Generator, names: Mapping[str, Sequence[str]]) -> str:
    chosen = [part[int(chance.integers(len(part)))] for part in _PARTS]
    # One sentence in the middle is often left out: no two texts are of one length.
    if chance.random() < 0.4:
        del chosen[int(chance.integers(1, 3))]
    filled = {name: some[int(chance.integers(len(some)))] for name, some in names.items()}
    return " ".join(chosen).format(**filled)
