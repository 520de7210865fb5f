"""What the form says of a comment, by what the policy asks for."""

from typing import Any

import pytest

from api.moderation.policy import forms
from api.moderation.policy.facts import Facts, FormToken
from api.moderation.policy.inforce import Policy
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from api.moderation.policy.tokens import LONGEST
from tests.factories import START


def find(asked: dict[str, Any], token: FormToken | None = None, **form: Any) -> list[str]:
    subject = Subject(Draft("A text.", {"id": "a"}, form=form), START, Facts(token=token))
    found = forms.find(Policy(load_document({"form": asked})), subject)
    assert {match.check for match in found} <= {"form"}
    return [f"{match.reason['code']} {match.action}" for match in found]


def test_the_defaults_mind_the_hidden_field_alone() -> None:
    assert find({}, honeypot="x", elapsed_ms=0) == ["honeypot reject"]
    assert find({}, honeypot="") == []
    assert find({}) == []


@pytest.mark.parametrize("do", ["flag", "hold", "reject"])
def test_each_does_what_it_is_told(do: str) -> None:
    asked = {"honeypot": do, "least_ms": 100, "too_fast": do, "token": do}

    found = find(asked, FormToken("missing"), honeypot="x", elapsed_ms=5)

    assert found == [f"honeypot {do}", f"too_fast {do}", f"token_missing {do}"]


def test_switched_off_nothing_is_said() -> None:
    asked = {"honeypot": "off", "least_ms": 100, "too_fast": "off", "token": "off"}

    assert find(asked, honeypot="x", elapsed_ms=5) == []


@pytest.mark.parametrize(
    ("elapsed", "age", "hasty"),
    [
        (None, None, False),
        (2999, None, True),
        (3000, None, False),
        (0, None, True),
        (-5, None, True),
        (10**12, None, False),
        (None, 2999, True),
        (None, 3000, False),
        (None, 0, True),
        (60_000, 10, True),
        (10, 60_000, True),
        (60_000, 60_000, False),
    ],
)
def test_the_shorter_of_the_forms_time_and_ours_counts(
    elapsed: int | None, age: int | None, hasty: bool
) -> None:
    form = {} if elapsed is None else {"elapsed_ms": elapsed}

    found = find({"least_ms": 3000, "token": "hold"}, FormToken(None, age), **form)

    assert found == (["too_fast hold"] if hasty else [])


@pytest.mark.parametrize("fault", forms.FAULTS)
def test_each_fault_of_a_token_has_its_code(fault: str) -> None:
    assert find({"token": "hold"}, FormToken(fault)) == [f"token_{fault} hold"]


def test_a_good_token_is_used_up_and_a_bad_one_is_not() -> None:
    policy = Policy(load_document({"form": {"token": "hold"}}))

    def used(token: FormToken | None) -> Any:
        return forms.find_token(policy, Subject(Draft("A.", {}), START, Facts(token=token)))

    assert used(FormToken(None, 5, "abc", START)) == ("abc", START)
    assert used(FormToken("used", 5)) is None
    assert used(None) is None


def test_no_policy_lets_a_token_live_longer_than_its_use_is_known() -> None:
    longest = LONGEST.total_seconds() / 60

    assert load_document({"form": {"token_minutes": int(longest)}}).form.token_minutes == longest
    with pytest.raises(Exception, match="token_minutes"):
        load_document({"form": {"token_minutes": int(longest) + 1}})
