"""The second stage: asked when a policy wants it, within its own limits, with its own health."""

import math
import os
import threading
import time
from typing import Any

import pytest

from api.moderation import secondstage
from api.moderation.judging import judge_for
from api.moderation.policy import judging
from api.moderation.policy.judging import Judgement
from api.moderation.policy.subject import Draft
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services
from classifier.cascade import OPINIONS
from classifier.readerfile import ReaderError
from tests.conftest import ON_SQLITE
from tests.factories import WordReader, put_policy, words_scorer

pytestmark = ON_SQLITE

DOUBTFUL = "You are insult0.6 the worst INSULT0.95 of them."
SURE = "What a lovely day."
GERMAN = "Du bist so dumm und insult0.6 das ist wirklich eine sehr schlechte Sache INSULT0.95"


@pytest.fixture
def reader() -> WordReader:
    return WordReader()


@pytest.fixture
def second(reader: WordReader) -> SecondStage:
    return SecondStage(reader)  # type: ignore[arg-type]


@pytest.fixture
def scorer(second: SecondStage) -> Scorer:
    return words_scorer(second)


def judge(services: Services, site: int, *texts: str) -> list[Judgement]:
    return judge_for(services, site, [Draft(text, {"id": "a-17"}) for text in texts])


def outcomes(judgements: list[Judgement]) -> list[str | None]:
    return [one.second_opinion for one in judgements]


def told(second: SecondStage) -> dict[str, int]:
    return {outcome: count for outcome, count in second.outcomes.items() if count}


def test_what_is_in_doubt_is_read_and_both_stages_scores_count(
    services: Services, site: int, reader: WordReader, second: SecondStage
) -> None:
    doubtful, sure = judge(services, site, DOUBTFUL, SURE)

    assert (doubtful.second_opinion, doubtful.second_model) == ("given", reader.version)
    assert (sure.second_opinion, sure.second_model) == ("not_needed", None)
    assert doubtful.scores["insult"] == pytest.approx(0.95)
    assert doubtful.action == "reject"
    assert sure.scores["insult"] == pytest.approx(0.01)
    assert (doubtful.model, sure.model) == ("words-1", "words-1")
    assert told(second) == {"given": 1, "not_needed": 1}
    assert second.failure is None


def test_it_may_acquit_as_well(services: Services, site: int) -> None:
    [found] = judge(services, site, "This insult0.8 is a compliment.")

    assert found.second_opinion == "given"
    assert found.action == "approve"
    assert found.scores["insult"] == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("never", ["off", "off"]),
        ("when_unsure", ["given", "not_needed"]),
        ("always", ["given", "given"]),
    ],
)
def test_it_is_asked_as_the_policy_says(
    services: Services, site: int, when: str, expected: list[str]
) -> None:
    put_policy(services, site, {"second_opinion": when})

    found = judge(services, site, DOUBTFUL, SURE)

    assert outcomes(found) == expected
    assert when in OPINIONS


def test_what_it_knows_nothing_of_stays(services: Services, site: int) -> None:
    put_policy(services, site, {"second_opinion": "always"})

    [found] = judge(services, site, "spam0.7 SPAM0.1 and more")

    assert found.second_opinion == "given"
    assert found.scores["spam"] == pytest.approx(0.7)


def test_it_reads_no_other_language(services: Services, site: int, reader: WordReader) -> None:
    put_policy(services, site, {"second_opinion": "always"})

    [found] = judge(services, site, GERMAN)

    assert (found.language, found.second_opinion) == ("de", "not_needed")
    assert found.scores["insult"] == pytest.approx(0.6)
    assert reader.read == []


def test_the_language_is_found_out_once(
    services: Services, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(text: str) -> Any:
        raise AssertionError(f"asked for the language of {text}")

    monkeypatch.setattr(secondstage, "detect_language", refuse)
    assert outcomes(judge(services, site, SURE)) == ["not_needed"]
    monkeypatch.undo()
    monkeypatch.setattr(judging, "detect_language", refuse)
    assert outcomes(judge(services, site, DOUBTFUL)) == ["given"]


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [(SecondStage(), "off"), (SecondStage(failure="There is no file."), "absent")],
)
def test_without_one_the_first_stage_decides(
    services: Services, site: int, scorer: Scorer, stage: SecondStage, outcome: str
) -> None:
    scorer.second = stage

    [found] = judge(services, site, DOUBTFUL)

    assert (found.second_opinion, found.second_model) == (outcome, None)
    assert found.scores["insult"] == pytest.approx(0.6)
    assert scorer.failure is None
    assert told(stage) == {outcome: 1}


def test_one_made_for_another_model_is_absent(services: Services, site: int) -> None:
    stage = SecondStage(WordReader(model="linear-9"))  # type: ignore[arg-type]
    services = Services(services.database, words_scorer(stage), services.now)

    assert outcomes(judge(services, site, DOUBTFUL)) == ["absent"]
    assert "goes with linear-9" in str(stage.failure)
    assert stage.version is None


def test_where_the_classifier_says_nothing_there_is_no_second_opinion(
    services: Services, site: int, scorer: Scorer
) -> None:
    scorer.model = None

    [found] = judge(services, site, DOUBTFUL)

    assert (found.second_opinion, found.second_model, found.action) == (None, None, "hold")


def test_one_that_fails_leaves_the_first_stages_answer(
    services: Services, site: int, scorer: Scorer, reader: WordReader, second: SecondStage
) -> None:
    reader.error = ValueError("it broke")

    found = judge(services, site, DOUBTFUL, SURE)

    assert outcomes(found) == ["failed", "not_needed"]
    assert found[0].scores["insult"] == pytest.approx(0.6)
    assert found[0].action == "hold"
    assert scorer.failure is None
    assert "failed" in str(second.failure)
    assert told(second) == {"failed": 1, "not_needed": 1}


def test_its_health_comes_back(
    services: Services, site: int, reader: WordReader, second: SecondStage
) -> None:
    reader.error = ValueError("it broke")
    judge(services, site, DOUBTFUL)
    reader.error = None
    judge(services, site, SURE)
    assert second.failure is not None

    assert outcomes(judge(services, site, DOUBTFUL)) == ["given"]
    assert second.failure is None


@pytest.mark.parametrize(("wrong", "outcome"), [(math.nan, "failed"), (math.inf, "given")])
def test_scores_that_are_no_numbers_are_a_failure(
    services: Services, site: int, reader: WordReader, scorer: Scorer, wrong: float, outcome: str
) -> None:
    reader.says = lambda text: {"insult": wrong}

    [found] = judge(services, site, DOUBTFUL)

    assert found.second_opinion == outcome
    assert 0 <= found.scores["insult"] <= 1
    assert scorer.failure is None


def test_the_first_stages_failure_says_nothing_of_the_second(
    services: Services, site: int, scorer: Scorer, second: SecondStage
) -> None:
    def fail(_: Any) -> Any:
        raise ValueError("it broke")

    scorer.model.log_odds = fail  # type: ignore[union-attr, method-assign, assignment]

    [found] = judge(services, site, DOUBTFUL)

    assert (found.action, found.model, found.second_opinion) == ("hold", None, None)
    assert scorer.failure is not None
    assert second.failure is None


def test_one_that_hangs_leaves_the_first_stages_answer(
    services: Services,
    site: int,
    scorer: Scorer,
    reader: WordReader,
    second: SecondStage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secondstage, "READING_SECONDS", 0.01)
    monkeypatch.setattr(secondstage, "GRACE_SECONDS", 0.01)
    come_back = threading.Event()

    def hang(*_: Any) -> Any:
        come_back.wait(30)

    monkeypatch.setattr(reader, "log_odds", hang)

    first, then = judge(services, site, DOUBTFUL)[0], judge(services, site, DOUBTFUL)[0]

    assert (first.second_opinion, then.second_opinion) == ("late", "late")
    assert first.scores["insult"] == pytest.approx(0.6)
    assert first.action == "hold"
    assert scorer.failure is None
    assert scorer.stuck == 0
    assert "too long" in str(second.failure)
    come_back.set()


def test_of_a_batch_what_there_is_no_time_for_is_late(
    services: Services, site: int, reader: WordReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secondstage, "READING_SECONDS", 0.05)
    monkeypatch.setattr(secondstage, "READING_EACH", 0.0)
    monkeypatch.setattr(secondstage, "GRACE_SECONDS", 30)
    reader.pause = 0.06

    found = judge(services, site, DOUBTFUL, SURE, f"And {DOUBTFUL}")

    assert outcomes(found) == ["given", "not_needed", "late"]
    assert found[0].scores["insult"] == pytest.approx(0.95)
    assert found[2].scores["insult"] == pytest.approx(0.6)


def test_it_is_started_once_and_in_each_process_anew(
    services: Services,
    site: int,
    reader: WordReader,
    second: SecondStage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[int] = []
    monkeypatch.setattr(reader, "start", lambda: started.append(os.getpid()))
    judge(services, site, SURE)
    assert started == []

    judge(services, site, DOUBTFUL)
    judge(services, site, DOUBTFUL)
    assert len(started) == 1
    assert second.find_allowance(1) < secondstage.STARTING_SECONDS

    here = os.getpid()
    monkeypatch.setattr(secondstage.os, "getpid", lambda: here + 1)
    judge(services, site, DOUBTFUL)
    assert len(started) == 2


def test_one_that_cannot_start_is_not_started_for_every_comment(
    services: Services,
    site: int,
    reader: WordReader,
    second: SecondStage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[float] = []

    def fail() -> None:
        tries.append(time.monotonic())
        raise ReaderError("onnxruntime cannot use it.")

    monkeypatch.setattr(reader, "start", fail)

    assert outcomes(judge(services, site, DOUBTFUL, DOUBTFUL)) == ["failed", "failed"]
    assert outcomes(judge(services, site, DOUBTFUL)) == ["failed"]
    assert len(tries) == 1
    assert second.failure == "onnxruntime cannot use it."

    monkeypatch.setattr(second, "_resting_until", 0.0)
    monkeypatch.setattr(reader, "start", lambda: None)
    assert outcomes(judge(services, site, DOUBTFUL)) == ["given"]
    assert second.failure is None
