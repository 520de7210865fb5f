"""Rows judged in batches: nothing hangs on which others there are, or on how long it takes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from api.bulkscore import judging
from api.bulkscore.judging import UNREAD, judge_rows
from api.bulkscore.patience import DAY, PatientScorer
from api.bulkscore.rows import Row
from api.moderation import scoring, secondopinions, secondstage
from api.moderation.policy.inforce import DEFAULT
from api.moderation.policy.subject import Draft
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from classifier import Submission
from tests.factories import WordModel, WordReader, words_scorer

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def judge(scorer: Scorer, *given: str) -> list[dict[str, Any]]:
    drafts = [Row(f"n-{n}", Draft(one, {"id": "none"})) for n, one in enumerate(given)]
    return [one for some in judge_rows(scorer, DEFAULT, AT, drafts) for one in some]


def test_rows_are_answered_in_order_errors_in_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "BATCH", 2)
    rows = [
        Row("a", Draft("spam0.97", {"id": "none"})),
        Row(None, "No text."),
        Row("c", "No text."),
        Row("d", "No text."),
        Row("e", Draft("Fine.", {"id": "none"})),
    ]

    found = [one for some in judge_rows(words_scorer(), DEFAULT, AT, rows) for one in some]

    assert [(one["id"], one.get("action", "error")) for one in found] == [
        ("a", "reject"),
        (None, "error"),
        ("c", "error"),
        ("d", "error"),
        ("e", "approve"),
    ]


class Failing(WordModel):
    """Fails where a text says so."""

    def score(self, items: Sequence[Submission]) -> NDArray[np.float64]:
        """Read the scores off the texts."""
        if any("fail" in one.text for one in items):
            raise ValueError("it says so")
        return super().score(items)


def test_a_text_that_cannot_be_scored_costs_no_other_its_scores() -> None:
    scorer = words_scorer()
    scorer.model = Failing()  # type: ignore[assignment]

    found = judge(scorer, "spam0.97", "fail", "Fine.")

    assert [one.get("action") or one["error"] for one in found] == ["reject", UNREAD, "approve"]


def test_nothing_comes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (scoring, "LIMIT_SECONDS"),
        (scoring, "SECONDS_PER_TEXT"),
        (scoring, "SECONDS_PER_CHARACTER"),
        (secondstage, "READING_SECONDS"),
        (secondstage, "READING_EACH"),
        (secondstage, "READING_MOST"),
        (secondopinions, "EXPLAINING_SECONDS"),
        (secondopinions, "EXPLAINING_MOST"),
    ):
        monkeypatch.setattr(module, name, 0.0)
    given = "insult0.60 INSULT0.95 and on", "insult0.70 INSULT0.97", "Fine."
    second = SecondStage(WordReader(), patience=DAY)  # type: ignore[arg-type]
    patient = PatientScorer(Path("/no model"), second)
    patient.model = WordModel()  # type: ignore[assignment]
    hasty = words_scorer(SecondStage(WordReader()))  # type: ignore[arg-type]

    found = judge(patient, *given)

    assert [one["second_opinion"] for one in found[:2]] == ["given", "given"]
    assert all(reason["spans"] for one in found[:2] for reason in one["reasons"])
    assert "given" not in {one.get("second_opinion") for one in judge(hasty, *given)}
