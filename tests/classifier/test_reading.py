"""Both stages on short comments of our own, by what each is to show.

`reading.csv` holds hate against groups of people in many forms, and its harmless counterparts,
in the manner of HateCheck (Röttger et al., 2021) and of HatemojiCheck (Kirk et al., 2022) but
without a sentence of theirs. No stage may learn from it, nor may thresholds be set by it; which
run is shipped, and how both stages are weighed, was chosen in sight of it (`docs/experiments.md`).
"""

import csv
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from classifier import LABELS, Model
from classifier.cascade import Cascade
from classifier.reader import SHIPPED, Reader

# What the shipped model and second stage must reach where the second is asked when unsure.
RIGHT = 0.91
RIGHT_IN_EACH = 0.5
AREA = 0.97

CASES = Path(__file__).parent / "cases" / "reading.csv"
LABEL = "identity_attack"
COLUMNS = ["text", LABEL, "group_function"]
NEEDS = ("onnxruntime", "tokenizers")


def read() -> list[dict[str, str]]:
    with CASES.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


ROWS = read()
TEXTS = [row["text"] for row in ROWS]
HATEFUL = np.array([row[LABEL] == "1" for row in ROWS])


@pytest.fixture(scope="module")
def both(model: Model) -> Cascade:
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}: pip install 'winnow[read]'")
    if not SHIPPED.exists():
        pytest.skip(f"there is no second stage at {SHIPPED}")
    return Cascade(model, Reader.load())


@pytest.fixture(scope="module")
def chances(both: Cascade) -> np.ndarray:
    return both.score(TEXTS)[:, LABELS.index(LABEL)]


@pytest.fixture(scope="module")
def right(both: Cascade, chances: np.ndarray) -> np.ndarray:
    """Whether each case is judged as it should be, by the shipped threshold."""
    return (chances >= both.thresholds[LABEL].hold) == HATEFUL


def test_the_file_has_these_columns() -> None:
    head = CASES.read_text(encoding="utf-8").partition("\n")[0]
    assert head == ",".join(COLUMNS)
    # DictReader has None for a cell that is missing, and under None those too many.
    assert all(list(row) == COLUMNS and None not in row.values() for row in ROWS)


def test_texts_are_there_once_and_short() -> None:
    assert len({text.casefold() for text in TEXTS}) == len(TEXTS)
    assert all(text == text.strip() and 4 <= len(text.split()) <= 30 for text in TEXTS)


def test_each_functionality_is_of_one_kind_and_has_enough_cases() -> None:
    assert {row[LABEL] for row in ROWS} == {"0", "1"}
    counts = Counter(row["group_function"] for row in ROWS)
    assert len(counts) >= 30
    assert min(counts.values()) >= 10
    kinds = {(row["group_function"], row[LABEL]) for row in ROWS}
    assert len(kinds) == len(counts)


@pytest.mark.parametrize("when", ["when_unsure", "always"])
def test_every_case_has_a_score(both: Cascade, chances: np.ndarray, when: str) -> None:
    found = both.score(TEXTS, when)
    assert found.shape == (len(TEXTS), len(LABELS))
    assert ((found >= 0) & (found <= 1)).all()
    if when == "when_unsure":
        assert (found[:, LABELS.index(LABEL)] == chances).all()


def test_most_cases_are_right(right: np.ndarray) -> None:
    assert right.mean() >= RIGHT


def test_most_cases_of_each_functionality_are_right(right: np.ndarray) -> None:
    found = defaultdict(list)
    for row, hit in zip(ROWS, right.tolist(), strict=True):
        found[row["group_function"]].append(hit)
    shares = {name: round(float(np.mean(hits)), 2) for name, hits in found.items()}
    assert {name: share for name, share in shares.items() if share < RIGHT_IN_EACH} == {}


def test_hate_ranks_above_the_rest(chances: np.ndarray) -> None:
    assert roc_auc_score(HATEFUL, chances) >= AREA
