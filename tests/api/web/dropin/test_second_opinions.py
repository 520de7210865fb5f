"""Foreign protocols: their scores are of both stages where the site's policy says so."""

import pytest
from flask.testing import FlaskClient

from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services
from classifier import LABELS
from tests.api.web.dropin import openai
from tests.api.web.dropin.perspective import analyze, value_of
from tests.conftest import ON_SQLITE
from tests.factories import WordReader, put_policy, words_scorer

LOWER = {label: {"hold": 0.2, "reject": 0.4} for label in LABELS}
pytestmark = ON_SQLITE


@pytest.fixture
def scorer() -> Scorer:
    profiles = dict.fromkeys(("relaxed", "balanced", "strict"), LOWER)
    reader = WordReader(thresholds=LOWER, profiles=profiles)
    return words_scorer(SecondStage(reader))  # type: ignore[arg-type]


@pytest.mark.parametrize(("when", "score"), [("never", 0.6), ("when_unsure", 0.3)])
@pytest.mark.parametrize("unkept", [True, False])
def test_perspectives_scores_are_those_of_the_policy(
    backend: FlaskClient, services: Services, site: int, when: str, score: float, unkept: bool
) -> None:
    put_policy(services, site, {"second_opinion": when})

    found = analyze(backend, "toxicity0.6 TOXICITY0.3", doNotStore=unkept)

    assert value_of(found) == pytest.approx(score)


def test_perspectives_sentences_are_read_too(backend: FlaskClient) -> None:
    text = "A fine day it is. You are toxicity0.6 TOXICITY0.3 now."

    found = analyze(backend, text, doNotStore=True, spanAnnotations=True)

    spans = found["attributeScores"]["TOXICITY"]["spanScores"]
    assert [one["score"]["value"] for one in spans] == pytest.approx([0.01, 0.3])


@pytest.mark.parametrize(
    ("when", "score", "true"),
    [("never", 0.6, {"harassment"}), ("when_unsure", 0.3, {"harassment"})],
)
def test_openais_categories_are_by_the_thresholds_of_both(
    backend: FlaskClient, services: Services, site: int, when: str, score: float, true: set[str]
) -> None:
    put_policy(services, site, {"second_opinion": when})

    found = openai.find(backend, "insult0.6 INSULT0.3")

    assert found["category_scores"]["harassment"] == pytest.approx(score)
    assert openai.true_of(found) == true


@pytest.mark.parametrize(("when", "true"), [("never", set()), ("when_unsure", {"violence"})])
def test_openais_categories_are_so_where_the_first_stage_was_sure(
    backend: FlaskClient, services: Services, site: int, when: str, true: set[str]
) -> None:
    put_policy(services, site, {"second_opinion": when})

    assert openai.true_of(openai.find(backend, "threat0.3 THREAT0.3")) == true
