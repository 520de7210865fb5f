"""Takes the pictures of all pages for the docs: `python -m tests.browser.pictures [NAME …]`."""

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from rich.progress import track

from tests.browser import gazette
from tests.browser.conftest import ARGUMENTS, CHROMIUM, COMMAND, free_port, running
from tests.browser.test_everybody import LOOKS, picture_folder

COLOURS = 96
"""Pages have few colours: so their pictures stay small."""


def main(names: list[str]) -> None:
    """Take the pictures of these pages, or of all."""
    wanted = {name: path for name, path in gazette.pages().items() if name in names or not names}
    folder = picture_folder()
    folder.mkdir(exist_ok=True)
    with _served() as url, sync_playwright() as playwright:
        program = next(path for name in CHROMIUM if (path := shutil.which(name)))
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS])
        for look in ("light", "dark", "phone"):
            page = _sign_in(browser, url, look)
            for name, path in track(wanted.items(), description=look):
                page.goto(f"{url}{path}", wait_until="load")
                page.wait_for_timeout(150)
                _save(page.screenshot(), folder / f"{name}-{look}.png")
        browser.close()


@contextmanager
def _served() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder) / "home", free_port()
        gazette.fill(home)
        url = f"http://127.0.0.1:{port}"
        command = [COMMAND, "serve", "--port", str(port)]
        with running(command, f"{url}/live", home / "log", WINNOW_HOME=str(home)):
            yield url


def _sign_in(browser: Browser, url: str, look: str) -> Page:
    page = browser.new_context(**LOOKS[look]).new_page()
    page.goto(f"{url}/moderate/sign-in")
    page.get_by_label("E-mail address").fill(gazette.ADA)
    page.get_by_label("Password").fill(gazette.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/moderate")
    return page


def _save(taken: bytes, path: Path) -> None:
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
