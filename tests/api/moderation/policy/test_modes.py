"""How comments are taken: by article, section and site, by the hour and by the age of a thread."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.moderation.policy import modes
from api.moderation.policy.facts import Facts, Standing
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import judge
from api.moderation.policy.matches import Tier
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from tests.factories import START, words_scorer

SHUT = {"zone": "UTC", "open": ["mon 08:00-09:00"]}
"""Hours in which `START`, a Sunday at noon, is not."""


def find(
    document: dict[str, Any], facts: Facts | None = None, **article: Any
) -> list[tuple[str, str]]:
    """Codes and actions, for an article that is in a section."""
    draft = Draft("Hi.", {"id": "a-17", "section": "world", **article})
    found = modes.find(Policy(load_document(document)), Subject(draft, START, facts or Facts()))
    for match in found:
        assert match.check == ("closing" if match.action == "reject" else "modes")
        assert match.tier is Tier.RULES
    return [(match.reason["code"], match.action) for match in found]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, []),
        ({"mode": "post"}, []),
        ({"mode": "pre"}, [("mode_pre", "hold")]),
        ({"mode": "first"}, [("mode_first", "hold")]),
        ({"mode": "closed"}, [("mode_closed", "reject")]),
        ({"hours": SHUT}, [("outside_hours", "hold")]),
        ({"hours": {**SHUT, "outside": "pre"}}, [("outside_hours", "hold")]),
        ({"hours": {**SHUT, "outside": "closed"}}, [("outside_hours", "reject")]),
        ({"hours": {"zone": "UTC", "open": ["sun 12:00-12:01"]}}, []),
        ({"mode": "pre", "hours": SHUT}, [("outside_hours", "hold"), ("mode_pre", "hold")]),
    ],
)
def test_each_mode_asks_for_its_own(
    document: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert find(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"articles": {"a-17": {"mode": "post"}}}, []),
        ({"articles": {"a-18": {"mode": "post"}}}, [("mode_pre", "hold")]),
        ({"sections": {"world": {"mode": "closed"}}}, [("mode_closed", "reject")]),
        ({"sections": {"sport": {"mode": "closed"}}}, [("mode_pre", "hold")]),
        (
            {"sections": {"world": {"mode": "closed"}}, "articles": {"a-17": {"mode": "post"}}},
            [],
        ),
        # Each field comes from the nearest place that says it.
        (
            {"sections": {"world": {"hours": SHUT}}, "articles": {"a-17": {"mode": "post"}}},
            [("outside_hours", "hold")],
        ),
    ],
)
def test_the_nearest_place_counts_field_by_field(
    document: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert find({"mode": "pre", **document}) == expected


def test_an_article_without_a_section_is_the_sites() -> None:
    document = {"mode": "pre", "sections": {"world": {"mode": "post"}}}

    assert find(document, section=None) == [("mode_pre", "hold")]
    assert find(document) == []


@pytest.mark.parametrize(("approved", "held"), [(0, True), (2, True), (3, False), (9, False)])
def test_first_holds_until_so_many_are_approved(approved: int, held: bool) -> None:
    found = find({"mode": "first", "approvals": 3}, Facts(approved=approved))

    assert found == ([("mode_first", "hold")] if held else [])


def test_a_section_may_ask_for_more_approvals_than_the_site() -> None:
    document = {"mode": "first", "approvals": 1, "sections": {"world": {"approvals": 5}}}

    assert find(document, Facts(approved=4)) == [("mode_first", "hold")]
    assert find(document, Facts(approved=5)) == []


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("began", "published", "closed"),
    [
        (None, None, False),
        (START - 14 * DAY + timedelta(seconds=1), None, False),
        (START - 14 * DAY, None, True),
        # What the website says of the article counts more than what came first.
        (START - 14 * DAY, START - 13 * DAY, False),
        (START, START - 15 * DAY, True),
        (None, START + DAY, False),
    ],
)
def test_a_thread_closes_after_days(
    began: datetime | None, published: datetime | None, closed: bool
) -> None:
    article = {"published_at": published.isoformat()} if published else {}

    found = find({"close_after_days": 14}, Facts(article_began=began), **article)

    assert found == ([("thread_closed", "reject")] if closed else [])


@pytest.mark.parametrize("published", ["2026-11-01T00:00:00Z", "2026-11-01T02:00:00+02:00"])
def test_any_offset_is_read(published: str) -> None:
    assert find({"close_after_days": 21}, published_at=published) == [("thread_closed", "reject")]
    assert find({"close_after_days": 22}, published_at=published) == []


def test_zero_days_never_close_and_undo_what_the_site_says() -> None:
    old = Facts(article_began=START - 1000 * DAY)

    assert find({"close_after_days": 0}, old) == []
    document = {"close_after_days": 14, "articles": {"a-17": {"close_after_days": 0}}}
    assert find(document, old) == []
    # Longer than any calendar, and from its very beginning.
    assert find({"close_after_days": 36500}, published_at="0001-01-01T00:00:00+14:00") == [
        ("thread_closed", "reject")
    ]
    assert find({"close_after_days": 36500}, published_at="9999-12-31T23:59:59-14:00") == []


def test_who_is_trusted_need_not_wait_but_a_closed_thread_is_closed() -> None:
    trusted = Standing("std_1", "author", "u-1", "trusted", "Because.", None)
    draft = Draft("Hi.", {"id": "a-17"}, author={"id": "u-1"})
    staff = Draft("Hi.", {"id": "a-17"}, author={"id": "u-1", "role": "staff"})

    def act(mode: str, one: Draft) -> str:
        subject = Subject(one, START, Facts(standings=(trusted,)))
        scorer = words_scorer()
        [scored] = scorer.score([subject.submission]) or []
        return judge(Policy(load_document({"mode": mode})), subject, scorer, scored).action

    assert act("pre", draft) == "approve"
    assert act("closed", draft) == "reject"
    assert act("closed", staff) == "approve"
