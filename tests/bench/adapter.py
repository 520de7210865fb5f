"""What a site's adapter costs: scoring with one beside without, and training one.

`python -m tests.bench.adapter` measures both on one core. Scoring takes turns, and of each call
the quickest round counts: what else the machine does is left out. Training is measured in
processor time. `--data` takes texts from CSV files.
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402

from classifier import LABELS, AdaptedModel, Adapter, Model, Submission, load  # noqa: E402
from classifier.adapting import read, train  # noqa: E402
from tests.bench.comments import make_comments, read_comments  # noqa: E402

SINGLES = 500
"""So many comments are scored one by one."""


def main() -> None:
    """Print both."""
    options = _options()
    os.sched_setaffinity(0, {options.core})
    texts = _read_texts(options)
    model = load()
    adapter = _measure_training(model, texts[: options.labels], options.rounds)
    _measure_scoring(model, AdaptedModel(model, adapter), texts, options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--labels", type=int, default=5000)
    parser.add_argument("--data", type=Path, help="folder of CSV files to take real texts from")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    return parser.parse_args()


def _read_texts(options: argparse.Namespace) -> list[str]:
    if options.data and options.data.is_dir():
        return list(dict.fromkeys(read_comments(options.data, 2 * options.labels)))
    if options.data:
        print(f"There is no folder {options.data}; comments are generated.")
    return make_comments(options.labels)


def _measure_training(model: Model, texts: Sequence[str], rounds: int) -> Adapter:
    """Train on a line that the texts can tell, with one decision in ten that goes against it."""
    chance = np.random.default_rng(0)
    items = [Submission(text) for text in texts]
    odds = model.log_odds(items)
    limits = np.array([model.thresholds[label].hold for label in LABELS])
    margins = (odds - np.log(limits / (1 - limits))).max(axis=1)
    against = chance.random(len(texts)) < 0.1
    rejected = np.array([len(text.split()[0]) % 2 == 1 for text in texts]) ^ against
    spent: list[tuple[float, float]] = []
    for _ in range(max(rounds // 5, 1)):
        begin = time.process_time()
        examples = read(model, items)
        between = time.process_time()
        adapter = train(examples, margins, rejected, np.ones(len(texts)), {"base": model.version})
        spent.append((between - begin, time.process_time() - between))
    reading, fitting = (median(part) for part in zip(*spent, strict=True))
    length = sum(map(len, texts)) / len(texts)
    print(
        f"{len(texts):,} labels of {length:.0f} characters: {reading + fitting:.2f} s of processor"
        f" time, {reading:.2f} to read them and {fitting:.2f} to train;"
        f" {len(adapter.rows):,} rows, {len(spent)} rounds"
    )
    return adapter


def _measure_scoring(model: Model, adapted: Model, texts: Sequence[str], rounds: int) -> None:
    """Of each call the quickest round counts, and of the calls the median."""
    some = texts[:: max(len(texts) // SINGLES, 1)]
    calls = {
        "one by one": [[text] for text in some],
        "in batches": [texts[start : start + 250] for start in range(0, len(texts), 250)],
    }
    for title, batches in calls.items():
        times = np.full((rounds, 2, len(batches)), np.inf)
        for number, which in np.ndindex(rounds, 2):
            # Either begins as often as the other, and neither finds a text that was just looked at.
            one = (number + which) % 2
            for place, batch in enumerate(batches):
                fresh = [f"{text} {one}{number:03}" for text in batch]
                times[number, one, place] = _time((model, adapted)[one], fresh) / len(batch)
        bare, dressed = np.median(times.min(axis=0), axis=1) * 1e6
        ratio = np.median(np.divide(*times.min(axis=0)[::-1]))
        print(
            f"scoring {title}: {bare:.1f} µs a comment without an adapter, {dressed:.1f} with one,"
            f" {ratio:.3f} times as long; the quickest of {rounds} rounds"
        )


def _time(model: Model, texts: Sequence[str]) -> float:
    begin = time.perf_counter()
    model.score(texts)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
