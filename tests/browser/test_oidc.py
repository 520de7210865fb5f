"""Signing in at another site, in a real browser: there by a link, back without a script."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.moderation import access
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests.browser.conftest import COMMAND, Visitor, free_port, running
from tests.factories import make_moderator, words_scorer
from tests.security.provider import CLIENT_ID, CLIENT_SECRET, Provider, serving

ADA = "ada@gazette.example"

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Gazette:
    """A Winnow where nobody has a password, and who vouches for people."""

    url: str
    provider: Provider


@pytest.fixture(scope="module")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazette]:
    """One, and its provider under another name of this machine: another site to a browser."""
    home, port = tmp_path_factory.mktemp("winnow"), free_port()
    _let_ada_in(home)
    with serving(Provider()) as provider:
        # A browser takes 127.0.0.1 and localhost for two sites.
        provider.url = provider.url.replace("127.0.0.1", "localhost")
        url = f"http://127.0.0.1:{port}"
        given = {
            "WINNOW_HOME": str(home),
            "WINNOW_READER": "none",
            "WINNOW_OIDC_ISSUER": provider.url,
            "WINNOW_OIDC_CLIENT_ID": CLIENT_ID,
            "WINNOW_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "WINNOW_OIDC_NAME": "Gazette accounts",
            "WINNOW_PASSWORDS": "no",
        }
        command = [COMMAND, "serve", "--port", str(port)]
        with running(command, f"{url}/live", home / "log", **given):
            yield Gazette(url, provider)


def _let_ada_in(home: Path) -> None:
    database = Database(f"sqlite:///{home / 'winnow.sqlite3'}")
    schema.migrate(database)
    services = Services(database, words_scorer())
    site = access.create_site(services, "gazette")
    make_moderator(services, site, ADA, "a password that nobody uses", "admin")
    database.dispose()


@pytest.mark.parametrize("scripts", [True, False])
def test_there_and_back_to_where_one_was_going(
    chromium: Browser, gazette: Gazette, scripts: bool
) -> None:
    with chromium.new_context(java_script_enabled=scripts) as context:
        visitor = Visitor(context)
        page = visitor.open(f"{gazette.url}/moderate/preferences")
        expect(page.get_by_label("Password")).to_have_count(0)
        page.get_by_role("link", name="Sign in with Gazette accounts").click()

        expect(page).to_have_url(f"{gazette.url}/moderate/preferences")
        expect(page.get_by_text(f"{ADA}, an admin")).to_be_visible()
        kept = {one["name"]: one for one in context.cookies(gazette.url)}
        assert set(kept) == {"winnow"}
        assert (kept["winnow"]["httpOnly"], kept["winnow"]["sameSite"]) == (True, "Strict")
        assert visitor.complaints == []
        assert visitor.hosts == {"127.0.0.1", "localhost"}


def test_with_a_keyboard(chromium: Browser, gazette: Gazette) -> None:
    with chromium.new_context() as context:
        page = Visitor(context).open(f"{gazette.url}/moderate/sign-in")
        page.get_by_role("link", name="Sign in with Gazette accounts").focus()
        page.keyboard.press("Enter")

        expect(page).to_have_url(f"{gazette.url}/moderate")


def test_who_is_not_let_in_is_told_so(chromium: Browser, gazette: Gazette) -> None:
    gazette.provider.person |= {"sub": "a-9", "email": "eve@gazette.example"}
    try:
        with chromium.new_context() as context:
            page = Visitor(context).open(f"{gazette.url}/moderate/sign-in")
            page.get_by_role("link", name="Sign in with Gazette accounts").click()

            expect(page.get_by_role("alert")).to_contain_text("Nobody is known here")
            expect(page).to_have_url(re.compile("/moderate/sign-in/return"))
            assert context.cookies(gazette.url) == []
    finally:
        gazette.provider.person |= {"sub": "a-1", "email": ADA}
