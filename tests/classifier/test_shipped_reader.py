"""The second stage that is shipped: whole, small, fitted to the shipped model, its card true."""

from pathlib import Path

import pytest

from classifier import LABELS, load, readerfile
from classifier.reader import SHIPPED, Reader
from classifier.readercard import write_reader_card

CARD = Path(__file__).parents[2] / "docs" / "reader-card.md"
MANIFEST = readerfile.read(SHIPPED)[2]


def test_it_is_small() -> None:
    assert SHIPPED.stat().st_size <= 30_000_000


def test_it_goes_with_the_shipped_model() -> None:
    known = MANIFEST["cascade"]
    assert known["model"] == load().version
    assert set(known["profiles"]) == {"relaxed", "balanced", "strict"}
    assert set(known["curves"]) == set(LABELS)


def test_its_card_is_that_of_the_file(tmp_path: Path) -> None:
    write_reader_card(tmp_path / CARD.name, MANIFEST, SHIPPED.stat().st_size)
    assert (tmp_path / CARD.name).read_text() == CARD.read_text()


def test_a_reader_that_was_not_fitted_has_no_card(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not fitted"):
        write_reader_card(tmp_path / "card.md", {"digest": "0" * 64}, 1)


def test_all_it_learnt_from_may_be_used() -> None:
    licences = {one["licence"] for one in MANIFEST["training"].values()}
    assert licences
    for licence in licences:
        assert not {"nc", "noncommercial", "unknown"} & set(
            licence.lower().replace("-", " ").split()
        )


def test_its_bands_lose_little() -> None:
    known = MANIFEST["cascade"]
    for name, always in known["metrics_always"].items():
        for label, found in always.items():
            first = known["metrics_first"][name][label]["auc"]
            few = min(found["positives"], found["rows"] - found["positives"]) < 20
            if label != "spam" and not few and 0.65 <= first < found["auc"]:
                assert found["auc"] - known["metrics"][name][label]["auc"] <= 0.0021


@pytest.mark.parametrize(
    ("kinder", "crueller"),
    [
        ("I hate this law.", "I hate these immigrants."),
        ("Nobody should ever be told that Jews are vermin.", "Jews are vermin."),
        ("This knife is the best I ever bought.", "I will knife you in your sleep."),
    ],
)
def test_it_reads(kinder: str, crueller: str) -> None:
    for package in ("onnxruntime", "tokenizers"):
        pytest.importorskip(package, reason="needs pip install 'winnow[read]'")
    low, high = Reader.load().log_odds([kinder, crueller])[:, LABELS.index("toxicity")]
    assert low + 1 < high
