"""What the watch on drift finds on made-up sites, by how much comes, and what it finds in nothing.

    python -m tests.bench.drift [--sites N] [--days N ...] [--mood 0.15]

The thresholds in `api.moderation.learning.driftscales` and `driftwindows` are chosen by it: about
one alarm in a year without any change, at the most.
"""

import argparse
import copy
import statistics
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.bench.driftsites import DRIFTS, Kind, Simulated

_WARM: Final = 140
"""After so many days a site is compared with as many as ever, be its windows the longest."""
_YEAR: Final = 365
_WATCHED: Final = 42
"""For so many days it is waited whether a change is noticed; by then it is the usual."""


def count_false(site: Simulated, kind: Kind) -> int:
    """How many alarms begin in a year in which nothing changes."""
    return sum(len(site.live(kind)) for _ in range(_YEAR))


def find_delay(site: Simulated, changed: Kind) -> int | None:
    """After how many days of a change the first alarm begins, None where none does."""
    return next((day for day in range(1, _WATCHED + 1) if site.live(changed)), None)


def _tell(delays: Sequence[int | None]) -> str:
    found = [day for day in delays if day is not None]
    if not found:
        return f"0 of {len(delays)}"
    return f"{statistics.median(found):g} ({len(found)} of {len(delays)})"


def main() -> None:
    """Simulate and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=12)
    parser.add_argument("--days", type=int, nargs="+", default=[10, 30, 100, 1000])
    parser.add_argument("--mood", type=float, default=0.15)
    given = parser.parse_args()
    table = Table("comments a day", "alarms a year without a change", *DRIFTS)
    for a_day in given.days:
        kind, alarms = Kind(a_day, mood=given.mood), 0
        delays: dict[str, list[int | None]] = {name: [] for name in DRIFTS}
        for seed in range(given.sites):
            site = Simulated(seed)
            for _ in range(_WARM):
                site.live(kind)
            for name, change in DRIFTS.items():
                delays[name].append(find_delay(copy.deepcopy(site), change(kind)))
            alarms += count_false(site, kind)
        told = [_tell(delays[name]) for name in DRIFTS]
        table.add_row(f"{a_day:,}", f"{alarms / given.sites:.2f}", *told)
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
