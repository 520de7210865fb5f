"""The figures measured on labelled files, and how sure they are."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from classifier import LABELS, Model, Threshold
from classifier.evaluation import Evaluation, Labelled, evaluate, measure, score_file
from classifier.intervals import percentile, proportion, rank, resamples

TOXICITY = LABELS.index("toxicity")
THRESHOLDS = {label: Threshold(0.5, 0.9) for label in LABELS}


def labelled(truth: list[float], scores: list[float], **groups: list[bool]) -> Labelled:
    both = np.full((2, len(truth), len(LABELS)), np.nan)
    both[1] = 0.0
    both[:, :, TOXICITY] = truth, scores
    return Labelled("set", *both, {name: np.array(rows) for name, rows in groups.items()})


def found(one: Labelled, **more: int) -> Evaluation:
    return evaluate(one, THRESHOLDS, **{"rounds": 200, **more})


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=40))
def test_ranking_has_the_numbers_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    truth, scores = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    if 0 < truth.sum() < len(truth):
        ranking, once = rank(scores, truth), np.ones(len(truth))
        assert ranking.auc(once) == pytest.approx(roc_auc_score(truth, scores))
        average = average_precision_score(truth, scores)
        assert ranking.average_precision(once) == pytest.approx(average)
        counts = np.arange(1.0, len(truth) + 1)
        weighted = roc_auc_score(truth, scores, sample_weight=counts)
        assert ranking.auc(counts) == pytest.approx(weighted)


def test_a_resample_has_as_many_of_each_kind() -> None:
    truth = np.array([1.0, 0, 0, 0, 1, 0])
    for counts in resamples(truth, 50, seed=3):
        assert counts[truth == 1].sum() == 2
        assert counts[truth == 0].sum() == 4


def test_the_same_seed_gives_the_same_interval_and_more_rows_a_smaller_one() -> None:
    chance = np.random.default_rng(0)
    truth = (chance.random(4000) < 0.3).astype(float)
    scores = 1 / (1 + np.exp(-(truth + chance.normal(size=4000))))
    few = found(labelled(truth[:200].tolist(), scores[:200].tolist())).qualities[0]
    many = found(labelled(truth.tolist(), scores.tolist())).qualities[0]
    again = found(labelled(truth.tolist(), scores.tolist())).qualities[0]
    assert many.auc == again.auc
    assert many.auc.low < many.auc.value < many.auc.high
    assert many.auc.high - many.auc.low < few.auc.high - few.auc.low


def test_an_interval_holds_its_value_and_no_resample_makes_it_a_point() -> None:
    assert percentile(0.7, np.array([])).low == 0.7
    outside = percentile(0.9, np.linspace(0.1, 0.2, 50))
    assert outside.low < 0.2
    assert outside.high == 0.9


@pytest.mark.parametrize(
    ("hits", "among", "low", "high"),
    [(0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1)],
)
def test_shares_have_the_interval_of_wilson(hits: int, among: int, low: float, high: float) -> None:
    share = proportion(hits, among)
    assert share is not None
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-4)
    assert proportion(0, 0) is None


def test_the_confusion_at_both_thresholds() -> None:
    one = found(labelled([1, 1, 1, 0, 0, 0], [0.95, 0.6, 0.2, 0.9, 0.5, 0.1])).qualities[0]
    hold, reject = one.verdicts
    cells = ("true_positives", "false_positives", "false_negatives", "true_negatives")
    assert [getattr(hold, cell) for cell in cells] == [2, 2, 1, 1]
    assert [getattr(reject, cell) for cell in cells] == [1, 1, 2, 2]
    assert reject.precision is not None
    assert reject.precision.value == 0.5


def test_what_never_rejects_has_no_verdicts_of_rejecting() -> None:
    never = {label: Threshold(0.5, None) for label in LABELS}
    one = evaluate(labelled([1, 0], [0.9, 0.1]), never, rounds=10)
    assert [verdicts.action for verdicts in one.qualities[0].verdicts] == ["hold"]


def test_groups_are_measured_one_by_one() -> None:
    everyone = labelled(
        [1, 0, 1, 0, 0],
        [0.9, 0.6, 0.4, 0.6, 0.1],
        right=[True, True, False, False, False],
        wrong=[False, False, True, True, False],
        clean=[False, False, False, False, True],
    )
    one = found(everyone).qualities[0]
    assert [group.auc for group in one.groups] == [1.0, 0.0, None]
    assert one.auc_spread == 1.0
    rates = [group.false_positive_rate for group in one.groups]
    assert [rate.value for rate in rates if rate] == [1.0, 1.0, 0.0]


def test_ordinary_comments_are_held_or_rejected_by_any_label() -> None:
    one = labelled([np.nan] * 4, [0.1, 0.5, 0.95, 0.2])
    one.scores[3, LABELS.index("spam")] = 0.7
    touched = evaluate(one, THRESHOLDS, ordinary=True).touched
    assert touched is not None
    assert (touched.held.value, touched.rejected.value) == (0.5, 0.25)


def test_one_kind_alone_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="toxicity is 1 in every row of set"):
        found(labelled([1, 1], [0.9, 0.1]))
    with pytest.raises(ValueError, match="has no column of labels"):
        found(labelled([np.nan, np.nan], [0.9, 0.1]))


def test_one_kind_alone_is_a_note_beside_what_can_be_measured() -> None:
    one = labelled([1, 0], [0.9, 0.1])
    one.truth[:, LABELS.index("threat")] = 0
    assert found(one).notes == ("threat is 0 in every row of set: nothing to rank.",)


def test_measure_is_the_same_ranking_without_intervals(dev: Path, model: Model) -> None:
    one = score_file(dev / "neighbours.csv", model)
    short, long = measure(one)["toxicity"], evaluate(one, model.thresholds, rounds=5).qualities[0]
    assert short["auc"] == pytest.approx(long.auc.value, abs=1e-4)
    assert short["rows"] == len(long.truth) == 72
    assert list(measure(one)) == ["toxicity"]
