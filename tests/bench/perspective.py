"""Our toxicity beside an old Perspective score, and beside shares of raters.

python -m tests.bench.perspective --data DIR --dev DIR

`--data` is the folder of the sets that the shipped model was trained on (docs/model-card.md), of
which two have a column `api` with Perspective's score; `--dev` that of the development sets.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from api.comparing.curves import find_curve
from api.comparing.drawing import draw
from api.comparing.findings import find
from api.comparing.pairing import gather
from api.comparing.shapes import Answer
from api.comparing.telling import Comparison, tell
from api.moderation.scoring import Scorer
from classifier.examples import fingerprint
from classifier.gathering import HELD_OUT
from classifier.intervals import proportion
from classifier.sets import read_set

TALK = ("wikipedia_talk_gc.csv.gz", "wikipedia_talk_gn.csv.gz")
SHARES = "civil_comments_trial.csv"
THRESHOLDS = (0.5, 0.7, 0.8, 0.9)
NAME = "TOXICITY"
SEED = 0
"""That of the training, which says which rows were kept out of it."""


def main() -> None:
    """Compare, print what `winnow compare` would, and draw."""
    options = _options()
    scorer = Scorer()
    talk = pd.concat([read_set(options.data / name) for name in TALK])
    print(
        "# Wikipedia talk pages, an old Perspective score; the model was trained on these texts\n"
    )
    compared = _compare(scorer, talk["text"], talk["api"])
    print("\n# Of these, the rows that training kept out\n")
    kept = talk[[_is_held_out(text) for text in talk["text"]]]
    _compare(scorer, kept["text"], kept["api"])
    _print_truth(scorer, talk, "all")
    _print_truth(scorer, kept, "kept out of training")
    print("\n# News comments, the share of raters who call each toxic; not trained on\n")
    news = read_set(options.dev / SHARES)
    _compare(scorer, news["text"], news["frac_toxic"])
    if options.out:
        curves = {
            name: find_curve(pairs, THRESHOLDS) for name, pairs in compared.gathered.pairs.items()
        }
        options.out.write_text(draw(compared, curves), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="a picture of the first comparison, as SVG")
    options = parser.parse_args()
    for path in (*(options.data / name for name in TALK), options.dev / SHARES):
        if not path.is_file():
            raise SystemExit(f"Skipped: there is no {path}; the sets are not part of the project.")
    return options


def _is_held_out(text: str) -> bool:
    return int(fingerprint(f"{SEED} {text}")[:8], 16) % HELD_OUT == 0


def _compare(scorer: Scorer, texts: "pd.Series[str]", theirs: "pd.Series[float]") -> Comparison:
    """What `winnow compare` prints of texts with scores."""
    gathered = gather(scorer, _answers(texts, theirs))
    findings = [find(name, pairs, THRESHOLDS) for name, pairs in gathered.pairs.items()]
    assert scorer.model
    compared = Comparison(scorer.model.version, gathered, findings, {})
    print(tell(compared))
    return compared


def _answers(texts: "pd.Series[str]", theirs: "pd.Series[float]") -> Iterator[tuple[int, Answer]]:
    for line, (text, score) in enumerate(zip(texts, theirs, strict=True), 1):
        yield line, Answer(str(text), {NAME: float(score)}, ())


def _print_truth(scorer: Scorer, talk: pd.DataFrame, name: str) -> None:
    """How many of those held each side's threshold are toxic by the raters' label."""
    assert scorer.model
    ours = scorer.model.score([str(text) for text in talk["text"]])[:, 1]
    print(f"\n# Of the comments held, toxic by the raters ({name}: {talk['label'].sum()} are)\n")
    for at in THRESHOLDS:
        said = []
        for scores in (talk["api"].to_numpy(), ours):
            held = scores >= at
            toxic = int(talk["label"].to_numpy()[held].sum())
            share = proportion(toxic, int(np.sum(held)))
            said.append(f"{toxic} of {held.sum()}, {share}")
        print(f"{at:<5} theirs: {said[0]:<40} ours: {said[1]}")


if __name__ == "__main__":
    main()
