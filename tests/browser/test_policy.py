"""A moderator changes the policy in a real browser, with JavaScript and without, on a phone too."""

from collections.abc import Callable

import pytest
import urllib3
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, Winnow

PHONE = {"viewport": {"width": 390, "height": 800}}


def sign_in(visitor: Visitor, winnow: Winnow, path: str) -> Page:
    """Come to a page by way of the one where one signs in."""
    page = visitor.open(f"{winnow.url}{path}")
    page.get_by_label("E-mail address").fill(winnow.email)
    page.get_by_label("Password").fill(winnow.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{winnow.url}{path}")
    return page


def post(winnow: Winnow, text: str) -> str:
    """Send a comment as a website does; its status."""
    body = {"article": {"id": "a-1"}, "text": text}
    headers = {"Authorization": f"Bearer {winnow.key}"}
    answer = urllib3.request("POST", f"{winnow.url}/v1/comments", json=body, headers=headers)
    found: str = answer.json()["status"]
    return found


def write(page: Page, text: str, button: str) -> None:
    page.get_by_label("The document").fill(text)
    page.get_by_role("button", name=button).click()


def test_a_fault_leads_to_its_line_and_what_is_saved_counts_at_once(
    visit: Callable[..., Visitor], winnow: Winnow
) -> None:
    mo = visit()
    page = sign_in(mo, winnow, "/moderate/policy")

    write(page, "profile: balanced\nrulse:\n- {word: samovar, do: hold}\n", "Check")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean “rules”?")
    page.get_by_role("link", name="Line 2").click()
    picked = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert page.get_by_label("The document").evaluate(picked) == "rulse:"

    assert post(winnow, "The samovar is on, come in.") == "approved"
    good = "rules:\n- {word: samovar, do: hold}\n"
    write(page, good, "Preview")
    expect(page.get_by_role("heading", name="What the draft would change")).to_be_visible()
    expect(page.get_by_text("The samovar is on, come in.")).to_be_visible()

    page.get_by_role("link", name="Policy", exact=True).last.click()
    write(page, good, "Save")
    expect(page.get_by_role("status")).to_contain_text("is in force from the next comment on")
    assert post(winnow, "Another samovar, another day.") == "pending"

    page.get_by_role("link", name="Rules").click()
    expect(page.get_by_role("row", name="samovar")).to_contain_text("1")
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_label("The document")).not_to_have_value(good)
    assert post(winnow, "A third samovar, a third day.") == "approved"
    assert mo.complaints == []


@pytest.mark.parametrize("options", [{"java_script_enabled": False}, PHONE])
def test_it_works_without_javascript_and_fits_a_phone(
    visit: Callable[..., Visitor], winnow: Winnow, options: dict[str, object]
) -> None:
    mo = visit(**options)
    page = sign_in(mo, winnow, "/moderate/policy")

    write(page, "examples:\n- {text: A fine day., expect: reject}\n", "Save")
    expect(page.get_by_role("alert")).to_contain_text("would approve")
    expect(page.get_by_label("Save it all the same")).to_be_visible()

    for path in ("", "/versions", "/rules", "/previews", "/advice"):
        page.goto(f"{winnow.url}/moderate/policy{path}")
        if "viewport" in options:
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, path
    assert [one for one in mo.complaints if "422" not in one] == []
