"""A trained adapter made ready to be judged: its curve, and what the functional suites say."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning import margins
from api.moderation.learning.gate import Foretold
from api.moderation.policy.inforce import Policy
from classifier import LABELS, AdaptedModel, Adapter, Model, Threshold

if TYPE_CHECKING:
    from api.moderation.learning.trust import Account

LISTED: Final = 50
"""Of so many accounts is told one by one how far they are believed."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def fit(sites: Sequence[Foretold]) -> dict[str, list[float]] | None:
    """The curve of the chance of a rejection, of what was foretold; None where one kind is all."""
    # Only the worker pays for loading them.
    from classifier.curvefitting import fit_curve
    from classifier.evidence import Evidence

    said = np.concatenate([one.candidate for one in sites])
    rejected = np.concatenate([one.rejected for one in sites])
    counts = np.concatenate([one.weights for one in sites])
    known = ~np.isnan(said) & (counts > 0)
    chances = 1 / (1 + np.exp(-np.clip(said[known], -30, 30)))
    positive, negative = chances[rejected[known]], chances[~rejected[known]]
    if not len(positive) or not len(negative):
        return None
    return fit_curve(Evidence(positive, negative, [negative]))


def run_suites(model: Model, adapter: Adapter, policy: Policy) -> dict[str, tuple[Bools, Bools]]:
    """By suite, which cases the model gets right under a policy, and which with the adapter."""
    adapted = AdaptedModel(model, adapter)
    taught = _run(adapted, policy.thresholds(adapted))
    shipped = _run_shipped(model, tuple(policy.thresholds(model).items()))
    return {name: (shipped[name], taught[name]) for name in shipped}


def _run(model: Model, thresholds: Mapping[str, Threshold]) -> dict[str, Bools]:
    from classifier import suites

    def hold(scores: Floats, labels: Sequence[str]) -> Bools:
        return margins.find_held(scores, labels, thresholds)

    return {name: outcomes.right for name, outcomes in suites.measure(model, hold).items()}


@lru_cache(maxsize=4)
def _run_shipped(
    model: Model, thresholds: tuple[tuple[str, Threshold], ...]
) -> Mapping[str, Bools]:
    """What comes out the same with every training, and most of the sites have one line."""
    return _run(model, dict(thresholds))


def find_holds(policy: Policy, model: Model) -> dict[str, float]:
    """The thresholds that an adapter corrects, by label."""
    thresholds = policy.thresholds(model)
    return {label: thresholds[label].hold for label in LABELS}


def count_accounts(accounts: "Mapping[str, Account]") -> dict[str, Any]:
    """How many accounts have taught it, and how many of them are not believed in all."""
    return {
        "count": len(accounts),
        "doubted": sum(one.trust < 1 for one in accounts.values()),
        "capped": sum(one.capped for one in accounts.values()),
    }


def show_accounts(accounts: "Mapping[str, Account]") -> dict[str, Any]:
    """The same with each account: how much it has taught, and how far it is believed.

    Those come first that are not believed in all, then those that have taught most; `LISTED` of
    them at most. `trust` and `disagreement` are from 0 to 1, see `Account`.
    """
    order = sorted(
        accounts.items(),
        key=lambda named: (
            named[1].trust >= 1 and not named[1].capped,
            -named[1].labels,
            named[0],
        ),
    )
    return {
        **count_accounts(accounts),
        "items": [
            {
                "actor": name,
                "labels": one.labels,
                "trust": round(one.trust, 4),
                "disagreement": one.disagreement and round(one.disagreement, 4),
                "capped": one.capped,
            }
            for name, one in order[:LISTED]
        ],
    }
