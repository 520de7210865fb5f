"""The second stage apart from any comment that is kept: files, limits, scores alone, reasons."""

from pathlib import Path

import pytest

from api import create_services
from api.moderation import secondopinions, secondstage
from api.moderation.scoring import Scorer
from api.moderation.secondopinions import OUTCOMES
from api.moderation.secondstage import SecondStage
from classifier import Submission
from tests.factories import WordReader, plain_settings, words_scorer

DOUBTFUL = "You are insult0.6 the worst INSULT0.95 of them."
SURE = "What a lovely day."


@pytest.fixture
def reader() -> WordReader:
    return WordReader()


@pytest.fixture
def second(reader: WordReader) -> SecondStage:
    return SecondStage(reader)  # type: ignore[arg-type]


@pytest.fixture
def scorer(second: SecondStage) -> Scorer:
    return words_scorer(second)


def test_a_file_that_is_none_is_absent(tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    path.write_bytes(b"nothing")

    stage = SecondStage.load(path)

    assert stage.version is None
    assert stage.failure
    assert stage.leave_out(1)[0].outcome == "absent"


def test_the_settings_say_which_one(tmp_path: Path) -> None:
    settings = plain_settings(tmp_path, "sqlite://")

    services = create_services(settings)

    assert (services.scorer.second.version, services.scorer.second.failure) == (None, None)
    assert services.scorer.failure is None


@pytest.mark.parametrize(
    ("count", "reading", "explaining"), [(1, 0.3, 0.25), (11, 0.6, 2.0), (1000, 5.0, 2.0)]
)
def test_its_time_grows_with_the_comments(
    second: SecondStage, count: int, reading: float, explaining: float
) -> None:
    usual = second.find_allowance(count) - secondstage.STARTING_SECONDS

    assert usual == pytest.approx(reading + explaining + 0.5)


def test_scores_alone_are_of_both_stages_too(scorer: Scorer) -> None:
    scorer.model.prompt = 2000  # type: ignore[union-attr, misc]
    items = [Submission(DOUBTFUL), Submission(SURE)]

    found = scorer.score_in_time(items, "when_unsure")
    alone = scorer.score_in_time(items)

    assert found is not None
    assert alone is not None
    assert [one.opinion.outcome for one in found] == ["given", "not_needed"]
    assert [one.opinion.outcome for one in alone] == ["off", "off"]
    assert found[0].scores["insult"] == pytest.approx(0.95)
    assert alone[0].scores["insult"] == 0.6


def test_all_outcomes_are_counted_from_nothing_on() -> None:
    assert dict(SecondStage().outcomes) == dict.fromkeys(OUTCOMES, 0)
    assert secondstage.OUTCOMES is secondopinions.OUTCOMES
