"""What OpenAI's clients have moderated: texts, lists, parts, and texts of odd kinds."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.web.dropin.openai import (
    CATEGORIES,
    PATH,
    ask,
    find,
    true_of,
)
from tests.conftest import ON_SQLITE


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
