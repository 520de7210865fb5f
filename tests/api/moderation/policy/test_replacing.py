"""The text as it would be published: what rules replace, in plain text and in HTML."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.policy.replacing import publish


def replaced(start: int, end: int, replacement: str | None = "*") -> dict[str, Any]:
    return {"spans": [{"start": start, "end": end}], "replacement": replacement}


@pytest.mark.parametrize(
    ("reasons", "published"),
    [
        ([], "0123456789"),
        ([replaced(2, 4)], "01*456789"),
        ([replaced(0, 10, "")], ""),
        ([replaced(8, 10, "<b>"), replaced(0, 1, "…")], "…1234567<b>"),
        ([replaced(2, 4, "a"), replaced(4, 6, "b")], "01ab6789"),
        ([replaced(2, 6, "a"), replaced(4, 8, "b")], "01a89"),
        ([replaced(2, 8, "a"), replaced(4, 6, "b")], "01a89"),
        ([replaced(2, 8, "a"), replaced(2, 4, "b"), replaced(7, 9, "c")], "01a9"),
        ([replaced(2, 4, None)], "0123456789"),
        ([{"spans": [{"start": 2, "end": 4}]}], "0123456789"),
        ([{"spans": [], "replacement": "*"}], "0123456789"),
    ],
)
def test_places_are_replaced_and_those_that_overlap_as_one(
    reasons: list[dict[str, Any]], published: str
) -> None:
    assert publish("0123456789", False, reasons) == published
    assert publish("0123456789", False, reasons[::-1]) == published


@pytest.mark.parametrize(
    ("html", "sought", "replacement", "published"),
    [
        ("a <b>bad</b> day", "bad", "***", "a <b>***</b> day"),
        ("a b<i>a</i>d day", "b<i>a</i>d", "***", "a ***<i></i> day"),
        ("a bad day", "bad", "<script>&", "a &lt;script&gt;&amp; day"),
        ("un caf&eacute; noir", "caf&", "thé", "un thé noir"),
        ("un caf& noir", "caf&", "thé", "un thé noir"),
    ],
)
def test_html_stays_whole(html: str, sought: str, replacement: str, published: str) -> None:
    start = html.index(sought)

    assert publish(html, True, [replaced(start, start + len(sought), replacement)]) == published


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20))))
def test_what_stands_at_no_place_is_kept_and_nothing_else(pairs: list[tuple[int, int]]) -> None:
    text = "abcdefghijklmnopqrst"
    places = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    covered = {at for start, end in places for at in range(start, end)}

    published = publish(text, False, [replaced(*place, "") for place in places])

    assert published == "".join(char for at, char in enumerate(text) if at not in covered)
