"""Labelled files of any origin: what their columns say, and which are refused."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from classifier import LABELS
from classifier.evaluation import score_file
from classifier.labelled import flag, read_labelled, score_labelled
from classifier.submission import Submission
from tests.classifier.conftest import write_csv

TOXICITY = LABELS.index("toxicity")


class Echo:
    """A model whose toxicity is the number a text is; it keeps what it was given."""

    def __init__(self) -> None:
        self.items: list[str | Submission] = []

    def score(self, items: list[str | Submission]) -> np.ndarray:
        self.items += items
        scores = np.zeros((len(items), len(LABELS)))
        texts = [item if isinstance(item, str) else item.text for item in items]
        scores[:, TOXICITY] = [float(text) for text in texts]
        return scores


def column(path: Path, label: str) -> list[float]:
    return read_labelled(path).truth[:, LABELS.index(label)].tolist()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("toxicity", "toxicity"),
        ("toxic", "toxicity"),
        ("is_toxic", "toxicity"),
        ("severe_toxic", "severe_toxicity"),
        ("obscene", "profanity"),
        ("identity_hate", "identity_attack"),
        ("spam", "spam"),
    ],
)
def test_columns_are_known_by_our_names_and_by_those_of_jigsaw(
    tmp_path: Path, name: str, label: str
) -> None:
    path = write_csv(tmp_path / "a.csv", ["comment_text", name], [("x", 1), ("y", 0), ("z", -1)])
    assert column(path, label) == pytest.approx([1, 0, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1", 1), ("0.0", 0), (" TRUE ", 1), ("No", 0), ("0.5", 1), ("0.49", 0), ("spam", 1)]
    + [(word, np.nan) for word in ("", "-1", "2", "maybe", "nan", "inf")],
)
def test_what_counts_as_yes_no_and_unknown(written: str, meant: float) -> None:
    assert flag(written) == pytest.approx(meant, nan_ok=True)


def test_our_own_name_goes_before_another(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ["text", "toxic", "toxicity"], [("x", 0, 1)])
    assert column(path, "toxicity") == [1]


def test_gzipped_files_and_texts_like_nan_are_read(tmp_path: Path) -> None:
    path = tmp_path / "packed.csv.gz"
    path.write_bytes(gzip.compress(b"text,toxic\nNaN,1\nnull,0\n"))
    file = read_labelled(path)
    assert file.name == "packed"
    assert list(file.items) == ["NaN", "null"]


def test_what_is_known_of_the_writer_is_scored_too(tmp_path: Path) -> None:
    head = ["text", "toxic", "author_name", "author_url"]
    path = write_csv(tmp_path / "a.csv", head, [("0.3", 1, "Ada", "https://ada.example")])
    model = Echo()
    score_file(path, model)
    assert model.items == [Submission("0.3", author_name="Ada", author_url="https://ada.example")]


def test_progress_adds_up_to_the_rows(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ["text"], [(0.5,)] * 2500)
    steps: list[int] = []
    score_labelled(read_labelled(path), Echo(), steps.append)
    assert sum(steps) == 2500
    assert len(steps) > 1


def test_groups_of_names_and_of_flags(tmp_path: Path) -> None:
    head = ["text", "group", "group_women", "video"]
    rows = [("a", "north", 1, "x"), ("b", "south", 0, "y"), ("c", "", 0.7, "x")]
    groups = read_labelled(write_csv(tmp_path / "a.csv", head, rows), ["video"]).groups
    assert {name: rows.tolist() for name, rows in groups.items()} == {
        "north": [True, False, False],
        "south": [False, True, False],
        "women": [True, False, True],
        "x": [True, False, True],
        "y": [False, True, False],
    }


@pytest.mark.parametrize(
    ("content", "groups", "sentence"),
    [
        ("", [], "is empty"),
        ("text,toxic\n", [], "has a header but no rows"),
        ("comment,toxic\nx,1\n", [], "no column named text"),
        ("text,toxic\nx,1\n", ["country"], "no column named country"),
        ('text,toxic\nx,1,2,3\n"', [], "is not a CSV file"),
        ("text,id\n" + "".join(f"a,x{n}\n" for n in range(300)), ["id"], "300 groups are too many"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(
    tmp_path: Path, content: str, groups: list[str], sentence: str
) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_labelled(path, groups)


def test_bytes_that_are_no_text_are_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_bytes(b"text,toxic\n\xff\xfe,1\n")
    with pytest.raises(ValueError, match="is not a CSV file in UTF-8"):
        read_labelled(tmp_path / "odd.csv")
