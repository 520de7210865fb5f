"""`python -m tests.bench.learning`: what a site's decisions are worth, beside what else there is.

Labelled sets are turned into a site with a line of its own (tests/bench/learningsite.py), thrice
by chance. After so many decisions everyone is asked about comments that nobody has decided; then
about a campaign that came half-way; then about sets that have nothing to do with the site.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from api.moderation.learning import lessons
from classifier import Model, adapting, load
from classifier.adapting import PENALTY
from tests.bench import learninggeneral, learningplot
from tests.bench.learningrivals import (
    Adapted,
    Known,
    Rival,
    Shipped,
    find_thresholds,
    learn_as_bayes,
    learn_from_scratch,
    set_by_hand,
)
from tests.bench.learningsite import DECIDED, Site, find_missing, make_site

Bools = NDArray[np.bool_]

DATA: Final = Path(__file__).parents[3] / "shared" / "data"
DECISIONS: Final = (0, 50, 200, 1000, DECIDED)
EXAMPLES: Final = (0, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of what was kept: decided wrongly, held of the good, missed of the bad."""

    error: float
    false_holds: float
    misses: float


@dataclass(frozen=True, slots=True)
class Round:
    """What one site gave: by rival and decisions, and by rival and examples of the campaign."""

    errors: Mapping[str, Mapping[int, Figures]]
    caught: Mapping[str, Mapping[int, float]]


def main() -> None:
    """Measure, print the tables, and with --out draw them."""
    options = _options()
    missing = find_missing(options.data)
    if missing:
        raise SystemExit(
            f"Skipped: there is no {missing[0]}; the sets are not part of the project."
        )
    begin, model, console = time.perf_counter(), load(), Console(width=118)
    seeds = range(1, 2 if options.quick else options.seeds + 1)
    sites = [
        (site, _read(model, site))
        for site in (make_site(options.data, model, seed) for seed in seeds)
    ]
    rounds = [_measure(site, known, options.penalty) for site, known in sites]
    for table in (_tell_errors(rounds), _tell_kinds(rounds), _tell_campaign(rounds)):
        console.print(table)
    general = learninggeneral.read(options.data, model)
    console.print(learninggeneral.tell([known for _, known in sites], general, options.penalty))
    # "As the product does": on one thread, so that its time is that of one core.
    with threadpool_limits(limits=1):
        console.print(_time_training(model, sites[0][1]), highlight=False)
    console.print(
        f"{time.perf_counter() - begin:.0f} s in all, {len(rounds)} sites.", highlight=False
    )
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "error.svg").write_bytes(learningplot.draw_errors(rounds))
        (options.out / "campaign.svg").write_bytes(learningplot.draw_campaign(rounds))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the labelled sets")
    parser.add_argument("--seeds", type=int, default=3, help="how many sites")
    parser.add_argument("--quick", action="store_true", help="one site only")
    parser.add_argument("--penalty", type=float, default=PENALTY, help="the pull towards zero")
    parser.add_argument("--out", type=Path, help="folder to draw pictures into")
    return parser.parse_args()


def _read(model: Model, site: Site) -> Known:
    items = [*site.items, *site.campaign]
    return Known(model, adapting.read(model, items), [item.text for item in items], site.labels)


def _rivals(model: Model, penalty: float) -> dict[str, Rival]:
    shipped = find_thresholds(model)
    by_hand = set_by_hand(shipped)
    return {
        "shipped": Shipped(shipped),
        "Bayes": learn_as_bayes,
        "from scratch": learn_from_scratch,
        "adapter": Adapted(shipped, penalty),
        "shipped, line set by hand": Shipped(by_hand),
        "adapter, line set by hand": Adapted(by_hand, penalty),
    }


def _measure(site: Site, known: Known, penalty: float) -> Round:
    kept, campaign = slice(DECIDED, 2 * DECIDED), slice(2 * DECIDED, None)
    errors, caught = {}, {}
    for name, rival in _rivals(known.model, penalty).items():
        errors[name] = {
            count: _count(rival(known, count, kept), site.rejected[kept] > 0) for count in DECISIONS
        }
        caught[name] = {
            count: float(rival(known, decisions, campaign).mean())
            for count, decisions in _arrive(site)
        }
    return Round(errors, caught)


def _arrive(site: Site) -> Iterator[tuple[int, int]]:
    """How many decisions there were in all once so many were about the campaign."""
    for count in EXAMPLES:
        yield count, site.arrivals[count - 1] + 1 if count else site.arrivals[0]


def _count(held: Bools, bad: Bools) -> Figures:
    return Figures(
        float((held != bad).mean()), float(held[~bad].mean()), float((~held[bad]).mean())
    )


def _tell_errors(rounds: Sequence[Round]) -> Table:
    table = Table("held-back error, % after", *(f"{count:,}" for count in DECISIONS))
    for name in rounds[0].errors:
        of = [[one.errors[name][count].error for one in rounds] for count in DECISIONS]
        table.add_row(name, *map(_spread, of))
    return table


def _tell_kinds(rounds: Sequence[Round]) -> Table:
    table = Table("false holds / misses, %", *(f"{count:,}" for count in DECISIONS))
    for name in rounds[0].errors:
        found = [[one.errors[name][count] for one in rounds] for count in DECISIONS]
        table.add_row(
            name,
            *(
                f"{100 * np.mean([one.false_holds for one in each]):.1f} / "
                f"{100 * np.mean([one.misses for one in each]):.1f}"
                for each in found
            ),
        )
    return table


def _tell_campaign(rounds: Sequence[Round]) -> Table:
    table = Table("campaign caught, % after", *(f"{count} of it" for count in EXAMPLES))
    for name in rounds[0].caught:
        of = [[one.caught[name][count] for one in rounds] for count in EXAMPLES]
        table.add_row(name, *map(_spread, of))
    return table


def _spread(values: Sequence[float]) -> str:
    """The mean, and from the lowest to the highest."""
    low, high = 100 * min(values), 100 * max(values)
    return f"{100 * np.mean(values):.1f} ({low:.1f}-{high:.1f})"


def _time_training(model: Model, known: Known) -> str:
    """How long it takes to learn of all labels, as the product does: CPU time, of one core."""
    items, thresholds = [label.item for label in known.labels], find_thresholds(model)
    times = [time.process_time()]
    examples = adapting.read(model, items)
    times.append(time.process_time())
    studied = lessons.study(examples, known.labels, thresholds)
    times.append(time.process_time())
    studied.train({"base": model.version})
    times.append(time.process_time())
    read, believe, train = np.diff(times)
    trusts = [account.trust for account in studied.accounts.values()]
    return (
        f"{len(items):,} labels, CPU time: {read:.1f} s to read them, {believe:.1f} s to say whom "
        f"to believe (of 1, {min(trusts):.2f} to {max(trusts):.2f}), {train:.1f} s to train."
    )


if __name__ == "__main__":
    main()
