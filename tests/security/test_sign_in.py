"""Guessing passwords: slowed for the account and for the address, and told nothing by the answers.

OWASP ASVS 5.0: 6.1.1, 6.2.1 to 6.2.11, 6.3.1, 6.3.8; OWASP API 2 (2023).
"""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text

from api.moderation import credentials, passwords, retention, signins, throttling
from api.moderation.errors import FieldError, SignInError
from api.moderation.people import Newcomer
from api.moderation.people import create as create_moderator
from api.moderation.services import Services
from api.moderation.throttling import ThrottledError
from api.store.database import Database
from api.store.tables import FailedSignIn
from tests.conftest import ON_SQLITE
from tests.factories import Clock, count, make_moderator, operator
from tests.reliability.serving import Server
from tests.security import people
from tests.security.people import ADA, NOBODY, PASSWORD, CountingHasher, browser_of, fail, try_with

OURS = {"Sec-Fetch-Site": "same-origin"}
PREFERENCES = "/moderate/preferences"


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Passwords cost nothing here."""
    return people.use_quick_hashes(monkeypatch)


@pytest.fixture(autouse=True)
def ada(hasher: CountingHasher, services: Services, site: int) -> str:
    """A moderator's address."""
    make_moderator(services, site, ADA, PASSWORD)
    return ADA


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Somebody's browser."""
    return browser_of(app)


def failures(database: Database) -> list[int]:
    """What the table of failures counts."""
    with database.reading() as session:
        return sorted(session.scalars(select(FailedSignIn.failures)))


@contextmanager
def listening(database: Database) -> Iterator[list[str]]:
    """The statements that are made meanwhile, and the commits."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    def hear_commit(_connection: Any) -> None:
        heard.append("commit")

    event.listen(database.engine, "before_cursor_execute", hear)
    event.listen(database.engine, "commit", hear_commit)
    try:
        yield heard
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)
        event.remove(database.engine, "commit", hear_commit)


class TestTheAccount:
    def test_is_slowed_from_the_eleventh_try_on(self, browser: FlaskClient, clock: Clock) -> None:
        assert fail(browser, 10) == [403] * 10

        for password in ("wrong", PASSWORD):
            refused = try_with(browser, password=password)
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
            assert refused.mimetype == "text/html"
            assert "The next can be made in 30 s, at 12:00:30 UTC." in refused.text
            assert "Set-Cookie" not in refused.headers
        clock.move(seconds=29)
        assert try_with(browser, password=PASSWORD).headers["Retry-After"] == "1"
        clock.move(seconds=1)
        assert try_with(browser, password=PASSWORD).status_code == 303

    def test_is_slowed_from_whatever_addresses(self, app: Flask) -> None:
        for number in range(10):
            assert try_with(browser_of(app, f"198.51.100.{number}")).status_code == 403

        assert try_with(browser_of(app, "203.0.113.1"), password=PASSWORD).status_code == 429

    def test_waits_twice_as_long_each_time_up_to_a_quarter_of_an_hour(
        self, browser: FlaskClient, clock: Clock
    ) -> None:
        fail(browser, 10)
        waits = []

        for _ in range(8):
            waits.append(int(try_with(browser).headers["Retry-After"]))
            clock.move(seconds=waits[-1])
            assert try_with(browser).status_code == 403

        assert waits == [30, 60, 120, 240, 480, 900, 900, 900]

    def test_does_not_wait_longer_for_tries_that_were_refused(
        self, browser: FlaskClient, clock: Clock
    ) -> None:
        fail(browser, 10)
        assert fail(browser, 50) == [429] * 50
        clock.move(seconds=30)

        assert try_with(browser, password=PASSWORD).status_code == 303

    def test_is_forgotten_a_day_after_the_last(
        self, browser: FlaskClient, clock: Clock, services: Services, database: Database
    ) -> None:
        fail(browser, 12)
        clock.move(hours=23, minutes=59)
        retention.sweep(services, None)  # type: ignore[arg-type]
        assert failures(database) == [10, 10]
        clock.move(minutes=1)
        assert fail(browser, 10) == [403] * 10
        clock.move(days=1)

        retention.sweep(services, None)  # type: ignore[arg-type]

        assert failures(database) == []

    def test_starts_afresh_with_a_right_password(
        self, browser: FlaskClient, database: Database
    ) -> None:
        fail(browser, 9)
        assert try_with(browser, password=PASSWORD).status_code == 303

        assert failures(database) == [9]
        other = browser_of(browser.application, "203.0.113.1")
        assert fail(other, 10) == [403] * 10

    @pytest.mark.parametrize("typed", [ADA.upper(), f"  {ADA} ", ADA.title()])
    def test_has_one_count_however_it_is_typed(self, browser: FlaskClient, typed: str) -> None:
        fail(browser, 10)
        other = browser_of(browser.application, "203.0.113.1")

        assert try_with(other, typed, PASSWORD).status_code == 429

    def test_is_not_kept_from_who_is_signed_in(self, app: Flask, browser: FlaskClient) -> None:
        try_with(browser, password=PASSWORD)
        fail(browser_of(app, "203.0.113.1"), 30)

        assert browser.get("/moderate").status_code == 200
        form = {"old": PASSWORD, "new": "battery staple horse", "again": "battery staple horse"}
        changed = browser.post(f"{PREFERENCES}/password", data=form)
        assert changed.location == f"{PREFERENCES}?saved=password"

    def test_waits_no_longer_where_the_clock_was_set_back(
        self, browser: FlaskClient, clock: Clock
    ) -> None:
        fail(browser, 10)
        clock.move(days=-30)

        assert try_with(browser, password=PASSWORD).status_code == 303


class TestTheAddress:
    def test_is_slowed_whichever_accounts_are_tried(self, browser: FlaskClient) -> None:
        assert fail(browser, 10, lambda number: f"{number}@gazette.example") == [403] * 10

        assert try_with(browser, password=PASSWORD).status_code == 429
        other = browser_of(browser.application, "203.0.113.1")
        assert try_with(other, password=PASSWORD).status_code == 303

    def test_is_a_whole_household_of_ipv6(self, app: Flask) -> None:
        for number in range(10):
            client = browser_of(app, f"2001:db8:1:2::{number:x}")
            assert try_with(client, f"{number}@gazette.example").status_code == 403

        assert try_with(browser_of(app, "2001:db8:1:2:ffff::1")).status_code == 429
        assert try_with(browser_of(app, "2001:db8:1:3::1")).status_code == 403

    def test_is_the_same_in_ipv6s_clothes(self, app: Flask) -> None:
        fail(browser_of(app), 10, lambda number: f"{number}@gazette.example")

        assert try_with(browser_of(app, "::ffff:192.0.2.7")).status_code == 429

    def test_is_not_cleared_by_an_account_of_ones_own(self, browser: FlaskClient) -> None:
        found = []
        for number in range(5):
            found += fail(browser, 2, f"{number}@gazette.example")
            found.append(try_with(browser, password=PASSWORD).status_code)

        assert found == [403, 403, 303] * 4 + [403, 403, 429]

    def test_may_be_unknown(self, services: Services, database: Database) -> None:
        for _ in range(10):
            with pytest.raises(SignInError):
                signins.sign_in(services, ADA, "wrong", 12)

        with pytest.raises(ThrottledError):
            signins.sign_in(services, ADA, PASSWORD, 12)
        assert failures(database) == [10]


class TestNothingTells:
    def test_who_has_an_account(
        self, app: Flask, clock: Clock, hasher: CountingHasher, database: Database
    ) -> None:
        """Status, words, headers, hashes made and rows written are the same, blocked or not."""
        told = {}
        for email, address in ((ADA, "192.0.2.1"), (NOBODY, "192.0.2.2")):
            client, told[email] = browser_of(app, address), []
            clock.time = clock.time.replace(day=clock.time.day + 2, hour=12, minute=0, second=0)
            for wait in (0, *[0] * 11, 30, 0, 60, 119):
                clock.move(seconds=wait)
                hasher.asked.clear()
                answer = try_with(client, email)
                headers = {k: v for k, v in answer.headers if k != "X-Request-ID"}
                words = answer.text.replace(email, "?")
                asked = [one.rpartition("$")[0].rpartition("$")[0] for one in hasher.asked]
                told[email].append((answer.status_code, headers, words, asked))

        assert told[ADA] == told[NOBODY]
        assert [one[0] for one in told[ADA]] == [403] * 10 + [429, 429, 403, 429, 403, 429]
        assert [len(one[3]) for one in told[ADA]] == [1] * 10 + [0, 0, 1, 0, 1, 0]
        assert failures(database) == [12, 12, 12, 12]

    def test_who_has_an_account_by_what_is_written_when_tries_begin_to_be_slowed(
        self, app: Flask, database: Database
    ) -> None:
        """The same is written and committed; for an account it is an event besides."""
        done: dict[str, list[str]] = {}
        for email, address in ((ADA, "192.0.2.1"), (NOBODY, "192.0.2.2")):
            client = browser_of(app, address)
            fail(client, 9, email)
            with listening(database) as done[email]:
                fail(client, 1, email)

        # The event itself is written past these listeners, in a moment.
        assert done[ADA] == done[NOBODY]
        assert sum(one.startswith("UPDATE failed_sign_ins SET last_at") for one in done[ADA]) == 1
        assert done[ADA].count("commit") == 2
        assert count(database)["events"] == 1

    def test_of_whom_was_tried_and_from_where(
        self, browser: FlaskClient, database: Database
    ) -> None:
        fail(browser, 3)
        fail(browser, 1, "someone@elsewhere.example")

        with database.reading() as session:
            kept = repr(session.execute(text("SELECT * FROM failed_sign_ins")).all())
        assert "192.0.2" not in kept
        assert "@" not in kept
        assert len(re.findall(r"\b[0-9a-f]{64}\b", kept)) == 3

    def test_another_key_gives_other_names(self, services: Services, database: Database) -> None:
        from dataclasses import replace

        for key in ("a" * 32, "b" * 32):
            with pytest.raises(SignInError):
                signins.sign_in(replace(services, secret_key=key), ADA, "wrong", 12, "192.0.2.7")

        assert failures(database) == [1, 1, 1, 1]


class TestManyAtOnce:
    def test_get_no_more_guesses_than_one_after_the_other(
        self, services: Services, hasher: CountingHasher
    ) -> None:
        tries, ready = 40, threading.Barrier(8)

        def guess(number: int) -> str:
            if number < 8:
                ready.wait(30)
            try:
                signins.sign_in(services, ADA, f"guess {number}", 12, f"192.0.2.{number}")
            except ThrottledError:
                return "refused"
            except SignInError:
                return "wrong"
            return "in"

        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(guess, range(tries)))

        assert sorted(found) == ["refused"] * 30 + ["wrong"] * 10
        assert len(hasher.asked) == throttling.FREE

    def test_from_one_address_do_not_wait_for_each_other_for_ever(self, services: Services) -> None:
        """Each counts an account and an address: in two orders they would lock each other out."""

        def guess(number: int) -> bool:
            with pytest.raises((SignInError, ThrottledError)):
                signins.sign_in(
                    services, f"{number % 3}@x.example", "no", 1, f"192.0.2.{number % 4}"
                )
            return True

        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(guess, range(60)))

    def test_a_session_does_not_outlive_the_password_it_was_opened_with(
        self, services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The password is changed between its check and the session."""
        check = passwords.is_password

        def check_slowly(hashed: str | None, password: str) -> bool:
            found = check(hashed, password)
            credentials.set_password(services, ADA, "battery staple horse")
            return found

        monkeypatch.setattr(passwords, "is_password", check_slowly)

        with pytest.raises(SignInError):
            signins.sign_in(services, ADA, PASSWORD, 12)
        assert count(database)["sign_ins"] == 0


class TestOwnPassword:
    @pytest.fixture
    def mo(self, browser: FlaskClient) -> FlaskClient:
        """Who is signed in, or has found a browser that is."""
        assert try_with(browser, password=PASSWORD).status_code == 303
        return browser

    def change(self, mo: FlaskClient, old: str, new: str = "battery staple horse") -> int:
        form = {"old": old, "new": new, "again": new}
        return mo.post(f"{PREFERENCES}/password", data=form).status_code

    def test_cannot_be_guessed_either(
        self, mo: FlaskClient, hasher: CountingHasher, clock: Clock
    ) -> None:
        hasher.asked.clear()
        assert [self.change(mo, f"guess {n}") for n in range(12)] == [403] * 10 + [429] * 2
        assert len(hasher.asked) == 10
        assert self.change(mo, PASSWORD) == 429
        clock.move(seconds=30)

        assert self.change(mo, PASSWORD) == 303

    def test_refusals_say_when_and_leave_the_session(self, mo: FlaskClient) -> None:
        for _ in range(10):
            self.change(mo, "wrong")
        form = {"old": "wrong", "new": "battery staple horse", "again": "battery staple horse"}
        refused = mo.post(f"{PREFERENCES}/password", data=form)

        assert refused.headers["Retry-After"] == "30"
        assert "The next can be made in 30 s" in refused.text
        assert mo.get("/moderate").status_code == 200

    def test_what_is_no_password_is_no_guess(self, mo: FlaskClient, database: Database) -> None:
        assert self.change(mo, "guess", "short") == 422
        assert max(failures(database), default=0) == 0


class TestWhatAPasswordMayBe:
    @pytest.mark.parametrize(
        "password",
        [
            "correct horse battery",
            "battery staple",
            "Zw8!kq#Lp0vT",
            "пароль из трёх слов",
            "我的密碼是十二個字以上啊",
            "🐎🔋📎 and more 🐎",
            "no digits no signs no capitals",
            "a sentence that nobody else has ever had a reason to write down " * 4,
            "winnow the wheat from the chaff",
        ],
    )
    def test_takes_what_is_long_and_nobodys_first_guess(self, password: str) -> None:
        assert passwords.object_to(password, ADA) is None

    @pytest.mark.parametrize(
        ("password", "why"),
        [
            ("", "12 characters at least"),
            ("elevenchars", "12 characters at least"),
            ("a b c d" * 150, "1000 characters at most"),
            ("passwordpassword", "tried first"),
            ("PasswordPassword", "tried first"),
            ("qwertyuiop123", "tried first"),
            ("1q2w3e4r5t6y", "tried first"),
            ("unbelievable", "tried first"),
            ("aaaaaaaaaaaaaaaa", "over and over"),
            ("abababababababab", "over and over"),
            ("abcdefghijklmnop", "in their order"),
            ("9876543210987654", "in their order"),
            ("winnowwinnow1", "name of this program"),
            ("Winnow-2026!", "name of this program"),
            (ADA, "your e-mail address"),
            ("gazette-gazette", "your e-mail address"),
            ("ada.gazette.1", "your e-mail address"),
        ],
    )
    def test_refuses_what_is_tried_first(self, password: str, why: str) -> None:
        said = passwords.object_to(password, ADA)

        assert said is not None
        assert why in said

    def test_knows_at_least_the_3000_commonest_that_are_long_enough(self) -> None:
        assert len(passwords._read_common()) >= 3000

    def test_is_asked_at_every_door(
        self, connect: Callable[..., FlaskClient], services: Services, site: int
    ) -> None:
        body = {"email": "bo@gazette.example", "password": "passwordpassword"}
        refused = connect("admin").post("/v1/moderators", json=body)
        assert refused.status_code == 422
        assert refused.json["errors"][0]["pointer"] == "/password"
        with pytest.raises(FieldError, match="tried first"):
            create_moderator(services, operator(site), Newcomer(**body))
        with pytest.raises(FieldError, match="tried first"):
            credentials.set_password(services, ADA, "passwordpassword")


def make_longer(url: str) -> None:
    """More failures, so that the wait is longer than a slow start."""
    database = Database(url)
    with database.writing() as session:
        rows = session.scalars(select(FailedSignIn)).all()
        assert [row.failures for row in rows] == [10, 10]
        for row in rows:
            row.failures = 20
    database.dispose()


@ON_SQLITE
@pytest.mark.usefixtures("database")
def test_all_processes_count_together_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    server = Server(home, WINNOW_WORKERS="2", WINNOW_READER="none")
    try:
        server.start()
        wrong = {"email": "boss@example.org", "password": "wrong"}
        address = f"{server.url}{people.SIGN_IN}"
        # Each on a connection of its own, so that any of the processes may take it.
        first = [
            requests.post(address, wrong, headers=OURS, timeout=30).status_code for _ in range(10)
        ]
        then = [requests.post(address, wrong, headers=OURS, timeout=30) for _ in range(4)]
        server.kill()
        make_longer(server.database_url)
        server.start()
        last = requests.post(address, wrong, headers=OURS, timeout=30)
    finally:
        server.close()

    assert first == [403] * 10
    assert {one.status_code for one in [*then, last]} == {429}
    assert 600 < int(last.headers["Retry-After"]) <= throttling.LONGEST_WAIT.seconds
    assert "boss@example.org" not in server.printed()
