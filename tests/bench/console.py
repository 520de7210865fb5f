"""How fast a moderator can be in the console: 200 mixed comments by keyboard alone, no thinking.

A real browser on a real server. Each key is pressed as soon as the comment before it has gone and
the next is painted. From key to painted is measured in the page: from the `keydown` to the frame
after the one in which everything has changed. Beside it the same of a page on which a key changes
a single word: that is what this machine's browser takes for nothing at all.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import urllib3
from playwright.sync_api import Page, sync_playwright

from tests.bench.servers import Winnow

ITEMS = 200
EMAIL, PASSWORD = "bench@example.org", "correct horse battery"
KEYS = ("a", "a", "r", "r", "r", "e", "s")
"""What is pressed, as often as moderators do each."""

BAR_PER_MINUTE, BAR_MS = 300, 50
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

TEXTS = (
    "You are a stupid idiot, shut up.",
    "Best price for pills, order now at http://pills.example.com",
    "What a load of crap from this council, as always.",
    "Great post! Visit my site http://example.com for casino bonus",
    "The ferryboat is late again, and nobody says why.",
)

MEASURE = """() => {
  window.painted = [];
  addEventListener("keydown", () => {
    const began = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() =>
      window.painted.push(performance.now() - began)));
  }, true);
}"""
REFERENCE = """() => {
  document.body.innerHTML = "<p>0</p>";
  addEventListener("keydown", () => {
    document.querySelector("p").textContent = performance.now();
  });
}"""


def main() -> None:
    """Fill a queue, clear it by keys, and print how fast that was."""
    options = _options()
    browser = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if browser is None:
        raise SystemExit("No Chromium is installed.")
    with tempfile.TemporaryDirectory() as folder:
        winnow = Winnow(Path(folder), None)
        _add_moderator(winnow)
        with winnow.serving(), sync_playwright() as playwright:
            _fill(winnow, options.items)
            chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
            _sign_in(page, winnow)
            _print("an empty page", _press_nothing(page, winnow, options.items))
            rate, found = _clear(page, winnow, options.items)
            _print("the console", found)
            print(f"{rate:.0f} decisions a minute (at least {BAR_PER_MINUTE})")
            chromium.close()
    if rate < BAR_PER_MINUTE or _quantile(found, 0.95) >= BAR_MS:
        raise SystemExit("Below the bar.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS)
    return parser.parse_args()


def _add_moderator(winnow: Winnow) -> None:
    command = [
        str(Path(sys.executable).with_name("winnow")),
        "moderator",
        "create",
        "--site",
        "bench",
        EMAIL,
    ]
    given = f"{PASSWORD}\n{PASSWORD}\n"
    subprocess.run(command, env=winnow.environment, input=given, text=True, check=True)


def _fill(winnow: Winnow, items: int) -> None:
    """Have so many comments wait: of many lengths, authors and articles, some of them answers."""
    rng = random.Random(7)
    admin = {"Authorization": f"Bearer {winnow.make_key('admin')}"}
    rules = [{"word": word, "do": "hold"} for word in ("ferryboat", "council")]
    policy = {"version": 1, "policy": {"rules": rules}}
    base = f"http://127.0.0.1:{winnow.port}"
    answer = urllib3.request("PUT", f"{base}/v1/policy", json=policy, headers=admin)
    assert answer.status < 300, answer.data
    headers, waiting, number = {"Authorization": f"Bearer {winnow.key}"}, 0, 0
    while waiting < items:
        text = " ".join(rng.choice(TEXTS) for _ in range(rng.choice((1, 1, 1, 2, 5, 12))))
        author = rng.randrange(60)
        body = {
            "id": f"c{number}",
            "text": f"{text} The ferryboat, {number}.",
            "article": {
                "id": f"a{number % 9}",
                "title": f"Article {number % 9}",
                "section": "news",
            },
            "author": {"id": f"u{author}", "name": f"Reader {author}"},
            **({"parent_id": f"c{number - 3}"} if number % 4 == 3 else {}),
        }
        answer = urllib3.request("POST", f"{base}/v1/comments", json=body, headers=headers)
        waiting += answer.json()["status"] == "pending"
        number += 1


def _sign_in(page: Page, winnow: Winnow) -> None:
    page.goto(f"http://127.0.0.1:{winnow.port}/moderate")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".item.current")


def _press_nothing(page: Page, winnow: Winnow, times: int) -> list[float]:
    page.goto(f"http://127.0.0.1:{winnow.port}/docs")
    page.evaluate(REFERENCE)
    page.evaluate(MEASURE)
    for _ in range(times):
        before = page.evaluate("painted.length")
        page.keyboard.press("a")
        _wait(page, f"painted.length > {before}")
    return list(page.evaluate("painted"))


def _clear(page: Page, winnow: Winnow, items: int) -> tuple[float, list[float]]:
    """Press keys until nothing waits and all is sent; decisions a minute, and times to paint."""
    rng = random.Random(8)
    page.goto(f"http://127.0.0.1:{winnow.port}/moderate")
    page.wait_for_selector(".item.current .card:focus")
    page.evaluate(MEASURE)
    began = time.perf_counter()
    for number in range(items):
        _wait(page, f"painted.length >= {number} && document.querySelector('.items > .current')")
        page.keyboard.press(rng.choice(KEYS))
    _wait(page, "document.body.dataset.outbox === '0'")
    took = time.perf_counter() - began
    text = page.locator("[data-queue=default] .count").text_content() or ""
    assert re.fullmatch(r"\d+", text), text
    return 60 * items / took, list(page.evaluate("painted"))


def _wait(page: Page, until: str) -> None:
    """Wait as short as can be; Playwright's own waiting asks for what our pages forbid."""
    page.evaluate(f"""async () => {{
      while (!({until})) await new Promise((again) => setTimeout(again, 1));
    }}""")


def _print(what: str, found: list[float]) -> None:
    half, most = (_quantile(found, share) for share in (0.5, 0.95))
    print(f"key to painted, {what}: p50 {half:.1f} ms, p95 {most:.1f} ms ({len(found)} keys)")


def _quantile(found: list[float], share: float) -> float:
    return sorted(found)[min(len(found) - 1, int(share * len(found)))]


if __name__ == "__main__":
    main()
