"""Each set is read for what its annotators were asked; the rest stays unknown."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from classifier import LABELS
from classifier.corpora import CORPORA
from classifier.examples import Examples, fingerprint, merge
from classifier.sets import find_sets, read_examples

UNKNOWN = None


def reading(name: str, **columns: Any) -> dict[str, float | None]:
    """Read one row of set `name` and return its labels."""
    frame = pd.DataFrame({"text": ["a text"], **{key: [value] for key, value in columns.items()}})
    row = read_examples(name, frame).labels[0]
    return {
        label: UNKNOWN if np.isnan(value) else float(value)
        for label, value in zip(LABELS, row, strict=True)
    }


def test_not_hate_is_not_clean() -> None:
    for name in ("gab_hate_corpus", "stormfront_sentences"):
        said = reading(name, label=0)
        assert said["identity_attack"] == 0
        assert said["toxicity"] is said["insult"] is said["profanity"] is UNKNOWN


def test_spam_sets_say_nothing_of_abuse() -> None:
    said = reading("youtube_spam", spam=0)
    assert said.pop("spam") == 0
    assert set(said.values()) == {UNKNOWN}


def test_only_clean_comments_are_clean_in_every_way() -> None:
    assert set(reading("jigsaw_binary", toxic=0).values()) == {0}
    toxic = reading("jigsaw_binary", toxic=1)
    assert toxic["toxicity"] == 1
    assert toxic["profanity"] is UNKNOWN


def test_what_is_only_likely_counts_partly() -> None:
    assert reading("jigsaw_binary", toxic=1)["insult"] == 0.7
    assert reading("wikipedia_talk_gc", label=0, api="0.9")["toxicity"] == pytest.approx(0.6)
    assert reading("wikipedia_talk_gc", label=0, api="")["toxicity"] == 0


def test_empty_labels_are_unknown() -> None:
    names = ("toxic", "severe_toxic", "obscene", "insult", "identity_hate")
    said = reading("jigsaw_multilabel_more", threat="", **dict.fromkeys(names, "1"))
    assert said["threat"] is UNKNOWN
    assert said["insult"] == 1


@pytest.mark.parametrize(("votes", "expected"), [(0, 0), (1, UNKNOWN), (2, 1), (3, 1)])
def test_one_vote_is_dispute(votes: int, expected: float | None) -> None:
    columns = ("n_insult", "n_threat", "n_identity_attack")
    said = reading(
        "civil_comments_16k",
        n_profane=votes,
        n_annot=4,
        frac_toxic=0.5,
        **dict.fromkeys(columns, 0),
    )
    assert said["profanity"] == expected
    assert said["toxicity"] is UNKNOWN


@pytest.mark.parametrize(("votes", "expected"), [(0, 0), (2, UNKNOWN), (3, 1)])
def test_an_insult_is_what_most_annotators_call_one(votes: int, expected: float | None) -> None:
    columns = ("n_profane", "n_threat", "n_identity_attack")
    said = reading(
        "civil_comments_16k", n_insult=votes, n_annot=5, frac_toxic=1, **dict.fromkeys(columns, 0)
    )
    assert said["insult"] == expected


def test_offensive_tweets_of_a_dialect_teach_nothing() -> None:
    assert set(reading("davidson_tweets", **{"class": 1}).values()) == {UNKNOWN}


def test_russian_teaches_nothing_about_spam() -> None:
    for spam in (0, 1):
        said = reading("telegram_tgspam_samples", spam=spam, lang_guess="ru")
        assert said["spam"] is UNKNOWN
    assert reading("telegram_tgspam_samples", spam=1, lang_guess="other")["spam"] == 1


def test_a_text_in_two_sets_is_one_example_with_both_labels() -> None:
    nothing = np.full((1, 7), np.nan)
    first, second = nothing.copy(), nothing.copy()
    first[0, 0], second[0, 0], second[0, 1] = 0, 1, 1
    joined = merge(
        [
            Examples(["Some Text"], first, np.full((1, 7), 2.0), ["one"]),
            Examples(["some  text"], second, np.full((1, 7), 1.0), ["two"]),
        ]
    )
    assert joined.texts == ["Some Text"]
    assert joined.sets == ["one"]
    assert joined.labels[0, :2].tolist() == [0, 1]
    # Each label counts as in the set that gave it.
    assert joined.weights[0, :2].tolist() == [2.0, 1.0]
    assert merge([joined], frozenset({fingerprint("SOME TEXT")})).texts == []


def test_sets_are_found_in_a_fixed_order_whatever_else_is_there(tmp_path: Path) -> None:
    for name in ("sms_spam.csv", "dynahate.csv.gz", "unknown.csv", "notes.txt"):
        (tmp_path / name).touch()
    assert [name for name, _ in find_sets(tmp_path)] == ["dynahate", "sms_spam"]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="youtube_spam has no column named 'spam'"):
        reading("youtube_spam")


def test_every_set_names_its_licence_and_counts_for_something() -> None:
    assert all(one.licence and one.about and one.weight > 0 for one in CORPORA.values())
