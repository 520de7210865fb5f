"""A trained adapter made ready to be judged: its curve, and what the functional suites say."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning import margins
from api.moderation.learning.gate import Foretold
from api.moderation.policy.inforce import Policy
from classifier import LABELS, AdaptedModel, Adapter, Model
from classifier.curvefitting import fit_curve
from classifier.evidence import Evidence

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def fit(sites: Sequence[Foretold]) -> dict[str, list[float]] | None:
    """The curve of the chance of a rejection, of what was foretold; None where one kind is all."""
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
    from classifier import suites

    def hold_by(judging: Model) -> Any:
        thresholds = policy.thresholds(judging)
        return lambda scores, labels: margins.find_held(scores, labels, thresholds)

    adapted = AdaptedModel(model, adapter)
    shipped = suites.measure(model, hold_by(model))
    taught = suites.measure(adapted, hold_by(adapted))
    return {name: (shipped[name].right, taught[name].right) for name in shipped}


def find_holds(policy: Policy, model: Model) -> dict[str, float]:
    """The thresholds that an adapter corrects, by label."""
    thresholds = policy.thresholds(model)
    return {label: thresholds[label].hold for label in LABELS}


def show_accounts(accounts: Mapping[str, Any]) -> dict[str, int]:
    """How many accounts have taught it, and how many of them are not believed in all."""
    return {
        "count": len(accounts),
        "doubted": sum(one.trust < 1 for one in accounts.values()),
        "capped": sum(one.capped for one in accounts.values()),
    }
