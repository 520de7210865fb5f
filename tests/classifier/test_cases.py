"""Disguises as data: what the view shows, where it points, and what the model makes of it.

`disguised.jsonl` holds texts and their plain twins; "expect": "fail" marks what is known not to
work yet, strictly, so that progress shows. `harmless.jsonl` holds texts that only look like
disguises, `harmless_disguised.jsonl` disguised texts with nothing to hide.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import LABELS, Model
from classifier.normalise import normalise

CASES = Path(__file__).parent / "cases"


def read(name: str) -> list[dict[str, Any]]:
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


DISGUISED = read("disguised.jsonl")
HARMLESS = read("harmless.jsonl")
IN_DISGUISE = read("harmless_disguised.jsonl")
SEEN_THROUGH = [case for case in DISGUISED if case["expect"] == "pass"]
# Each trick has few twins: one that the model just misses would be more than five in a hundred.
TRICKS = sorted({case["trick"] for case in SEEN_THROUGH})


def params(cases: list[dict[str, Any]]) -> list[Any]:
    failing = pytest.mark.xfail(reason="known failure", strict=True)
    return [
        pytest.param(case, id=case["label"], marks=[failing] * (case["expect"] == "fail"))
        for case in cases
    ]


def touched(model: Model, texts: list[str]) -> list[bool]:
    """Whether the shipped thresholds hold or reject each text."""
    limits = np.array([model.thresholds[label].hold for label in LABELS])
    return [bool(row) for row in (model.score(texts) >= limits).any(axis=1)]


def test_there_are_enough_cases() -> None:
    assert len(DISGUISED) >= 420
    assert len({case["trick"] for case in DISGUISED}) >= 25
    assert len({case["plain"] for case in DISGUISED}) >= 12
    assert len(HARMLESS) >= 120
    for cases in (DISGUISED, HARMLESS, IN_DISGUISE):
        assert len({case["label"] for case in cases}) == len(cases)


@pytest.mark.parametrize("case", params(DISGUISED))
def test_the_view_shows_the_plain_wording(case: dict[str, Any]) -> None:
    view = normalise(case["disguised"]).text.lower()
    if case["trick"].startswith("link in "):
        # The link is shown beside the words it was hidden under.
        assert f" {case['word']} " in view
    else:
        assert case["plain"].lower() in view or view == normalise(case["plain"]).text.lower()


@pytest.mark.parametrize("case", params(SEEN_THROUGH))
def test_a_word_of_the_view_points_at_what_was_written(case: dict[str, Any]) -> None:
    raw, view = case["disguised"], normalise(case["disguised"])
    place = view.text.lower().rfind(case["word"].lower())
    last = place + len(case["word"]) - 1
    written = raw.rfind(case["written"])
    assert place >= 0
    assert written >= 0
    assert written <= view.origin[place] <= view.origin[last] < written + len(case["written"])
    after = view.origin[last + 1] if last + 1 < len(view.text) else len(raw)
    assert after >= written + len(case["written"])


@pytest.mark.parametrize("case", [pytest.param(c, id=c["label"]) for c in IN_DISGUISE])
def test_harmless_disguises_come_off_too(case: dict[str, Any]) -> None:
    assert case["plain"].lower() in normalise(case["disguised"]).text.lower()


@pytest.mark.parametrize("trick", TRICKS)
def test_a_disguise_hides_nothing_from_the_model(model: Model, trick: str) -> None:
    cases = [case for case in SEEN_THROUGH if case["trick"] == trick]
    plain = np.mean(touched(model, [case["plain"] for case in cases]))
    disguised = np.mean(touched(model, [case["disguised"] for case in cases]))
    assert disguised >= plain - 0.05


def test_most_plain_twins_are_caught(model: Model) -> None:
    assert np.mean(touched(model, [case["plain"] for case in DISGUISED])) >= 0.9


def test_disguise_alone_never_condemns(model: Model) -> None:
    caught = touched(model, [case["disguised"] for case in IN_DISGUISE])
    assert [case["label"] for case, hit in zip(IN_DISGUISE, caught, strict=True) if hit] == []


def test_harmless_look_alikes_are_let_through(model: Model) -> None:
    caught = touched(model, [case["text"] for case in HARMLESS])
    held = [case["label"] for case, hit in zip(HARMLESS, caught, strict=True) if hit]
    assert len(held) <= len(HARMLESS) // 100, held


def test_other_scripts_are_left_alone() -> None:
    for case in HARMLESS:
        if any(name in case["label"] for name in ("Russian", "Hebrew", "Arabic", "Indic")):
            assert normalise(case["text"]).text.replace("PDFф", "PDF-ф") == case["text"]
