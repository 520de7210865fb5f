"""Accuracy by kind of test case, on a file as HateCheck's, with its columns renamed."""

from pathlib import Path

import numpy as np
import pytest

from classifier import LABELS, Threshold
from classifier.evaluation import Labelled, evaluate
from classifier.hatecheck import check_groups
from classifier.labelled import read_labelled
from classifier.reporttables import tables
from tests.classifier.conftest import write_csv

THRESHOLDS = {label: Threshold(0.5, 0.9) for label in LABELS}
TOXICITY, HATE = LABELS.index("toxicity"), LABELS.index("identity_attack")


def hatecheck(tmp_path: Path) -> Labelled:
    rows = [
        ("slur", "hateful", "slur_h", "women"),
        ("slur", "hateful", "slur_h", "Muslims"),
        ("praise", "non-hateful", "ident_pos_nh", "women"),
        ("oath", "non-hateful", "profanity_nh", ""),
        ("who knows", "", "unknown", "women"),
    ]
    head = ["text", "identity_attack", "group_functionality", "group_target_ident"]
    file = read_labelled(write_csv(tmp_path / "hatecheck.csv", head, list(rows)))
    scores = np.zeros((5, len(LABELS)))
    scores[0, HATE] = scores[1, TOXICITY] = scores[3, TOXICITY] = 0.5
    # Held, but for nothing that says hate.
    scores[2, LABELS.index("spam")] = 0.99
    return Labelled(file.name, file.truth, scores, file.groups)


def test_each_functionality_has_its_accuracy(tmp_path: Path) -> None:
    found = {case.name: case for case in check_groups(hatecheck(tmp_path), THRESHOLDS)}
    right = {
        name: (case.rows, case.hateful, case.accuracy["either"].value)
        for name, case in found.items()
    }
    # Only one of all is held for hate alone.
    assert found["slur_h"].accuracy["alone"].value == 0.5
    assert found["all without identity_attack"].accuracy["alone"].value == 1.0
    assert right == {
        "all rows": (4, 2, 0.75),
        "all with identity_attack": (2, 2, 1.0),
        "all without identity_attack": (2, 0, 0.5),
        "ident_pos_nh": (1, 0, 1.0),
        "profanity_nh": (1, 0, 0.0),
        "slur_h": (2, 2, 1.0),
        "Muslims": (1, 1, 1.0),
        "women": (2, 1, 1.0),
    }


def test_it_is_a_table_of_the_evaluation(tmp_path: Path) -> None:
    made = tables(evaluate(hatecheck(tmp_path), THRESHOLDS, rounds=5))
    assert "held or rejected for identity_attack if and only" in made[-2].title
    assert "accuracy by group, held or rejected for identity_attack or toxicity" in made[-1].title
    assert made[-1].head[-1] == "accuracy"


def test_a_file_of_one_kind_is_measured_too() -> None:
    both = np.full((2, 3, len(LABELS)), np.nan)
    both[0, :, HATE], both[1] = 1.0, 0.9
    one = Labelled("slurs", *both, {"slur_h": np.ones(3, dtype=bool)})
    found = evaluate(one, THRESHOLDS, rounds=5)
    assert found.qualities == ()
    assert found.cases[0].accuracy["alone"].value == 1.0
    with pytest.raises(ValueError, match="nothing to rank"):
        evaluate(Labelled("slurs", *both, {}), THRESHOLDS, rounds=5)


def test_without_groups_or_hate_there_is_none() -> None:
    both = np.zeros((2, 3, len(LABELS)))
    assert check_groups(Labelled("set", *both, {}), THRESHOLDS) == ()
    both[0, :, HATE] = np.nan
    groups = {"all": np.ones(3, dtype=bool)}
    assert check_groups(Labelled("set", *both, groups), THRESHOLDS) == ()
