"""A shipped model for all, and tiny training sets made of mild words."""

import csv
from itertools import product
from pathlib import Path

import pytest

from classifier import Model, load

KIND = ("lovely", "clever", "helpful", "patient", "honest", "cheerful")
RUDE = ("stupid", "idiotic", "pathetic", "worthless", "disgusting", "moronic")
THINGS = ("article", "comment", "answer", "photo", "recipe", "bridge", "garden", "song")


@pytest.fixture(scope="session")
def model() -> Model:
    return load()


def write_csv(path: Path, head: list[str], rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def _abuse_rows() -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for word, thing in product(KIND, THINGS):
        rows.append((f"What a {word} {thing}, thank you", 0, 0, 0, 0, 0, 0))
    for word, thing in product(RUDE, THINGS):
        rows.append((f"You {word} person, your {thing} is trash", 1, 0, 1, 0, 1, 0))
    return rows


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one abuse set and one spam set, under the names training knows."""
    folder = tmp_path_factory.mktemp("data")
    head = ["text", "toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
    write_csv(folder / "jigsaw_multilabel.csv", head, _abuse_rows())
    spam: list[tuple[object, ...]] = []
    for word, thing in product(KIND, THINGS):
        spam.append((f"Win a {word} {thing} now, visit http://cheap-{thing}.example today", 1))
        spam.append((f"I saw this {word} {thing} yesterday", 0))
    write_csv(folder / "youtube_spam.csv", ["text", "spam"], spam)
    return folder


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one labelled development set."""
    folder = tmp_path_factory.mktemp("dev")
    rows: list[tuple[object, ...]] = [
        (f"Such a {word} neighbour, and so {other}", 0) for word, other in product(KIND, KIND)
    ]
    rows += [(f"A {word} and {other} person you are", 1) for word, other in product(RUDE, RUDE)]
    write_csv(folder / "neighbours.csv", ["text", "toxic"], rows)
    return folder
