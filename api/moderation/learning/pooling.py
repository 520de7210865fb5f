"""What several sites have decided, as the lessons of one adapter."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning import gate, lessons, proving, training
from api.moderation.learning.gate import Foretold
from api.moderation.learning.labels import Label
from api.moderation.learning.lessons import Lessons
from api.moderation.learning.stored import Candidate
from api.moderation.learning.training import Present
from api.moderation.policy.inforce import DEFAULT, Policy
from classifier import Model

if TYPE_CHECKING:
    from classifier.adapting import Examples


def make(
    model: Model,
    given: Sequence[tuple[Sequence[Label], Policy]],
    present: Present | None,
    began: datetime,
) -> Candidate:
    """Train one adapter on what several sites have decided, and judge it for each of them."""
    # Only the worker pays for loading them.
    from threadpoolctl import threadpool_limits

    from classifier import adapting

    found = [label for some, _ in given for label in some]
    order = sorted(range(len(found)), key=lambda at: found[at].decided_at)
    owners = np.repeat(np.arange(len(given)), [len(some) for some, _ in given])[order]
    found = [found[at] for at in order]
    with threadpool_limits(limits=1):
        examples = adapting.read(model, [label.item for label in found])
        lines = [policy for _, policy in given]
        lesson = _study(model, examples, found, lines, owners)
        fresh = lessons.count_until(found, present.taught_until) if present else 0
        foretold = lesson.foretell(model, present.adapter if present else None, fresh)
        sites = [_pick(foretold, owners == owner) for owner in range(len(given))]
        adapter = lesson.train(training.describe(model, len(found), began, sites))
        report = gate.judge(sites, proving.run_suites(model, adapter, DEFAULT))
    # Who moderates one site is not for the others to know.
    report.figures["accounts"] = proving.count_accounts(lesson.accounts)
    holds = proving.find_holds(DEFAULT, model)
    keys = tuple(label.key for label in found)
    return Candidate(adapter, len(found), found[-1].decided_at, report, holds, began, keys)


def _study(
    model: Model,
    examples: "Examples",
    found: Sequence[Label],
    lines: Sequence[Policy],
    owners: NDArray[np.intp],
) -> Lessons:
    """Every site's labels as it means them, by its own line, and none of them too loud."""
    places = [np.flatnonzero(owners == owner) for owner in range(len(lines))]
    parts = [
        lessons.study(
            examples.pick(here), [found[at] for at in here.tolist()], policy.thresholds(model)
        )
        for here, policy in zip(places, lines, strict=True)
    ]
    loudness = sorted(float(part.weights.sum()) for part in parts)
    middle = loudness[(len(loudness) - 1) // 2]
    columns = np.empty((4, len(found)))
    accounts = {}
    for number, (here, part) in enumerate(zip(places, parts, strict=True)):
        share = min(1.0, middle / max(float(part.weights.sum()), 1e-9))
        columns[:, here] = part.margins, part.rejected, part.weights * share, part.counts * share
        accounts.update({f"{number} {name}": one for name, one in part.accounts.items()})
    beyond, rejected, weights, counts = columns
    return Lessons(examples, beyond, rejected, weights, counts, accounts)


def _pick(foretold: Foretold, here: NDArray[np.bool_]) -> Foretold:
    return Foretold(
        foretold.rejected[here],
        foretold.margins[here],
        foretold.candidate[here],
        foretold.weights[here],
        foretold.present[here],
    )
