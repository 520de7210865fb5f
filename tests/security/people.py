"""Who tries to sign in, for the tests of it: with a hash that is quick, from where they say."""

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import passwords

ADA = "ada@gazette.example"
NOBODY = "eve@gazette.example"
PASSWORD = "correct horse battery"
SIGN_IN = "/moderate/sign-in"


class CountingHasher:
    """A hasher that takes no time, and knows how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    def hash(self, password: str) -> str:
        """As argon2 does."""
        return self._hasher.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        """As argon2 does."""
        self.asked.append(hashed)
        return self._hasher.verify(hashed, password)


def use_quick_hashes(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Have passwords cost nothing; the hasher that then is in use."""
    found = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", found)
    monkeypatch.setattr(passwords, "_NOBODY", found.hash("nobody's"))
    return found


def browser_of(app: Flask, address: str = "192.0.2.7") -> FlaskClient:
    """A browser on one of our own pages, at an address."""
    client = app.test_client()
    client.environ_base.update(REMOTE_ADDR=address, HTTP_SEC_FETCH_SITE="same-origin")
    return client


def try_with(client: FlaskClient, email: str = ADA, password: str = "wrong") -> TestResponse:
    """One try to sign in."""
    return client.post(SIGN_IN, data={"email": email, "password": password})


def fail(client: FlaskClient, times: int, email: str | Callable[[int], str] = ADA) -> list[int]:
    """Fail so often; what was answered each time."""
    name = email if callable(email) else lambda _: email
    return [try_with(client, name(number)).status_code for number in range(times)]
