"""Alive and ready, told apart."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.moderation.scoring import Scorer
from api.store.database import Database
from tests.conftest import ON_SQLITE


def test_all_is_well(client: FlaskClient) -> None:
    answer = client.get("/ready")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "database": "ok",
        "classifier": "ok",
        "model": "words-1",
        "jobs": "ok",
    }


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    assert client.get("/live").json == {"status": "live"}


def test_without_a_classifier_it_is_degraded_and_says_why(
    client: FlaskClient, scorer: Scorer
) -> None:
    scorer.model, scorer.failure = None, "There is no model file."

    answer = client.get("/ready")

    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["model"]) == ("degraded", None)
    assert answer.json["classifier"] == "There is no model file."


@ON_SQLITE
def test_without_a_database_it_is_not_ready_but_alive(
    app: Flask, client: FlaskClient, services: object, tmp_path: object
) -> None:
    broken = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    object.__setattr__(services, "database", broken)

    answer = client.get("/ready")

    assert answer.status_code == 503
    assert (answer.json["status"], answer.json["database"]) == ("unavailable", "unavailable")
    assert "nobody" not in answer.text
    assert client.get("/live").status_code == 200


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_whoever_watches_needs_no_key_and_changes_nothing(client: FlaskClient, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405
    assert client.get(path).headers["Cache-Control"] == "no-store"
