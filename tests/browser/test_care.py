"""What moderators ask of the console for themselves, and what their site asks of them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, Winnow
from tests.browser.test_policy import sign_in

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

ROUGH = "You are a stupid idiot and a liar."
POLICY = """
mode: pre
thresholds: {toxicity: {reject: never}, insult: {reject: never}, profanity: {reject: never}}
review:
  reasons:
    - {code: rude, title: Rude, text: "Please be kind.", actions: [reject]}
    - {code: other, title: Other, actions: [reject]}
  reason_required: [reject]
"""


@pytest.fixture(scope="module")
def strict(winnow: Winnow) -> Winnow:
    """A site that wants a reason for each rejection, and has a place to escalate to."""
    draft = winnow.home / "strict.yaml"
    draft.write_text(POLICY)
    winnow.run("policy", "apply", "--site", "default", str(draft))
    key = winnow.run("key", "create", "--site", "default", "--role", "moderator")
    winnow.ask("PUT", "/v1/queues/legal", {"title": "The lawyer", "filter": None}, key=key)
    return winnow


def post(winnow: Winnow, name: str, text: str, section: str) -> None:
    article = {"id": f"a-{section}", "section": section}
    body = {"id": name, "article": article, "text": text}
    assert winnow.ask("POST", "/v1/comments", body)["status"] == "pending"


def status(winnow: Winnow, name: str) -> tuple[str, str | None, str | None]:
    found = winnow.ask("GET", f"/v1/comments/{name}")
    decision = found["decision"] or {}
    return found["status"], decision.get("reason"), decision.get("queue")


def prefer(page: Page, winnow: Winnow, **ticked: bool) -> None:
    """Save one's preferences, by the words beside the boxes."""
    page.goto(f"{winnow.url}/moderate/preferences")
    for label, on in ticked.items():
        page.get_by_label(label.replace("_", " ")).set_checked(on)
    page.get_by_role("button", name="Save").first.click()


def test_a_reason_is_asked_for_first_and_places_are_offered(
    visit: Callable[..., Visitor], strict: Winnow
) -> None:
    for number in range(3):
        post(strict, f"r-{number}", f"Number {number}.", "reasons")
    page = sign_in(visit(), strict, "/moderate?section=reasons&sort=oldest")
    card = page.locator(".item.current")

    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_contain_text("Rude")
    expect(page.get_by_role("dialog")).to_contain_text("Please be kind.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(card).to_contain_text("Number 0.")
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect(card).to_contain_text("Number 1.")
    page.keyboard.press("e")
    page.get_by_role("dialog").get_by_role("button", name="The lawyer").click()
    expect(card).to_contain_text("Number 2.")

    expect(page.locator("body[data-outbox='0']")).to_have_count(1)
    assert status(strict, "r-0") == ("rejected", "other", None)
    assert status(strict, "r-1") == ("pending", None, "legal")
    assert status(strict, "r-2") == ("pending", None, None)


def test_a_question_asked_as_the_last_one_closes_can_be_answered(
    visit: Callable[..., Visitor], strict: Winnow
) -> None:
    """A dialog tells of its closing late; that must not answer the question after it."""
    for number in range(2):
        post(strict, f"q-{number}", f"Question {number}.", "questions")
    page = sign_in(visit(), strict, "/moderate?section=questions&sort=oldest")
    card = page.locator(".item.current")
    expect(card).to_contain_text("Question 0.")

    page.evaluate(
        """() => {
          const press = (key) => (document.querySelector("dialog[open]") ?? document.body)
            .dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
          press("r");
          document.getElementById("choose").close();
          press("r");
        }"""
    )
    expect(page.get_by_role("dialog")).to_contain_text("Rude")
    page.keyboard.press("2")
    expect(card).to_contain_text("Question 1.")
    expect(page.locator("body[data-outbox='0']")).to_have_count(1)
    assert status(strict, "q-0") == ("rejected", "other", None)


def test_what_is_rough_is_covered_until_it_is_wanted(
    visit: Callable[..., Visitor], strict: Winnow
) -> None:
    post(strict, "c-rough", ROUGH, "rough")
    post(strict, "c-kind", "Thank you for the walk.", "rough")
    mo = visit()
    page = sign_in(mo, strict, "/moderate/preferences")
    prefer(page, strict, Cover_comments=True)
    page.goto(f"{strict.url}/moderate?section=rough&sort=oldest")
    text = page.locator(".item.current .text")
    covered = "one => getComputedStyle(one).filter"

    expect(text).to_have_text(ROUGH)
    assert "blur" in text.evaluate(covered)
    page.keyboard.press("v")
    assert text.evaluate(covered) == "none"
    page.keyboard.press("j")
    expect(text).to_have_text("Thank you for the walk.")
    assert text.evaluate(covered) == "none"

    prefer(page, strict, Cover_comments=False)
    page.goto(f"{strict.url}/moderate?section=rough&sort=oldest")
    expect(text).to_have_text(ROUGH)
    assert text.evaluate(covered) == "none"
    assert mo.complaints == []


def test_who_is_to_be_spared_is_not_asked_and_keys_can_be_off(
    visit: Callable[..., Visitor], strict: Winnow
) -> None:
    post(strict, "s-rough", ROUGH, "spared")
    post(strict, "s-kind", "Thank you for the boat.", "spared")
    page = sign_in(visit(), strict, "/moderate/preferences")
    prefer(page, strict, insult=True, Keys_of_a_single_letter_act=False)
    page.goto(f"{strict.url}/moderate?section=spared&sort=oldest")

    expect(page.locator(".item")).to_have_count(1)
    expect(page.locator(".item.current")).to_contain_text("Thank you for the boat.")
    page.keyboard.press("a")
    page.keyboard.press("r")
    expect(page.locator(".item.current")).to_contain_text("Thank you for the boat.")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".item")).to_have_count(0)
    expect(page.locator("body[data-outbox='0']")).to_have_count(1)
    assert status(strict, "s-kind")[0] == "approved"
    prefer(page, strict, insult=False, Keys_of_a_single_letter_act=True)


def test_a_pause_is_proposed_after_so_many_minutes_until_one_carries_on(
    visit: Callable[..., Visitor], strict: Winnow
) -> None:
    post(strict, "p-kind", "Thank you for the tea.", "pauses")
    page = sign_in(visit(), strict, "/moderate/preferences")
    page.get_by_label("Remind me of a break").fill("30")
    page.get_by_role("button", name="Save").first.click()
    page.clock.install()
    page.goto(f"{strict.url}/moderate?section=pauses&sort=oldest")
    reminder = page.get_by_text("A short pause keeps judgement fair.")

    expect(page.locator(".item.current")).to_contain_text("Thank you for the tea.")
    page.clock.fast_forward("29:00")
    expect(reminder).to_be_hidden()
    page.clock.fast_forward("02:00")
    expect(reminder).to_contain_text("You have worked for 31 minutes.")
    # Another page of the queue goes on counting.
    page.reload()
    page.clock.fast_forward("00:20")
    expect(reminder).to_be_visible()
    page.get_by_role("button", name="Carry on").click()
    expect(reminder).to_be_hidden()
    page.clock.fast_forward("10:00")
    expect(reminder).to_be_hidden()
    page.goto(f"{strict.url}/moderate/preferences")
    page.get_by_label("Remind me of a break").fill("")
    page.get_by_role("button", name="Save").first.click()
