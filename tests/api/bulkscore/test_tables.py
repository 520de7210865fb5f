"""Rows of tables as comments: which columns count, and what becomes of their values."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.bulkscore.tables import find_columns, to_comment, to_id
from api.moderation.policy.subject import Draft
from api.scorefile import to_draft

NAN = float("nan")


def test_columns_that_say_nothing_of_a_comment_are_not_read() -> None:
    names = ["id", "text", "likes", "author.name", "author.shoes", "form", "text", "metadata"]

    assert find_columns(names, "text", "id") == ["id", "text", "author.name", "form"]
    assert find_columns(names, "likes", "none") == ["likes", "author.name", "form"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"text": "Fine.", "likes": 7, "metadata": {"a": 1}}, {"text": "Fine."}),
        ({"text": None}, {"text": ""}),
        ({"author.name": "Ann"}, {"text": "", "author": {"name": "Ann"}}),
        (
            {"author": {"name": "Ann", "shoes": 7, "id": None}, "author.id": 17},
            {"text": "", "author": {"name": "Ann", "id": "17"}},
        ),
        ({"author": {"name": ""}, "author.url": None, "language": ""}, {"text": ""}),
        ({"author": "Ann"}, {"text": ""}),
        ({"author.id": 17.0, "author.name": NAN}, {"text": "", "author": {"id": "17"}}),
        ({"form.elapsed_ms": "1200"}, {"text": "", "form": {"elapsed_ms": 1200}}),
        ({"form.elapsed_ms": 1200.0}, {"text": "", "form": {"elapsed_ms": 1200}}),
        ({"form.elapsed_ms": "soon"}, {"text": "", "form": {"elapsed_ms": "soon"}}),
        ({"html": "TRUE"}, {"text": "", "html": True}),
        ({"html": False}, {"text": "", "html": False}),
        ({"html": 0}, {"text": "", "html": False}),
        ({"html": "maybe"}, {"text": "", "html": "maybe"}),
        (
            {"created_at": datetime(2026, 11, 22, 12, tzinfo=UTC)},
            {"text": "", "created_at": "2026-11-22T12:00:00+00:00"},
        ),
        (
            {"author.created_at": datetime.fromisoformat("2026-11-22T12:00:00")},
            {"text": "", "author": {"created_at": "2026-11-22T12:00:00+00:00"}},
        ),
    ],
)
def test_a_row_becomes_a_comment(row: dict[str, Any], expected: dict[str, Any]) -> None:
    assert to_comment(row, "text") == expected


def test_the_text_may_have_another_name() -> None:
    assert to_comment({"body": "Fine.", "text": "no"}, "body") == {"text": "Fine."}


def test_what_a_row_says_is_checked_as_what_a_website_sends() -> None:
    fine = to_draft(to_comment({"text": "Fine.", "author.id": 17, "html": "1"}, "text"))
    wrong = to_draft(to_comment({"text": "Fine.", "author.email": "nobody"}, "text"))

    assert isinstance(fine, Draft)
    assert (fine.author, fine.html) == ({"id": "17"}, True)
    assert isinstance(wrong, str)
    assert "/author/email" in wrong


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (7, "7"),
        (7.0, "7"),
        ("n-7", "n-7"),
        ("", None),
        (None, None),
        (NAN, None),
        (date(2026, 11, 22), "2026-11-22"),
    ],
)
def test_a_row_is_called_what_its_id_says(given: Any, expected: str | None) -> None:
    assert to_id(given) == expected
