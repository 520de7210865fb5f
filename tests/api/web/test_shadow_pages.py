"""The page of the draft in shadow: put there, looked at, put in force, taken away."""

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.factories import submit

NASTY = '"><script>alert(1)</script>'
STRICT = "mode: pre\nnote: Stricter\n"


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def act(mo: FlaskClient, what: str, **form):
    return mo.post("/moderate/policy/shadow", data={"act": what, **form})


def test_a_draft_judges_beside_the_policy_until_it_is_in_force(mo, backend) -> None:
    assert "None is there." in shown(mo.get("/moderate/policy/shadow"))
    answer = act(mo, "put", text=STRICT.replace("\n", "\r\n"))
    assert answer.location == "/moderate/policy/shadow"
    one = submit(backend, "A fine day.")
    assert one["status"] == "approved"
    page = mo.get("/moderate/policy/shadow")
    assert "“ Stricter ”. 1 comments judged by it" in shown(page)
    assert "is approved 0 1 0" in shown(page)
    assert f'href="/moderate/comments/{one["id"]}"' in page.text

    answer = act(mo, "promote", version=1)
    assert answer.location == "/moderate/policy?saved=1"
    assert submit(backend, "Another fine day.")["status"] == "pending"
    assert "None is there." in shown(mo.get("/moderate/policy/shadow"))


def test_it_is_taken_away(mo, backend) -> None:
    act(mo, "put", text=STRICT)
    assert act(mo, "end").status_code == 303
    assert "None is there." in shown(mo.get("/moderate/policy/shadow"))
    assert act(mo, "end").status_code == 404


def test_another_version_in_force_is_told_of(mo, moderator) -> None:
    act(mo, "put", text=STRICT)
    answer = act(mo, "promote", version=7)
    assert answer.status_code == 409
    assert "version 1 is in force" in shown(answer)


def test_doubts_must_be_overruled(mo) -> None:
    examples = 'mode: pre\nexamples:\n  - {text: "Hello", expect: approve}\n'
    act(mo, "put", text=examples)
    answer = act(mo, "promote", version=1)
    assert answer.status_code == 422
    assert "put it in force all the same" in shown(answer)
    assert act(mo, "promote", version=1, force="on").status_code == 303


@pytest.mark.parametrize("text", ["mode: sometimes", "][", "", f"note: '{NASTY}'\nx: 1"])
def test_what_is_no_policy_is_told_of_and_kept(mo, text) -> None:
    answer = act(mo, "put", text=text)
    assert answer.status_code in (303, 422)
    assert "<script>alert" not in answer.text
    if text:
        assert answer.status_code == 422
        assert html.escape(text, quote=False).split("\n")[0][:6] in answer.text


def test_another_form_does_nothing(mo) -> None:
    assert act(mo, "burn").status_code == 422
