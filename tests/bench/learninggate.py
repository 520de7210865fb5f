"""`python -m tests.bench.learninggate`: what the gate lets through on a replayed site.

The site is that of `tests.bench.learning`, and so are the numbers of decisions after which a
candidate is made, as the worker makes it: by `training.make`, beside what is then in force. Then
the same for moderators who mislead (tests/bench/learningmisled.py). `--docs docs/learning.md`
writes the tables into it, between the two comments that say so.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from api.moderation.learning import lessons, training
from api.moderation.learning.labels import Label
from api.moderation.learning.stored import Candidate
from api.moderation.learning.training import Present
from api.moderation.policy.inforce import DEFAULT
from classifier import Model, load
from classifier.sets import read_set
from tests.bench import learning
from tests.bench import learninggatetable as table
from tests.bench.learninggatepage import Page
from tests.bench.learningmisled import mislead
from tests.bench.learningsite import Site, find_missing, make_site

SPAM: Final = (("x_scam_promo", "label"), ("sms_spam", "spam"))
"""Sets of which the spam is, and the column that says which is."""
DECISIONS: Final = learning.DECISIONS[1:]
HONEST: Final = "decide by the site's line, with 3 % slips"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a site's first decisions: `candidate` is None where they are too few.

    `rejected` is how many of the `decisions` were rejections.
    """

    seed: int
    moderators: str
    decisions: int
    rejected: int
    candidate: Candidate | None


def main() -> None:
    """Replay, print what came of each candidate, and with --docs write the tables."""
    options = _options()
    missing = [*find_missing(options.data), *_find_spam_missing(options.data)]
    if missing:
        raise SystemExit(
            f"Skipped: there is no {missing[0]}; the sets are not part of the project."
        )
    # Before what takes minutes.
    page = Page.read(options.docs) if options.docs else None
    begin, model, console = time.perf_counter(), load(), Console(width=150)
    trials = []
    for seed in range(1, 2 if options.quick else options.seeds + 1):
        for moderators, labels in _read(options.data, model, seed).items():
            found = list(replay(model, labels, seed, moderators))
            console.print(table.show(found), highlight=False)
            trials += found
    console.print(f"{time.perf_counter() - begin:.0f} s in all.", highlight=False)
    if page is not None:
        page.write(table.tell(trials, HONEST))


def replay(
    model: Model,
    labels: Sequence[Label],
    seed: int,
    moderators: str,
    decisions: Sequence[int] = DECISIONS,
) -> Iterator[Trial]:
    """Make a candidate after so many and so many decisions, each beside what is then in force."""
    present = None
    for count in decisions:
        told, candidate = labels[:count], None
        if lessons.suffice(told):
            candidate = training.make(model, DEFAULT, told, present, told[-1].decided_at)
            if candidate.report.open:
                present = Present(candidate.adapter, candidate.taught_until)
        yield Trial(seed, moderators, count, sum(label.rejected for label in told), candidate)


def _read(data: Path, model: Model, seed: int) -> Mapping[str, Sequence[Label]]:
    """What honest moderators, and others, say of one site."""
    site = make_site(data, model, seed)
    spam = [text for name, column in SPAM for text in _read_spam(data, name, column)]
    np.random.default_rng(seed).shuffle(spam)
    misled = mislead(model, site.labels, _find_welcome(data, site), spam, seed)
    return {HONEST: site.labels, **misled}


def _find_welcome(data: Path, site: Site) -> set[str]:
    """The site's own spam: promotion of channels, and the campaign."""
    campaign = {site.items[place].text for place in site.arrivals}
    return campaign.union(_read_spam(data, "youtube_spam", "spam"))


def _read_spam(data: Path, name: str, column: str) -> list[str]:
    frame = read_set(_find(data, name))
    return list(frame["text"][frame[column].astype(str) == "1"].astype(str))


def _find_spam_missing(data: Path) -> list[Path]:
    return [path for name, _ in SPAM if not (path := _find(data, name)).is_file()]


def _find(data: Path, name: str) -> Path:
    return data / "train" / f"{name}.csv.gz"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=learning.DATA, help="folder of the labelled sets"
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many sites")
    parser.add_argument("--quick", action="store_true", help="one site only")
    parser.add_argument("--docs", type=Path, help="Markdown file to write the tables into")
    return parser.parse_args()


if __name__ == "__main__":
    main()
