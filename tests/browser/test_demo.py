"""The main job through real browsers: readers comment, a moderator has the last word."""

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor, Winnow

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

numbers = itertools.count(1)

SPAM = (
    "Cheap watches!!! Order now: http://watches.example.com",
    "Best price for pills, order now at http://pills.example.com",
    "Win money online now http://bonus.example.com",
    "Great post! Visit my site http://example.com for casino bonus",
    "Check out my blog http://example.com to earn money from home",
)
ABUSE = "You are a stupid idiot, shut up"


@pytest.fixture
def held(winnow: Winnow) -> str:
    """A text that the shipped model holds, and that no other test posts."""
    number = next(numbers)
    for text in (f"{spam} {number}" for spam in SPAM):
        if winnow.check(text) == "hold":
            return text
    return pytest.fail("the shipped model holds none of these texts any more; give it others")


def reply(page: Page, text: str) -> None:
    """Fill in the form under the article and send it."""
    page.get_by_label("Comment").fill(text)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_role("button", name="Post Comment").click()
    expect(page.locator(".comment-text").filter(has_text=text)).to_be_visible()


def sign_in(visitor: Visitor, winnow: Winnow) -> Page:
    """Sign in with the keyboard alone."""
    page = visitor.open(f"{winnow.url}/moderate")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(winnow.email)
    page.keyboard.press("Tab")
    page.keyboard.type(winnow.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible()
    return page


def shown(page: Page, text: str, times: int = 1) -> Locator:
    """Where the article shows a comment so many times, loaded anew until Winnow has told it."""
    found = page.locator(".comment-text").filter(has_text=text)
    for _ in range(75):
        page.reload()
        if found.count() == times:
            break
        page.wait_for_timeout(200)
    return found


def walk_to(page: Page, text: str) -> Locator:
    """Press j until the card with the text has the focus."""
    card = page.locator(".card").filter(has_text=text)
    expect(page.get_by_role("button", name="Keys")).to_be_visible()
    for _ in range(page.locator(".card").count()):
        if text in page.evaluate("document.activeElement.textContent"):
            break
        page.keyboard.press("j")
    expect(card).to_be_focused()
    return card


def test_from_the_form_to_the_last_word(
    winnow: Winnow, site: str, held: str, visit: Callable[..., Visitor]
) -> None:
    ada, bob, mo = visit(), visit(), visit()
    clean = "Lovely article, thank you for writing it."
    writing = ada.open(site)
    for text in (clean, held, ABUSE):
        reply(writing, text)
    reading = bob.open(site)
    expect(shown(reading, clean)).to_be_visible()
    for text in (held, ABUSE):
        expect(reading.locator(".comment-text").filter(has_text=text)).to_have_count(0)

    page = sign_in(mo, winnow)
    assert page.locator(".card").filter(has_text=clean).count() == 0
    card = walk_to(page, held)
    expect(card.locator("mark").first).to_be_visible()
    page.keyboard.press("a")
    line = page.locator(".line").filter(has_text=held)
    expect(line).to_contain_text("Approved")
    expect(page.locator("[data-live]")).to_have_text("Approved")
    expect(shown(reading, held)).to_be_visible()

    page.keyboard.press("u")
    expect(page.locator(".card").filter(has_text=held)).to_be_focused()
    expect(line).to_have_count(0)
    expect(shown(reading, held, times=0)).to_have_count(0)
    page.keyboard.press("r")
    expect(line).to_contain_text("Rejected")
    # Before this moment it was awaiting moderation, on the same page.
    rejected = writing.locator("li.rejected").filter(has_text=held)
    for _ in range(75):
        writing.reload()
        if rejected.count():
            break
        writing.wait_for_timeout(200)
    expect(rejected).to_contain_text("A moderator")
    for visitor in (ada, bob, mo):
        assert visitor.complaints == []


def test_the_same_without_javascript(
    winnow: Winnow, site: str, held: str, visit: Callable[..., Visitor]
) -> None:
    ada, bob, mo = visit(), visit(), visit(java_script_enabled=False)
    reply(ada.open(site), held)
    reading = bob.open(site)
    page = sign_in(mo, winnow)
    card = page.locator(".card").filter(has_text=held)
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    card.get_by_role("button", name="Approve").click()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("Approved.")
    expect(card).to_have_count(0)
    expect(shown(reading, held)).to_be_visible()

    banner.get_by_role("button", name="Undo").click()
    expect(banner).to_contain_text("Back in the queue.")
    expect(card).to_be_visible()
    expect(shown(reading, held, times=0)).to_have_count(0)
    card.get_by_label("because").select_option("spam")
    card.get_by_role("button", name="Reject").click()
    page.get_by_role("link", name="Decided").click()
    expect(page.locator(".line").filter(has_text=held)).to_contain_text("because: spam")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    for visitor in (ada, bob, mo):
        assert visitor.complaints == []


def test_keys_keep_quiet_while_typing_and_help_opens(
    winnow: Winnow, site: str, held: str, visit: Callable[..., Visitor]
) -> None:
    reply(visit().open(site), held)
    mo = visit()
    page = sign_in(mo, winnow)
    card = walk_to(page, held)
    card.get_by_label("because").focus()
    for key in ("a", "r", "e"):
        page.keyboard.press(key)
    card.focus()
    for keys in ("Control+a", "Alt+r", "Meta+e"):
        page.keyboard.press(keys)
    expect(card).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(card).to_be_visible()
    page.keyboard.press("d")
    expect(page.locator(".line").filter(has_text=held)).to_contain_text("Rejected")
    assert mo.complaints == []


def test_an_act_waits_until_fetching_works_again(
    winnow: Winnow, site: str, held: str, visit: Callable[..., Visitor]
) -> None:
    reply(visit().open(site), held)
    page = sign_in(visit(), winnow)
    page.route(re.compile("/decision$"), lambda route: route.abort())
    walk_to(page, held)
    page.keyboard.press("e")
    expect(page.locator("span[data-unsent]")).to_have_text("1 unsent")
    page.unroute(re.compile("/decision$"))
    expect(page.locator("body[data-outbox='0']")).to_have_count(1)
    page.get_by_role("link", name="Escalated").click()
    expect(page.locator(".card").filter(has_text=held)).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_reference_reads_well_and_asks_nobody(
    winnow: Winnow, visit: Callable[..., Visitor], width: int
) -> None:
    reader = visit(viewport={"width": width, "height": 740})
    page = reader.open(f"{winnow.url}/docs")
    page.get_by_role("link", name="POST /v1/comments", exact=False).first.click()
    expect(page.locator("#post-v1-comments")).to_be_in_viewport()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    assert reader.complaints == []
