"""OpenAI's moderation endpoint: the answer to the byte, and how it may be called."""

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
    true_of,
)
from tests.conftest import ON_SQLITE
from tests.factories import make_key

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
    headers = {"Authorization": f"{scheme} {make_key(services, site, role)}"}

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
