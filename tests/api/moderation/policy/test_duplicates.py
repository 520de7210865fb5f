"""Near-duplicates and what was decided about their campaign, without a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.moderation.policy.document import Document, Duplicates
from api.moderation.policy.duplicates import (
    find,
    find_bands,
    find_campaign,
    find_mates,
)
from api.moderation.policy.facts import Facts, Following, Near
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Tier
from api.moderation.policy.subject import Draft, Subject
from tests.factories import START

TEXT = "I have found a wallet on the bench beside the fountain, please write to me."
ALMOST = TEXT.replace("fountain", "old pond")
UNLIKE = "The mayor says that nothing is wrong with the bridge, and nobody believes it."


def near(number: int = 1, text: str = TEXT, campaign: str | None = None, days: int = 0) -> Near:
    """An earlier comment."""
    return Near(number, campaign, "u-1", "a-1", text, START - timedelta(days=days))


def subject(*earlier: Near, text: str = TEXT, following: tuple[Following, ...] = ()) -> Subject:
    """A comment that comes after these."""
    facts = Facts(near=earlier, following=following)
    return Subject(Draft(text, {"id": "a-17"}), START, facts)


def policy(do: str = "hold", **more: Any) -> Policy:
    return Policy(Document(duplicates=Duplicates(do, **more)))


def decided(campaign: str = "cmp_a", action: str = "reject", hours: float = 1) -> Following:
    return Following(campaign, action, "moderator:anna", START + timedelta(hours=hours))


def found(policy: Policy, subject: Subject) -> list[tuple[str, str]]:
    return [(match.reason["code"], match.action) for match in find(policy, subject)]


def test_what_came_once_is_nothing_to_speak_of() -> None:
    alone = subject()

    assert find(policy(), alone) == []
    assert find_campaign(policy(), alone) is None
    assert find_mates(policy(), alone) == ()
    assert find_bands(policy(), alone) == alone.bands != ()


@pytest.mark.parametrize("do", ["flag", "hold", "reject"])
def test_the_second_copy_is_treated_as_told(do: str) -> None:
    [match] = find(policy(do), subject(near(days=2)))

    assert (match.check, match.tier, match.action) == ("duplicates", Tier.RULES, do)
    assert match.reason["code"] == "near_duplicate"
    assert match.reason["message"] == (
        "This is copy 2 of nearly the same text since 2026-11-20 12:00 UTC."
    )


def test_switched_off_it_says_nothing_and_keeps_nothing() -> None:
    again = subject(near(campaign="cmp_a"), following=(decided(),))

    assert find(policy("off"), again) == []
    assert find_bands(policy("off"), again) == ()
    assert find_campaign(policy("off"), again) is None
    assert find_mates(policy("off"), again) == ()


@pytest.mark.parametrize(("earlier", "codes"), [(1, []), (2, ["near_duplicate"])])
def test_copies_says_from_which_on(earlier: int, codes: list[str]) -> None:
    some = subject(*(near(number) for number in range(earlier)))

    assert [code for code, _ in found(policy(copies=3), some)] == codes


def test_similarity_says_how_alike_is_alike() -> None:
    almost = subject(near(text=ALMOST))

    assert found(policy(similarity=0.85), almost) == [("near_duplicate", "hold")]
    assert found(policy(similarity=0.99), almost) == []
    assert found(policy(similarity=0.5), subject(near(text=UNLIKE))) == []


def test_short_texts_have_no_signature() -> None:
    assert find_bands(policy(least_characters=30), subject(text="I agree with all of it!")) == ()
    assert find_bands(policy(least_characters=10), subject(text="I agree with all of it!")) != ()
    # Nothing but letters counts.
    assert find_bands(policy(least_characters=30), subject(text="I agree. " + "!" * 50)) == ()


def test_markup_is_not_compared() -> None:
    marked = Subject(Draft(f"<p><b>{TEXT}</b></p>", {"id": "a-17"}, html=True), START)

    assert marked.bands == subject().bands


def test_the_first_copies_name_the_campaign_and_take_the_first_along() -> None:
    two, three = subject(near(4)), subject(near(4), near(9))

    assert find_campaign(policy(), two) == find_campaign(policy(), three)
    assert find_campaign(policy(), two) != find_campaign(policy(), subject(near(9)))
    assert find_mates(policy(), three) == (4, 9)


def test_a_campaign_that_is_there_is_joined_and_its_name_given_to_who_has_none() -> None:
    some = subject(near(1, ALMOST, "cmp_a"), near(2), near(3, UNLIKE))

    assert find_campaign(policy(), some) == "cmp_a"
    assert find_mates(policy(), some) == (2,)


def test_of_two_campaigns_the_nearest_is_joined() -> None:
    some = subject(near(1, TEXT, "cmp_a"), near(2, ALMOST, "cmp_b"))

    assert find_campaign(policy(), some) == "cmp_a"
    assert find_campaign(policy(), subject(*some.facts.near[::-1], text=ALMOST)) == "cmp_b"


@pytest.mark.parametrize("action", ["approve", "reject"])
@pytest.mark.parametrize("do", ["flag", "hold", "reject"])
def test_what_was_decided_about_a_campaign_holds_for_who_comes_later(action: str, do: str) -> None:
    later = subject(near(campaign="cmp_a"), following=(decided(action=action),))

    assert found(policy(do), later) == [("campaign_decided", action), ("near_duplicate", "flag")]
    [first, _] = find(policy(do), later)
    assert first.reason["rule"] == "campaign:cmp_a"
    assert "anna" not in first.reason["message"]


@pytest.mark.parametrize(
    "more",
    [
        {"text": f"{TEXT} At w.example"},
        {"author": {"url": "https://wallets.example"}},
    ],
)
def test_who_adds_something_to_what_was_approved_is_judged_like_anybody(
    more: dict[str, Any],
) -> None:
    facts = Facts(near=(near(campaign="cmp_a"),), following=(decided(action="approve"),))
    later = Subject(replace(Draft(TEXT, {"id": "a-17"}), **more), START, facts)

    assert found(policy(), later) == [("near_duplicate", "flag")]


def test_an_approval_is_not_of_what_nobody_has_compared() -> None:
    long = " ".join(f"{TEXT} {number}" for number in range(40))
    facts = Facts(near=(near(text=long, campaign="cmp_a"),))
    facts = replace(facts, following=(decided(action="approve"),))
    later = Subject(Draft(f"{long} And see https://wallets.example", {"id": "a-17"}), START, facts)

    assert later.likeness == [1.0]
    assert found(policy(), later) == [("near_duplicate", "flag")]


@pytest.mark.parametrize(
    "other", [decided("cmp_b"), decided(hours=0), decided(hours=-1)], ids=["other", "now", "over"]
)
def test_what_is_over_or_about_another_campaign_is_not_followed(other: Following) -> None:
    later = subject(near(campaign="cmp_a"), following=(other,))

    assert found(policy(), later) == [("near_duplicate", "hold")]


def test_what_is_followed_counts_below_the_number_of_copies_too() -> None:
    later = subject(near(campaign="cmp_a"), following=(decided(),))

    assert found(policy(copies=9), later) == [("campaign_decided", "reject")]


def test_what_is_only_nearly_near_follows_nothing() -> None:
    later = subject(near(text=UNLIKE, campaign="cmp_a"), following=(decided(),))

    assert find(policy(), later) == []


def test_as_many_as_are_looked_at_are_at_least_so_many() -> None:
    [match] = find(policy(), subject(*(near(number) for number in range(100))))

    assert match.reason["message"].startswith("This is copy 101 or later of")


def test_the_order_of_what_is_near_makes_no_difference() -> None:
    some = [near(1, TEXT, "cmp_a"), near(2, ALMOST, "cmp_b"), near(3), near(4, UNLIKE)]
    turned = subject(*some[::-1])

    assert find_campaign(policy(), turned) == find_campaign(policy(), subject(*some))
    assert find(policy(), turned) == find(policy(), subject(*some))
    assert replace(turned.facts, near=()) == Facts()
