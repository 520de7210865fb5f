"""What a site's adapter costs elsewhere: on sets that have nothing to do with the site.

The labels' own scores are those of the shipped model, whatever a site has taught. What may change
is what is held; it is measured at the operating line. Some sets call bad what this site calls bad,
on the others it is to differ: they count swearing, which the site allows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.table import Table

from classifier import Adapter, Model, Submission, adapting
from classifier.adapting import Examples
from classifier.sets import read_set
from tests.bench.learningrivals import (
    Adapted,
    Known,
    Thresholds,
    find_thresholds,
    hold,
    set_by_hand,
)
from tests.bench.learningsite import ATTACKS, DECIDED

Bools = NDArray[np.bool_]
AFTER: Final = (200, 1000, DECIDED)
_EVERY: Final = 6
"""Of the many published comments, one in so many is read."""


@dataclass(frozen=True, slots=True)
class General:
    """A set that was read: which of its comments (n,) are bad, and whether by this site's line.

    `alike` where what the set calls bad is what the site would reject.
    """

    name: str
    examples: Examples
    bad: Bools
    alike: bool


def _is(column: str) -> Callable[[pd.DataFrame], Bools]:
    return lambda frame: np.asarray(frame[column].astype(str).str.casefold().isin(["1", "toxic"]))


SETS: Final[Sequence[tuple[str, str, Callable[[pd.DataFrame], Bools], bool]]] = (
    ("talk pages, attacks", "jigsaw_test_sample.csv", lambda f: f[ATTACKS].any(axis=1), True),
    ("videos, one", "youtube_spam_katyperry.csv", _is("spam"), True),
    ("videos, five", "youtube_spam_2014.csv", _is("spam"), True),
    ("a blog, published", "blog_comments_published.csv.gz", lambda f: f["text"] != f["text"], True),
    ("talk pages, toxic", "jigsaw_test_sample.csv", _is("toxic"), False),
    ("social media, toxic", "surge_toxicity.csv", _is("is_toxic"), False),
    ("news, toxic", "civil_comments_trial.csv", _is("toxic_majority"), False),
)


def read(data: Path, model: Model) -> list[General]:
    """Read the sets that are there."""
    found = []
    for name, file, is_bad, alike in SETS:
        if not (path := data / "dev" / file).is_file():
            continue
        frame = read_set(path)
        if name.startswith("a blog"):
            frame = frame.iloc[::_EVERY]
        items = [Submission(text) for text in frame["text"].astype(str)]
        bad = np.asarray(is_bad(frame), dtype=bool)
        found.append(General(name, adapting.read(model, items), bad, alike))
    return found


def tell(known: Sequence[Known], sets: Sequence[General], penalty: float) -> Table:
    """How many in a hundred are decided rightly, shipped, and by how much more with an adapter."""
    counts = [f"{count:,}" for count in AFTER]
    table = Table("general sets, % right", "rows", "shipped", *counts, "by hand", *counts)
    thresholds = find_thresholds(known[0].model)
    columns = [_compare(known, sets, one, penalty) for one in (thresholds, set_by_hand(thresholds))]
    for place, one in enumerate(sets):
        cells = [cell for column in columns for cell in column[place]]
        table.add_row(one.name if one.alike else f"{one.name} *", f"{len(one.bad):,}", *cells)
    return table


def _compare(
    known: Sequence[Known], sets: Sequence[General], thresholds: Thresholds, penalty: float
) -> list[list[str]]:
    ours = Adapted(thresholds, penalty)
    adapters = [[ours.train(one, count) for one in known] for count in AFTER]
    return [
        [
            f"{100 * _find_right(one, thresholds, None):.1f}",
            *(_tell_gain(one, thresholds, some) for some in adapters),
        ]
        for one in sets
    ]


def _tell_gain(one: General, thresholds: Thresholds, adapters: Sequence[Adapter | None]) -> str:
    before = _find_right(one, thresholds, None)
    gains = [100 * (_find_right(one, thresholds, adapter) - before) for adapter in adapters]
    return f"{np.mean(gains):+.2f}"


def _find_right(one: General, thresholds: Thresholds, adapter: Adapter | None) -> float:
    """The share that is held if bad and passes if not."""
    return float((hold(one.examples, thresholds, adapter) == one.bad).mean())
