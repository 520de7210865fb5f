"""Sentences of the training comments, labelled by a model that reads, for the linear one to learn.

A comment that is rude in one place is labelled rude as a whole; the linear model has to find out
where. `encoder` is too slow to ship but reads well, so it is asked about each sentence alone, and
its answers become one more training set (distillation, after Hinton, Vinyals and Dean,
"Distilling the Knowledge in a Neural Network", 2015). `docs/experiments.md` says what that gives.
"""

import gzip
import re
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.corpora import TAUGHT
from classifier.examples import fingerprint
from classifier.gathering import Training, gather, held_out
from classifier.labels import LABELS

Floats = NDArray[np.float64]

# Comments on any subject, whose sentences are such as people write under articles.
_FROM: Final = frozenset(
    {
        *("jigsaw_multilabel", "jigsaw_multilabel_more", "jigsaw_binary", "civil_comments_16k"),
        *("wikipedia_talk_gc", "wikipedia_talk_gn"),
    }
)
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]*")
# A shorter piece says nothing alone, a longer one is no sentence.
_SHORTEST, _LONGEST, _FEWEST_WORDS = 12, 300, 3
_READ: Final = 2000


def teach(training: Training, out: Path, report: Callable[[str], None] = print) -> int:
    """Train the encoder, have it label sentences, write them to `out` (.csv.gz); return how many.

    Rows that training keeps out are kept out of both. Needs the packages of `winnow[teach]`.
    Raises ValueError where no known set is found or `out` is in no folder.
    """
    from classifier.teacher import train_teacher

    if not out.parent.is_dir():
        raise ValueError(f"There is no folder {out.parent} to write the lessons to.")
    examples = gather(training)
    held = held_out(examples, training.seed)
    encoder = train_teacher(examples, held, report, training.seed)
    sources = zip(examples.texts, examples.sets, held, strict=True)
    sentences = find_sentences(text for text, name, kept in sources if name in _FROM and not kept)
    report(f"labelling {len(sentences):,} sentences")
    write_lessons(out, sentences, encoder.score(sentences))
    return len(sentences)


def find_sentences(texts: Iterable[str]) -> list[str]:
    """Return the different sentences of those texts that have several, in order."""
    found: dict[str, str] = {}
    for text in texts:
        sentences = [match[0].strip() for match in _SENTENCE.finditer(text[:_READ])]
        fit = [one for one in sentences if _is_sentence(one)]
        for one in fit if len(fit) > 1 else ():
            found.setdefault(fingerprint(one), one)
    return list(found.values())


def _is_sentence(piece: str) -> bool:
    return _SHORTEST <= len(piece) <= _LONGEST and len(piece.split()) >= _FEWEST_WORDS


def write_lessons(out: Path, sentences: list[str], chances: Floats) -> None:
    """Write sentences and probabilities (n, 7) as the set `winnow_sentences`."""
    columns = {label: chances[:, LABELS.index(label)].round(3) for label in TAUGHT}
    # Without the time and the name that gzip would put in: same lessons, same bytes.
    with (
        out.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        TextIOWrapper(packed, encoding="utf-8", newline="") as file,
    ):
        pd.DataFrame({"text": sentences, **columns}).to_csv(file, index=False)
