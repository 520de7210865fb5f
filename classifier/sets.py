"""Find the labelled sets in a folder and read them, their labels translated to ours."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from classifier.corpora import CORPORA
from classifier.examples import Examples
from classifier.labels import LABELS


def read_set(path: Path) -> pd.DataFrame:
    """Read one labelled CSV, gzipped or not; empty fields stay empty strings.

    Raises ValueError where there is no column `text`.
    """
    frame = pd.read_csv(path, keep_default_na=False)
    if "text" not in frame:
        raise ValueError(f"{path} has no column named text.")
    return frame


def find_sets(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each known set in `folder`, in the order of `CORPORA`."""
    for name in CORPORA:
        for suffix in (".csv.gz", ".csv"):
            if (path := folder / (name + suffix)).is_file():
                yield name, path
                break


def read_examples(name: str, frame: pd.DataFrame) -> Examples:
    """Read the rows of set `name`, its labels translated to ours.

    Raises ValueError where the set lacks one of its columns.
    """
    corpus = CORPORA[name]
    try:
        said = corpus.read(frame)
    except KeyError as error:
        raise ValueError(f"The set {name} has no column named {error}.") from error
    labels = np.full((len(frame), len(LABELS)), np.nan)
    for label, values in said.items():
        labels[:, LABELS.index(label)] = values
    texts = frame["text"].astype(str).tolist()
    weights = np.tile([corpus.weight_of(label) for label in LABELS], (len(texts), 1))
    return Examples(texts, labels, weights, [name] * len(texts))
