"""OpenAI's list of models: ours, and the names under which it answers too."""

import pytest
from flask.testing import FlaskClient

from api.moderation.scoring import Scorer
from tests.api.web.dropin.openai import OMNI_MODELS, PATH, TEXT_MODELS, refused
from tests.conftest import ON_SQLITE

NAMES = ("words-1", *OMNI_MODELS, *TEXT_MODELS)


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/"])
def test_the_list_has_ours_and_those_that_clients_ask_for(
    shared_admin: FlaskClient, path: str
) -> None:
    answer = shared_admin.get(path)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {
        "object": "list",
        "data": [
            {"id": name, "object": "model", "created": 1793491200, "owned_by": "winnow"}
            for name in NAMES
        ],
    }
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_looked_up_and_used(shared_admin: FlaskClient, name: str) -> None:
    listed = shared_admin.get("/v1/models").json["data"]

    assert shared_admin.get(f"/v1/models/{name}").json in listed
    answer = shared_admin.post(PATH, json={"input": "A fine day.", "model": name})
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["gpt-4", "words-2", "Words-1", "%20", "a%00b", "é"])
def test_another_is_404_in_the_services_words(shared_admin: FlaskClient, name: str) -> None:
    answer = shared_admin.get(f"/v1/models/{name}")

    status, error = refused(answer)
    assert (status, error["type"]) == (404, "invalid_request_error")
    assert (error["param"], error["code"]) == ("model", "model_not_found")
    assert error["message"].startswith("The model '")


@ON_SQLITE
def test_without_a_classifier_the_list_lacks_ours(backend: FlaskClient, scorer: Scorer) -> None:
    scorer.model = None

    listed = [one["id"] for one in backend.get("/v1/models").json["data"]]

    assert listed == [*OMNI_MODELS, *TEXT_MODELS]
    assert backend.get("/v1/models/words-1").status_code == 404


def test_a_head_request_has_no_body(shared_admin: FlaskClient) -> None:
    answer = shared_admin.head("/v1/models")

    assert (answer.status_code, answer.data) == (200, b"")
