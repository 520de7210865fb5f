"""Whether an adapter may be used: better on what a site decided later, and worse at nothing.

Each decision is foretold by what had been decided before it: what is measured has taught nothing.
The shipped model, and the adapter in force, are asked about the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning import noise
from classifier import Model

if TYPE_CHECKING:
    from classifier.adapting import Examples

BLOCKS: Final = 5
"""Into so many, by time, what was decided is cut."""
UNSEEN: Final = 2
"""So many are never foretold: they are what the first of the others is foretold by."""
SURE: Final = 0.99
"""How probable it must be that it is better: with every twenty labels luck has another try."""
LOSING: Final = 0.9
"""And how probable that it is worse, where it is not to be."""
ALLOWED: Final = 0.005
"""By how much of a suite anything may be worse, which is too little to tell."""
BY_CHANCE: Final = 0.05
"""What is no more probable than this is not put down to chance."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """One site's decisions (n,), oldest first, and what was said of them without knowing them.

    `margins` is what the shipped model says, `candidate` what the new adapter adds up to, and
    `present` the one in force, all in log-odds of a rejection; NaN where there is nothing fair
    to say. `weights` is what each counts.
    """

    rejected: Bools
    margins: Floats
    candidate: Floats
    weights: Floats
    present: Floats


@dataclass(frozen=True, slots=True)
class Report:
    """Whether the gate is open, why, and what was measured."""

    open: bool
    why: str
    figures: dict[str, Any]


def find_starts(count: int, fresh: int | None = None) -> list[int]:
    """Where the blocks begin that are foretold.

    From the place `fresh` on nothing has taught the adapter in force. Where that is late, the last
    block begins half-way from there: the candidate is to know some of what the other does not.
    """
    starts = [count * block // BLOCKS for block in range(UNSEEN, BLOCKS)]
    if fresh is not None and starts[-1] < fresh < count:
        starts[-1] = (fresh + count) // 2
    return starts


def forward(
    model: Model,
    examples: "Examples",
    margins: Floats,
    rejected: Floats,
    weights: Floats,
    starts: Sequence[int] | None = None,
) -> Floats:
    """What each of `examples` (n), oldest first, is foretold by those before its block.

    In log-odds of a rejection, (n,); NaN for those before the first of `starts`.
    """
    from classifier.adapting import correct, train

    count = len(examples)
    edges = [*(find_starts(count) if starts is None else starts), count]
    found = np.full(count, np.nan)
    for begin, end in pairwise(edges):
        before, here = slice(0, begin), slice(begin, end)
        known = margins[before], rejected[before], weights[before]
        adapter = train(examples.pick(before), *known, {"base": model.version})
        found[here] = margins[here] + correct(adapter, examples.pick(here))
    return found


def judge(sites: Sequence[Foretold], suites: Mapping[str, tuple[Bools, Bools]]) -> Report:
    """Judge an adapter for the sites that have taught it.

    `suites` holds, by name, which cases (m,) the shipped model gets right, and which with it.
    """
    figures: dict[str, Any] = {}
    doubts = [_doubt_gain(sites, figures), *_doubt_sites(sites, figures)]
    doubts += [_doubt_present(sites, figures), *_doubt_suites(suites, figures)]
    found = [doubt for doubt in doubts if doubt]
    return Report(not found, " ".join(found) or _praise(figures), figures)


def _doubt_gain(sites: Sequence[Foretold], figures: dict[str, Any]) -> str | None:
    pair, count = _compare(sites, "margins")
    if pair is None:
        return "Nothing that was decided could be foretold."
    figures["labels"] = count
    figures["shipped"], figures["candidate"] = pair.first.show(), pair.second.show()
    figures["better"] = round(pair.better, 3)
    if pair.better >= SURE:
        return None
    return (
        f"It is wrong about {pair.second.value:.1%} of what was decided later, the shipped model "
        f"about {pair.first.value:.1%}: that it is better is only {pair.better:.0%} sure."
    )


def _doubt_sites(sites: Sequence[Foretold], figures: dict[str, Any]) -> list[str]:
    """Of several sites, none may lose."""
    if len(sites) < 2:
        return []
    pairs = [_compare([site], "margins")[0] for site in sites]
    chances = [pair.worse for pair in pairs if pair is not None]
    figures["sites"] = {"count": len(sites), "worst": round(max(chances, default=0.0), 3)}
    losing = sum(chance >= LOSING for chance in chances)
    return [f"It is worse than the shipped model for {losing} of the sites."] if losing else []


def _doubt_present(sites: Sequence[Foretold], figures: dict[str, Any]) -> str | None:
    pair, count = _compare(sites, "present")
    if pair is None:
        return None
    figures["in_force"] = {"labels": count, **noise.show(pair)}
    if pair.worse < LOSING:
        return None
    return (
        f"It is wrong about {pair.second.value:.1%} of what was decided since the one in force was "
        f"taught, and that one about {pair.first.value:.1%}."
    )


def _doubt_suites(suites: Mapping[str, tuple[Bools, Bools]], figures: dict[str, Any]) -> list[str]:
    doubts, told = [], figures.setdefault("suites", {})
    for name, (shipped, candidate) in suites.items():
        losses, gains = int((shipped & ~candidate).sum()), int((candidate & ~shipped).sum())
        chance = noise.chance_of_losses(losses, gains)
        told[name] = {
            "cases": len(shipped),
            "shipped": round(float(shipped.mean()), 4),
            "candidate": round(float(candidate.mean()), 4),
            "chance": round(chance, 4),
        }
        if (losses - gains) / len(shipped) > ALLOWED and chance <= BY_CHANCE:
            doubts.append(
                f"Of the suite {name} it gets {candidate.mean():.1%} right, and the shipped model "
                f"{shipped.mean():.1%}."
            )
    return doubts


def _praise(figures: Mapping[str, Any]) -> str:
    return (
        f"It is wrong about {figures['candidate']['value']:.1%} of what was decided later, the "
        f"shipped model about {figures['shipped']['value']:.1%}; it is worse at nothing."
    )


def _compare(sites: Sequence[Foretold], other: str) -> tuple[noise.Pair | None, int]:
    """The candidate beside another, over what both have foretold; and how much that is."""
    rejected, theirs, ours, weights = (
        np.concatenate([getattr(site, name) for site in sites])
        for name in ("rejected", other, "candidate", "weights")
    )
    both = ~np.isnan(theirs) & ~np.isnan(ours) & (weights > 0)
    if not both.any():
        return None, 0
    wrong = [(said[both] >= 0) != (rejected[both] > 0) for said in (theirs, ours)]
    return noise.compare(wrong[0], wrong[1], weights[both]), int(both.sum())
