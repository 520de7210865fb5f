"""The console in real browsers: keys, acts sent behind, colleagues, a connection that is cut."""

import itertools
import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from playwright.sync_api import Page, expect

from tests.browser.conftest import COMMAND, Visitor, Winnow
from tests.browser.test_policy import sign_in

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

PHONE = {"viewport": {"width": 390, "height": 800}}
numbers = itertools.count(1)


def call(winnow: Winnow, method: str, path: str, body: Any = None, key: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key or winnow.key}"}
    answer = urllib3.request(method, f"{winnow.url}{path}", json=body, headers=headers)
    assert answer.status < 300, answer.data
    return json.loads(answer.data) if answer.data else None


class Room:
    """A section of its own for each test: what waits there, and what became of it."""

    def __init__(self, winnow: Winnow, count: int) -> None:
        self.winnow, self.section = winnow, f"s{next(numbers)}"
        self.path = f"/moderate?section={self.section}&sort=oldest"
        self.ids = [self.add(number) for number in range(count)]

    def add(self, number: int) -> str:
        body = {
            "text": f"Number {number}: the ferryboat is late again.",
            "article": {"id": f"a-{self.section}", "section": self.section, "title": "The ferry"},
            "author": {"id": f"u-{number}", "name": f"Ada {number}"},
        }
        found = call(self.winnow, "POST", "/v1/comments", body)
        assert found["status"] == "pending", found
        return str(found["id"])

    def statuses(self) -> list[str]:
        return [call(self.winnow, "GET", f"/v1/comments/{one}")["status"] for one in self.ids]

    def decisions(self, number: int) -> list[dict[str, Any]]:
        path = f"/v1/comments/{self.ids[number]}/history"
        return list(call(self.winnow, "GET", path)["decisions"])


@pytest.fixture(scope="module")
def holding(winnow: Winnow) -> Winnow:
    """A site that holds every comment about a certain thing."""
    command = [COMMAND, "key", "create", "--site", "default", "--role", "admin"]
    kept = {name: value for name, value in os.environ.items() if name[:7] != "WINNOW_"}
    environment = {**kept, "WINNOW_HOME": str(winnow.home), "WINNOW_READER": "none"}
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    call(
        winnow,
        "PUT",
        "/v1/policy",
        {"version": 1, "policy": {"rules": [{"word": "ferryboat", "do": "hold"}]}},
        made.stdout.strip(),
    )
    return winnow


@pytest.fixture
def make(holding: Winnow) -> Callable[[int], Room]:
    """Makes rooms with so many comments."""
    return lambda count: Room(holding, count)


def sent(page: Page) -> None:
    """Wait until nothing is unsent."""
    expect(page.locator("body[data-outbox='0']")).to_have_count(1)


def test_a_queue_by_keys(visit: Callable[..., Visitor], make: Callable[[int], Room]) -> None:
    room, mo = make(6), visit()
    page = sign_in(mo, room.winnow, room.path)
    card = page.locator(".item.current")
    expect(card).to_contain_text("Number 0:")
    expect(page.locator(".card:visible")).to_have_count(1)
    page.keyboard.press("j")
    expect(card).to_contain_text("Number 1:")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(card).to_contain_text("Number 1:")
    page.keyboard.press("r")
    expect(page.locator(".strip .line")).to_contain_text("Rejected")
    page.keyboard.press("1")
    expect(page.locator(".strip [aria-pressed=true]")).to_contain_text("Spam")
    page.keyboard.press("e")
    page.keyboard.press("s")
    expect(card).to_contain_text("Number 4:")
    sent(page)
    assert room.statuses() == ["approved", "rejected", *["pending"] * 4]
    assert room.decisions(1)[-1]["reason"] == "spam"
    page.keyboard.press("z")
    expect(card).to_contain_text("Number 3:")
    page.keyboard.press("z")
    page.keyboard.press("u")
    expect(card).to_contain_text("Number 1:")
    sent(page)
    assert room.statuses() == ["approved", *["pending"] * 5]
    page.reload()
    expect(page.locator(".item")).to_have_count(5)
    assert mo.complaints == []


def test_undoing_takes_a_reason_given_after_along(
    visit: Callable[..., Visitor], make: Callable[[int], Room]
) -> None:
    room, mo = make(2), visit()
    page = sign_in(mo, room.winnow, room.path)
    page.keyboard.press("r")
    sent(page)
    for key, reason in (("1", "Spam"), ("1", "Spam"), ("2", "")):
        page.keyboard.press(key)
        expect(page.locator(".strip [aria-pressed=true]")).to_contain_text(reason)
        sent(page)
    assert len(room.decisions(0)) == 3
    page.keyboard.press("z")
    expect(page.locator(".item.current")).to_contain_text("Number 0:")
    sent(page)
    assert room.statuses() == ["pending"] * 2
    assert mo.complaints == []


def test_the_selected_together(visit: Callable[..., Visitor], make: Callable[[int], Room]) -> None:
    room, mo = make(4), visit()
    page = sign_in(mo, room.winnow, room.path)
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-selected]")).to_have_text("2 selected")
    page.keyboard.press("Shift+R")
    expect(page.locator(".strip")).to_contain_text("Rejected: 2 comments")
    sent(page)
    assert room.statuses() == ["rejected", "rejected", "pending", "pending"]
    page.keyboard.press("z")
    expect(page.locator(".item")).to_have_count(4)
    page.keyboard.press("Shift+X")
    page.keyboard.press("Shift+A")
    expect(page.locator("[data-empty]")).to_be_visible()
    sent(page)
    assert room.statuses() == ["approved"] * 4
    assert mo.complaints == []


def test_keys_are_off_while_typing_and_lead_elsewhere(
    visit: Callable[..., Visitor], make: Callable[[int], Room]
) -> None:
    room, mo = make(2), visit()
    page = sign_in(mo, room.winnow, room.path)
    page.keyboard.press("n")
    page.keyboard.type("a rare area")
    page.get_by_role("button", name="Add the note").click()
    sent(page)
    page.reload()
    expect(page.locator(".item.current")).to_contain_text("1 note")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    for keys in ("Control+a", "Alt+r", "Meta+e"):
        page.keyboard.press(keys)
    assert room.statuses() == ["pending"] * 2
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.wait_for_url("**/moderate?queue=escalated")
    page.keyboard.press("/")
    page.wait_for_url("**/moderate/search")
    assert mo.complaints == []


def test_two_on_one_queue(visit: Callable[..., Visitor], make: Callable[[int], Room]) -> None:
    room, mo, bo = make(3), visit(), visit()
    page, other = (sign_in(one, room.winnow, room.path) for one in (mo, bo))
    expect(other.locator(".item.current")).to_contain_text("Number 0:")
    page.keyboard.press("r")
    expect(other.locator(".item.current")).to_contain_text("Number 1:")
    expect(other.locator(".item")).to_have_count(2)
    added = room.add(9)
    for each in (page, other):
        expect(each.get_by_role("button", name="1 new")).to_be_visible()
    other.keyboard.press("Shift+N")
    expect(other.locator(f"#item-{added}")).to_have_count(1)
    page.keyboard.press("z")
    expect(other.get_by_role("button", name="1 new")).to_be_visible()
    assert mo.complaints == bo.complaints == []


def test_what_a_colleague_decided_first_comes_back(
    visit: Callable[..., Visitor], make: Callable[[int], Room]
) -> None:
    room, mo, bo = make(2), visit(), visit()
    other = sign_in(bo, room.winnow, room.path)
    page = mo.context.new_page()
    page.route("**/moderate/live*", lambda route: route.abort())
    page.goto(f"{room.winnow.url}/moderate")
    page.get_by_label("E-mail address").fill(room.winnow.email)
    page.get_by_label("Password").fill(room.winnow.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{room.winnow.url}/moderate")
    page.goto(f"{room.winnow.url}{room.path}")
    other.keyboard.press("r")
    sent(other)
    page.keyboard.press("a")
    expect(page.locator(".item.current")).to_contain_text("Number 1:")
    toast = page.get_by_role("alert").locator(".toast")
    expect(toast).to_contain_text("Not approved.")
    expect(toast).to_contain_text("Rejected by moderator@localhost")
    assert room.statuses() == ["rejected", "pending"]
    # One that still waits is there again, as it is now.
    call(room.winnow, "PATCH", f"/v1/comments/{room.ids[1]}", {"text": "Number 1: that ferryboat!"})
    page.keyboard.press("a")
    expect(page.locator(".item.current .notice")).to_contain_text("so nothing was done")
    page.keyboard.press("a")
    sent(page)
    assert room.statuses() == ["rejected", "approved"]


def test_a_connection_that_is_cut_loses_nothing(
    visit: Callable[..., Visitor], make: Callable[[int], Room]
) -> None:
    room, mo = make(8), visit()
    page = sign_in(mo, room.winnow, room.path)
    page.keyboard.press("a")
    sent(page)
    mo.context.set_offline(True)
    for key in "rarz":
        page.keyboard.press(key)
    expect(page.locator("[data-unsent]")).to_have_text("2 unsent")
    assert page.evaluate("sessionStorage.length") > 0
    assert room.statuses() == ["approved", *["pending"] * 7]
    mo.context.set_offline(False)
    sent(page)
    expect(page.locator("[data-unsent]")).to_be_hidden()
    assert room.statuses() == ["approved", "rejected", "approved", *["pending"] * 5]
    assert [len(room.decisions(number)) for number in range(4)] == [1, 1, 1, 0]


def test_an_answer_that_is_lost_is_asked_for_again(
    visit: Callable[..., Visitor], make: Callable[[int], Room]
) -> None:
    room, mo = make(3), visit()
    page = sign_in(mo, room.winnow, room.path)
    keys: list[str] = []

    def lose(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    page.route("**/decision", lose, times=2)
    page.keyboard.press("r")
    page.keyboard.press("a")
    sent(page)
    assert len(set(keys)) == 1
    assert room.statuses() == ["rejected", "approved", "pending"]
    assert [len(room.decisions(number)) for number in range(3)] == [1, 1, 0]


def test_what_is_unsent_outlives_a_reload(
    visit: Callable[..., Visitor], make: Callable[[int], Room]
) -> None:
    room, mo = make(3), visit()
    page = sign_in(mo, room.winnow, room.path)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/decision", lambda route: route.abort())
    page.keyboard.press("r")
    page.keyboard.press("a")
    expect(page.locator("[data-unsent]")).to_have_text("2 unsent")
    page.unroute("**/decision")
    page.reload()
    sent(page)
    expect(page.locator(".item")).to_have_count(1)
    assert room.statuses() == ["rejected", "approved", "pending"]
    page.keyboard.press("z")
    expect(page.locator(".item")).to_have_count(2)
    sent(page)
    assert room.statuses() == ["rejected", "pending", "pending"]


@pytest.mark.parametrize(
    "options", [{"java_script_enabled": False}, PHONE, {"color_scheme": "dark"}]
)
def test_everywhere(
    visit: Callable[..., Visitor], make: Callable[[int], Room], options: dict[str, Any]
) -> None:
    room, mo = make(2), visit(**options)
    page = sign_in(mo, room.winnow, room.path)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= options.get("viewport", {"width": 1280})["width"]
    if "viewport" in options:
        expect(page.locator(".item.current .actions")).to_be_in_viewport()
    if "color_scheme" in options:
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, paper[4:-1].split(","))) < 150
    page.get_by_role("button", name="Reject").first.click()
    if "java_script_enabled" in options:
        expect(page.locator(".banner")).to_contain_text("Rejected.")
        page.get_by_role("button", name="Skip").first.click()
        expect(page.locator(".card")).to_have_count(0)
    else:
        expect(page.locator(".strip")).to_contain_text("Rejected")
        sent(page)
    assert room.statuses() == ["rejected", "pending"]
    assert mo.complaints == []
