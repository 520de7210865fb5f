"""What a draft would change, counted."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.drafts import tallies
from api.moderation.drafts.tallies import ACTIONS, SHOWN, Agreement, Example, Tally, find_kinds

actions = st.sampled_from(ACTIONS)
counted = st.lists(
    st.tuples(actions, actions, st.sampled_from(["approve", "reject", "escalate", None]))
)


def tally(*moves: tuple[str, str, str | None]) -> Tally:
    made = Tally()
    for number, (live, draft, decision) in enumerate(moves):
        one = Example(number, live, draft, ["spam_score"] if draft == "hold" else [])
        made.count(one, decision)
        made.show(one, decision)
    return made


@given(counted)
def test_every_comment_is_counted_once_among_what_changes_and_what_stays(
    moves: list[tuple[str, str, str | None]],
) -> None:
    found = tally(*moves)

    assert found.judged == len(moves)
    assert found.unchanged == sum(live == draft for live, draft, _ in moves)
    assert found.newly_held == sum(live == "approve" != draft for live, draft, _ in moves)
    assert found.newly_passed == sum(draft == "approve" != live for live, draft, _ in moves)
    assert found.newly_rejected == sum(draft == "reject" != live for live, draft, _ in moves)
    assert found.held == (
        sum(live == "hold" for live, _, _ in moves),
        sum(draft == "hold" for _, draft, _ in moves),
    )


@given(counted)
def test_people_agree_or_disagree_with_what_they_decided(
    moves: list[tuple[str, str, str | None]],
) -> None:
    decided = [move for move in moves if move[2] in ("approve", "reject")]

    for of_draft in (False, True):
        found = tally(*moves).agreement(of_draft)
        assert found.agreed == sum(move[of_draft] == move[2] for move in decided)
        assert found.held == sum(move[of_draft] == "hold" for move in decided)
        assert found.agreed + found.held + found.approved + found.rejected == len(decided)


def test_both_kinds_of_disagreement_are_told_apart() -> None:
    found = tally(
        ("hold", "approve", "reject"),
        ("hold", "reject", "approve"),
        ("reject", "reject", "approve"),
    )

    assert found.agreement(of_draft=False) == Agreement(agreed=0, held=2, approved=0, rejected=1)
    assert found.agreement(of_draft=True) == Agreement(agreed=0, held=0, approved=1, rejected=2)


@given(counted)
def test_a_tally_is_written_and_read_back(moves: list[tuple[str, str, str | None]]) -> None:
    found = tally(*moves)
    found.unscored, found.other_model, found.rules["word:x"] = 3, 2, 1

    again = tallies.read(found.write())

    assert again.write() == found.write()
    assert again.judged == found.judged


@pytest.mark.parametrize(("live", "draft"), [*product(ACTIONS, ACTIONS)])
def test_what_stays_is_no_example_of_a_change(live: str, draft: str) -> None:
    # What was rejected and is held becomes no worse and is not published either.
    changed = live != draft and (live, draft) != ("reject", "hold")

    assert bool(find_kinds(live, draft, None)) == changed


def test_examples_are_the_same_few_in_whatever_order_comments_come() -> None:
    numbers = list(range(1, 500))
    shown = []
    for seed in range(3):
        Random(seed).shuffle(numbers)
        made = Tally()
        for number in numbers:
            made.show(Example(number, "approve", "hold", []), None)
        shown.append([one.comment for one in made.examples["newly_held"]])

    assert len(shown[0]) == SHOWN
    assert shown[0] == shown[1] == shown[2]
    assert sum(number > 250 for number in shown[0]) in range(4, 17)
