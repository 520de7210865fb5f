"""Every page for everybody: screen readers, a phone, the dark, no JavaScript."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import gazette
from tests.browser.conftest import COMMAND, Visitor, Winnow, free_port, running

SERIOUS = ("serious", "critical")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "without JavaScript": {"java_script_enabled": False},
}
PAGES = gazette.pages()


@pytest.fixture(scope="module")
def newspaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Winnow]:
    """A Winnow in which a newspaper has worked for a week."""
    home, port = tmp_path_factory.mktemp("gazette"), free_port()
    gazette.fill(home, comments=120)
    url = f"http://127.0.0.1:{port}"
    with running(
        [COMMAND, "serve", "--port", str(port)], f"{url}/live", home / "log", WINNOW_HOME=str(home)
    ):
        yield Winnow(url, home, "", gazette.ADA, gazette.PASSWORD)


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mo(visit: Callable[..., Visitor], newspaper: Winnow, look: str) -> tuple[Visitor, Page]:
    """A moderator who has signed in, with a browser of that kind."""
    visitor = visit(**LOOKS[look])
    page = visitor.open(f"{newspaper.url}/moderate/sign-in")
    page.get_by_label("E-mail address").fill(newspaper.email)
    page.get_by_label("Password").fill(newspaper.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{newspaper.url}/moderate")
    return visitor, page


def test_no_page_has_serious_findings(
    mo: tuple[Visitor, Page], newspaper: Winnow, look: str
) -> None:
    visitor, page = mo
    found: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        answer = page.goto(f"{newspaper.url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        if look != "without JavaScript":
            found[name] = [
                f"{one['id']}: {one['nodes'][0]['html'][:150]}"
                for one in Axe().run(page).response["violations"]
                if one["impact"] in SERIOUS
            ]
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert visitor.complaints == []


def test_no_page_is_wider_than_the_screen(
    mo: tuple[Visitor, Page], newspaper: Winnow, look: str
) -> None:
    if look == "without JavaScript":
        pytest.skip("a script measures the page")
    _, page = mo
    wide = []
    for name, path in PAGES.items():
        page.goto(f"{newspaper.url}{path}")
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            wide.append(f"{name}: {over} px")
    assert wide == []


def test_every_page_can_be_reached_by_its_title_and_says_where_one_is(
    mo: tuple[Visitor, Page], newspaper: Winnow
) -> None:
    _, page = mo
    titles = {}
    for name, path in PAGES.items():
        page.goto(f"{newspaper.url}{path}")
        assert page.locator("h1").count() == 1, path
        assert page.locator("main#main").count() == 1, path
        titles[name] = page.title()
    assert all(title.endswith("Winnow") and len(title) > len("Winnow") for title in titles.values())


def picture_folder() -> Path:
    """Where the pictures of the docs are: see `pictures.py`."""
    return Path(__file__).parents[2] / "docs" / "pictures"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_its_pictures_in_the_docs(name: str) -> None:
    missing = [
        look
        for look in ("light", "dark", "phone")
        if not (picture_folder() / f"{name}-{look}.png").exists()
    ]
    assert missing == []
