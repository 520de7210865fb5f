"""500 hostile comments on every page that shows comments: no script runs, no request leaves."""

from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.conftest import Visitor, Winnow
from tests.browser.hostile import PAYLOADS, PLACES, cases
from tests.browser.test_policy import sign_in

CASES = list(cases())

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="module")
def flooded(winnow: Winnow) -> Winnow:
    """A Winnow in which all of the cases wait, some reported and some with answers."""
    winnow.hold_everything()
    for start in range(0, len(CASES), 250):
        given = {"items": CASES[start : start + 250]}
        found = winnow.ask("POST", "/v1/comments/batch", given)
        assert {item["status"] for item in found["items"]} == {201}, found
    for number, payload in enumerate(PAYLOADS):
        notice = {"reason": "other", "note": payload, "reporter": {"id": payload[:200]}}
        winnow.ask("POST", f"/v1/comments/h-{9 * number}/reports", notice)
        reply = {"article": {"id": "a-1"}, "text": payload, "parent_id": f"h-{9 * number}"}
        reply["id"] = f"r-{number}"
        winnow.ask("POST", "/v1/comments", reply | {"author": {"id": payload[:200]}})
    return winnow


@pytest.fixture
def mo(visit: Callable[..., Visitor], flooded: Winnow) -> Iterator[Page]:
    """A moderator on those pages; at the end nothing has happened that should not."""
    visitor = visit()
    page = sign_in(visitor, flooded, "/moderate")
    dialogs: list[str] = []

    def close(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", close)
    page.add_init_script(WATCH)
    yield page
    assert dialogs == []
    assert visitor.complaints == []
    assert {host for host in visitor.hosts if host} == {"127.0.0.1"}


def look(page: Page, winnow: Winnow, path: str) -> None:
    """Open a page, touch what hostile markup would like to be touched, and see that it is inert."""
    answer = page.goto(f"{winnow.url}{path}")
    assert answer is not None
    assert answer.status == 200, path
    page.evaluate(
        """() => {
          for (const one of document.querySelectorAll("details")) one.open = true;
          for (const one of document.querySelectorAll("main *")) {
            one.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
            one.dispatchEvent(new FocusEvent("focus"));
          }
        }"""
    )
    assert page.url.startswith(winnow.url)
    assert page.evaluate("window.violations") == []
    strange = page.evaluate(
        """() => [...document.querySelectorAll(
             "main iframe, main object, main embed, main video, main audio, main base, main meta,"
             + "main style, main script:not([src]), main [onerror], main [onload], main [onfocus],"
             + "main [onmouseover], main [ontoggle], main [style], main math")]
           .map((one) => one.outerHTML.slice(0, 200))"""
    )
    assert strange == [], path
    links = page.evaluate(
        "() => [...document.querySelectorAll('main a[href], main form[action]')]"
        ".map((one) => one.href || one.getAttribute('action'))"
    )
    assert [
        one for one in links if one.lower().startswith(("javascript", "data", "vbscript"))
    ] == []


def test_there_are_five_hundred_cases() -> None:
    assert len(CASES) == len(PAYLOADS) * len(PLACES) >= 500


def test_the_queue_shows_them_all_and_they_do_nothing(mo: Page, flooded: Winnow) -> None:
    path, seen = "/moderate?sort=oldest", set[str]()
    while path:
        look(mo, flooded, path)
        # At one moment: the page fetches more by itself, and then leads on to what comes after.
        found, path = mo.evaluate(
            """() => [[...document.querySelectorAll(".item")].map((one) => one.id),
                      document.querySelector("a[rel=next]")?.getAttribute("href")]"""
        )
        seen |= set(found)
    assert {f"item-{case['id']}" for case in CASES} <= seen


ABOUT: dict[str, Callable[[int, str], str]] = {
    "the comment that says it": lambda number, _: f"/moderate/comments/h-{9 * number}",
    "the comment of who is called so": lambda number, _: f"/moderate/comments/h-{9 * number + 1}",
    "author": lambda _, payload: f"/moderate/authors?{urlencode({'id': payload})}",
    "article": lambda _, payload: f"/moderate/articles?{urlencode({'id': payload})}",
    "search": lambda _, payload: f"/moderate/search?{urlencode({'q': payload})}",
    "queue": lambda _, payload: f"/moderate?{urlencode({'article': payload, 'section': payload})}",
    "bulk": lambda _, payload: f"/moderate/bulk/new?{urlencode({'author': payload})}",
    "sign-in": lambda _, payload: f"/moderate/sign-in?next={quote(payload, safe='')}",
}


@pytest.mark.parametrize("page", ABOUT)
def test_the_pages_about_them_are_as_safe(mo: Page, flooded: Winnow, page: str) -> None:
    for number, payload in enumerate(PAYLOADS):
        look(mo, flooded, ABOUT[page](number, payload))


def test_deciding_and_looking_back_is_safe_too(mo: Page, flooded: Winnow) -> None:
    key = flooded.run("key", "create", "--site", "default", "--role", "moderator")
    for number, payload in enumerate(PAYLOADS):
        given = {"action": "reject", "reason": "spam", "note": payload}
        flooded.ask("POST", f"/v1/comments/r-{number}/decision", given, key=key)
        flooded.ask("POST", f"/v1/comments/h-{9 * number}/notes", {"text": payload}, key=key)
    pages = ("decided", "comments/h-0", "campaigns", "bulk", "dashboard", "standings")
    for path in (*(f"/moderate/{page}" for page in pages), "/docs"):
        look(mo, flooded, path)
