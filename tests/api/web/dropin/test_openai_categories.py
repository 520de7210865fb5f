"""OpenAI's categories, by our labels and the site's policy."""

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from tests.api.web.dropin.openai import (
    CATEGORIES,
    find,
    true_of,
)
from tests.conftest import ON_SQLITE
from tests.factories import put_policy


@ON_SQLITE
@pytest.mark.parametrize(
    ("text", "true", "scores"),
    [
        ("A fine day.", "", {"harassment": 0.01, "hate": 0.01, "violence": 0.01}),
        ("insult0.49", "", {"harassment": 0.49, "violence": 0.01}),
        ("insult0.5", "harassment", {"harassment": 0.5, "harassment/threatening": 0.01}),
        ("toxicity0.97", "harassment", {"harassment": 0.97}),
        ("insult0.6 toxicity0.9", "harassment", {"harassment": 0.9}),
        ("threat0.7", "violence", {"violence": 0.7, "harassment/threatening": 0.01}),
        (
            "threat0.7 toxicity0.8",
            "harassment harassment/threatening violence",
            {"harassment/threatening": 0.7, "harassment": 0.8, "hate/threatening": 0.01},
        ),
        (
            "threat0.4 insult0.8",
            "harassment",
            {"harassment/threatening": 0.4, "violence": 0.4},
        ),
        ("identity_attack0.6", "hate", {"hate": 0.6, "hate/threatening": 0.01}),
        (
            "identity_attack0.6 threat0.9",
            "hate hate/threatening violence",
            {"hate": 0.6, "hate/threatening": 0.6, "violence": 0.9},
        ),
        ("spam0.99", "", {"harassment": 0.01}),
        ("profanity0.99", "", {"harassment": 0.01}),
    ],
)
def test_a_category_is_true_when_the_policy_acts_on_the_labels_behind_it(
    backend: FlaskClient, text: str, true: str, scores: dict[str, float]
) -> None:
    result = find(backend, text)

    assert true_of(result) == set(true.split())
    assert result["flagged"] is bool(true)
    assert {name: result["category_scores"][name] for name in scores} == scores


@ON_SQLITE
def test_what_is_not_judged_has_the_floor_score_whatever_the_text(backend: FlaskClient) -> None:
    loud = " ".join(
        f"{label}0.99" for label in ("severe_toxicity", "threat", "insult", "identity_attack")
    )

    result = find(backend, loud)

    judged = {
        *("harassment", "harassment/threatening", "hate", "hate/threatening", "violence"),
    }
    assert true_of(result) == judged
    scores = result["category_scores"]
    assert {name: scores[name] for name in CATEGORIES if name not in judged} == dict.fromkeys(
        sorted(set(CATEGORIES) - judged), 1e-06
    )


@ON_SQLITE
def test_a_site_that_holds_from_another_score_on_has_its_own_flags(
    backend: FlaskClient, services: Services, site: int
) -> None:
    assert find(backend, "insult0.6")["flagged"] is True

    put_policy(services, site, {"thresholds": {"insult": {"hold": 0.8}, "toxicity": {"hold": 0.3}}})

    result = find(backend, "insult0.6")
    assert (result["flagged"], result["category_scores"]["harassment"]) == (False, 0.6)
    assert true_of(find(backend, "toxicity0.4")) == {"harassment"}


@ON_SQLITE
def test_a_site_that_never_holds_for_a_label_is_flagged_from_where_it_rejects(
    backend: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"thresholds": {"threat": {"hold": "never", "reject": "never"}}})

    assert find(backend, "threat0.99")["flagged"] is False


@ON_SQLITE
def test_a_site_that_only_observes_is_flagged_all_the_same(
    backend: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"profile": "observe"})

    assert find(backend, "insult0.6")["flagged"] is True
    [kept] = backend.get("/v1/comments").json["items"]
    assert kept["status"] == "approved"


@ON_SQLITE
def test_the_rest_of_a_policy_flags_nothing_as_no_category_means_it(
    backend: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"rules": [{"word": "marmalade", "do": "reject"}]})

    assert find(backend, "Marmalade again.")["flagged"] is False
    [kept] = backend.get("/v1/comments").json["items"]
    assert kept["status"] == "rejected"
