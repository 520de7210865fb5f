"""Texts that few words tell apart: enough of them, filled in, labelled, in no other set."""

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import LABELS, contrast
from classifier.contrast import CONTRASTS, Contrast, read_contrasts, write_contrasts
from classifier.gathering import Training, gather
from classifier.identity import GROUPS, held_out_sentences
from classifier.suites import read_plain, read_suites, read_usual

DATA = Path(contrast.__file__).parent / "data" / "contrast.json"
KINDS = (
    *("negation", "counter-speech", "slurs", "other targets", "threats", "implicit hate"),
    *("questions and opinions", "emoji", "spelling", "profanity"),
)
# Sounds like a consonant: no "an" before it.
YOU = r"eu|uk|uni(?!n)|use|one\b"


@pytest.fixture(scope="module")
def data() -> Any:
    return json.loads(DATA.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def contrasts() -> list[Contrast]:
    return list(read_contrasts(seed=0))


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def sentences(text: str) -> set[str]:
    parts = re.split(r"(?<=[.!?])\s+", text)
    return {plain(text), *map(plain, parts)} - {""}


def test_there_are_enough_of_each_kind(data: Any, contrasts: list[Contrast]) -> None:
    assert tuple(data["kinds"]) == KINDS
    written = Counter(one.kind for one in contrasts)
    for kind, groups in data["kinds"].items():
        assert len(groups) >= 25, kind
        assert written[kind] >= 150, kind


def test_no_pattern_is_there_twice(data: Any) -> None:
    patterns = [
        plain(side[1]) or side[1]
        for groups in data["kinds"].values()
        for sides in groups
        for side in sides
        if re.search(r"\w{3}", re.sub(r"\{.*?\}", "", side[1]))
    ]
    assert [text for text, count in Counter(patterns).items() if count > 1] == []


def test_every_contrast_has_both_sides(data: Any, contrasts: list[Contrast]) -> None:
    for one in contrasts:
        known = [data["profiles"][profile] for profile in one.profiles]
        attacks = [max(side["identity_attack"], side["threat"]) for side in known]
        assert {0, 1} == set(attacks), one
        assert len(set(one.texts)) == len(one.texts) == len(one.profiles) >= 2, one


def test_no_text_has_two_meanings(contrasts: list[Contrast]) -> None:
    meant: dict[str, str] = {}
    for one in contrasts:
        for text, profile in zip(one.texts, one.profiles, strict=True):
            assert meant.setdefault(plain(text) if text.isascii() else text, profile) == profile


def test_labels_are_chances_and_weights_count() -> None:
    made = write_contrasts(seed=0)
    assert made.labels.shape == made.weights.shape == (len(made.texts), len(LABELS))
    known = made.labels[~np.isnan(made.labels)]
    assert ((known >= 0) & (known <= 1)).all()
    assert (made.weights > 0).all()
    assert set(made.sets) == {CONTRASTS}
    assert len(set(made.texts)) == len(made.texts)
    by_label = dict(zip(LABELS, made.labels.T, strict=True))
    assert np.isnan(by_label["spam"]).all()
    for label in ("toxicity", "threat", "identity_attack"):
        assert not np.isnan(by_label[label]).any()
        assert {0, 1} <= set(by_label[label])
    # As many of one kind as of the other: the name of a group says nothing.
    assert 0.45 < by_label["identity_attack"].mean() < 0.55


def test_every_known_label_is_one_of_ours(data: Any) -> None:
    for profile, known in data["profiles"].items():
        assert set(known) <= set(LABELS), profile
    used = {side[0] for groups in data["kinds"].values() for sides in groups for side in sides}
    assert used == set(data["profiles"])


def test_every_group_is_in_harmless_texts_as_well(contrasts: list[Contrast]) -> None:
    harmless: list[str] = []
    hateful: list[str] = []
    for one in contrasts:
        for text, profile in zip(one.texts, one.profiles, strict=True):
            (hateful if profile.startswith("hate") else harmless).append(text)
    for texts in (harmless, hateful):
        together = "\n".join(texts)
        for group in GROUPS:
            named = rf"\b(?:{group.one}|{group.many})\b"
            assert len(re.findall(named, together, re.I)) >= 5, group


def test_the_same_seed_writes_the_same_and_another_does_not() -> None:
    first, again, other = write_contrasts(1), write_contrasts(1), write_contrasts(2)
    assert first.texts == again.texts
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.texts != other.texts


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_everything_is_filled_in_and_articles_are_right(seed: int) -> None:
    for text in write_contrasts(seed).texts:
        assert not re.search(r"[{}|]|\s\s|\s$", text), text
        assert not re.search(rf"\ba (?!{YOU})(?:[aeio][a-z]|lgbt)", text, re.I), text
        assert not re.search(rf"(?<![\w*])an (?:{YOU}|(?!lgbt)[b-df-hj-np-tv-z])", text, re.I), text


def test_groups_and_slots_are_known(data: Any) -> None:
    named = {group.adjective for group in GROUPS}
    assert set(data["often"]) <= named
    assert {one["of"] for one in (*data["slurs"], *data["emoji"])} <= named


@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_that_is_measured_on_is_in_them(seed: int) -> None:
    measured = {plain(text) for suite in read_suites().values() for text in suite.texts}
    measured |= {plain(one.text) for one in held_out_sentences()}
    measured |= {plain(text) for text in (*read_usual(), *read_plain())}
    found = {part for text in write_contrasts(seed).texts for part in sentences(text)}
    assert found & measured == set()


def test_the_linear_model_is_not_trained_on_them(tmp_path: Path) -> None:
    with (tmp_path / "sms_spam.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("text", "spam"), ("Win a prize", 1), ("See you at noon", 0)])
    gathered = gather(Training(tmp_path, dev=None))
    assert CONTRASTS not in gathered.sets
    assert set(gathered.texts).isdisjoint(write_contrasts(seed=0).texts)
