"""Where to hold and where to reject, chosen by rule from rows no training has seen.

A profile is what its thresholds are to achieve, so that it means the same for every model.
Reject: the lowest score at which that share of the comments at or above it truly has the label,
while no set of ordinary comments loses too many. Where no score is that certain, the label never
rejects. Hold: the abuse labels share one budget of ordinary comments; spam has its own. The
bounds are narrower than what a site is promised, as its comments differ from these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from classifier.curves import MIN_SUPPORT
from classifier.evidence import Evidence, Floats, describe, gather
from classifier.labelled import Labelled
from classifier.labels import LABELS


@dataclass(frozen=True, slots=True)
class Targets:
    """What a profile is to achieve; all are shares."""

    held_abuse: float
    """Of any set of ordinary comments, at most so much is held by all abuse labels together."""
    held_spam: float
    """The same, by spam."""
    precision: float
    """Of the comments that a label rejects, at least so much truly has it."""
    rejected: float
    """Of any set of ordinary comments, at most so much is rejected by each label."""


PROFILES: Final[Mapping[str, Targets]] = {
    "relaxed": Targets(held_abuse=0.008, held_spam=0.005, precision=0.99, rejected=0.001),
    "balanced": Targets(held_abuse=0.025, held_spam=0.015, precision=0.98, rejected=0.003),
    "strict": Targets(held_abuse=0.06, held_spam=0.04, precision=0.95, rejected=0.005),
}
# How much of the budget each label may use by itself: most of what any of them names is toxic
# too, and what only a rare label names is mostly wrong.
SHARES: Final[Mapping[str, float]] = {
    "toxicity": 1.0,
    "insult": 0.5,
    "profanity": 0.5,
    "identity_attack": 0.15,
    "threat": 0.2,
    "severe_toxicity": 0.2,
}
# Scores to choose from. One chance in four is the least that is worth a moderator's time.
GRID: Final = np.concatenate((np.arange(250, 990) / 1000, np.arange(9900, 10000) / 10000))

Entry = dict[str, Any]


def choose(
    sets: Sequence[Labelled],
    kept: Mapping[str, Entry] | None = None,
    least: Mapping[str, float] = MappingProxyType({}),
    shares: Mapping[str, float] = SHARES,
) -> dict[str, dict[str, Entry]]:
    """Return for each profile and label `hold`, `reject` (None: never) and the figures behind them.

    `kept` are thresholds that `balanced` has whatever the rule says, `hold` and `reject` by
    label; where the rule says otherwise, `by_rule` says what. No label holds below its `least`,
    and `shares` is how much of the budget each kind of abuse may use by itself.
    """
    evidence = {label: gather(sets, label) for label in LABELS}
    found = {name: _choose(sets, evidence, targets, shares) for name, targets in PROFILES.items()}
    for entries in found.values():
        for label, at in least.items():
            entries[label]["hold"] = max(entries[label]["hold"], at)
    if kept:
        _keep(found, kept)
    return _measure(evidence, found)


def measure(
    sets: Sequence[Labelled], profiles: Mapping[str, Mapping[str, Entry]]
) -> dict[str, dict[str, Entry]]:
    """Return the same entries, `hold` and `reject` by profile and label, with their figures."""
    return _measure({label: gather(sets, label) for label in LABELS}, profiles)


def _measure(
    evidence: Mapping[str, Evidence], profiles: Mapping[str, Mapping[str, Entry]]
) -> dict[str, dict[str, Entry]]:
    return {
        name: {label: one | _figures(evidence[label], one) for label, one in entries.items()}
        for name, entries in profiles.items()
    }


def outcomes(sets: Sequence[Labelled], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what share of each set's ordinary comments the chosen thresholds touch."""
    hold = {label: chosen[label]["hold"] for label in LABELS}
    reject = {label: at for label in LABELS if (at := chosen[label]["reject"]) is not None}
    abuse = {label: at for label, at in hold.items() if label != "spam"}
    return {
        one.name: {
            "comments": int(one.ordinary.sum()),
            "held_or_rejected_for_abuse": round(_touched(one, abuse), 5),
            "held_or_rejected_for_spam": round(_touched(one, {"spam": hold["spam"]}), 5),
            "rejected": round(_touched(one, reject), 5) if reject else 0.0,
        }
        for one in sets
        if one.ordinary.any()
    }


def _choose(
    sets: Sequence[Labelled],
    evidence: Mapping[str, Evidence],
    targets: Targets,
    shares: Mapping[str, float],
) -> dict[str, Entry]:
    rates = {label: one.rates(GRID) for label, one in evidence.items()}
    holds = _share_budget(sets, rates, targets.held_abuse, shares)
    holds["spam"] = _hold(rates["spam"], targets.held_spam)
    found = {}
    for label in LABELS:
        reject = _reject(evidence[label], rates[label], targets)
        hold = holds[label] if reject is None else min(holds[label], reject)
        found[label] = {"hold": hold, "reject": reject}
    return found


def _share_budget(
    sets: Sequence[Labelled], rates: Mapping[str, Floats], most: float, shares: Mapping[str, float]
) -> dict[str, float]:
    ordinary = [one for one in sets if one.ordinary.any()]
    holds: dict[str, float] = {}
    for step in range(20, 0, -1):
        budget = most * step / 20
        holds = {label: _hold(rates[label], budget * share) for label, share in shares.items()}
        if all(_touched(one, holds) <= most for one in ordinary):
            break
    return holds


def _hold(rates: Floats, budget: float) -> float:
    # The rates fall along the grid; where even its last point is too much, it is that one.
    spared = np.append(np.flatnonzero(rates <= budget), len(GRID) - 1)
    return float(GRID[spared[0]])


def _reject(evidence: Evidence, rates: Floats, targets: Targets) -> float | None:
    for at, rate in zip(GRID.tolist(), rates, strict=True):
        precision, support = evidence.precision(at)
        if support < MIN_SUPPORT:
            return None
        if precision >= targets.precision and rate <= targets.rejected:
            return float(at)
    return None


def _touched(one: Labelled, limits: Mapping[str, float]) -> float:
    """Return the share of a set's ordinary comments at or above any of the `limits`."""
    columns = [LABELS.index(label) for label in limits]
    scores = one.scores[one.ordinary][:, columns]
    return float((scores >= np.array(list(limits.values()))).any(axis=1).mean())


def _keep(found: Mapping[str, dict[str, Entry]], kept: Mapping[str, Entry]) -> None:
    """Have `kept` as `balanced`, and the others on their sides of it."""
    for label in LABELS:
        rule = found["balanced"][label]
        usual = {action: kept[label][action] for action in ("hold", "reject")}
        found["balanced"][label] = usual if usual == rule else usual | {"by_rule": rule}
        found["relaxed"][label] = _apart(max, found["relaxed"][label], usual)
        found["strict"][label] = _apart(min, found["strict"][label], usual)


def _apart(which: Callable[[float, float], float], one: Entry, usual: Entry) -> Entry:
    hold = which(one["hold"], usual["hold"])
    reject = which(_or_never(one["reject"]), _or_never(usual["reject"]))
    return {"hold": hold, "reject": None if reject == np.inf else reject}


def _or_never(at: float | None) -> float:
    return np.inf if at is None else at


def _figures(evidence: Evidence, one: Entry) -> Entry:
    hold, reject = one["hold"], one["reject"]
    at_reject = None if reject is None else describe(evidence, reject)
    return {"at_hold": describe(evidence, hold), "at_reject": at_reject}
