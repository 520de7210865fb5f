"""Two people where claims are required: neither is shown what the other has before them."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, Winnow
from tests.browser.test_policy import sign_in

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

COUNT = 8


@pytest.fixture(scope="module")
def ann(winnow: Winnow) -> Winnow:
    """A site that holds everything and wants claims, for the moderator who is there anyway."""
    draft = winnow.home / "claims.yaml"
    draft.write_text("mode: pre\nreview: {claims: required}\n")
    winnow.run("policy", "apply", "--site", "default", str(draft))
    for number in range(COUNT):
        body = {"id": f"q-{number}", "article": {"id": "a-1"}, "text": f"Number {number}."}
        assert winnow.ask("POST", "/v1/comments", body)["status"] == "pending"
    return winnow


@pytest.fixture(scope="module")
def bea(ann: Winnow) -> Winnow:
    """The same site, for a second moderator."""
    key = ann.run("key", "create", "--site", "default", "--role", "admin")
    who = {"email": "bea@localhost", "password": "only-for-this-test"}
    ann.ask("POST", "/v1/moderators", who, key=key)
    return replace(ann, **who)


def wait_until_claimed(winnow: Winnow, count: int) -> None:
    """Wait until so many comments are kept from others."""
    key = winnow.run("key", "create", "--site", "default", "--role", "moderator")
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        items = winnow.ask("GET", "/v1/queue", key=key)["items"]
        if sum(one["claim"] is not None for one in items) == count:
            return
        time.sleep(0.1)
    raise AssertionError(f"{count} comments were never claimed")


def focus(page: Page) -> str:
    """The comment in focus."""
    return str(page.locator(".item.current").get_attribute("data-id"))


def test_nobody_is_shown_what_a_colleague_has_before_them(
    visit: Callable[..., Visitor], ann: Winnow, bea: Winnow
) -> None:
    path = "/moderate?sort=oldest"
    first, second = visit(), visit()
    page = sign_in(first, ann, path)
    expect(page.locator(".item.current")).to_contain_text("Number 0.")
    # What is in focus and the two after it.
    wait_until_claimed(bea, 3)
    other = sign_in(second, bea, path)
    expect(other.locator(".item.current")).to_contain_text("Number 3.")

    for mine in (page, other, page, other):
        before = focus(mine)
        mine.keyboard.press("a")
        expect(mine.locator(f".item.current[data-id='{before}']")).to_have_count(0)
        expect(mine.locator("body[data-outbox='0']")).to_have_count(1)
        assert focus(page) != focus(other)

    decided = {
        name: found["decision"]["actor"]
        for name in (f"q-{number}" for number in range(COUNT))
        if (found := ann.ask("GET", f"/v1/comments/{name}"))["decision"]
    }
    assert sorted(decided) == ["q-0", "q-1", "q-3", "q-4"]
    assert decided["q-0"] == decided["q-1"] != decided["q-3"] == decided["q-4"]
