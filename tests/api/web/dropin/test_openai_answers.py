"""OpenAI's moderation endpoint: what is answered to texts, lists of them, and parts."""

import json
import math
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from api.moderation import access
from api.moderation.services import Services
from tests.api.web.dropin.openai import (
    CATEGORIES,
    OMNI_MODELS,
    PATH,
    TEXT_MODELS,
    ask,
    find,
    true_of,
)
from tests.conftest import ON_SQLITE
from tests.factories import put_policy

FINE = (
    b'{"flagged":false,'
    b'"categories":{"harassment":false,"harassment/threatening":false,"hate":false,'
    b'"hate/threatening":false,"illicit":false,"illicit/violent":false,"self-harm":false,'
    b'"self-harm/intent":false,"self-harm/instructions":false,"sexual":false,'
    b'"sexual/minors":false,"violence":false,"violence/graphic":false},'
    b'"category_scores":{"harassment":0.01,"harassment/threatening":0.01,"hate":0.01,'
    b'"hate/threatening":0.01,"illicit":1e-06,"illicit/violent":1e-06,"self-harm":1e-06,'
    b'"self-harm/intent":1e-06,"self-harm/instructions":1e-06,"sexual":1e-06,'
    b'"sexual/minors":1e-06,"violence":0.01,"violence/graphic":1e-06},'
    b'"category_applied_input_types":{"harassment":["text"],"harassment/threatening":["text"],'
    b'"hate":["text"],"hate/threatening":["text"],"illicit":["text"],"illicit/violent":["text"],'
    b'"self-harm":["text"],"self-harm/intent":["text"],"self-harm/instructions":["text"],'
    b'"sexual":["text"],"sexual/minors":["text"],"violence":["text"],"violence/graphic":["text"]}}'
)


def test_an_answer_is_to_the_byte_as_the_document_has_it(backend: FlaskClient) -> None:
    answer = backend.post(PATH, json={"input": "A fine day.", "model": "omni-moderation-latest"})

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    head, _, results = answer.data.partition(b',"results":')
    assert re.fullmatch(rb'\{"id":"modr-[0-9a-f]{32}","model":"omni-moderation-latest"', head), (
        answer.text
    )
    assert results == b"[" + FINE + b"]}\n"
    assert re.fullmatch("req_[0-9a-f]{32}", answer.headers["x-request-id"])


def test_every_answer_has_ids_of_its_own(backend: FlaskClient) -> None:
    answers = [backend.post(PATH, json={"input": "A fine day."}) for _ in range(3)]

    assert len({one.json["id"] for one in answers}) == 3
    assert len({one.headers["x-request-id"] for one in answers}) == 3


@ON_SQLITE
@pytest.mark.parametrize("model", [*OMNI_MODELS, "words-1"])
def test_the_answer_names_the_model_that_was_asked(backend: FlaskClient, model: str) -> None:
    answer = ask(backend, "A fine day.", model=model)

    assert answer["model"] == model
    assert tuple(answer["results"][0]["categories"]) == CATEGORIES


@ON_SQLITE
@pytest.mark.parametrize("more", [{}, {"model": None}])
def test_without_a_model_it_is_the_usual_one(backend: FlaskClient, more: Any) -> None:
    assert ask(backend, "A fine day.", **more)["model"] == "omni-moderation-latest"


@ON_SQLITE
@pytest.mark.parametrize("model", TEXT_MODELS)
def test_text_models_have_eleven_categories_and_no_input_types(
    backend: FlaskClient, model: str
) -> None:
    answer = ask(backend, "threat0.6 insult0.6", model=model)

    assert answer["model"] == "text-moderation-007"
    [result] = answer["results"]
    eleven = tuple(name for name in CATEGORIES if not name.startswith("illicit"))
    assert tuple(result) == ("flagged", "categories", "category_scores")
    assert tuple(result["categories"]) == tuple(result["category_scores"]) == eleven
    assert true_of(result) == {"harassment", "harassment/threatening", "violence"}


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


def test_a_list_has_one_result_for_each_text_in_its_place(backend: FlaskClient) -> None:
    texts = ["insult0.6", "A fine day.", "threat0.8", "insult0.6", "identity_attack0.7"]

    results = ask(backend, texts)["results"]

    assert [true_of(one) for one in results] == [
        {"harassment"},
        set(),
        {"violence"},
        {"harassment"},
        {"hate"},
    ]


@ON_SQLITE
def test_parts_are_one_input_with_one_result(backend: FlaskClient) -> None:
    parts = [{"type": "text", "text": "threat0.6"}, {"type": "text", "text": "insult0.7"}]

    [result] = ask(backend, parts)["results"]

    assert true_of(result) == {"harassment", "harassment/threatening", "violence"}
    [kept] = backend.get("/v1/comments").json["items"]
    assert kept["text"] == "threat0.6\ninsult0.7"


@ON_SQLITE
@pytest.mark.parametrize("given", ["", "  \n\t ", [""], ["", " "], [{"type": "text", "text": ""}]])
def test_what_is_empty_is_harmless_and_not_kept(backend: FlaskClient, given: Any) -> None:
    for result in ask(backend, given)["results"]:
        assert result["flagged"] is False
        assert result["category_scores"] == dict.fromkeys(CATEGORIES, 1e-06)
    assert backend.get("/v1/comments").json["items"] == []


@ON_SQLITE
def test_an_empty_text_between_others_keeps_its_place(backend: FlaskClient) -> None:
    results = ask(backend, ["insult0.6", "", "threat0.6"])["results"]

    assert [true_of(one) for one in results] == [{"harassment"}, set(), {"violence"}]


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


@ON_SQLITE
def test_a_long_text_is_judged_to_its_end(backend: FlaskClient) -> None:
    text = " ".join(map(str, range(8_000))) + " insult0.8"

    result = find(backend, text)

    assert true_of(result) == {"harassment"}
    assert result["category_scores"]["harassment"] == 0.8
    kept = [one["text"] for one in backend.get("/v1/comments").json["items"]]
    assert "".join(sorted(kept, key=text.index)) == text
    assert all(len(one) <= 20_000 and text.index(one) >= 0 for one in kept)
    assert {word for one in kept for word in one.split()} == set(text.split())


@ON_SQLITE
def test_a_long_text_without_a_blank_is_parted_anywhere(backend: FlaskClient) -> None:
    text = "x" * 45_000

    assert find(backend, text)["flagged"] is False
    kept = [one["text"] for one in backend.get("/v1/comments").json["items"]]
    assert sorted(map(len, kept)) == [5_000, 20_000]


@ON_SQLITE
def test_parts_of_a_long_text_are_not_added_up(backend: FlaskClient) -> None:
    result = find(backend, "threat0.8 " + "word " * 4_000 + "insult0.8")

    assert true_of(result) == {"harassment", "violence"}


def test_texts_that_no_database_can_hold_are_judged(backend: FlaskClient) -> None:
    body = b'{"input": ["insult0.6 \\ud800", "threat0.6 \\u0000", "\\u0000", "\\ud83d\\ude00"]}'

    answer = backend.post(PATH, data=body, content_type="application/json")

    assert answer.status_code == 200, answer.text
    assert [true_of(one) for one in answer.json["results"]] == [
        {"harassment"},
        {"violence"},
        set(),
        set(),
    ]
    kept = {one["text"] for one in backend.get("/v1/comments").json["items"]}
    assert kept == {"insult0.6 \ufffd", "threat0.6 \ufffd", "\ufffd", "\U0001f600"}


@ON_SQLITE
@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_no_content_type_is_needed(backend: FlaskClient, kind: str | None) -> None:
    answer = backend.post(PATH, data=b'{"input": "insult0.6"}', content_type=kind)

    assert answer.json["results"][0]["flagged"] is True


@ON_SQLITE
def test_what_else_clients_send_is_ignored(backend: FlaskClient) -> None:
    headers = {
        "OpenAI-Organization": "org-1",
        "OpenAI-Project": "proj-1",
        "X-Stainless-Lang": "python",
        "Idempotency-Key": "stainless-1",
        "Accept": "text/event-stream",
    }
    answers = [
        backend.post(PATH, json={"input": text, "user": "u-5", "extra": [1]}, headers=headers)
        for text in ("insult0.6", "A fine day.")
    ]

    assert [one.json["results"][0]["flagged"] for one in answers] == [True, False]


@ON_SQLITE
@pytest.mark.parametrize("path", [PATH, f"{PATH}/", "/v1/%6Doderations", f"{PATH}?a=b"])
def test_spellings_of_the_path_are_one(backend: FlaskClient, path: str) -> None:
    assert backend.post(path, json={"input": "A fine day."}).status_code == 200


@ON_SQLITE
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
@pytest.mark.parametrize("role", access.ROLES)
def test_any_key_of_a_site_opens_the_door(
    client: FlaskClient, services: Services, site: int, scheme: str, role: str
) -> None:
    headers = {"Authorization": f"{scheme} {access.create_key(services, site, role)}"}

    answer = client.post(PATH, json={"input": "A fine day."}, headers=headers)

    assert answer.status_code == 200


@ON_SQLITE
def test_a_proxy_may_put_it_under_any_path_that_it_takes_away_again(
    app: Flask, backend: FlaskClient
) -> None:
    inner = app.wsgi_app
    app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        lambda _environ, start: start("502 Bad Gateway", []) and [], {"/checks/openai": inner}
    )

    assert ask_under(backend, "/checks/openai/v1/moderations", 200)["results"][0]["flagged"] is True
    told = ask_under(backend, "/checks/openai/v1/moderations/nothing", 404)
    assert told["error"]["message"] == "Invalid URL (POST /v1/moderations/nothing)"


def ask_under(client: FlaskClient, path: str, status: int) -> Any:
    answer = client.post(path, json={"input": "insult0.6"})
    assert answer.status_code == status
    return answer.json


@ON_SQLITE
def test_scores_are_numbers_as_json_has_them(backend: FlaskClient) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    answer = backend.post(PATH, json={"input": ["", "threat0.0000000234", "insult0.9999999"]})

    found = json.loads(answer.data, parse_constant=refuse)
    scores = [score for one in found["results"] for score in one["category_scores"].values()]
    assert all(isinstance(one, float) and 0 <= one <= 1 and math.isfinite(one) for one in scores)
    assert found["results"][1]["category_scores"]["violence"] == 2.34e-08
