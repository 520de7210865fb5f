"""Who writes: standings, who skips what, newcomers, records, rates, and whom they resemble."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.policy import authors, disposable
from api.moderation.policy.document import CHECKS
from api.moderation.policy.facts import Facts, Past, Standing
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, judge
from api.moderation.policy.matches import Match, Tier
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.records import NOT_OF_WHAT_IT_SAYS
from api.moderation.policy.subject import Draft, Subject
from tests.factories import START, words_scorer

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
END = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def said(standing: str, kind: str = "author", until: datetime | None = None) -> Standing:
    return Standing("std_1", kind, "it", standing, "He said something nasty.", until)


def past(ago: timedelta = SECOND, status: str = "approved", **more: Any) -> Past:
    given = {"decided": False, "address": None, "mailbox": None, **more}
    return Past("u-1", "a-17", status, received_at=START - ago, **given)


def subject(facts: Facts | None = None, text: str = "Hi.", **author: Any) -> Subject:
    draft = Draft(text, {"id": "a-17"}, author={"id": "u-1", **author})
    return Subject(draft, START, facts or Facts())


def policy(**asked: Any) -> Policy:
    return Policy(load_document({"authors": asked}))


def found(matches: Sequence[Match]) -> list[tuple[str, str]]:
    return [(match.reason["code"], match.action) for match in matches]


def decide(asked: Policy, who: Subject) -> Judgement:
    scorer = words_scorer()
    [scored] = scorer.score([who.submission]) or []
    return judge(asked, who, scorer, scored)


@pytest.mark.parametrize(
    ("standing", "action"),
    [("banned", "reject"), ("suspended", "reject"), ("held", "hold"), ("trusted", None)],
)
@pytest.mark.parametrize("kind", ["author", "email", "address", "network"])
def test_what_was_said_is_done(standing: str, kind: str, action: str | None) -> None:
    matches = authors.find_standings(policy(), subject(Facts(standings=(said(standing, kind),))))

    assert found(matches) == ([(f"author_{standing}", action)] if action else [])
    assert {(match.check, match.tier) for match in matches} <= {("standing", Tier.LISTS)}


def test_people_are_told_until_when_and_moderators_where_to_read_why() -> None:
    suspended = said("suspended", until=END)

    [match] = authors.find_standings(policy(), subject(Facts(standings=(suspended,))))

    assert match.reason["message"] == "This author is suspended until 2026-12-01 09:30 UTC."
    assert match.reason["rule"] == "standing:std_1"
    assert "nasty" not in str(match.reason)


@pytest.mark.parametrize(
    ("trusted_by", "kind", "standing", "action"),
    [
        ("author", "network", "banned", "hold"),
        ("email", "address", "suspended", "hold"),
        ("author", "network", "held", "flag"),
        # The trust is in the network, and so no person's.
        ("network", "address", "banned", "reject"),
        ("author", "email", "banned", "reject"),
        ("email", "author", "held", "hold"),
    ],
)
def test_one_who_is_trusted_does_not_suffer_for_their_neighbours(
    trusted_by: str, kind: str, standing: str, action: str
) -> None:
    facts = Facts(standings=(said("trusted", trusted_by), said(standing, kind)))

    assert found(authors.find_standings(policy(), subject(facts))) == [
        (f"author_{standing}", action)
    ]


def test_staff_and_the_trusted_skip_what_the_policy_says() -> None:
    asked = policy(staff_skips=["modes"], trusted_skips=["scores", "links"])
    trusted = Facts(standings=(said("trusted", "network"),))

    assert authors.find_skipped(asked, subject(role="staff")) == (
        {"modes"},
        "Not counted: the author is staff.",
    )
    assert authors.find_skipped(asked, subject(trusted)) == (
        {"scores", "links"},
        "Not counted: the author is trusted.",
    )
    for nobody in (subject(), subject(role="reader"), subject(Facts(standings=(said("held"),)))):
        assert authors.find_skipped(asked, nobody) == (frozenset(), "")
    assert authors.find_skipped(policy(), subject(role="staff"))[0] == set(CHECKS)


def test_a_skipped_check_is_in_the_reasons_and_asks_for_nothing() -> None:
    verdict = decide(policy(newcomers=2), subject(text="spam0.97", role="staff"))

    assert verdict.action == "approve"
    [newcomer] = [one for one in verdict.reasons if one["code"] == "newcomer"]
    assert newcomer["action"] == "flag"
    assert newcomer["message"].endswith("Not counted: the author is staff.")


def test_staff_that_is_banned_is_banned() -> None:
    facts = Facts(standings=(said("banned"),))

    assert decide(policy(), subject(facts, role="staff")).action == "reject"


@pytest.mark.parametrize(
    ("needed", "approved", "held"), [(0, 0, False), (2, 0, True), (2, 1, True), (2, 2, False)]
)
def test_newcomers_are_held(needed: int, approved: int, held: bool) -> None:
    matches = authors.find(policy(newcomers=needed), subject(Facts(approved=approved)))

    assert found(matches) == ([("newcomer", "hold")] if held else [])
    assert {(match.check, match.tier) for match in matches} <= {("authors", Tier.AUTHOR)}


RECORD = {"do": "hold", "share": 0.5, "least": 2, "days": 7}


@pytest.mark.parametrize(
    ("pasts", "held"),
    [
        ([], False),
        ([past(status="rejected")], False),
        ([past(status="rejected")] * 2, True),
        ([past(status="rejected"), past()], True),
        ([past(status="rejected"), past(), past()], False),
        ([past(status="rejected")] + [past(status="pending")] * 5, False),
        ([past(7 * DAY, "rejected")] * 2, False),
        ([past(7 * DAY - SECOND, "rejected")] * 2, True),
        # A machine that closed the thread says nothing of what was written; a person does.
        ([past(status="rejected", code="thread_closed")] * 9, False),
        ([past(status="rejected", code="thread_closed", decided=True)] * 2, True),
        ([past(status="rejected", code="spam_score")] * 2, True),
    ],
)
def test_a_bad_recent_record_is_held(pasts: list[Past], held: bool) -> None:
    matches = authors.find(policy(recent_record=RECORD), subject(Facts(by_author=tuple(pasts))))

    assert found(matches) == ([("recent_record", "hold")] if held else [])


def test_a_record_that_rejects_does_not_feed_itself() -> None:
    assert "recent_record" in NOT_OF_WHAT_IT_SAYS
    pasts = (past(status="rejected", code="recent_record"),) * 50

    asked = policy(recent_record={**RECORD, "do": "reject"})
    assert found(authors.find(asked, subject(Facts(by_author=pasts)))) == []


@pytest.mark.parametrize("do", ["off", "flag", "hold", "reject"])
def test_each_rule_does_what_it_is_told(do: str) -> None:
    asked = policy(
        recent_record={**RECORD, "do": do},
        look_alikes=do,
        disposable_email=do,
        rates={
            name: {"count": 1, "seconds": 60, "do": do} for name in ("author", "address", "article")
        },
    )
    bad = (past(status="rejected"),) * 2
    facts = Facts(by_author=bad, by_address=bad, on_article=bad, alike=(said("banned"),))

    matches = authors.find(asked, subject(facts, email="x@mailinator.com"))

    codes = ["recent_record", "look_alike", "disposable_email"]
    codes += ["rate_author", "rate_address", "rate_article"]
    assert found(matches) == ([] if do == "off" else [(code, do) for code in codes])


@pytest.mark.parametrize(
    ("ages", "held"),
    [([], False), ([1, 2], False), ([1, 2, 59], True), ([1, 2, 60], False), ([0, 0, 0, 0], True)],
)
@pytest.mark.parametrize("name", ["author", "address", "article"])
def test_a_rate_counts_this_comment_too(name: str, ages: list[int], held: bool) -> None:
    pasts = tuple(past(age * SECOND) for age in ages)
    field = {"author": "by_author", "address": "by_address", "article": "on_article"}[name]
    others = {"by_author": (), "by_address": (), "on_article": (), field: pasts}

    matches = authors.find(
        policy(rates={name: {"count": 3, "seconds": 60}}), subject(Facts(**others))
    )

    assert found(matches) == ([(f"rate_{name}", "hold")] if held else [])


def test_a_rate_says_what_it_allows() -> None:
    asked = policy(rates={"author": {"count": 1, "seconds": 7200}})

    [match] = authors.find(asked, subject(Facts(by_author=(past(),))))

    assert match.reason["message"] == "More than 1 comment by this author in 2 hours."


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("x@mailinator.com", "mailinator.com"),
        ("X@MAILINATOR.COM", "mailinator.com"),
        ("x@eu.mailinator.com", "mailinator.com"),
        ("x@notmailinator.com", None),
        ("x@mailinator.com.example", None),
        ("x@gmail.com", None),
        ("x@own.example", "own.example"),
        ("x@deep.down.own.example", "own.example"),
        ("x@com", None),
        ("", None),
        ("mailinator.com@gmail.com", None),
    ],
)
def test_throw_away_addresses_are_known_with_their_subdomains(
    email: str, domain: str | None
) -> None:
    assert disposable.find(email, ("own.example",)) == domain


def test_the_list_holds_domains_and_no_provider_that_people_live_at() -> None:
    assert len(disposable.KNOWN) >= 150
    assert all("." in one and one == one.lower() for one in disposable.KNOWN)
    homes = {"gmail.com", "outlook.com", "yahoo.com", "gmx.de", "proton.me", "icloud.com"}
    assert not homes & disposable.KNOWN


def test_an_author_without_an_address_has_no_throw_away_one() -> None:
    assert authors.find(policy(disposable_email="reject"), subject()) == []


ages = st.lists(st.integers(0, 200), max_size=12)


@given(ages, st.integers(1, 6), st.integers(1, 150))
def test_a_rate_is_as_a_plain_count_has_it(ages: list[int], most: int, seconds: int) -> None:
    pasts = tuple(past(age * SECOND) for age in sorted(ages))
    asked = policy(rates={"author": {"count": most, "seconds": seconds}})

    held = bool(authors.find(asked, subject(Facts(by_author=pasts))))

    assert held is (1 + len([age for age in ages if age < seconds]) > most)
