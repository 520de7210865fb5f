"""Stored answers in the shapes in which people have kept them."""

import json
from typing import Any

import pytest

from api.comparing.shapes import Answer, ShapeError, read_answer

SUMMARY = {"summaryScore": {"value": 0.83, "type": "PROBABILITY"}}
ANSWER = {
    "attributeScores": {
        "TOXICITY": {
            "spanScores": [{"begin": 0, "end": 5, "score": {"value": 0.5, "type": "PROBABILITY"}}],
            **SUMMARY,
        }
    },
    "languages": ["en"],
    "detectedLanguages": ["en"],
    "clientToken": "t-1",
}
ASKED = {"comment": {"text": "Hello"}, "requestedAttributes": {"TOXICITY": {}}}

SAME: dict[str, Any] = {
    "a text beside the answer": {"text": "Hello", **ANSWER},
    "a comment beside the answer": {"comment": {"text": "Hello"}, **ANSWER},
    "a comment that is a text": {"comment": "Hello", **ANSWER},
    "question and answer": {"request": ASKED, "response": ANSWER},
    "a text beside the whole answer": {"text": "Hello", "response": ANSWER},
    "snake case": {
        "text": "Hello",
        "attribute_scores": {"TOXICITY": {"summary_score": {"value": 0.83}}},
        "languages": ["en"],
    },
    "scores without a summary's shell": {
        "text": "Hello",
        "attributeScores": {"TOXICITY": {"value": 0.83}},
        "languages": "en",
    },
    "attributes in lower case": {
        "text": "Hello",
        "attributeScores": {"toxicity": SUMMARY},
        "languages": ["en"],
    },
    "flat": {"text": "Hello", "TOXICITY": 0.83, "languages": ["en"]},
    "flat, in lower case": {"text": "Hello", "toxicity": 0.83, "languages": "en"},
    "flat, as text": {"text": "Hello", " Toxicity ": "0.83", "languages": "en", "id": 7},
    "flat, some empty": {"text": "Hello", "TOXICITY": "0.83", "INSULT": "", "languages": "en"},
    "flat beside null": {"text": "Hello", "TOXICITY": 0.83, "THREAT": None, "languages": "en"},
}


@pytest.mark.parametrize("name", SAME)
def test_an_answer_is_understood_however_it_was_kept(name: str) -> None:
    found = read_answer(json.loads(json.dumps(SAME[name])))

    assert found == Answer("Hello", {"TOXICITY": 0.83}, ("en",))


def test_all_attributes_are_read_and_what_is_none_is_not() -> None:
    row = {"text": "Hello", "insult": 0.2, "SPAM": 1, "FLIRTATION": 0, "score": 0.5, "likes": 12}

    assert read_answer(row).scores == {"INSULT": 0.2, "SPAM": 1.0, "FLIRTATION": 0.0}


def test_twins_and_pinned_versions_keep_their_names() -> None:
    row = {"text": "Hello", "TOXICITY_EXPERIMENTAL": 0.1, "TOXICITY@6": 0.2}

    assert read_answer(row).scores == {"TOXICITY_EXPERIMENTAL": 0.1, "TOXICITY@6": 0.2}


def test_the_field_of_the_text_can_be_named() -> None:
    row = {"text": "Not this", "message": "Hello", "TOXICITY": 0.83}

    assert read_answer(row, "message").text == "Hello"
    with pytest.raises(ShapeError, match="no text"):
        read_answer(row, "body")


WRONG: dict[str, tuple[Any, str]] = {
    "a list": ([], "no JSON object"),
    "a number": (1, "no JSON object"),
    "null": (None, "no JSON object"),
    "no text": (ANSWER, "no text"),
    "a text that is none": ({"text": 5, **ANSWER}, "no text"),
    "an empty text": ({"text": " \n", **ANSWER}, "an empty text"),
    "no scores": ({"text": "Hello"}, "no scores"),
    "no score": ({"text": "Hello", "attributeScores": {}}, "no scores"),
    "scores that are none": ({"text": "Hello", "attributeScores": 3}, "no scores"),
    "only spans": (
        {"text": "Hello", "attributeScores": {"TOXICITY": {"spanScores": []}}},
        "no scores",
    ),
    "an error": (
        {"request": ASKED, "response": {"error": {"code": 400}}},
        "an error instead of scores",
    ),
    "too much": ({"text": "Hello", "TOXICITY": 1.01}, "a score outside of 0 to 1"),
    "too little": ({"text": "Hello", "TOXICITY": -0.01}, "a score outside of 0 to 1"),
    "no number at all": ({"text": "Hello", "TOXICITY": float("nan")}, "outside of 0 to 1"),
    "infinite": ({"text": "Hello", "TOXICITY": "inf"}, "outside of 0 to 1"),
    "percent": ({"text": "Hello", "TOXICITY": "83 %"}, "a score that is no number"),
    "true": ({"text": "Hello", "TOXICITY": True}, "a score that is no number"),
    "a list of scores": ({"text": "Hello", "TOXICITY": [0.1]}, "a score that is no number"),
    "a huge number": ({"text": "Hello", "TOXICITY": 10**400}, "a score that is no number"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_compared_is_said(name: str) -> None:
    given, why = WRONG[name]

    with pytest.raises(ShapeError, match=why):
        read_answer(given)
