"""Sessions: new at each sign-in, over when they are silent, old, or told to be, in every process.

OWASP ASVS 5.0: 3.3.1 to 3.3.4, 7.2.1 to 7.2.4, 7.3.1, 7.3.2, 7.4.1 to 7.4.5, 7.5.2.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from api.moderation import access, credentials
from api.moderation.services import Services
from api.store.database import Database
from api.store.gathering import BusyError
from api.store.tables import Moderator, SignIn
from tests.factories import START, Clock, count, make_moderator
from tests.reliability.serving import Server
from tests.security import people
from tests.security.people import ADA, PASSWORD, SIGN_IN, CountingHasher, browser_of, try_with

PREFERENCES = "/moderate/preferences"
OURS = {"Sec-Fetch-Site": "same-origin"}
NEW = "battery staple horse"


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Passwords cost nothing here."""
    return people.use_quick_hashes(monkeypatch)


@pytest.fixture
def enter(
    app: Flask, hasher: CountingHasher, services: Services, site: int
) -> Callable[[], FlaskClient]:
    """Signs Ada in, each time in another browser."""
    make_moderator(services, site, ADA, PASSWORD, "admin")

    def sign_in() -> FlaskClient:
        browser = browser_of(app)
        assert try_with(browser, password=PASSWORD).status_code == 303
        return browser

    return sign_in


def is_in(browser: FlaskClient) -> bool:
    """Whether the browser is let in with the next request."""
    status = browser.get(PREFERENCES).status_code
    assert status in (200, 303)
    return status == 200


def token_of(browser: FlaskClient) -> str:
    """What the browser's cookie holds."""
    found = browser.get_cookie("winnow")
    assert found is not None
    return found.value


def list_seen(database: Database) -> list[object]:
    """When each session was heard of last."""
    with database.reading() as session:
        return list(session.scalars(select(SignIn.seen_at).order_by(SignIn.created_at)))


class TestTheCookie:
    def test_is_for_this_host_over_tls_and_no_script(
        self, app: Flask, enter: Callable[[], FlaskClient]
    ) -> None:
        enter()
        form = {"email": ADA, "password": PASSWORD}
        given = browser_of(app).post(SIGN_IN, data=form, base_url="https://mod.example.org")

        [cookie] = given.headers.getlist("Set-Cookie")
        pair, *flags = cookie.split("; ")
        assert re.fullmatch(r"__Host-winnow=[A-Za-z0-9_-]{43}", pair)
        kept = {flag for flag in flags if not flag.startswith(("Expires=", "Max-Age="))}
        assert kept == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
        assert "Max-Age=43200" in flags

    def test_goes_when_signing_out(self, enter: Callable[[], FlaskClient]) -> None:
        mo = enter()
        token = token_of(mo)
        gone = mo.post("/moderate/sign-out").headers["Set-Cookie"]

        assert "Max-Age=0" in gone
        mo.set_cookie("winnow", token)
        assert not is_in(mo)

    def test_cannot_be_chosen_by_somebody_else(
        self, app: Flask, enter: Callable[[], FlaskClient]
    ) -> None:
        enter()
        victim = browser_of(app)
        victim.set_cookie("winnow", "chosen")
        try_with(victim, password=PASSWORD)
        thief = browser_of(app)
        thief.set_cookie("winnow", "chosen")

        assert (is_in(victim), is_in(thief)) == (True, False)

    def test_is_another_at_each_sign_in_and_the_old_one_is_dead(
        self, app: Flask, enter: Callable[[], FlaskClient], database: Database
    ) -> None:
        mo = enter()
        old = token_of(mo)
        try_with(mo, password=PASSWORD)
        thief = browser_of(app)
        thief.set_cookie("winnow", old)

        assert token_of(mo) != old
        assert (is_in(mo), is_in(thief)) == (True, False)
        assert count(database)["sign_ins"] == 1

    @pytest.mark.parametrize("wrong", ["", "x", "\x00", "' OR 1=1 --", "é" * 40, "x" * 4000])
    def test_holds_nothing_that_opens_by_itself(self, app: Flask, wrong: str) -> None:
        browser = browser_of(app)
        browser.environ_base["HTTP_COOKIE"] = f"winnow={wrong}".encode().decode("latin1")

        assert browser.get("/moderate").status_code == 303


class TestTime:
    def test_a_session_that_is_silent_for_two_hours_is_over(
        self, enter: Callable[[], FlaskClient], clock: Clock
    ) -> None:
        mo = enter()
        for _ in range(3):
            clock.move(minutes=119)
            assert is_in(mo)
        clock.move(minutes=120)

        assert not is_in(mo)
        assert not is_in(mo)

    def test_what_a_page_asks_by_itself_is_no_sign_of_life(
        self, enter: Callable[[], FlaskClient], clock: Clock
    ) -> None:
        mo = enter()
        for _ in range(4):
            clock.move(minutes=29)
            assert mo.get("/moderate/live?poll=1&after=0").status_code == 200
            assert mo.post("/moderate/comments/c-1/claim").status_code != 303
        clock.move(minutes=4)

        assert mo.get("/moderate/live?poll=1&after=0").status_code == 303
        assert not is_in(mo)

    def test_a_session_ends_however_busy_it_is(
        self, enter: Callable[[], FlaskClient], clock: Clock
    ) -> None:
        mo = enter()
        for _ in range(11):
            clock.move(hours=1)
            assert is_in(mo)
        clock.move(hours=1)

        assert not is_in(mo)

    def test_silence_may_be_allowed(
        self, app: Flask, enter: Callable[[], FlaskClient], clock: Clock
    ) -> None:
        app.config["IDLE_MINUTES"] = 0
        mo = enter()
        clock.move(hours=11, minutes=59)

        assert is_in(mo)

    def test_is_written_down_once_a_minute_at_most(
        self, enter: Callable[[], FlaskClient], clock: Clock, database: Database
    ) -> None:
        mo = enter()
        clock.move(seconds=59)
        is_in(mo)
        assert list_seen(database) == [START]
        clock.move(seconds=1)
        is_in(mo)

        assert list_seen(database) == [START + timedelta(minutes=1)]

    def test_counts_from_now_for_what_the_release_before_has_opened(
        self, enter: Callable[[], FlaskClient], clock: Clock, database: Database
    ) -> None:
        mo = enter()
        with database.writing() as session:
            session.execute(update(SignIn).values(seen_at=None))
        clock.move(hours=5)

        assert is_in(mo)
        assert list_seen(database) == [clock.time]
        clock.move(hours=2)
        assert not is_in(mo)

    @pytest.mark.parametrize(
        "error", [OperationalError("", {}, Exception("disk full")), BusyError("locked")]
    )
    def test_who_reads_does_so_where_nothing_can_be_written(
        self,
        enter: Callable[[], FlaskClient],
        clock: Clock,
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
        error: Exception,
    ) -> None:
        mo = enter()
        clock.move(minutes=5)

        def fail(_: object) -> None:
            raise error

        monkeypatch.setattr(database, "write", fail)

        assert is_in(mo)


class TestEnding:
    @pytest.fixture
    def two(self, enter: Callable[[], FlaskClient]) -> tuple[FlaskClient, FlaskClient]:
        """The same person in two browsers."""
        return enter(), enter()

    @pytest.fixture
    def ada_id(self, services: Services, two: object) -> str:
        """What the API calls her."""
        from api.moderation.access import Caller
        from api.moderation.people import list_people

        caller = Caller(access.find_site(services, "gazette"), "admin", "test")
        return list_people(services, caller)[0].id

    def test_with_another_password_of_ones_own(self, two: tuple[FlaskClient, FlaskClient]) -> None:
        here, there = two
        form = {"old": PASSWORD, "new": NEW, "again": NEW}
        assert here.post(f"{PREFERENCES}/password", data=form).status_code == 303

        assert (is_in(here), is_in(there)) == (True, False)

    def test_with_another_password_from_the_command_line(
        self, two: tuple[FlaskClient, FlaskClient], services: Services
    ) -> None:
        credentials.set_password(services, ADA, NEW)

        assert [is_in(one) for one in two] == [False, False]

    def test_everywhere_else_at_a_click(self, two: tuple[FlaskClient, FlaskClient]) -> None:
        here, there = two
        page = here.get(PREFERENCES).text
        assert page.count("<li>Since 22 November, 12:00 UTC") == 2
        assert page.count("this browser") == 1
        answer = here.post(f"{PREFERENCES}/sessions")
        assert answer.location == f"{PREFERENCES}?saved=sessions"

        assert "signed out everywhere else" in here.get(answer.location).text
        assert (is_in(here), is_in(there)) == (True, False)
        assert here.get(PREFERENCES).text.count("<li>Since") == 1

    def test_the_list_has_only_what_is_open(
        self, two: tuple[FlaskClient, FlaskClient], clock: Clock
    ) -> None:
        here, _ = two
        clock.move(minutes=100)
        is_in(here)
        clock.move(minutes=100)

        assert here.get(PREFERENCES).text.count("<li>Since") == 1

    def test_by_an_admin(
        self,
        two: tuple[FlaskClient, FlaskClient],
        app: Flask,
        services: Services,
        site: int,
        ada_id: str,
    ) -> None:
        make_moderator(services, site, "boss@gazette.example", PASSWORD, "admin")
        boss = browser_of(app)
        try_with(boss, "boss@gazette.example", PASSWORD)
        path = f"/moderate/settings/moderators/{ada_id}"
        assert "Sign them out everywhere" in boss.get(path).text
        assert boss.post(f"{path}/sign-out").status_code == 303

        assert [is_in(one) for one in two] == [False, False]
        assert is_in(boss)
        assert try_with(two[0], password=PASSWORD).status_code == 303

    def test_not_by_an_admin_of_another_site(
        self, two: tuple[FlaskClient, FlaskClient], app: Flask, services: Services, ada_id: str
    ) -> None:
        other = access.create_site(services, "elsewhere")
        make_moderator(services, other, "eve@elsewhere.example", PASSWORD, "admin")
        eve = browser_of(app)
        try_with(eve, "eve@elsewhere.example", PASSWORD)

        answer = eve.post(f"/moderate/settings/moderators/{ada_id}/sign-out")
        assert answer.status_code == 404
        assert [is_in(one) for one in two] == [True, True]

    def test_when_somebody_is_let_go(
        self,
        two: tuple[FlaskClient, FlaskClient],
        connect: Callable[..., FlaskClient],
        services: Services,
        site: int,
        ada_id: str,
    ) -> None:
        make_moderator(services, site, "boss@gazette.example", PASSWORD, "admin")
        assert connect("admin").delete(f"/v1/moderators/{ada_id}").status_code == 204

        assert [is_in(one) for one in two] == [False, False]
        assert try_with(two[0], password=PASSWORD).status_code == 403

    def test_a_role_is_less_from_the_next_request_on(
        self, two: tuple[FlaskClient, FlaskClient], database: Database
    ) -> None:
        here, _ = two
        assert here.get("/moderate/settings/keys").status_code == 200
        with database.writing() as session:
            session.execute(update(Moderator).values(role="moderator"))

        assert here.get("/moderate/settings/keys").status_code == 403
        assert here.post("/moderate/settings/keys", data={"role": "admin"}).status_code == 403


class Person:
    """Somebody's browser on a real server, each request on a connection of its own."""

    def __init__(self, server: Server) -> None:
        self.server, self.cookie = server, ""

    def post(self, path: str, **form: str) -> requests.Response:
        answer = requests.post(
            self.server.url + path,
            form,
            headers={**OURS, "Cookie": f"winnow={self.cookie}"},
            allow_redirects=False,
            timeout=30,
        )
        self.cookie = answer.cookies.get("winnow", self.cookie)
        return answer

    def asks(self, times: int = 12) -> set[int]:
        headers = {"Cookie": f"winnow={self.cookie}"}
        url = f"{self.server.url}{PREFERENCES}"
        return {
            requests.get(url, headers=headers, allow_redirects=False, timeout=30).status_code
            for _ in range(times)
        }


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Two processes that serve."""
    home = tmp_path / "home"
    home.mkdir()
    found = Server(home, WINNOW_WORKERS="2", WINNOW_READER="none")
    found.make_key("backend")
    database = Database(found.database_url)
    services = Services(database, None)  # type: ignore[arg-type]
    make_moderator(services, 1, ADA, PASSWORD, "admin")
    database.dispose()
    found.start()
    yield found
    found.close()


def test_every_process_knows_at_the_next_request(server: Server) -> None:
    here, there = Person(server), Person(server)
    for one in (here, there):
        assert one.post(SIGN_IN, email=ADA, password=PASSWORD).status_code == 303
    stolen = Person(server)
    stolen.cookie = here.cookie
    assert (here.asks(), there.asks()) == ({200}, {200})

    changed = here.post(f"{PREFERENCES}/password", old=PASSWORD, new=NEW, again=NEW)
    assert changed.status_code == 303
    assert (here.asks(), there.asks()) == ({200}, {303})
    assert here.post("/moderate/sign-out").status_code == 303
    assert (here.asks(), stolen.asks()) == ({303}, {303})
